/// Who comes back for a step that is added to the end of a campaign.
///
/// The rule: a step that an edit adds brings back those who had come to the end where it says `reopen: true`. Without that
/// it is for those alone who have not come to its place. They go on with that step, on its own schedule.
///
/// Edge cases: who left early (a goal, an exit) stays out, and so does a lead for whom the goal or an exit holds by now or
/// came since the enrollment, one whose mailbox says no (also where
/// that is taken back later: as with a new enrollment), one that runs through the campaign again or did so since, and one that went by another arm. A step that the version before had already
/// brings nobody back, however often the file is edited.
///
/// Worked example: the series ends on day 10, and day 30 is added with `reopen: true`. Who completed it on day 10, a week
/// ago, waits for day 30 from now on. Who enrolled two months ago would get it at once, so that the edit is held.
extension Enrollment {
    /// What becomes of a completed enrollment; nil where it stays completed.
    ///
    /// `runs` are all of its lead's, and `said` is what its mailbox has said no to.
    package func reopened(
        in new: Campaign, from old: Campaign, runs: [Enrollment], said: DoNotSend, by facts: PlanFacts,
        _ asked: ConditionFacts, now: Instant
    ) -> EditedEnrollment? {
        guard status == .completed, !new.wouldHaveEnded(self, asked),
            let step = new.reopening(from: old).first(where: { $0.isReached(by: choices) && !finished.contains($0.id) }
            ),
            said.ending(at: step.id, of: new) == nil,
            !runs.contains(where: {
                $0.campaign == campaign && $0.key == key && ($0.isOngoing || $0.enrolledAt > enrolledAt)
            })
        else { return nil }
        var reopened = self
        reopened.status = .active
        reopened.current = PendingStep(
            step, plan: plan(step, by: facts), notBefore: lastSent?.plannedAt, now: now)
        guard let planned = reopened.current?.plannedAt, planned <= now else {
            return EditedEnrollment(effect: .reopened, after: reopened)
        }
        // Many may be due at once by this: they go at the catch-up rate (G7).
        reopened.current?.needsSlot = true
        return EditedEnrollment(effect: .sentNow, after: reopened)
    }
}

extension Campaign {
    /// Whether what a lead did since the enrollment, or what is true of it by now, would have ended it early.
    fileprivate func wouldHaveEnded(_ enrollment: Enrollment, _ asked: ConditionFacts) -> Bool {
        let heard = ((goal?.on ?? []) + exitOn).filter {
            Condition.did(.init(event: $0, isSinceEnrollment: true)).holds(for: asked)
        }
        let endings = heard.map { ending(by: $0, of: enrollment, asked) } + [ending(of: enrollment, asked)]
        return endings.contains { $0.map { $0.jumpTo == nil } ?? false }
    }

    /// The steps that bring completed enrollments back, seen from the version before.
    package func reopening(from old: Campaign) -> [Step] {
        steps.filter { step in step.reopens && !old.steps.contains { $0.id == step.id } }
    }
}
