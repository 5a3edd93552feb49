// The rule: what one attempt's result means for its delivery.
//
//   accepted                           → accepted
//   unknown                            → in doubt: treated as sent, never repeated by itself; with `on_doubt: resend`
//                                        another attempt as below, and in doubt when there is none any more
//   permanentFailure                   → failed (permanentFailure)
//   transientFailure of the delivery   → another attempt when `Retry.swift` says; failed (retriesExhausted) when it
//                                        says no more
//   any failure of the transport, or a wish for fewer at a time
//                                      → the delivery keeps its attempt and its place; the breaker decides when
//
// Edge case: a result for an enrollment that was exited meanwhile is never retried; the engine ends it as failed.
//
// Worked example: 451 at the first attempt of an e-mail gives `retry(at: now + 30 min and some jitter)`; a wrong
// password gives `putBack`, and the attempt does not count.

/// What happens to a delivery after one attempt.
package enum Settlement: Hashable, Sendable {
    case accepted
    case inDoubt
    case failed(Reason)
    /// Another attempt at that instant.
    case retry(at: Instant)
    /// As if never tried: due again as soon as the transport is open.
    case putBack

    /// Judges one result.
    ///
    /// `attempts` counts the marked attempts, this one included; `pending` is the step as it was claimed for it; `key`
    /// is the delivery's own and stable, for the jitter of the back-off.
    package static func of(
        _ result: AttemptResult, step: Step, pending: PendingStep, policy: Policy, attempts: Int, key: String,
        now: Instant
    ) -> Settlement {
        switch (result.outcome, result.blame) {
        case (.accepted, _): return .accepted
        case (.unknown, _):
            guard step.onDoubt == .resend else { return .inDoubt }
            let next = Retry.nextAttemptAt(
                step: step, pending: pending, policy: policy, attempts: attempts, key: key, now: now)
            return next.map { .retry(at: $0) } ?? .inDoubt
        case (_, .transport), (_, .pace): return .putBack
        case (.permanentFailure, _): return .failed(.permanentFailure)
        case (.transientFailure, _):
            let next = Retry.nextAttemptAt(
                step: step, pending: pending, policy: policy, attempts: attempts, key: key,
                retryAfter: result.retryAfter, now: now)
            return next.map { .retry(at: $0) } ?? .failed(.retriesExhausted)
        }
    }
}
