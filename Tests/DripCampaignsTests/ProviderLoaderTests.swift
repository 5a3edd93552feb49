import DripCore
import Foundation
import Testing

@testable import DripCampaigns

@Suite struct ProviderLoaderTests {
    /// What the binary holds is what lies in the repository, each file of it, and each loads without a word.
    @Test func thePresetsAreTheFiles() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/DripCampaigns/Providers")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ProviderPresets.names.map { "\($0).yaml" })
        for file in ProviderPresets.files {
            #expect(try Array(Data(contentsOf: folder.appending(path: "\(file.name).yaml"))) == file.bytes)
            let (provider, diagnostics) = ProviderLoader.load(file.bytes, path: "\(file.name).yaml", name: file.name)
            #expect(Sample.text(diagnostics) == "")
            #expect(provider?.name == file.name)
            #expect(provider?.settings.allSatisfy { !$0.summary.isEmpty || $0.kind == .origin } == true)
        }
    }

    @Test(
        arguments: [
            ("activecampaign", .http, nil), ("amazon-ses", .email, nil), ("brevo", .email, nil),
            ("hubspot", .http, nil),
            ("mailgun", .email, nil), ("marketo", .http, nil), ("postmark", .email, nil), ("resend", .email, nil),
            ("salesforce", .http, nil), ("sendgrid", .email, nil), ("slack", .chat, nil), ("twilio", .sms, "phone"),
            ("webhook", .http, nil), ("whatsapp", .chat, "phone"),
        ] as [(String, Provider.Reach, String?)])
    func eachReachesALeadItsWay(name: String, reach: Provider.Reach, recipient: String?) throws {
        let provider = try #require(ProviderPresets.named(name))
        #expect(provider.reach == reach && provider.recipient == recipient)
        #expect(provider.settings.contains { $0.kind == .secret })
        // What a leaked or wrong key gets everywhere must open the breaker, and a 429 must never lose a message.
        if name != "webhook" {
            #expect(provider.errors.contains { $0.meaning == .auth })
            #expect(provider.errors.contains { $0.meaning == .rateLimited })
        }
    }

    @Test func readsEveryKey() throws {
        let text = """
            channel: sms
            recipient: phone
            settings:
              key: { kind: secret, about: The key. }
              id: {}
              secret: { kind: secret, optional: true }
              extra: { kind: fields, optional: true }
              origin: { kind: origin, default: "https://{id}.example.com" }
            method: PUT
            url: "{origin}/v1/{id}/{$lead.key}"
            headers: { X-Campaign: $campaign, X-Id: "a {id}" }
            auth:
              header: { name: X-Key, value: "{key}" }
              signature: { header: X-Signature, secret: "{secret}" }
              token:
                url: "{origin}/token"
                grant: refresh_token
                client: basic
                client_id: "{id}"
                client_secret: "{key}"
                refresh_token: "{secret}"
                scope: a b
                lifetime: 5m
            body:
              json: { to: $recipient, n: 5, t: true, q: "5", l: [$text], $fields: extra }
            success: { status: [200, 202-204], json: ok, is: "true" }
            message_id: { header: X-Id }
            idempotency: X-Once
            rate: { at_most: 600, per: 1m }
            errors:
              - { status: 429, means: rate_limited }
              - { json: code, is: [a, b], means: permanent }
              - { header: X-Error, contains: busy, means: transient }
            """
        let (read, diagnostics) = ProviderLoader.load(Array(text.utf8), path: "p.yaml", name: "p")
        #expect(Sample.text(diagnostics) == "")
        let expected = Provider(
            name: "p", reach: .sms, recipient: "phone",
            settings: [
                ProviderSetting(name: "key", kind: .secret, summary: "The key."),
                ProviderSetting(name: "id", kind: .text),
                ProviderSetting(name: "secret", kind: .secret, isOptional: true),
                ProviderSetting(name: "extra", kind: .fields, isOptional: true),
                ProviderSetting(
                    name: "origin", kind: .origin, standard: try ProviderText("https://{id}.example.com")),
            ], method: .put, url: try ProviderText("{origin}/v1/{id}/{$lead.key}"),
            headers: [
                Provider.Header(name: "X-Campaign", value: try ProviderText("$campaign")),
                Provider.Header(name: "X-Id", value: try ProviderText("a {id}")),
            ],
            auth: [
                .header(name: "X-Key", value: try ProviderText("{key}")),
                .signature(header: "X-Signature", secret: try ProviderText("{secret}")),
                .token(
                    ProviderToken(
                        url: try ProviderText("{origin}/token"), grant: .refreshToken, client: .basic,
                        clientID: try ProviderText("{id}"), clientSecret: try ProviderText("{key}"),
                        refreshToken: try ProviderText("{secret}"), scope: try ProviderText("a b"),
                        lifetime: .minutes(5))),
            ],
            body: .json(
                .group([
                    .key("to", .text(try ProviderText("$recipient"))), .key("n", .number(5)), .key("t", .flag(true)),
                    .key("q", .text(try ProviderText("5"))), .key("l", .list([.text(try ProviderText("$text"))])),
                    .fields("extra"),
                ])),
            success: ProviderSuccess(
                statuses: [200...200, 202...204],
                test: ProviderTest(spot: .json(try #require(ProviderPath("ok"))), values: ["true"])),
            messageID: .header("X-Id"), idempotencyHeader: "X-Once",
            rate: SendRate(count: 600, period: .minutes(1)),
            errors: [
                ProviderErrorRule(statuses: [429...429], meaning: .rateLimited),
                ProviderErrorRule(
                    test: ProviderTest(spot: .json(try #require(ProviderPath("code"))), values: ["a", "b"]),
                    meaning: .permanent),
                ProviderErrorRule(test: ProviderTest(spot: .header("X-Error"), words: ["busy"]), meaning: .transient),
            ])
        #expect(read == expected)
    }

    @Test func readsEveryKeyOfAHook() throws {
        let text = """
            channel: email
            settings: { key: { kind: secret } }
            url: "https://api.example.com/"
            body: { json: { to: $recipient, token: $return_token } }
            hook:
              about: Ask ops.
              auth:
                signature:
                  scheme: hmac_sha256
                  key: "{key}"
                  key_form: base64
                  in: { header: X-S }
                  prefix: "v1="
                  coding: hex
                  over: [{ header: X-Id }, timestamp, { json: a.b }, body]
                  joined: "."
                  timestamp: { json: at }
                  tolerance: 1h
              body: json
              events: data.events
              id: [{ header: X-Id }, n]
              token: meta.token
              recipient: [to, cc]
              reason: why
              means:
                - { json: kind, is: [a, b], means: hard_bounce }
                - { header: X-Kind, contains: spam, means: complaint }
            """
        let (read, diagnostics) = ProviderLoader.load(Array(text.utf8), path: "p.yaml", name: "p")
        #expect(Sample.text(diagnostics) == "")
        func path(_ text: String) throws -> ProviderPath { try #require(ProviderPath(text)) }
        let signature = HookSignature(
            scheme: .hmacSHA256, key: try ProviderText("{key}"), keyForm: .base64, spot: .header("X-S"), prefix: "v1=",
            coding: .hex, parts: [.spot(.header("X-Id")), .timestamp, .spot(.json(try path("a.b"))), .body],
            separator: ".", timestamp: .json(try path("at")), tolerance: .hours(1))
        #expect(
            read?.hook
                == ProviderHook(
                    summary: "Ask ops.", auth: .signature(signature), events: try path("data.events"),
                    id: [.header("X-Id"), .json(try path("n"))], token: [try path("meta.token")],
                    recipient: [try path("to"), try path("cc")], reason: [try path("why")],
                    rules: [
                        HookRule(
                            test: ProviderTest(spot: .json(try path("kind")), values: ["a", "b"]), meaning: .hardBounce),
                        HookRule(test: ProviderTest(spot: .header("X-Kind"), words: ["spam"]), meaning: .complaint),
                    ]))
    }

    @Test func readsEveryKeyOfALead() throws {
        func hook(_ lead: String, _ more: String = "") -> String {
            """
            channel: http
            settings: { key: { kind: secret } }
            url: "https://api.example.com/"
            body: webhook
            hook:
              auth: { bearer: "{key}" }\(more)
              lead:\(lead)
            """
        }
        func path(_ text: String) throws -> ProviderPath { try #require(ProviderPath(text)) }
        let all = """

                when: { header: X-Topic, is: [contacts/create, contacts/update] }
                key: contact.id
                email: contact.email
                time_zone: contact.zone
                locale: contact.lang
                attributes: { first_name: contact.first, company.size: contact.companies.0.size, owner: contact.owner }
                event: { at: type, values: { meeting.booked: demo_booked, "7": sales_accepted } }
            """
        let (read, diagnostics) = ProviderLoader.load(Array(hook(all, "\n  id: n").utf8), path: "p.yaml", name: "p")
        #expect(Sample.text(diagnostics) == "")
        let events = ["meeting.booked": "demo_booked", "7": "sales_accepted"].mapValues(EventName.init(rawValue:))
        let lead = LeadHook(
            test: ProviderTest(spot: .header("X-Topic"), values: ["contacts/create", "contacts/update"]),
            key: try path("contact.id"), email: try path("contact.email"), timeZone: try path("contact.zone"),
            locale: try path("contact.lang"),
            attributes: [
                "first_name": try path("contact.first"), "company.size": try path("contact.companies.0.size"),
                "owner": try path("contact.owner"),
            ], event: .told(at: try path("type"), values: events))
        #expect(
            read?.hook
                == ProviderHook(
                    auth: .bearer(try ProviderText("{key}")), id: [.json(try path("n"))], lead: lead))

        // The least: no word about messages, and no name where nothing fires.
        let (least, none) = ProviderLoader.load(Array(hook(" { email: mail }").utf8), path: "p.yaml", name: "p")
        let bare = LeadHook(email: try path("mail"))
        #expect(Sample.text(none) == "" && least?.hook?.lead == bare)
        let (always, no) = ProviderLoader.load(
            Array(hook(" { key: id, event: changed }", "\n  id: n").utf8), path: "p.yaml", name: "p")
        let changed = LeadHook(key: try path("id"), event: .always(EventName(rawValue: "changed")))
        #expect(Sample.text(no) == "" && always?.hook?.lead == changed)
    }

    /// The manual's own example for CRMs, copied out, is a file that loads.
    @Test func theManualsLeadHookLoads() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../docs/operations.md"),
            encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## Webhooks of CRMs\n").last)
        let example = try #require(section.components(separatedBy: "```yaml\n").dropFirst().first)
            .components(separatedBy: "```")[0]
        let (read, diagnostics) = ProviderLoader.load(Array(example.utf8), path: "crm.yaml", name: "crm")
        #expect(Sample.text(diagnostics) == "" && read?.hook?.rules == [])
        #expect(read?.hook?.lead?.event?.names == [EventName(rawValue: "trial_started")])
    }

    @Test(arguments: try Broken.cases(of: "broken-providers"))
    func saysExactly(broken: Broken) throws {
        let text = try #require(broken.changes["own.yaml"] ?? nil)
        let (provider, diagnostics) = ProviderLoader.load(Array(text.utf8), path: "own.yaml", name: "own")
        #expect(Sample.text(diagnostics) == broken.says)
        #expect(provider == nil)
    }

    private static let own = "channel: http\nurl: \"https://api.example.com/\"\nbody: { json: { to: $recipient } }\n"

    @Test func aProviderOfOnesOwnLiesBesideTheConfiguration() throws {
        let text = """
            transports:
              relay: { smtp: { host: h.example } }
              crm: { http: { provider: providers/own.yaml, timeout: 9s, allow_private: true } }
            """
        let (configuration, diagnostics) = ConfigurationLoader.load(
            Array(text.utf8), path: "/etc/dripd/dripd.yaml",
            readFile: { $0 == "/etc/dripd/providers/own.yaml" ? Array(Self.own.utf8) : nil })
        #expect(Sample.text(diagnostics) == "")
        guard case .http(let http) = configuration?.transports.last?.kind else {
            Issue.record("no HTTP transport")
            return
        }
        #expect(http.provider.name == "own" && http.allowPrivate && http.timeout == .seconds(9))
        #expect(http.url == "https://api.example.com/")
    }

    /// What the provider takes holds where ops say nothing else.
    @Test(arguments: [
        ("", SendRate(count: 1, period: .seconds(1))),
        (", rate: { at_most: 9, per: 1m }", SendRate(count: 9, period: .minutes(1))),
    ])
    func theRateOfAProviderIsAStandard(written: String, rate: SendRate) {
        let text = """
            transports:
              relay: { smtp: { host: h.example } }
              chat: { http: { preset: slack, room: "#sales", bot_token: { credential: slack } }\(written) }
            """
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        #expect(configuration?.transports.map(\.traffic.rate) == [nil, rate])
    }

    /// Its mistakes are told where they are.
    @Test func theMistakesOfAProviderAreInItsOwnFile() {
        let text = "transports: { r: { smtp: { host: h.example } }, c: { http: { provider: own.yaml } } }"
        let (configuration, diagnostics) = ConfigurationLoader.load(
            Array(text.utf8), path: "/etc/dripd/dripd.yaml", readFile: { _ in Array((Self.own + "x: 1\n").utf8) })
        #expect(configuration == nil)
        #expect(Sample.text(diagnostics).hasPrefix("/etc/dripd/own.yaml:4:1: error: unknown key `x` in a provider."))
    }
}
