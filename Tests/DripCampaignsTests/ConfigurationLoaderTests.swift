import DripCampaigns
import DripCore
import Testing

@Suite struct ConfigurationLoaderTests {
    static let full = """
        state_directory: state
        runtime_directory: ../run/dripd
        campaigns_directory: /srv/./campaigns/
        zoneinfo_directory: /usr/share/zoneinfo
        public_url: https://mail.example.com:8443/
        link_key: { credential: link-key }
        drain_limit: 45s
        dkim:
          - { domain: Mail.Example.com, selector: S1_a.b, key: { credential: dkim-rsa } }
          - { domain: bücher.example, selector: ed, key: { file: dkim.pem } }
        transports:
          relay:
            smtp:
              host: smtp.example.com
              tls: implicit
              ca_file: ca.pem
              username: dripd
              password: { file: secrets/smtp }
              helo_name: mail.example.com
              connect_timeout: 5s
              reply_timeout: 6s
              dot_timeout: 10m
              messages_per_connection: 7
              connection_age: 8s
            in_flight: 32
          crm:
            http:
              url: "https://crm.example.com/hook?x=1"
              headers: { X-Team: growth }
              bearer: { credential: crm-token }
              ca_file: /etc/ssl/crm.pem
              timeout: 9s
        returns:
          mailbox:
            imap:
              host: imap.example.com
              port: 1143
              tls: required
              ca_file: ca.pem
              username: bounces
              password: { credential: imap }
              folder: Bounces
              timeout: 7s
            every: 3m
        public:
          listen: "[::1]:8080"
          trusted_proxies: [10.0.0.0/8, "::1"]

        """

    @Test func readsEveryKey() throws {
        let (configuration, diagnostics) = ConfigurationLoader.load(
            Array(Self.full.utf8), path: "/etc/dripd/dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        let smtp = SMTPSettings(
            host: "smtp.example.com", port: 465, tls: .implicit, caFile: "/etc/dripd/ca.pem", username: "dripd",
            password: .file("/etc/dripd/secrets/smtp"), heloName: "mail.example.com", connectTimeout: .seconds(5),
            replyTimeout: .seconds(6), dotTimeout: .minutes(10), messagesPerConnection: 7, connectionAge: .seconds(8))
        let webhook = try #require(ProviderPresets.named("webhook"))
        let http = HTTPSettings(
            provider: webhook,
            values: [
                "url": .text("https://crm.example.com/hook?x=1"), "bearer": .secret(.credential("crm-token")),
            ], headers: ["X-Team": "growth"], caFile: "/etc/ssl/crm.pem", timeout: .seconds(9))
        let expected = Configuration(
            stateDirectory: "/etc/dripd/state", runtimeDirectory: "/etc/run/dripd",
            campaignsDirectory: "/srv/campaigns", zoneinfoDirectory: "/usr/share/zoneinfo",
            publicURL: "https://mail.example.com:8443", linkKey: NumberedSecret(source: .credential("link-key")),
            drainLimit: .seconds(45),
            dkim: [
                DKIMSettings(domain: "mail.example.com", selector: "s1_a.b", key: .credential("dkim-rsa")),
                DKIMSettings(domain: "xn--bcher-kva.example", selector: "ed", key: .file("/etc/dripd/dkim.pem")),
            ],
            transports: [
                TransportSettings(name: "relay", inFlight: 32, kind: .smtp(smtp)),
                TransportSettings(name: "crm", inFlight: 8, kind: .http(http)),
            ],
            mailbox: MailboxSettings(
                access: .imap(folder: "Bounces"), host: "imap.example.com", port: 1_143, tls: .required,
                caFile: "/etc/dripd/ca.pem", username: "bounces", password: .credential("imap"), every: .minutes(3),
                timeout: .seconds(7)),
            publicPages: PublicSettings(
                listen: .port(host: "::1", 8_080), trustedProxies: ["10.0.0.0/8", "::1"].compactMap { IPNetwork($0) }))
        #expect(configuration == expected)
    }

    @Test(arguments: ["path: box", "path: /etc/dripd/box/", "url: file:///etc/dripd/box"])
    func aMaildirIsATransportForEMail(folder: String) {
        let text =
            "dkim: { domain: a.example, selector: s, key: { file: k } }\n"
            + "transports: { review: { maildir: { \(folder) } } }"
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "/etc/dripd/dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        let settings = MaildirSettings(path: "/etc/dripd/box")
        #expect(
            configuration?.transports == [TransportSettings(name: "review", inFlight: 8, kind: .maildir(settings))])
        #expect(configuration?.transports.first?.channel == .email)
        #expect(configuration?.dkim.map(\.selector) == ["s"])
    }

    @Test func readsHowMuchGoesThroughATransport() throws {
        let text = """
            transports:
              relay:
                smtp: { host: smtp.example.com }
                weight: 3
                fallback: backup
                rate: { at_most: 300, per: 1m }
                rate_per_domain: { Gmail.com: { at_most: 20, per: 1m }, others: { at_most: 9, per: 1h } }
                warm_up: { from: 2026-12-01, days: [ 50, 100 ] }
              backup: { smtp: { host: smtp2.example.com }, weight: 0 }
              crm: { http: { url: "https://crm.example.com/hook" } }
              ads: { http: { url: "https://ads.example.com/hook" } }
            """
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        let transports = try #require(configuration?.transports)
        #expect(transports.map(\.name) == ["relay", "backup", "crm", "ads"])
        #expect(
            transports[0].traffic
                == TransportTraffic(
                    weight: 3, fallback: "backup", rate: SendRate(count: 300, period: .minutes(1)),
                    ratePerDomain: .init(
                        byDomain: ["gmail.com": SendRate(count: 20, period: .minutes(1))],
                        others: SendRate(count: 9, period: .hours(1))),
                    warmUp: WarmUp(from: try #require(LocalDate("2026-12-01")), volumes: [50, 100])))
        #expect(transports[1].traffic.weight == 0 && transports[2].traffic == TransportTraffic())
    }

    @Test(arguments: [("required", 587), ("implicit", 465), ("none", 25)])
    func theStandardPortFollowsTheEncryption(tls: String, port: Int) {
        let text = "transports: { relay: { smtp: { host: 127.0.0.1, tls: \(tls) } } }"
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        guard case .smtp(let smtp) = configuration?.transports.first?.kind else {
            Issue.record("no SMTP transport")
            return
        }
        #expect(smtp.port == port)
        #expect(configuration?.stateDirectory == "/var/lib/dripd")
    }

    @Test(arguments: [
        ("imap", "implicit", 993), ("imap", "required", 143), ("pop3", "implicit", 995), ("pop3", "required", 110),
    ])
    func theMailboxHasItsStandardPort(access: String, tls: String, port: Int) {
        let text = """
            transports: { relay: { smtp: { host: smtp.example.com } } }
            link_key: { credential: link-key }
            returns:
              mailbox: { \(access): { host: h.example, tls: \(tls), username: u, password: { file: /p } } }
            """
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        let expected = MailboxSettings(
            access: access == "imap" ? .imap(folder: "INBOX") : .pop3, host: "h.example", port: port,
            tls: tls == "implicit" ? .implicit : .required, username: "u", password: .file("/p"))
        #expect(configuration?.mailbox == expected)
    }

    @Test func keysThatSignedBeforeHaveNumbersOfTheirOwn() {
        func load(_ keys: String) -> (configuration: Configuration?, text: String) {
            let text = "transports: { relay: { smtp: { host: smtp.example.com } } }\n\(keys)\n"
            let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml")
            return (configuration, Sample.text(diagnostics))
        }
        let two = load("link_key: { credential: new, number: 2 }\nformer_link_keys: { credential: old }")
        #expect(two.configuration?.linkKey == NumberedSecret(number: 2, source: .credential("new")))
        #expect(two.configuration?.formerLinkKeys == [NumberedSecret(source: .credential("old"))])
        #expect(
            load("link_key: { credential: new }\nformer_link_keys: { credential: old }").text.contains(
                "two link keys have the number 1"))
        #expect(load("former_link_keys: { credential: old }").text.contains("without the `link_key`"))
    }

    @Test(arguments: [("730d", TimeSpan.days(730)), ("29d", nil), ("for ever", nil)] as [(String, TimeSpan?)])
    func howLongTheJournalIsKept(text: String, span: TimeSpan?) {
        let yaml = "transports: { relay: { smtp: { host: h.example } } }\nretention: { journal: \(text) }\n"
        let (configuration, _) = ConfigurationLoader.load(Array(yaml.utf8), path: "dripd.yaml")
        #expect(configuration?.journalIsKept == span)
    }

    /// A server on this machine may take a password without encryption: the test servers do.
    @Test func aPasswordMayStayOnThisMachine() {
        let text = """
            transports:
              relay: { smtp: { host: 127.0.0.1, tls: none, username: u, password: { file: p } } }
            """
        #expect(ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml").configuration != nil)
    }

    /// A secret that was written into the file by mistake does not also get into a log.
    @Test(arguments: [
        "password: hunter2", "password: [hunter2]", "password: { literal: hunter2 }", "bearer: hunter2",
        "password: \"hunter2\\q\"", "password: *hunter2", "password: {hunter2}",
    ])
    func neverRepeatsASecret(line: String) {
        let text = "transports:\n  relay:\n    smtp:\n      host: smtp.example.com\n      \(line)\n"
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml")
        #expect(configuration == nil)
        #expect(!Sample.text(diagnostics).contains("hunter2"), "\(Sample.text(diagnostics))")
    }

    @Test(arguments: [
        ("a", "/etc/dripd", "/etc/dripd/a"), ("../a", "/etc/dripd", "/etc/a"), ("../../../a", "/etc", "/a"),
        ("./a//b/", "", "a/b"), ("../a", "", "../a"), ("/a/../b", "x", "/b"), ("..", "conf", "."), ("/", "", "/"),
    ])
    func resolvesPathsAsText(path: String, folder: String, resolved: String) {
        let text = "state_directory: \"\(path)\"\ntransports: { r: { smtp: { host: h.example } } }"
        let file = folder.isEmpty ? "dripd.yaml" : "\(folder)/dripd.yaml"
        #expect(ConfigurationLoader.load(Array(text.utf8), path: file).configuration?.stateDirectory == resolved)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080/hook", true), ("http://[::1]:80/", true), ("http://localhost", true),
        ("https://crm.example.com", true), ("HTTPS://crm.example.com/a?b#c", true),
        ("http://127.0.0.1.evil.example", false),
        ("http://localhost.evil.example", false), ("https://user@crm.example.com", false), ("https://", false),
        ("https://a b", false), ("ftp://crm.example.com", false), ("https://crm.example.com:0", false),
        ("https://crm.example.com:x", false), ("//crm.example.com", false), ("https://[::1", false),
        ("https://::1", false),
    ])
    func judgesWebAddresses(url: String, isGood: Bool) {
        let text = "transports: { r: { smtp: { host: h.example } }, w: { http: { url: \"\(url)\" } } }"
        #expect((ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml").configuration != nil) == isGood)
    }
}
