import DripCore

// The keys of `dripd.yaml`.

enum ConfigurationKeys {
    static let stateDirectory = Key(
        "state_directory", .filePath, standard: "/var/lib/dripd", example: "state_directory: /var/lib/dripd",
        "Holds the database and its lock.")
    static let runtimeDirectory = Key(
        "runtime_directory", .filePath, standard: "/run/dripd", example: "runtime_directory: /run/dripd",
        "Holds the sockets and the status file.")
    static let campaignsDirectory = Key(
        "campaigns_directory", .filePath, standard: "/etc/dripd/campaigns",
        example: "campaigns_directory: /etc/dripd/campaigns", "The campaigns folder.")
    static let zoneinfoDirectory = Key(
        "zoneinfo_directory", .filePath, standard: "/usr/share/zoneinfo",
        example: "zoneinfo_directory: /usr/share/zoneinfo", "The system's time zones.")
    static let publicURL = Key(
        "public_url", .publicURL, example: "public_url: https://mail.example.com",
        "The address under which people reach the pages behind links, unsubscribing among them.")
    static let linkKey = Key(
        "link_key", .numberedSecret, example: "link_key: { credential: link-key }", "The secret that signs links.")
    static let formerLinkKeys = Key(
        "former_link_keys", .oneOrMany(.numberedSecret), standard: "none",
        example: "former_link_keys: { credential: link-key-before, number: 9 }",
        "Secrets that signed links before: those still work.")
    static let drainLimit = Key(
        "drain_limit", .span(.zero ... .hours(1)), standard: "30s", example: "drain_limit: 30s",
        "How long a stop waits for sends that are under way.")
    static let dkim = Key(
        "dkim", .oneOrMany(.item(DKIMKeys.spec, build: DKIMKeys.build)),
        example: "dkim: { domain: example.com, selector: s1, key: { credential: dkim-rsa } }",
        "The keys that sign messages; leave it out where the relay signs.")
    static let transports = Key(
        "transports", .transports, required: true,
        example: "transports: { relay: { smtp: { host: smtp.example.com } } }", "The ways out, by name.")
    static let returns = Key(
        "returns", .group(ReturnsKeys.spec, build: ReturnsKeys.build),
        example: "returns: { mailbox: { imap: { host: imap.example.com, username: dripd, "
            + "password: { credential: imap-password } } } }",
        "Where bounces, complaints, replies and unsubscribes come back to.")
    static let publicPages = Key(
        "public", .group(PublicKeys.spec, build: PublicKeys.build), example: "public: { listen: 127.0.0.1:8080 }",
        "Where the pages behind links are served.")
    static let admin = Key(
        "admin", .group(AdminKeys.spec, build: AdminKeys.build), example: "admin: { listen: 127.0.0.1:8081 }",
        "Where monitoring asks for health and figures, and programs use the API.")

    static let retention = Key(
        "retention", .group(RetentionKeys.spec, build: RetentionKeys.build), example: "retention: { journal: 730d }",
        "How long what happened is kept; without it, for ever.")

    static let spec = MappingSpec(
        "the configuration",
        keys: [
            stateDirectory.spec, runtimeDirectory.spec, campaignsDirectory.spec, zoneinfoDirectory.spec, publicURL.spec,
            linkKey.spec, formerLinkKeys.spec, drainLimit.spec, dkim.spec, transports.spec, returns.spec,
            publicPages.spec, admin.spec, retention.spec,
        ],
        later: [
            LaterKey("database"), LaterKey("listen"), LaterKey("rate"),
            LaterKey("tokens", "`dripd token add` makes them."),
        ],
        rules: [
            .needs("former_link_keys", "link_key"), .needs("public_url", "link_key"), .needs("returns", "link_key"),
            .needs("public", "public_url"),
        ])
}

enum RetentionKeys {
    static let journal = Key(
        "journal", .span(.days(30) ... .days(36_500)), required: true, example: "journal: 730d",
        "After how long a line of a lead's history goes; the figures keep what it added to them.")

    static let spec = MappingSpec("`retention`", keys: [journal.spec])

    static func build(_ group: MappingReader) -> TimeSpan? { group.value(journal) }
}

enum TransportKeys {
    static let smtp = Key(
        "smtp", .group(SMTPKeys.spec, build: SMTPKeys.build), example: "smtp: { host: smtp.example.com }",
        "Sends e-mail through a relay.")
    static let http = Key(
        "http", .httpTransport, example: "http: { url: \"https://crm.example.com/hook\" }",
        "Sends by HTTP: to a webhook, or through a provider.")
    static let maildir = Key(
        "maildir", .group(MaildirKeys.spec, build: MaildirKeys.build), example: "maildir: { path: /var/mail/review }",
        "Writes e-mail as files, for trying and reviewing.")
    static let inFlight = Key(
        "in_flight", .integer(1...1_000), standard: "8", example: "in_flight: 8",
        "How many deliveries it works on at once: connections for SMTP, requests for HTTP.")

    static let standardInFlight = 8

    static let spec = MappingSpec(
        "a transport", keys: [smtp.spec, http.spec, maildir.spec, inFlight.spec] + TrafficKeys.specs,
        rules: [.exactlyOne(["smtp", "http", "maildir"])])
}

enum SMTPKeys {
    static let host = Key(
        "host", .host, required: true, example: "host: smtp.example.com", "The relay's name or address.")
    static let port = Key(
        "port", .integer(1...65_535), standard: "587, or 465 with `tls: implicit`, or 25 with `tls: none`",
        example: "port: 587", "The relay's port.")
    static let tls: Key<SMTPSettings.TLS> = Key(
        "tls", .choice(meaning: ["starttls": "required", "ssl": "implicit", "smtps": "implicit", "off": "none"]),
        standard: "required", example: "tls: required",
        "`required` is STARTTLS or nothing, `implicit` is TLS from the first byte, `none` is no encryption.")
    static let caFile = Key(
        "ca_file", .filePath, standard: "the system's authorities", example: "ca_file: /etc/dripd/ca.pem",
        "A PEM file of the authorities to trust instead.")
    static let username = Key("username", .text, example: "username: dripd", "The name to sign in with.")
    static let password = Key(
        "password", .secret, example: "password: { credential: smtp-password }", "The password to sign in with.")
    static let heloName = Key(
        "helo_name", .host, standard: "the machine's name", example: "helo_name: mail.example.com",
        "The name to say in EHLO.")
    static let connectTimeout = Key(
        "connect_timeout", .span(.seconds(1) ... .minutes(10)), standard: "30s", example: "connect_timeout: 30s",
        "How long to wait for a connection, encrypted and signed in.")
    static let replyTimeout = Key(
        "reply_timeout", .span(.seconds(1) ... .hours(1)), standard: "5m", example: "reply_timeout: 5m",
        "How long to wait for every reply but the one after the final dot.")
    static let dotTimeout = Key(
        "dot_timeout", .span(.seconds(1) ... .hours(1)), standard: "10m", example: "dot_timeout: 10m",
        "How long to wait for the reply after the final dot; RFC 5321 asks for 10 minutes.")
    static let messagesPerConnection = Key(
        "messages_per_connection", .integer(1...1_000_000), standard: "1000", example: "messages_per_connection: 1000",
        "After how many messages a connection is closed.")
    static let connectionAge = Key(
        "connection_age", .span(.seconds(1) ... .hours(24)), standard: "5m", example: "connection_age: 5m",
        "After how long a connection is closed.")

    static let spec = MappingSpec(
        "`smtp`",
        keys: [
            host.spec, port.spec, tls.spec, caFile.spec, username.spec, password.spec, heloName.spec,
            connectTimeout.spec, replyTimeout.spec, dotTimeout.spec, messagesPerConnection.spec, connectionAge.spec,
        ],
        rules: [.needs("username", "password"), .needs("password", "username")])

    static func standardPort(for tls: SMTPSettings.TLS) -> Int {
        switch tls {
        case .required: 587
        case .implicit: 465
        case .none: 25
        }
    }

    static func build(_ group: MappingReader) -> SMTPSettings? {
        let tls = group.value(tls) ?? .required
        let host = group.value(host)
        var settings = SMTPSettings(
            host: host ?? "", port: group.value(port) ?? standardPort(for: tls), tls: tls,
            caFile: group.value(caFile), username: group.value(username), password: group.value(password),
            heloName: group.value(heloName))
        settings.connectTimeout = group.value(connectTimeout) ?? settings.connectTimeout
        settings.replyTimeout = group.value(replyTimeout) ?? settings.replyTimeout
        settings.dotTimeout = group.value(dotTimeout) ?? settings.dotTimeout
        settings.messagesPerConnection = group.value(messagesPerConnection) ?? settings.messagesPerConnection
        settings.connectionAge = group.value(connectionAge) ?? settings.connectionAge
        check(settings, group)
        return host == nil ? nil : settings
    }

    private static func check(_ settings: SMTPSettings, _ group: MappingReader) {
        let reading = group.reading
        if group.has(username) != group.has(password) {
            let (there, missing) = group.has(username) ? (username.spec, password.spec) : (password.spec, username.spec)
            reading.error(
                at: group.has(username) ? group.keyPlace(of: username) : group.keyPlace(of: password),
                "`\(there.name)` stands without `\(missing.name)`",
                hint: "Add a line such as `\(missing.example)`, or delete this one.")
        }
        guard settings.tls == .none else { return }
        if group.has(password), !WebAddress.isLoopback(settings.host) {
            reading.error(
                at: group.place(of: tls), "with `tls: none` the password would cross the network in the clear",
                hint: "Write `tls: required`, or `tls: implicit` for port 465.")
        }
        if !group.has(password), !settings.host.isEmpty, !WebAddress.isLoopback(settings.host) {
            reading.findings.warning(
                at: group.place(of: tls), "with `tls: none` every message crosses the network in the clear",
                hint: "Write `tls: required` unless the way to \(settings.host) is your own.")
        }
        if group.has(caFile) {
            reading.findings.warning(
                at: group.keyPlace(of: caFile), "`ca_file` is of no use with `tls: none`",
                hint: "Delete one of the two.")
        }
    }
}

/// The keys of a secret that seals, of which there may be several at a time.
enum NumberedSecretKeys {
    static let number = Key(
        "number", .integer(1...255), standard: "1", example: "number: 2",
        "Stands in everything that this key signs: a new key has a new one.")

    static let spec = MappingSpec(
        "a key", keys: SecretKeys.spec.keys + [number.spec], isSecret: true, rules: SecretKeys.spec.rules)

    static func build(_ group: MappingReader) -> NumberedSecret? {
        let number = group.value(number) ?? 1
        return SecretKeys.build(group).map { NumberedSecret(number: UInt8(number), source: $0) }
    }
}

enum SecretKeys {
    static let file = Key(
        "file", .filePath, example: "file: /etc/dripd/smtp-password", "A file that only its owner may read.")
    static let credential = Key(
        "credential", .credential, example: "credential: smtp-password", "A name of systemd's `LoadCredential`.")

    static let spec = MappingSpec(
        "a secret", keys: [file.spec, credential.spec], isSecret: true, rules: [.exactlyOne(["file", "credential"])])

    static func build(_ group: MappingReader) -> SecretSource? {
        let file = group.value(file)
        let credential = group.value(credential)
        switch (group.has(Self.file), group.has(Self.credential)) {
        case (true, false): return file.map(SecretSource.file)
        case (false, true): return credential.map(SecretSource.credential)
        default:
            group.reading.error(
                at: group.node.place, "a secret comes from either a file or a credential",
                hint: "Write `{ file: /etc/dripd/secret }` or `{ credential: secret }`.")
            return nil
        }
    }
}
