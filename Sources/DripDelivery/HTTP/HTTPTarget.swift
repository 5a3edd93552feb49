import CCurl
import DripCore

/// Where and how to send: settings that were checked, in the form that libcurl takes.
///
/// The rule: `https` with the peer and the host verified; `http` for loopback hosts only; no user name in the URL;
/// redirects are never followed; addresses by `AddressRules`. Header names and values are checked, because libcurl sends
/// line ends on.
struct HTTPTarget: Sendable {
    let provider: Provider
    let url: String
    let reach: AddressRules.Reach
    /// The headers of an answer that somebody looks at.
    let wanted: Set<String>
    let filler: HTTPFiller
    let token: HTTPTokenTarget?
    private let isEncrypted: Bool
    private let caFile: String?
    private let proxy: String?
    private let timeoutMilliseconds: Int

    /// Headers that libcurl or this transport writes itself.
    private static let own: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "authorization",
    ]

    /// `secrets` are what `settings.secrets` names, read by the caller.
    init(transport: String, settings: HTTPSettings, secrets: [String: String]) throws(TransportRefusal) {
        func refuse(_ key: String, _ message: String) -> TransportRefusal {
            TransportRefusal(transport: transport, key: key, message: message)
        }
        let provider = settings.provider
        for setting in provider.settings {
            guard setting.kind == .secret, let secret = secrets[setting.name] else { continue }
            guard HTTPTarget.isHeaderValue(secret) else {
                throw refuse(setting.name, "it is empty or holds a control character, such as a line end")
            }
        }
        // A lead's value stands behind the host only, and is percent-encoded: any will do to judge the rest.
        let url = settings.filled(provider.url) { _ in "x" } ?? ""
        guard let parts = URLParts(url) else {
            throw refuse("url", "\"\(LogText.clean(url))\" is no http or https address, or it holds a login")
        }
        let host = HostName(parts.host)
        guard parts.scheme == "https" || host?.isLoopback == true else {
            throw refuse("url", "http would send it in clear text to \(LogText.clean(parts.host)); write https")
        }
        guard settings.timeout > .zero else { throw refuse("timeout", "it is larger than zero") }
        let taken = HTTPTarget.own.union(HTTPTarget.headers(of: provider))
        for (name, value) in settings.headers {
            guard HTTPTarget.isToken(name), !taken.contains(name.lowercased()) else {
                throw refuse("headers", "\"\(LogText.clean(name))\" is no header that can be set here")
            }
            guard HTTPTarget.isHeaderValue(value) else {
                throw refuse("headers", "the value of \(name) is empty or holds a control character")
            }
        }
        if let proxy = settings.proxy, URLParts(proxy) == nil {
            throw refuse("proxy", "\"\(LogText.clean(proxy))\" is no http or https address, or it holds a login")
        }
        self.provider = provider
        self.url = settings.url.isEmpty ? url : settings.url
        isEncrypted = parts.scheme == "https"
        reach = settings.allowPrivate ? .privateToo : host?.isLoopback == true ? .loopbackOnly : .global
        wanted = ProviderVerdict.headers(of: provider).union(["retry-after", "date"])
        filler = HTTPFiller(settings: settings, secrets: secrets)
        token =
            provider.auth.lazy.compactMap { auth in
                if case .token(let token) = auth { HTTPTokenTarget(token: token) } else { nil }
            }.first
        caFile = settings.caFile
        proxy = settings.proxy
        timeoutMilliseconds = Int(clamping: settings.timeout.milliseconds)
        if let token {
            guard let tokenURL = settings.filled(token.token.url, with: { _ in nil }), let parts = URLParts(tokenURL),
                parts.scheme == "https" || HostName(parts.host)?.isLoopback == true
            else { throw refuse("url", "the token's address is no https address") }
        }
    }

    /// Sets all that one request needs on a fresh handle.
    func configure(_ easy: CurlEasy, for request: HTTPRequest) throws(CurlFailure) {
        try easy.set(CURLOPT_PROTOCOLS_STR, isEncrypted ? "https" : "http")
        // An `https_proxy` of the environment goes nowhere; and a proxy is never the way to this machine itself.
        try easy.set(CURLOPT_PROXY, reach == .loopbackOnly ? "" : proxy ?? "")
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
        try request.configure(easy)
    }

    /// The names, in lower case, of what the provider's file sets itself.
    private static func headers(of provider: Provider) -> [String] {
        let proofs = provider.auth.compactMap { auth in
            switch auth {
            case .header(let name, _), .signature(let name, _): name
            case .bearer, .basic, .awsSigV4, .token: nil
            }
        }
        return (proofs + provider.headers.map(\.name) + [provider.idempotencyHeader].compactMap(\.self))
            .map { $0.lowercased() }
    }

    /// Whether the address of a connection is judged: behind a proxy that ops name, the proxy resolves the host.
    var judgesAddresses: Bool { proxy == nil || reach == .loopbackOnly }

    /// RFC 9110 §5.6.2.
    static func isToken(_ text: String) -> Bool {
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
