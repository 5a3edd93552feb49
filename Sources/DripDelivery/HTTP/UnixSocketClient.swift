import CCurl
package import DripCore
import Glibc

/// Speaks HTTP/1.1 to the daemon's sockets, for the command line; it blocks.
package struct UnixSocketClient: Sendable {
    /// Why there was no answer.
    package enum Failure: Error, Hashable, CustomStringConvertible {
        /// No socket there, or one that nobody serves: no daemon runs.
        case nobodyListens(path: String)
        /// The socket's mode keeps this user out.
        case notAllowed(path: String)
        case timedOut
        case other(String)

        package var description: String {
            switch self {
            case .nobodyListens(let path): "nobody listens at \(path)"
            case .notAllowed(let path): "this user may not use \(path)"
            case .timedOut: "no answer in time"
            case .other(let text): text
            }
        }
    }

    /// More than any answer of the daemon.
    private static let longestBody = 256 * 1_024 * 1_024

    private let socketPath: String

    package init(path: String) {
        socketPath = path
    }

    /// Asks, and waits for the whole answer; any status is an answer.
    ///
    /// `path` is an absolute one with its query, already percent-encoded. A body goes as `application/json`.
    package func request(
        method: String, path: String, body: [UInt8]? = nil, timeout: TimeSpan
    ) throws(Failure) -> (status: Int, body: [UInt8]) {
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !method.isEmpty, method.utf8.allSatisfy({ $0 >= 0x41 && $0 <= 0x5A })
        else { throw .other("\"\(LogText.clean("\(method) \(path)"))\" is no request") }
        let easy: CurlEasy
        do {
            easy = try CurlEasy()
        } catch {
            throw .other(error.description)
        }
        do {
            return try perform(easy, method: method, path: path, body: body, timeout: timeout)
        } catch {
            throw failure(error, errno: Int32(easy.long(CURLINFO_OS_ERRNO)))
        }
    }

    func failure(_ failure: CurlFailure, errno: Int32) -> Failure {
        switch (failure.code, errno) {
        case (7, ENOENT), (7, ECONNREFUSED): .nobodyListens(path: socketPath)
        case (7, EACCES), (7, EPERM): .notAllowed(path: socketPath)
        case (28, _): .timedOut
        default: .other(failure.description)
        }
    }

    private func perform(
        _ easy: CurlEasy, method: String, path: String, body: [UInt8]?, timeout: TimeSpan
    ) throws(CurlFailure) -> (status: Int, body: [UInt8]) {
        let answer = Answer()
        try easy.set(CURLOPT_UNIX_SOCKET_PATH, socketPath)
        try easy.set(CURLOPT_URL, "http://localhost\(path)")
        // What was asked for is what is sent: no `..` is resolved away.
        try easy.set(CURLOPT_PATH_AS_IS, 1)
        try easy.set(CURLOPT_PROTOCOLS_STR, "http")
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try easy.set(CURLOPT_TIMEOUT_MS, Int(clamping: max(1, timeout.milliseconds)))
        try easy.set(CURLOPT_USERAGENT, "dripd")
        if method == "HEAD" { try easy.set(CURLOPT_NOBODY, 1) }
        if let body {
            try easy.set(CURLOPT_HTTPHEADER, list: ["Content-Type: application/json", "Expect:"])
            try easy.setPostBody(body)
        }
        try easy.set(CURLOPT_CUSTOMREQUEST, method)
        try easy.setWriteFunction(
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
                guard answer.bytes.count + size * count <= UnixSocketClient.longestBody else { return 0 }
                answer.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            }, context: Unmanaged.passUnretained(answer).toOpaque())
        defer { withExtendedLifetime(answer) {} }
        try easy.perform()
        return (easy.long(CURLINFO_RESPONSE_CODE), answer.bytes)
    }

    private final class Answer {
        var bytes: [UInt8] = []
    }
}
