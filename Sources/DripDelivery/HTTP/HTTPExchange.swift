import CCurl
import DripCore

/// One POST under way: its handle, and what is seen of the answer.
///
/// It belongs to the webhook thread, and lives at least until its handle has left the multi handle.
final class HTTPExchange {
    /// An answer longer than this is cut off; its status has been read by then.
    private static let longestBody = 64 * 1_024
    /// All that a result can quote.
    private static let mostKept = 2 * LogText.longest

    let delivery: DeliveryID
    let easy: CurlEasy
    private let bodyLength: Int
    private var facts = HTTPVerdict.Facts()
    private var received = 0
    private var requests = 0

    init(delivery: DeliveryID, post: OutgoingMessage.Post, target: HTTPTarget) throws(CurlFailure) {
        self.delivery = delivery
        bodyLength = post.body.count
        easy = try CurlEasy()
        try target.configure(easy, for: post)
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
    }

    /// What it came to, once libcurl has ended it with `code`, or nil when it is given up.
    func result(_ code: CURLcode?) -> AttemptResult {
        facts.status = easy.long(CURLINFO_RESPONSE_CODE)
        if let code, code != CURLE_OK { facts.failure = easy.failure(code) }
        facts.requestBegan = requests > 0
        // After a second request was begun and refused, the first one may have been sent whole.
        facts.requestSentWhole = requests > 1 || easy.offset(CURLINFO_SIZE_UPLOAD_T) >= Int64(bodyLength)
        return HTTPVerdict.judge(facts, delivery: delivery)
    }

    /// libcurl sends a request again by itself when a reused connection closes without a word; a POST that may have been
    /// acted upon is not repeated behind the engine's back.
    private func mayBegin() -> Bool {
        requests += 1
        return requests == 1
    }

    private func readBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        received += bytes.count
        facts.body.append(contentsOf: bytes.prefix(max(0, HTTPExchange.mostKept - facts.body.count)))
        return received <= HTTPExchange.longestBody
    }

    private func readHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes.prefix(512), as: UTF8.self)
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = LogText.clean(String(line[line.index(after: colon)...]))
        switch line[..<colon].lowercased() {
        case "retry-after": facts.retryAfter = value
        case "date": facts.date = value
        default: break
        }
    }
}
