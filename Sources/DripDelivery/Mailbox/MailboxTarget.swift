import CCurl
import DripCore

/// Where the mailbox is: settings that were checked, in the form that libcurl takes.
///
/// The rule: TLS is verified always (peer and host), from the first byte or by STARTTLS; a server that does not offer it is
/// told nothing.
struct MailboxTarget: Sendable {
    let url: String
    let timeoutMilliseconds: Int
    private let caFile: String?
    private let credentials: Credentials

    init(_ settings: MailboxSettings, credentials: Credentials) throws(TransportRefusal) {
        func refuse(_ key: String, _ message: String) -> TransportRefusal {
            TransportRefusal(transport: "mailbox", key: key, message: message)
        }
        guard let host = HostName(settings.host) else {
            throw refuse("host", "\"\(LogText.clean(settings.host))\" is no host name and no IP address")
        }
        guard (1...65_535).contains(settings.port) else { throw refuse("port", "\(settings.port) is not 1 to 65535") }
        guard settings.timeout > .zero, settings.every > .zero else {
            throw refuse("timeout", "time-out and wait are larger than zero")
        }
        guard !credentials.username.isEmpty,
            !credentials.username.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }),
            !credentials.password.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { throw refuse("username", "the user name is empty, or it or the password holds a control character") }
        var scheme = "pop3"
        if case .imap(let folder) = settings.access {
            scheme = "imap"
            guard !folder.isEmpty, folder.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
                throw refuse("folder", "\"\(LogText.clean(folder))\" is no name of a folder")
            }
        }
        if settings.tls == .implicit { scheme += "s" }
        url = "\(scheme)://\(host.inURL):\(settings.port)/"
        timeoutMilliseconds = Int(clamping: settings.timeout.milliseconds)
        caFile = settings.caFile
        self.credentials = credentials
    }

    func configure(_ easy: CurlEasy) throws(CurlFailure) {
        try easy.set(CURLOPT_URL, url)
        try easy.set(CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s")
        // An `all_proxy` in the environment must not carry mail elsewhere.
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_CONNECT_ONLY, 1)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, timeoutMilliseconds)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try easy.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
        if let caFile { try easy.set(CURLOPT_CAINFO, caFile) }
        try easy.set(CURLOPT_USERNAME, credentials.username)
        try easy.set(CURLOPT_PASSWORD, credentials.password)
    }
}
