/// A rest from all messages that somebody asked for, for one lead: "not now: in a month".
///
/// The last one is kept when it is over, so that time which passed in it is known for a rest whenever it is counted
/// (`Lateness.swift`).
package struct LeadPause: Hashable, Sendable, Codable {
    package var since: Instant
    /// Nil until someone resumes it.
    package var until: Instant?
    /// Who asked for it, and why.
    package var note: String

    package init(since: Instant, until: Instant?, note: String) {
        self.since = since
        self.until = until
        self.note = note
    }

    /// `distantFuture` where nobody knows it.
    package var end: Instant { until ?? .distantFuture }

    package func holds(at now: Instant) -> Bool { until.map { now < $0 } ?? true }

    /// How much of the time between two instants lies in it.
    package func share(from: Instant, to: Instant) -> TimeSpan { max(.zero, min(to, end) - max(from, since)) }
}
