import CCurl
import DripCore
import Glibc
import Synchronization

/// One signed-in connection to a mailbox: lines out, lines and counted bytes in, each within a time limit.
///
/// libcurl opens it (TCP, TLS, greeting, capabilities, login); from there the dialogue is ours, as for SMTP: libcurl's own
/// would open another connection behind our back when one breaks, and in a new POP3 session the message numbers are new
/// ones.
final class MailWire {
    /// A line longer than this comes from no honest server; the answer to SEARCH is one line, however many it finds.
    static let longestLine = 4 * 1_024 * 1_024
    private static let longestRecord = 16_384

    private let easy: CurlEasy
    private let socket: Int32
    private let timeoutMilliseconds: Int
    private let isStopped: @Sendable () -> Bool
    private let begun = ContinuousClock.now
    private var buffer: [UInt8] = []
    private var head = 0

    init(_ target: MailboxTarget, isStopped: @escaping @Sendable () -> Bool) throws(MailboxFailure) {
        self.isStopped = isStopped
        timeoutMilliseconds = target.timeoutMilliseconds
        do {
            easy = try CurlEasy()
            try target.configure(easy)
            try easy.perform()
            socket = try easy.socket()
        } catch {
            throw MailboxFailure(error.description)
        }
    }

    func send(_ line: String) throws(MailboxFailure) {
        let bytes = Array("\(line)\r\n".utf8)
        var written = 0
        let deadline = now() + timeoutMilliseconds
        while written < bytes.count {
            var count = 0
            let code = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                return curl_easy_send(easy.handle, rest.baseAddress, min(rest.count, MailWire.longestRecord), &count)
            }
            if code == CURLE_AGAIN {
                try wait(for: Int16(POLLOUT), until: deadline)
            } else if code == CURLE_OK {
                written += count
            } else {
                throw MailboxFailure(easy.failure(code).description)
            }
        }
    }

    /// The next line, without its end; of one that is longer than any mail's the beginning.
    func longLine() throws(MailboxFailure) -> [UInt8] {
        var kept: [UInt8] = []
        while true {
            let end = buffer[head...].firstIndex(of: 0x0A)
            if kept.count < MailWire.longestLine { kept += buffer[head..<(end ?? buffer.count)] }
            if let end {
                head = end + 1
                return kept.last == 0x0D ? kept.dropLast() : kept
            }
            head = buffer.count
            try fill(until: now() + timeoutMilliseconds)
        }
    }

    /// The next line, without its end.
    func line() throws(MailboxFailure) -> [UInt8] {
        var searched = head
        let deadline = now() + timeoutMilliseconds
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { head = end + 1 }
                let bytes = buffer[head..<end]
                return Array(bytes.last == 0x0D ? bytes.dropLast() : bytes)
            }
            guard buffer.count - head <= MailWire.longestLine else {
                throw MailboxFailure("the server sends a line without end")
            }
            let consumed = head
            try fill(until: deadline)
            searched = max(head, buffer.count == 0 ? 0 : searched - (consumed - head))
        }
    }

    /// So many bytes as they come; of more than `most`, the first `most`.
    func bytes(_ count: Int, keeping most: Int) throws(MailboxFailure) -> [UInt8] {
        var kept: [UInt8] = []
        var left = count
        while left > 0 {
            if head == buffer.count { try fill(until: now() + timeoutMilliseconds) }
            let taken = buffer[head..<min(buffer.count, head + left)]
            kept += taken.prefix(max(0, most - kept.count))
            head += taken.count
            left -= taken.count
        }
        return kept
    }

    private func fill(until deadline: Int) throws(MailboxFailure) {
        if head > 0 {
            buffer.removeFirst(head)
            head = 0
        }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            var count = 0
            let code = chunk.withUnsafeMutableBytes { curl_easy_recv(easy.handle, $0.baseAddress, $0.count, &count) }
            if code == CURLE_OK, count > 0 {
                buffer += chunk[..<count]
                return
            }
            guard code == CURLE_AGAIN else {
                throw MailboxFailure(
                    code == CURLE_OK ? "the server closed the connection" : easy.failure(code).description)
            }
            try wait(for: Int16(POLLIN), until: deadline)
        }
    }

    /// Waits in short turns, so that a stop is not held up by a silent server.
    private func wait(for events: Int16, until deadline: Int) throws(MailboxFailure) {
        while true {
            guard !isStopped() else { throw MailboxFailure("stopped") }
            let left = deadline - now()
            guard left > 0 else { throw MailboxFailure("no answer within \(timeoutMilliseconds / 1_000) s") }
            var descriptor = pollfd(fd: socket, events: events, revents: 0)
            if poll(&descriptor, 1, Int32(min(left, 250))) > 0 { return }
        }
    }

    /// Milliseconds since this connection was begun.
    private func now() -> Int {
        let passed = begun.duration(to: .now).components
        return Int(passed.seconds) * 1_000 + Int(passed.attoseconds / 1_000_000_000_000_000)
    }
}
