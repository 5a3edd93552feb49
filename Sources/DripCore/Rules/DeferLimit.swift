/// How long a cap, a gap or a missing variable may hold a step: `defer_max`.
///
/// The rule: a step's own `defer_max` limits the sum of its waits. Without one it may wait until before the next step's
/// planned instant; a last step, 7 days in all. Past the limit it is skipped with the reason of the gate that held it,
/// at once: there is no use in waiting for what would come too late.
///
/// Edge cases: only the wait for the cap or gap itself counts, not the closed window that may follow it: capped until
/// Friday 18:00 and sent on Monday 08:00, a step decided on Friday at 16:00 has burned 2 h. A next step planned for the
/// same instant would leave no time at all, so it sets no limit and the 7 days hold; so they do for what was overtaken
/// (`Gap.swift`), of which the next step knows nothing. Nor does it for a step that the lead's
/// own pause has held for longer than usual lateness: the whole series goes on behind that, and none of it is skipped for
/// the other. Where a cap is full of unresolved
/// deliveries, the step waits for the limit itself; the store wakes it when one of them ends.
///
/// Worked example: case-study is planned for day 3 at 09:00, webinar for day 7 at 10:00. A cap that permits at day 7,
/// 09:59:59.999 defers case-study until then; one that permits at 10:00 skips it as `capped`.
enum DeferLimit: Hashable, Sendable {
    /// It must go before this instant.
    case before(Instant)
    /// It may wait for so long from now.
    case remaining(TimeSpan)

    init(_ situation: Situation) {
        let pending = situation.pending
        if let own = situation.step.deferMax {
            self = .remaining(own - pending.deferred)
        } else if !situation.isOvertaken, pending.rested <= situation.policy.catchUp.after,
            let next = situation.nextPlannedAt,
            next > pending.plannedAt
        {
            self = .before(next)
        } else {
            self = .remaining(.days(7) - pending.deferred)
        }
    }

    /// Whether the wait is worth while that ends at `permittedAt`, and after the window's opening at `until`.
    func allows(permittedAt: Instant, until: Instant, now: Instant) -> Bool {
        switch self {
        case .before(let next): until < next
        case .remaining(let span): permittedAt - now <= span
        }
    }

    /// The last instant to which a wait of unknown length may go.
    func lastInstant(now: Instant) -> Instant {
        switch self {
        case .before(let next): next - .milliseconds(1)
        case .remaining(let span): now + span
        }
    }
}
