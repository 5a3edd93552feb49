import CCurl
import DripCore
import Glibc

/// One request under way: its handle, and what is seen of the answer.
///
/// It belongs to the transport's thread, and lives at least until its handle has left the multi handle.
final class HTTPExchange {
    /// What it is for.
    enum Purpose {
        /// A message; `token` is what it was sent with, `isSecond` whether another token was refused before.
        case message(OutgoingMessage, token: String?, isSecond: Bool)
        case token
    }

    /// An answer longer than this is cut off; its status has been read by then.
    private static let longestBody = 64 * 1_024

    let purpose: Purpose
    let easy: CurlEasy
    private let bodyLength: Int
    private let wanted: Set<String>
    private let reach: AddressRules.Reach
    private var facts = HTTPVerdict.Facts()
    private var received = 0
    private var requests = 0
    private var refusedAddress = false

    init(_ purpose: Purpose, request: HTTPRequest, target: HTTPTarget) throws(CurlFailure) {
        self.purpose = purpose
        bodyLength = request.body.count
        wanted = target.wanted
        reach = target.reach
        easy = try CurlEasy()
        try target.configure(easy, for: request)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try easy.setWriteFunction(
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
                return exchange.readBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            }, context: context)
        try easy.setHeaderFunction(
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
                    .readHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            }, context: context)
        try easy.setPrerequestFunction(
            { context, _, _, _, _ in
                guard let context else { return CURL_PREREQFUNC_ABORT }
                let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
                return exchange.mayBegin() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            }, context: context)
        guard target.judgesAddresses else { return }
        try easy.setSocketFunction(
            { context, bytes, length, family, kind, protocolNumber in
                guard let context, let bytes else { return -1 }
                let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
                guard exchange.mayReach(UnsafeRawBufferPointer(start: bytes, count: Int(length))) else { return -1 }
                return Glibc.socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), protocolNumber)
            }, context: context)
    }

    /// What was seen of it, once libcurl has ended it with `code`, or nil when it is given up.
    func end(_ code: CURLcode?) -> HTTPVerdict.Facts {
        facts.status = easy.long(CURLINFO_RESPONSE_CODE)
        if let code, code != CURLE_OK {
            facts.failure =
                refusedAddress && facts.status == 0
                ? CurlFailure(code, detail: "the host has a private address; `allow_private` would allow it")
                : easy.failure(code)
        }
        facts.requestBegan = requests > 0
        // After a second request was begun and refused, the first one may have been sent whole.
        facts.requestSentWhole = requests > 1 || easy.offset(CURLINFO_SIZE_UPLOAD_T) >= Int64(bodyLength)
        return facts
    }

    /// libcurl sends a request again by itself when a reused connection closes without a word; a POST that may have been
    /// acted upon is not repeated behind the engine's back.
    private func mayBegin() -> Bool {
        requests += 1
        return requests == 1
    }

    /// The address that this very connection goes to: no name is resolved a second time behind it.
    private func mayReach(_ address: UnsafeRawBufferPointer) -> Bool {
        let kind = AddressRules.judge(address) ?? .forbidden
        if !reach.includes(kind) { refusedAddress = true }
        return reach.includes(kind)
    }

    private func readBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        received += bytes.count
        facts.body.append(contentsOf: bytes.prefix(max(0, HTTPExchange.longestBody - facts.body.count)))
        return received <= HTTPExchange.longestBody
    }

    private func readHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes.prefix(1_024), as: UTF8.self)
        // A status line begins an answer: what stood in a 1xx before it is not this one's.
        if line.hasPrefix("HTTP/") { facts.headers = [:] }
        guard let colon = line.firstIndex(of: ":") else { return }
        let name = line[..<colon].lowercased()
        guard wanted.contains(name) else { return }
        facts.headers[name] = LogText.clean(String(line[line.index(after: colon)...]))
    }
}
