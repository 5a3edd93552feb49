/// What an edit of a campaign would do to an enrollment that waits in it.
///
/// The rule: running enrollments know steps by their ids. Under the new file, an enrollment
/// - is **exited** where the new goal or exit holds for it and the old one did not;
/// - whose step is gone goes on with the next one on that one's own schedule (**moved**), or comes to its end with nothing
///   more to come (**stranded**);
/// - whose step has another time is planned anew, from its anchor: **retimed**, or **sentNow** where that time has passed and
///   it would have waited.
///
/// - that is completed comes back for an added step that says so (`Reopen.swift`): **reopened**, or **sentNow**;
/// - whose step has another name (`Renames.swift`) is not touched by that.
///
/// An edit that exits, strands or sends at once is held: the version before runs on until a person says `dripd apply`.
///
/// Edge cases: a step that a cap, a pause or a retry holds is being sent, and keeps its plan; so does one whose date is
/// missing. A message's words, a condition of a step and a step behind the one that is waited for move nobody.
///
/// Worked example: day 7 becomes day 3. Who enrolled yesterday waits for day 3 from now on: retimed. Who enrolled five days
/// ago would get the step at once: sentNow, and the edit is held.
package enum EditEffect: Hashable, Sendable {
    case exited(Reason)
    case stranded
    case sentNow
    case moved
    case retimed
    case reopened

    /// Whether nobody may do that to a lead by saving a file.
    package var needsConsent: Bool {
        switch self {
        case .exited, .stranded, .sentNow: true
        case .moved, .retimed, .reopened: false
        }
    }

    /// The name of its kind.
    package var name: String {
        switch self {
        case .exited: "exited"
        case .stranded: "stranded"
        case .sentNow: "sent now"
        case .moved: "moved"
        case .retimed: "retimed"
        case .reopened: "reopened"
        }
    }
}

/// One enrollment under an edit, and what becomes of it.
package struct EditedEnrollment: Hashable, Sendable {
    package var effect: EditEffect
    /// Where it stands then; nil where the engine sees to that itself (an exit).
    package var after: Enrollment?
}

extension Enrollment {
    /// What the new version of its campaign does to it; nil for nothing.
    ///
    /// `facts` and `asked` are of the new version.
    package func edited(
        from old: Campaign, to new: Campaign, by facts: PlanFacts, _ asked: ConditionFacts, now: Instant
    ) -> EditedEnrollment? {
        guard status == .active, let current else { return nil }
        if let ending = new.ending(of: self, asked), ending.jumpTo == nil, old.ending(of: self, asked) == nil {
            return EditedEnrollment(effect: .exited(ending.reason), after: nil)
        }
        guard let step = new.steps.first(where: { $0.id == current.step }) else {
            let moved = movedOn(after: current.step, in: new, by: facts, now: now)
            guard moved.status == .active else { return EditedEnrollment(effect: .stranded, after: nil) }
            let isAtOnce = (moved.current?.dueAt ?? now) <= now && current.dueAt > now
            return EditedEnrollment(effect: isAtOnce ? .sentNow : .moved, after: nil)
        }
        guard current.isReplannable, !current.isUnplanned, let instant = plan(step, by: facts).instant else {
            return nil
        }
        let planned = max(instant, lastSent?.plannedAt ?? instant)
        guard planned != current.plannedAt else { return nil }
        var after = self
        after.current?.plannedAt = planned
        after.current?.dueAt = max(planned, now)
        after.current?.late = .zero
        after.current?.route = step.route
        guard planned <= now, current.dueAt > now else { return EditedEnrollment(effect: .retimed, after: after) }
        // Many may be due at once by this: they go at the catch-up rate (G7).
        after.current?.needsSlot = true
        return EditedEnrollment(effect: .sentNow, after: after)
    }
}

extension Campaign {
    /// The steps of which an enrollment that waits for one may be touched by an edit; nil for all of them.
    package func stepsTouched(by new: Campaign) -> Set<StepID>? {
        guard goal == new.goal, exitOn == new.exitOn, exitIf == new.exitIf, zoneName == new.zoneName,
            window == new.window, holidays == new.holidays
        else { return nil }
        var touched: Set<StepID> = []
        for step in steps {
            guard let after = new.steps.first(where: { $0.id == step.id }) else {
                touched.insert(step.id)
                continue
            }
            if step.timing != after.timing || step.anchor != after.anchor || step.spread != after.spread {
                touched.insert(step.id)
            }
        }
        return touched
    }
}
