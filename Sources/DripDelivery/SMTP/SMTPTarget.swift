import CCurl
import DripCore
import Glibc

/// Where and how to connect: settings that were checked, in the form that libcurl takes.
///
/// The rule: TLS is verified always (peer and host); `required` refuses a server without STARTTLS, `implicit` speaks TLS
/// from the first byte, `none` is plain and takes a password only to a loopback host. Everything that becomes a part of
/// a URL or of EHLO is checked byte by byte here, because libcurl passes line ends on to the server.
struct SMTPTarget: Sendable {
    let url: String
    let tls: SMTPSettings.TLS
    let caFile: String?
    let credentials: Credentials?
    let connectTimeoutMilliseconds: Int

    init(transport: String, settings: SMTPSettings, credentials: Credentials?) throws(TransportRefusal) {
        func refuse(_ key: String, _ message: String) -> TransportRefusal {
            TransportRefusal(transport: transport, key: key, message: message)
        }
        guard let host = HostName(settings.host) else {
            throw refuse("host", "\"\(LogText.clean(settings.host))\" is no host name and no IP address")
        }
        guard (1...65_535).contains(settings.port) else { throw refuse("port", "\(settings.port) is not 1 to 65535") }
        if let heloName = settings.heloName, HostName(heloName) == nil, !SMTPTarget.isAddressLiteral(heloName) {
            throw refuse("helo_name", "\"\(LogText.clean(heloName))\" is no host name")
        }
        if let credentials {
            guard settings.tls != .none || host.isLoopback else {
                throw refuse("tls", "none would send the password in clear text to \(settings.host)")
            }
            guard !credentials.username.isEmpty,
                !credentials.username.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }),
                !credentials.password.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else { throw refuse("username", "the user name is empty, or it or the password holds a control character") }
        }
        guard settings.connectTimeout > .zero, settings.replyTimeout > .zero, settings.dotTimeout > .zero,
            settings.connectionAge > .zero, settings.messagesPerConnection > 0
        else { throw refuse("connect_timeout", "time-outs, age and messages per connection are larger than zero") }
        let scheme = settings.tls == .implicit ? "smtps" : "smtp"
        let helo = settings.heloName.map { $0.replacing("[", with: "%5B").replacing("]", with: "%5D") } ?? ""
        url = "\(scheme)://\(host.inURL):\(settings.port)/\(helo)"
        tls = settings.tls
        caFile = settings.caFile
        self.credentials = credentials
        connectTimeoutMilliseconds = Int(clamping: settings.connectTimeout.milliseconds)
    }

    /// Sets all that one connection needs on a fresh handle.
    func configure(_ easy: CurlEasy) throws(CurlFailure) {
        try easy.set(CURLOPT_URL, url)
        try easy.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // An `all_proxy` in the environment must not carry mail elsewhere.
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_CONNECT_ONLY, 1)
        // Covers TCP, greeting, EHLO, TLS and AUTH together.
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeoutMilliseconds)
        try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        try easy.set(CURLOPT_BUFFERSIZE, 16_384)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile { try easy.set(CURLOPT_CAINFO, caFile) }
        let useTLS = tls == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        try easy.set(CURLOPT_USE_SSL, Int(useTLS.rawValue))
        if let credentials {
            try easy.set(CURLOPT_USERNAME, credentials.username)
            try easy.set(CURLOPT_PASSWORD, credentials.password)
        }
    }

    /// `[192.0.2.1]` or `[IPv6:…]` (RFC 5321 §4.1.3).
    private static func isAddressLiteral(_ text: String) -> Bool {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return false }
        let inner = text.dropFirst().dropLast()
        return HostName(String(inner.hasPrefix("IPv6:") ? inner.dropFirst(5) : inner))?.isAddress ?? false
    }
}

/// A host as ops may write it: a name, an IPv4 or an IPv6 address; nothing that means something in a URL.
struct HostName: Hashable, Sendable {
    private enum Kind: Hashable {
        case name, ipv4, ipv6
    }

    private let text: String
    private let kind: Kind

    init?(_ text: String) {
        self.text = text
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            kind = .ipv4
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            kind = .ipv6
        } else {
            let labels = text.split(separator: ".", omittingEmptySubsequences: false)
            let isName =
                text.utf8.count <= 253
                && labels.allSatisfy { label in
                    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                        && label.utf8.allSatisfy(HostName.isLabelText)
                }
            guard isName else { return nil }
            kind = .name
        }
    }

    var isAddress: Bool { kind != .name }
    var inURL: String { kind == .ipv6 ? "[\(text)]" : text }
    /// Only the reserved name counts: any other name may resolve elsewhere tomorrow.
    var isLoopback: Bool {
        switch kind {
        case .name: text.lowercased() == "localhost"
        case .ipv4: text.hasPrefix("127.")
        case .ipv6: text == "::1"
        }
    }

    private static func isLabelText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
