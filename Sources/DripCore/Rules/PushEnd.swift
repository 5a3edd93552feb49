/// What becomes of a push after an attempt, and of a letter with a digest.
///
/// The rule: what the CRM took is done. A refusal for good (most 4xx) makes a dead letter, and the lead's next change goes on: each
/// says all there is to say of the lead, so that nothing waits for what will never work. Everything else, an answer that never came as
/// well, is tried again under the same key, after the waits of HTTP (`Retry.swift`), until `give_up_after` has passed since the first
/// attempt. A fault of the transport itself, or its wish for fewer, costs no attempt: its breaker decides when it is tried. Of 403, 404 and
/// 405 nobody knows whose fault they are: they pause the transport and cost an attempt, so that one lead holds a CRM up for a few days
/// at most.
///
/// Edge cases: a message that could not even be made is a dead letter. A wish of the other side (`Retry-After`) is heard, and does not
/// reach over the end: where it would, the push is given up now.
///
/// Worked example: 503 at 09:00, with three days: again at 09:01, 09:03, 09:08, 09:23, 09:53 and then every hour, with up to a fifth
/// on top, until 09:00 three days later.
package enum PushEnd: Hashable, Sendable {
    case done
    case dead
    /// The attempt counts.
    case again(Instant)
    /// The attempt does not count; the transport's breaker says when.
    case putBack

    package static func of(_ result: AttemptResult, _ push: Push, giveUpAfter: TimeSpan, now: Instant) -> PushEnd {
        of(
            result, attempts: push.attempts, since: push.triedAt, channel: .http, key: "push \(push.id.rawValue)",
            giveUpAfter: giveUpAfter, now: now)
    }

    /// Statuses that may be about the whole transport, and may be about this one lead.
    private static let aboutWhatWasAsked: Set<Int> = [403, 404, 405]

    /// The same of anything that goes at least once.
    ///
    /// `attempts` are those before that count, and `since` is when the first of them ended; nil where this is the first. `key` spreads
    /// the waits.
    package static func of(
        _ result: AttemptResult, attempts: Int, since: Instant?, channel: Channel, key: String, giveUpAfter: TimeSpan,
        now: Instant
    ) -> PushEnd {
        switch result.blame {
        case .transport where aboutWhatWasAsked.contains(result.code): break
        case .transport, .pace: return .putBack
        case .composing: return .dead
        case .delivery: break
        }
        switch result.outcome {
        case .accepted: return .done
        case .permanentFailure: return .dead
        case .transientFailure, .unknown:
            let wait = Retry.wait(
                afterAttempts: attempts + 1, channel: channel, key: key, retryAfter: result.retryAfter)
            // Compared by subtraction: a server may ask for any wait.
            return wait <= giveUpAfter - (now - (since ?? now)) ? .again(now + wait) : .dead
        }
    }
}
