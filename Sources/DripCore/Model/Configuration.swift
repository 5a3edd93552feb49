/// What ops say about one installation: `dripd.yaml`.
package struct Configuration: Hashable, Sendable {
    /// Holds the database and its lock; 0700.
    package var stateDirectory: String
    /// Holds the sockets and the status file.
    package var runtimeDirectory: String
    package var campaignsDirectory: String
    package var zoneinfoDirectory: String
    /// The address of the pages behind links, such as `https://mail.example.com`; nil makes `List-Unsubscribe` a mailto.
    package var publicURL: String?
    /// Signs links; needed as soon as `publicURL` is set.
    package var linkKey: NumberedSecret?
    /// What signed links before: those still work.
    package var formerLinkKeys: [NumberedSecret]
    /// How long a stop waits for sends that are under way.
    package var drainLimit: TimeSpan
    /// Who signs messages (DKIM); empty where the relay does.
    package var dkim: [DKIMSettings]
    package var transports: [TransportSettings]
    /// Where bounces, complaints, replies and unsubscribes come back to; nil reads none.
    package var mailbox: MailboxSettings?
    /// Where the pages behind links are served; nil serves none.
    package var publicPages: PublicSettings?
    /// Where monitoring and programs ask; nil serves nothing there.
    package var admin: AdminSettings?
    /// How long lines of the journal stay; nil keeps them for ever.
    package var journalIsKept: TimeSpan?

    package init(
        stateDirectory: String = "/var/lib/dripd", runtimeDirectory: String = "/run/dripd",
        campaignsDirectory: String = "/etc/dripd/campaigns", zoneinfoDirectory: String = "/usr/share/zoneinfo",
        publicURL: String? = nil, linkKey: NumberedSecret? = nil, formerLinkKeys: [NumberedSecret] = [],
        drainLimit: TimeSpan = .seconds(30),
        dkim: [DKIMSettings] = [], transports: [TransportSettings] = [],
        mailbox: MailboxSettings? = nil, publicPages: PublicSettings? = nil,
        admin: AdminSettings? = nil, journalIsKept: TimeSpan? = nil
    ) {
        self.stateDirectory = stateDirectory
        self.runtimeDirectory = runtimeDirectory
        self.campaignsDirectory = campaignsDirectory
        self.zoneinfoDirectory = zoneinfoDirectory
        self.publicURL = publicURL
        self.linkKey = linkKey
        self.formerLinkKeys = formerLinkKeys
        self.drainLimit = drainLimit
        self.dkim = dkim
        self.transports = transports
        self.mailbox = mailbox
        self.publicPages = publicPages
        self.admin = admin
        self.journalIsKept = journalIsKept
    }
}

/// Where a server of ours listens.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    case port(host: String, Int)
    case socket(String)

    package var description: String {
        switch self {
        case .port(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .socket(let path): "unix:\(path)"
        }
    }
}

/// Where monitoring and programs ask.
package struct AdminSettings: Hashable, Sendable {
    package static let standardRequestsPerSecond = 2_000

    package var listen: ListenAddress
    /// How often one token may ask.
    package var requestsPerSecond: Int

    package init(listen: ListenAddress, requestsPerSecond: Int = AdminSettings.standardRequestsPerSecond) {
        self.listen = listen
        self.requestsPerSecond = requestsPerSecond
    }
}

/// Where the pages behind links are served, for the people who get messages.
package struct PublicSettings: Hashable, Sendable {
    package var listen: ListenAddress
    /// Whose word on where a request came from is believed.
    package var trustedProxies: [IPNetwork]

    package init(listen: ListenAddress, trustedProxies: [IPNetwork] = []) {
        self.listen = listen
        self.trustedProxies = trustedProxies
    }
}

/// How to read the mailbox for what comes back.
///
/// It is the daemon's own: what was recorded is deleted from it.
package struct MailboxSettings: Hashable, Sendable {
    package enum Access: Hashable, Sendable {
        case imap(folder: String)
        case pop3
    }

    package enum TLS: String, CaseIterable, Sendable {
        /// TLS from the first byte (`imaps://`, `pop3s://`).
        case implicit
        /// STARTTLS; a server that does not offer it is told no password.
        case required
    }

    /// Of the addresses `bounce+…@` and `unsubscribe+…@` that end in it; nil is the sender's.
    package var domain: String?
    package var access: Access
    package var host: String
    package var port: Int
    package var tls: TLS
    /// A PEM file of the authorities to trust in place of the system's.
    package var caFile: String?
    package var username: String
    package var password: SecretSource
    /// How long it waits between two visits.
    package var every: TimeSpan
    /// For a connection, and for every answer.
    package var timeout: TimeSpan

    package init(
        access: Access, host: String, port: Int, tls: TLS = .implicit, caFile: String? = nil, username: String,
        password: SecretSource, every: TimeSpan = .minutes(1), timeout: TimeSpan = .seconds(60)
    ) {
        self.access = access
        self.host = host
        self.port = port
        self.tls = tls
        self.caFile = caFile
        self.username = username
        self.password = password
        self.every = every
        self.timeout = timeout
    }
}

/// Where a secret lies; it is never written into `dripd.yaml` itself.
package enum SecretSource: Hashable, Sendable {
    /// A file that neither its group nor others may read.
    case file(String)
    /// A name that systemd's `LoadCredential` put into `$CREDENTIALS_DIRECTORY`.
    case credential(String)
}

/// A secret that seals, and the number by which what it sealed names it.
package struct NumberedSecret: Hashable, Sendable {
    package var number: UInt8
    package var source: SecretSource

    package init(number: UInt8 = 1, source: SecretSource) {
        self.number = number
        self.source = source
    }
}

/// A domain's DKIM key (RFC 6376): `selector._domainkey.domain` holds its public half.
package struct DKIMSettings: Hashable, Sendable {
    /// In ASCII and lower case.
    package var domain: String
    package var selector: String
    /// A private key in PEM, RSA or Ed25519.
    package var key: SecretSource

    package init(domain: String, selector: String, key: SecretSource) {
        self.domain = domain
        self.selector = selector
        self.key = key
    }
}

/// One transport, as `dripd.yaml` declares it.
package struct TransportSettings: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case smtp(SMTPSettings)
        case http(HTTPSettings)
        case maildir(MaildirSettings)
    }

    package var name: String
    /// How many deliveries it works on at once: connections for SMTP, requests for HTTP.
    package var inFlight: Int
    package var kind: Kind
    package var traffic: TransportTraffic

    package init(name: String, inFlight: Int, kind: Kind, traffic: TransportTraffic = TransportTraffic()) {
        self.name = name
        self.inFlight = inFlight
        self.kind = kind
        self.traffic = traffic
    }

    package var channel: Channel {
        switch kind {
        case .smtp, .maildir: .email
        case .http(let http): http.provider.reach.channel
        }
    }

    /// Whom it speaks to over HTTP; nil for a relay or a Maildir.
    package var provider: Provider? {
        if case .http(let http) = kind { return http.provider }
        return nil
    }
}

/// How to reach a mail relay.
package struct SMTPSettings: Hashable, Sendable {
    package enum TLS: String, CaseIterable, Sendable {
        /// STARTTLS; a server that does not offer it gets nothing.
        case required
        /// TLS from the first byte (`smtps://`).
        case implicit
        /// No encryption; only when written out.
        case none
    }

    package var host: String
    package var port: Int
    package var tls: TLS
    /// A PEM file of the authorities to trust in place of the system's.
    package var caFile: String?
    package var username: String?
    package var password: SecretSource?
    /// The name to say in EHLO; nil takes the machine's.
    package var heloName: String?
    package var connectTimeout: TimeSpan
    /// For every reply but the one after the final dot (RFC 5321 §4.5.3.2).
    package var replyTimeout: TimeSpan
    /// For the reply after the final dot: RFC 5321 §4.5.3.2.6 asks for 10 minutes.
    package var dotTimeout: TimeSpan
    package var messagesPerConnection: Int
    package var connectionAge: TimeSpan

    package init(
        host: String, port: Int, tls: TLS = .required, caFile: String? = nil, username: String? = nil,
        password: SecretSource? = nil, heloName: String? = nil, connectTimeout: TimeSpan = .seconds(30),
        replyTimeout: TimeSpan = .minutes(5), dotTimeout: TimeSpan = .minutes(10), messagesPerConnection: Int = 1_000,
        connectionAge: TimeSpan = .minutes(5)
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.caFile = caFile
        self.username = username
        self.password = password
        self.heloName = heloName
        self.connectTimeout = connectTimeout
        self.replyTimeout = replyTimeout
        self.dotTimeout = dotTimeout
        self.messagesPerConnection = messagesPerConnection
        self.connectionAge = connectionAge
    }
}

/// Where to write messages as files in place of sending them.
package struct MaildirSettings: Hashable, Sendable {
    /// A folder of its own; made where it is not there.
    package var path: String

    package init(path: String) {
        self.path = path
    }
}
