import Dispatch
package import DripCore

/// Sends mail through a relay, over connections that it opens on demand, keeps and reuses.
///
/// Nothing in it waits for one server or one connection: see `SMTPPool` for how, `SMTPDialogue` for what is said, and
/// `SMTPVerdict` for what each failure means.
package final class SMTPTransport: Transport {
    package let name: String
    package let channel = Channel.email
    package let inFlight: Int
    private let inbox = SMTPInbox()
    let pool: SMTPPool

    /// Checks the settings; nothing is connected before the first `submit`.
    ///
    /// `credentials` are what `settings.username` and `settings.password` name, read by the caller; nil for no login.
    package init(
        name: String, settings: SMTPSettings, inFlight: Int, credentials: Credentials? = nil,
        limits: SMTPLimits = SMTPLimits()
    ) throws(TransportRefusal) {
        guard (1...10_000).contains(inFlight) else {
            throw TransportRefusal(transport: name, key: "in_flight", message: "\(inFlight) is not 1 to 10000")
        }
        let target = try SMTPTarget(transport: name, settings: settings, credentials: credentials)
        self.name = name
        self.inFlight = inFlight
        do {
            pool = try SMTPPool(
                name: name, target: target, settings: settings, limits: limits, inFlight: inFlight,
                inbox: inbox)
        } catch {
            throw TransportRefusal(transport: name, key: "kind", message: error.description)
        }
    }

    package func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void) {
        inbox.onResults(receive)
    }

    package func submit(_ messages: [OutgoingMessage]) {
        var submissions: [Submission] = []
        submissions.reserveCapacity(messages.count)
        var misfits: [AttemptResult] = []
        for message in messages {
            switch message.payload {
            case .mail(let mail): submissions.append(Submission(delivery: message.delivery, mail: mail))
            case .post, .content:
                misfits.append(
                    AttemptResult(
                        delivery: message.delivery, outcome: .permanentFailure, text: "only a mail can go by SMTP"))
            }
        }
        if !inbox.add(submissions) { misfits += submissions.map { $0.notBegun } }
        guard !misfits.isEmpty else { return }
        let (inbox, results) = (inbox, misfits)
        pool.queue.async { inbox.report(results) }
    }

    package func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        let pool = pool
        pool.queue.async { pool.stop(within: limit, done: done) }
    }
}
