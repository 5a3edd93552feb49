// The rule: the plan that is stored for a step may be out of date when its time comes: the file was edited, the zone's
// rules changed, the lead moved, or got the date that it lacked. So a step that is claimed and was not put off before is
// planned anew. Where that lies later it waits for it; where it lies earlier nothing is to be gained, and it goes on as it
// is. A step that a cap, a pause or a retry has put off keeps its plan: it is being sent.
//
// A changed date of the lead plans the waiting step anew at once, earlier or later: nobody must wait until the old date
// to learn of the new one. What the step waited for meanwhile (a cap, a pause) is decided again.
//
// Edge cases: a step without a date keeps no plan, and gets one as soon as there is a date, with what has passed since
// as lateness. Lateness that was booked for an instant which is no plan any more is not lateness.
//
// Worked example: planned for 09:00 in Berlin by last year's rules, which is 10:00 by today's tzdata: it is claimed at
// 09:00, and waits for an hour under `order`. `trial_ends_on` moves from 1 to 15 December while day -3 waits: it waits
// for 12 December from then on.

extension PendingStep {
    /// The claimed step with its plan worked out anew, unless something else than its plan has put it off.
    package func replanned(_ step: Step, by plan: Plan, now: Instant) -> PendingStep {
        guard isReplannable else { return self }
        var pending = self
        switch plan {
        case .at(let instant):
            guard isUnplanned || instant > plannedAt else { return self }
            pending.plannedAt = instant
            let passed = max(.zero, now - instant)
            // What it counts from now may be no date any more, where the file was edited.
            pending.late = isUnplanned ? (step.anchor.attribute == nil ? .zero : passed) : min(late, passed)
        case .missingDate:
            pending.plannedAt = .distantFuture
            pending.late = .zero
        case .beforeEnrollment: break
        }
        return pending
    }

    /// Whether it waits for nothing but its plan.
    package var isReplannable: Bool { waitingFor == nil || waitingFor == .order || waitingFor == .missingDate }
}

extension Enrollment {
    /// The same enrollment after a fact of its lead changed; nil where its waiting step counts from no attribute, or keeps
    /// its plan.
    package func replanned(in campaign: Campaign, by facts: PlanFacts, now: Instant) -> Enrollment? {
        guard let current, let step = campaign.steps.first(where: { $0.id == current.step }),
            step.anchor.attribute != nil
        else { return nil }
        let plan = plan(step, by: facts)
        let fresh = PendingStep(step, plan: plan, notBefore: lastSent?.plannedAt, now: now)
        guard fresh.plannedAt != current.plannedAt else { return nil }
        var replanned = self
        if plan.obstacle != nil || fresh.dueAt > now || current.isReplannable {
            replanned.current = fresh
        } else {
            replanned.current = current.woken(at: now)
            replanned.current?.plannedAt = fresh.plannedAt
        }
        return replanned
    }
}
