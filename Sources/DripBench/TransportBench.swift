import Dispatch
import DripCore
import DripDelivery
import Foundation
import Synchronization

/// Sends many mails through one `SMTPTransport` and measures nothing else.
///
/// Twice as many mails as connections are kept submitted, as many as the engine would mark.
struct TransportBench {
    struct Figures: Encodable {
        var connections: Int
        var messages: Int
        var bytes: Int
        var pipelined: Bool
        var accepted: Int
        var seconds: Double
        var messagesPerSecond: Double
        /// User and system time of this process.
        var cpuMicrosecondsPerMessage: Double
        /// What the first failure said, if any failed.
        var firstFailure: String?
    }

    var host: String
    var port: Int
    var connections: Int
    var messages: Int
    var bytes: Int
    var pipelines: Bool
    var credit: Int

    func run() throws -> Figures {
        let transport = try SMTPTransport(
            name: "bench", settings: SMTPSettings(host: host, port: port, tls: .none, messagesPerConnection: .max),
            inFlight: connections, limits: SMTPLimits(pipelines: pipelines))
        let mail = OutgoingMessage.Mail(
            sender: try EmailAddress("sender@example.com"), recipient: try EmailAddress("recipient@example.com"),
            bytes: TransportBench.message(bytes))
        let count = messages
        let credit = min(connections * credit, count)
        let progress = Mutex((submitted: credit, done: 0, accepted: 0, failure: String?.none))
        let isDone = DispatchSemaphore(value: 0)
        let message: @Sendable (Int) -> OutgoingMessage = {
            OutgoingMessage(delivery: DeliveryID(rawValue: Int64($0)), payload: .mail(mail))
        }
        transport.onResults { [weak transport] results in
            let (next, isLast) = progress.withLock { progress in
                progress.done += results.count
                for result in results where result.outcome != .accepted && progress.failure == nil {
                    progress.failure = "\(result.outcome.rawValue): \(result.text)"
                }
                progress.accepted += results.count { $0.outcome == .accepted }
                let first = progress.submitted
                progress.submitted = min(count, first + results.count)
                return (first..<progress.submitted, progress.done == count)
            }
            if !next.isEmpty { transport?.submit(next.map(message)) }
            if isLast { isDone.signal() }
        }
        let cpuBefore = TransportBench.cpuSeconds()
        let startedAt = DispatchTime.now().uptimeNanoseconds
        transport.submit((0..<credit).map(message))
        isDone.wait()
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - startedAt) / 1e9
        let cpu = TransportBench.cpuSeconds() - cpuBefore
        let isStopped = DispatchSemaphore(value: 0)
        transport.stop(within: .seconds(5)) { isStopped.signal() }
        isStopped.wait()
        return progress.withLock { progress in
            Figures(
                connections: connections, messages: count, bytes: bytes, pipelined: pipelines,
                accepted: progress.accepted, seconds: seconds, messagesPerSecond: Double(count) / seconds,
                cpuMicrosecondsPerMessage: cpu * 1e6 / Double(count), firstFailure: progress.failure)
        }
    }

    /// A mail whose whole has about `bytes` octets, in lines of 72.
    private static func message(_ bytes: Int) -> [UInt8] {
        var message = Array("From: <sender@example.com>\r\nTo: <recipient@example.com>\r\nSubject: bench\r\n\r\n".utf8)
        let line = Array(repeating: UInt8(ascii: "x"), count: 70) + Array("\r\n".utf8)
        while message.count < bytes { message += line }
        return message
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
        return user + Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
    }
}
