/// How long a delivery waits after an attempt that definitely failed and may yet succeed.
///
/// The rule: the wait after the n-th attempt is the n-th entry of the channel's list (its last one from there on), plus
/// 0–20 % of jitter from a hash of the delivery's key and n, and never less than the other side asked for. A wait is
/// lateness: where it would take the step past `late_max`, there is no next attempt; nor after five days for a step
/// that is sent however late.
///
/// E-mail begins with 30 minutes: RFC 5321 §4.5.4.1 asks for that much between attempts, and it outlasts the usual
/// greylisting of 5 to 15 minutes, so that the second attempt is mostly the last. (A connection that died before DATA
/// is no attempt: the transport repeats it at once.) HTTP has no such rule, and what a webhook answers with 429 or 503
/// mostly passes within a minute. Jitter only adds, so that the entries are true lower bounds.
///
/// Worked example: an e-mail deferred with 451 at 09:00 is tried again between 09:30 and 09:36, then 1 h to 1 h 12 min
/// after that, then after 2 h, then every 3 h, until 24 h (`late_max`) are used up: some ten attempts.
///
/// Source: RFC 5321 §4.5.4.1 (intervals, give-up time of 4–5 days), RFC 9110 §10.2.3 (`Retry-After`).
package enum Retry {
    /// The waits of a channel, shortest first.
    package static func waits(for channel: Channel) -> [TimeSpan] {
        switch channel {
        case .email: emailWaits
        case .http, .sms: httpWaits
        // Never attempted.
        case .inner: emailWaits
        }
    }

    private static let emailWaits: [TimeSpan] = [.minutes(30), .hours(1), .hours(2), .hours(3)]
    private static let httpWaits: [TimeSpan] = [
        .minutes(1), .minutes(2), .minutes(5), .minutes(15), .minutes(30), .hours(1),
    ]
    /// RFC 5321 §4.5.4.1: "the give-up time generally needs to be at least 4-5 days".
    private static let giveUp = TimeSpan.days(5)

    /// The wait after that many attempts (1 after the first), for a key that is the delivery's own and stable.
    package static func wait(
        afterAttempts attempts: Int, channel: Channel, key: String, retryAfter: TimeSpan? = nil
    ) -> TimeSpan {
        let waits = waits(for: channel)
        let base = waits[min(max(attempts, 1), waits.count) - 1]
        var hash = StableHash(key)
        hash.add(Int64(attempts))
        let jitter = TimeSpan.milliseconds(hash.number(below: base.milliseconds / 5))
        return max(base + jitter, retryAfter ?? .zero)
    }

    /// When to try again, or nil to give up: the delivery then fails as `retriesExhausted`.
    ///
    /// `pending.late` holds the lateness up to `now`; `pending.deferring(until:reason:now:)` adds this wait to it.
    package static func nextAttemptAt(
        step: Step, pending: PendingStep, policy: Policy, attempts: Int, key: String, retryAfter: TimeSpan? = nil,
        now: Instant
    ) -> Instant? {
        let wait = wait(afterAttempts: attempts, channel: step.channel, key: key, retryAfter: retryAfter)
        let limit = step.whenLate == .send ? giveUp : step.lateMax ?? policy.lateMax
        // Compared by subtraction: a server may ask for any wait.
        return wait <= limit - pending.late ? now + wait : nil
    }
}
