import CCurl
import DripCore

/// Where and how to POST: settings that were checked, in the form that libcurl takes.
///
/// The rule: `https` with the peer and the host verified; `http` for loopback hosts only; no user name in the URL;
/// redirects are never followed. Header names and values are checked, because libcurl sends line ends on.
struct HTTPTarget: Sendable {
    let url: String
    let isEncrypted: Bool
    let caFile: String?
    let timeoutMilliseconds: Int
    /// All but the idempotency key.
    let headers: [String]

    /// Headers that libcurl or this transport writes itself.
    private static let own: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "idempotency-key",
        "authorization",
    ]

    init(transport: String, settings: HTTPSettings, bearer: String?) throws(TransportRefusal) {
        func refuse(_ key: String, _ message: String) -> TransportRefusal {
            TransportRefusal(transport: transport, key: key, message: message)
        }
        guard let parts = URLParts(settings.url) else {
            throw refuse("url", "\"\(LogText.clean(settings.url))\" is no http or https address, or it holds a login")
        }
        guard parts.scheme == "https" || HostName(parts.host)?.isLoopback == true else {
            throw refuse("url", "http would send it in clear text to \(LogText.clean(parts.host)); write https")
        }
        guard settings.timeout > .zero else { throw refuse("timeout", "it is larger than zero") }
        var headers = ["Content-Type: application/json", "Expect:"]
        for (name, value) in settings.headers.sorted(by: { $0.key < $1.key }) {
            guard HTTPTarget.isToken(name), !HTTPTarget.own.contains(name.lowercased()) else {
                throw refuse("headers", "\"\(LogText.clean(name))\" is no header that can be set here")
            }
            guard HTTPTarget.isHeaderValue(value) else {
                throw refuse("headers", "the value of \(name) is empty or holds a control character")
            }
            headers.append("\(name): \(value)")
        }
        if let bearer {
            guard HTTPTarget.isHeaderValue(bearer) else {
                throw refuse("bearer", "it is empty or holds a control character, such as a line end")
            }
            headers.append("Authorization: Bearer \(bearer)")
        }
        url = settings.url
        isEncrypted = parts.scheme == "https"
        caFile = settings.caFile
        timeoutMilliseconds = Int(clamping: settings.timeout.milliseconds)
        self.headers = headers
    }

    /// Sets all that one POST needs on a fresh handle; the body is copied.
    func configure(_ easy: CurlEasy, for post: OutgoingMessage.Post) throws(CurlFailure) {
        try easy.set(CURLOPT_URL, url)
        try easy.set(CURLOPT_PROTOCOLS_STR, isEncrypted ? "https" : "http")
        // A proxy of the environment may be the only way out, but never the way to this machine itself.
        if !isEncrypted { try easy.set(CURLOPT_PROXY, "") }
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Wait to share a connection rather than open one each.
        try easy.set(CURLOPT_PIPEWAIT, isEncrypted ? 1 : 0)
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        try easy.set(CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile { try easy.set(CURLOPT_CAINFO, caFile) }
        try easy.set(CURLOPT_USERAGENT, "dripd")
        try easy.set(CURLOPT_HTTPHEADER, list: headers + ["Idempotency-Key: \(post.idempotencyKey)"])
        try easy.setPostBody(post.body)
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    static func isHeaderValue(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }
}

/// A URL as libcurl itself reads it, so that what was checked is what is used.
private struct URLParts {
    let scheme: String
    /// An IPv6 address without its brackets.
    let host: String

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = URLParts.part(CURLUPART_SCHEME, of: url), ["http", "https"].contains(scheme),
            let host = URLParts.part(CURLUPART_HOST, of: url), !host.isEmpty,
            URLParts.part(CURLUPART_USER, of: url) == nil, URLParts.part(CURLUPART_PASSWORD, of: url) == nil
        else { return nil }
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
