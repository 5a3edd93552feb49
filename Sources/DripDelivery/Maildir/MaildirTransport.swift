import Dispatch
package import DripCore
import Synchronization

/// Writes each message as a file of a Maildir: for trying campaigns out and for reviewing, without a server.
///
/// Its queue does the writing, so that nobody waits for a disk; what a write comes to is `MaildirFolder`'s.
package final class MaildirTransport: Transport {
    private struct Shared {
        var waiting = FIFO<OutgoingMessage>()
        var receive: (@Sendable ([AttemptResult]) -> Void)?
        var isStopping = false
    }

    /// So many files share one sync of their folder.
    private static let portion = 32

    package let name: String
    package let channel = Channel.email
    package let inFlight: Int
    private let folder: MaildirFolder
    private let queue: DispatchQueue
    private let shared = Mutex(Shared())

    /// Checks the settings; nothing is written before the first `submit`.
    package init(name: String, settings: MaildirSettings, inFlight: Int) throws(TransportRefusal) {
        guard (1...10_000).contains(inFlight) else {
            throw TransportRefusal(transport: name, key: "in_flight", message: "\(inFlight) is not 1 to 10000")
        }
        guard settings.path.utf8.first == UInt8(ascii: "/"), !settings.path.utf8.contains(0) else {
            throw TransportRefusal(transport: name, key: "path", message: "\"\(settings.path)\" is no whole path")
        }
        self.name = name
        self.inFlight = inFlight
        folder = MaildirFolder(path: settings.path)
        queue = DispatchQueue(label: "maildir \(name)")
    }

    package func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void) {
        shared.withLock { $0.receive = receive }
    }

    package func submit(_ messages: [OutgoingMessage]) {
        shared.withLock { $0.waiting.append(contentsOf: messages) }
        queue.async { [self] in drain() }
    }

    package func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        // A write that is under way ends by itself; nothing of the rest is begun.
        shared.withLock { $0.isStopping = true }
        queue.async { [self] in
            drain()
            done()
        }
    }

    private func drain() {
        while true {
            let (portion, receive, isStopping) = shared.withLock { shared in
                var portion: [OutgoingMessage] = []
                while portion.count < Self.portion, let message = shared.waiting.popFirst() { portion.append(message) }
                return (portion, shared.receive, shared.isStopping)
            }
            guard !portion.isEmpty else { return }
            let results = isStopping ? portion.map(Self.notBegun) : folder.write(portion)
            receive?(results)
        }
    }

    private static func notBegun(_ message: OutgoingMessage) -> AttemptResult {
        AttemptResult(
            delivery: message.delivery, outcome: .transientFailure, blame: .transport,
            text: "stopped before it was begun")
    }
}
