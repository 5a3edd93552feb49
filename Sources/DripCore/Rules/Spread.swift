/// Draws leads that are planned for one instant apart: `spread: 30m`.
///
/// The rule: a step with a spread goes at the first open instant of its plan plus a part of the spread, in whole seconds,
/// that a hash of lead, campaign and step gives: the same in every run, on every machine, in `plan` as in the daemon. The
/// spread ends where that opening does, so that it never makes a step miss its window.
///
/// Edge cases: of a spread that the window's end cuts off only the rest is shared out, so that nobody is heaped up at the
/// last moment. A plan at which it is closed (`after: 72h` on a Saturday) is spread from the next opening on: a weekend's
/// leads do not all go at Monday's first second. Without a spread nothing is moved, and a transactional step never is. The order of steps is not touched: a
/// step is never planned before the one in front of it.
///
/// Worked example: window 08:00-17:00, `at: "16:45"`, `spread: 30m`: leads go from 16:45:00 to 16:59:59.
func spread(_ planned: Instant, of step: Step, by facts: PlanFacts) -> Instant {
    guard step.spread > .zero, !step.isTransactional else { return planned }
    let start = facts.times.nextOpening(atOrAfter: planned, in: facts.zone)
    guard start < .distantFuture else { return planned }
    let limit = start + step.spread
    let end = facts.times.closing(after: start, before: limit, in: facts.zone) ?? limit
    var hash = StableHash(facts.lead.key)
    hash.add(facts.campaign.rawValue)
    hash.add(step.id.rawValue)
    // Every whole second before the end; the last one may be a part of a second long.
    let seconds = ((end - start).milliseconds + 999) / 1_000
    return start + .seconds(hash.number(below: seconds))
}
