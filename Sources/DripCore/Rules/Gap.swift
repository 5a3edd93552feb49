/// The least time between two messages of one enrollment.
///
/// The rule: after the last step that was sent, the next one waits `min(min_gap, planned distance of the two)`. So it
/// stops bunching after a deferral and never moves a plan that was kept. Of a step that counts from the previous one that
/// distance is from when the last message went, for its plan is counted from there.
///
/// Edge cases: no step sent yet: no gap. Two steps planned for one instant: no gap. A clock that stepped back makes the
/// last send lie ahead; the gap then counts from there all the same. It is exact to the millisecond: a step that went
/// 3 ms after its plan holds one that was planned an hour after it for 3 ms.
///
/// Worked example: `min_gap: 20h`; step 1 was planned for Monday 09:00 and a cap held it until Tuesday 16:00; step 2 is
/// planned for Wednesday 09:00. Their distance is 48 h, so the gap is 20 h: step 2 goes on Wednesday at 12:00.
///
/// - Returns: the first instant that the gap allows, however long past; nil where nothing was sent before.
package func earliestAfterGap(
    lastSent: SentStep?, plannedAt: Instant, anchor: Anchor = .enrollment, minGap: TimeSpan
) -> Instant? {
    guard let lastSent else { return nil }
    let last = anchor == .previous ? lastSent.sentAt : lastSent.plannedAt
    return lastSent.sentAt + max(.zero, min(minGap, plannedAt - last))
}
