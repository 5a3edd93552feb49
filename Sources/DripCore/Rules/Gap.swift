/// The least time between two messages of one enrollment.
///
/// The rule: after the last step that was sent, the next one waits `min(min_gap, planned distance of the two)`. So it
/// stops bunching after a deferral and never moves a plan that was kept. Of a step that counts from the previous one that
/// distance is from when the last message went, for its plan is counted from there.
///
/// A step whose own plan lies before that of the last one sent, or at it, was overtaken: a wait took longer than the days behind it,
/// an edit moved it to the front, or the lead's zone is another one now. It is planned for the end of what overtook it, as are the others that this one
/// overtook; of the distance that the file meant between them nothing is left, and so the gap is the whole `min_gap`, and
/// what waits for it has `defer_max` as a last step has. A last one that went by its own plan has overtaken nobody: closed days
/// and a spread may move a step behind the next one.
///
/// Edge cases: no step sent yet: no gap. Two steps that the file plans for one instant: no gap. A clock that stepped back makes the
/// last send lie ahead; the gap then counts from there all the same. It is exact to the millisecond: a step that went
/// 3 ms after its plan holds one that was planned an hour after it for 3 ms.
///
/// Worked example: `min_gap: 20h`; step 1 was planned for Monday 09:00 and a cap held it until Tuesday 16:00; step 2 is
/// planned for Wednesday 09:00. Their distance is 48 h, so the gap is 20 h: step 2 goes on Wednesday at 12:00. Days 3 and 5
/// stand behind a wait that ends on day 11 at 10:00: day 3's goes then, and day 5's on day 12 at 06:00.
///
/// - Returns: the first instant that the gap allows, however long past; nil where nothing was sent before.
package func earliestAfterGap(
    lastSent: SentStep?, plannedAt: Instant, isOvertaken: Bool = false, anchor: Anchor = .enrollment, minGap: TimeSpan
) -> Instant? {
    guard let lastSent else { return nil }
    if isOvertaken { return lastSent.sentAt + minGap }
    let last = anchor == .previous ? lastSent.sentAt : lastSent.plannedAt
    return lastSent.sentAt + max(.zero, min(minGap, plannedAt - last))
}

extension Enrollment {
    /// Whether a step's own plan, whatever stands in front of it, lies before that of the last one sent or at it, and that one was
    /// not where its own plan put it.
    package func isOvertaken(_ step: Step, plannedFor own: Plan, in campaign: Campaign, by facts: PlanFacts) -> Bool {
        guard step.anchor != .previous, let own = own.instant, let lastSent, own <= lastSent.plannedAt else {
            return false
        }
        return !campaign.steps.contains { last in
            last.isTouch && last.anchor != .previous && finished.contains(last.id)
                && plan(last, by: facts).instant == lastSent.plannedAt
        }
    }
}
