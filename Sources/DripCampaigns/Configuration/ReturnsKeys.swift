import DripCore

// The keys of `returns:` in `dripd.yaml`: the mailbox for what comes back.

enum ReturnsKeys {
    static let mailbox = Key(
        "mailbox", .group(MailboxKeys.spec, build: MailboxKeys.build), required: true,
        example:
            "mailbox: { imap: { host: imap.example.com, username: dripd, password: { credential: imap-password } } }",
        "The mailbox to read; what was recorded is deleted from it.")

    static let domain = Key(
        "domain", .host, standard: "the sender's", example: "domain: bounces.example.com",
        "Of the addresses `bounce+…@` and `unsubscribe+…@`, which must all end in the mailbox.")

    private static let hint =
        "What a provider posts is its transport's: give that `hook_key`, and hand requests in with `dripd hook`."

    static let spec = MappingSpec("`returns`", keys: [mailbox.spec, domain.spec], later: [LaterKey("webhooks", hint)])

    static func build(_ group: MappingReader) -> MailboxSettings? {
        var settings = group.value(mailbox)
        settings?.domain = group.value(domain)
        return settings
    }
}

enum MailboxKeys {
    static let imap = Key(
        "imap", .group(IMAPKeys.spec, build: IMAPKeys.build),
        example: "imap: { host: imap.example.com, username: dripd, password: { credential: imap-password } }",
        "Reads it by IMAP.")
    static let pop3 = Key(
        "pop3", .group(POP3Keys.spec, build: POP3Keys.build),
        example: "pop3: { host: pop.example.com, username: dripd, password: { credential: pop3-password } }",
        "Reads it by POP3.")
    static let every = Key(
        "every", .span(.seconds(5) ... .hours(24)), standard: "1m", example: "every: 1m",
        "How long to wait between two visits.")

    static let spec = MappingSpec(
        "`mailbox`", keys: [imap.spec, pop3.spec, every.spec], rules: [.exactlyOne(["imap", "pop3"])])

    static func build(_ group: MappingReader) -> MailboxSettings? {
        let byIMAP = group.value(imap)
        let byPOP3 = group.value(pop3)
        let every = group.value(every)
        guard group.has(imap) != group.has(pop3) else {
            group.reading.error(
                at: group.node.place, "a mailbox is either `imap` or `pop3`", hint: "Write exactly one of the two keys."
            )
            return nil
        }
        var settings = byIMAP ?? byPOP3
        if let every { settings?.every = every }
        return settings
    }
}

enum IMAPKeys {
    static let folder = Key(
        "folder", .text, standard: "INBOX", example: "folder: INBOX", "The folder to read.")

    static let spec = MappingSpec("`imap`", keys: MailServerKeys.common + [folder.spec])

    static func build(_ group: MappingReader) -> MailboxSettings? {
        let folder = group.value(folder) ?? "INBOX"
        guard folder.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            group.reading.error(
                at: group.place(of: Self.folder), "the name of the folder holds letters beyond ASCII",
                hint: "Write it as the server does, in modified UTF-7.")
            return nil
        }
        return MailServerKeys.build(group, access: .imap(folder: folder), implicitPort: 993, plainPort: 143)
    }
}

enum POP3Keys {
    static let spec = MappingSpec("`pop3`", keys: MailServerKeys.common)

    static func build(_ group: MappingReader) -> MailboxSettings? {
        MailServerKeys.build(group, access: .pop3, implicitPort: 995, plainPort: 110)
    }
}

/// What both ways of reading a mailbox need.
enum MailServerKeys {
    static let host = Key(
        "host", .host, required: true, example: "host: imap.example.com", "The mailbox's server.")
    static let port = Key(
        "port", .integer(1...65_535), standard: "993 and 995, or 143 and 110 with `tls: required`",
        example: "port: 993",
        "The server's port.")
    static let tls: Key<MailboxSettings.TLS> = Key(
        "tls", .choice(meaning: ["ssl": "implicit", "imaps": "implicit", "pop3s": "implicit", "starttls": "required"]),
        standard: "implicit", example: "tls: implicit",
        "`implicit` is TLS from the first byte, `required` is STARTTLS or nothing.")
    static let caFile = SMTPKeys.caFile
    static let username = Key(
        "username", .text, required: true, example: "username: dripd", "The name to sign in with.")
    static let password = Key(
        "password", .secret, required: true, example: "password: { credential: imap-password }",
        "The password to sign in with.")
    static let timeout = Key(
        "timeout", .span(.seconds(1) ... .minutes(10)), standard: "60s", example: "timeout: 60s",
        "How long to wait for a connection, and for every answer.")

    static let common = [
        host.spec, port.spec, tls.spec, caFile.spec, username.spec, password.spec, timeout.spec,
    ]

    static func build(
        _ group: MappingReader, access: MailboxSettings.Access, implicitPort: Int, plainPort: Int
    ) -> MailboxSettings? {
        let host = group.value(host)
        let port = group.value(port)
        let tls = group.value(tls) ?? .implicit
        let caFile = group.value(caFile)
        let username = group.value(username)
        let password = group.value(password)
        let timeout = group.value(timeout)
        guard let host, let username, let password else { return nil }
        var settings = MailboxSettings(
            access: access, host: host, port: port ?? (tls == .implicit ? implicitPort : plainPort), tls: tls,
            caFile: caFile, username: username, password: password)
        settings.timeout = timeout ?? settings.timeout
        return settings
    }
}
