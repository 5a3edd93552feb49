// The rule: an enrollment goes through its campaign's steps in the order of the file, one at a time. When a step has
// ended, however it ended, the next one is planned from its anchor, and it becomes due at its planned instant, or now
// where that has passed. A step is never planned before its predecessor. When no step is left, the enrollment is
// completed. A step that has no instant to go at (no date, or one before the enrollment) is due at once, so that its
// gate says so where everybody sees it.
//
// Counted from a date of the lead, a plan that has passed is lateness: three days before a trial's end makes no sense a
// week after it. Counted from the enrollment or the previous step it is none, for it was the series that took so long.
//
// What tells a colleague was not sent to the lead: no gap counts from it.
//
// Edge cases: a campaign without steps left completes at once; an edit that deletes the awaited step moves on to the
// one after it (`nextStep` looks at what has finished, never at a position); an exited enrollment stays exited.
//
// Worked example: enrolled Monday, steps on days 1 and 3; day 1's message is accepted on Monday at 10:00. Day 3 is
// planned for Wednesday 09:00 and becomes due then. Accepted on Thursday instead (a relay was down), day 3 is due at
// once, and the gap decides when it may go.

extension Enrollment {
    /// What it waits for at first: the campaign's first step; nil where there is none.
    package static func firstStep(of campaign: Campaign, enrolledAt: Instant, by facts: PlanFacts) -> PendingStep? {
        guard let step = nextStep(in: campaign, finished: []) else { return nil }
        return PendingStep(step, plan: DripCore.plan(step, enrolledAt: enrolledAt, by: facts), now: enrolledAt)
    }

    /// The same enrollment after `step` ended; `sent` where it was handed to a transport.
    package func movedOn(
        after step: StepID, sent: SentStep? = nil, in campaign: Campaign, by facts: PlanFacts, now: Instant
    ) -> Enrollment {
        var moved = self
        if !moved.finished.contains(step) {
            moved.finished.append(step)
            moved.lastEndedAt = now
        }
        if let sent, !campaign.tellsColleague(at: step) { moved.lastSent = sent }
        guard moved.status == .active || moved.status == .paused else { return moved }
        guard let next = nextStep(in: campaign, finished: moved.finished, choices: moved.choices) else {
            moved.status = .completed
            moved.current = nil
            return moved
        }
        // A step before the enrollment, or without a date, says nothing: the last one that went stands behind it.
        let plans = [current.flatMap { $0.isUnplanned ? nil : $0.plannedAt }, moved.lastSent?.plannedAt]
        let previousPlan = plans.compactMap(\.self).max()
        moved.current = PendingStep(
            next, plan: moved.plan(next, by: facts), notBefore: previousPlan, now: now)
        if next.anchor.attribute == nil {
            moved.current?.rest(behind: current, lastPause: facts.lead.pause, now: now)
        }
        return moved
    }

    /// The same enrollment after its due step was skipped.
    ///
    /// Whatever it was skipped for, the next one was kept waiting by the same interruption, and nothing was sent that took
    /// the time; or perhaps it was, by an attempt in doubt.
    package func skipped(
        _ situation: Situation, for reason: Reason, by facts: PlanFacts, now: Instant
    ) -> Enrollment {
        var ended = self
        if reason == .repeatOver, let over = situation.finishedRepetition(now: now) {
            // The rest of it is left out as well, and what stands behind it need not wait for this one's time.
            ended = choosing(InnerAction.over, at: over)
            ended.current?.plannedAt = min(situation.pending.plannedAt, now)
        }
        return
            ended.movedOn(
                after: situation.step.id, sent: situation.pending.perhapsSent, in: situation.campaign, by: facts,
                now: now
            )
            .inheriting(from: situation.pending, now: now)
    }

    /// The same enrollment after its due step has done what it does, which sends nothing.
    package func performed(_ situation: Situation, by facts: PlanFacts, now: Instant) -> Enrollment {
        choosing(situation.arm(now: now), at: situation.step.id)
            .movedOn(after: situation.step.id, in: situation.campaign, by: facts, now: now)
            .inheriting(from: situation.pending, now: now)
    }

    /// When a step that it has come to is planned.
    package func plan(_ step: Step, by facts: PlanFacts) -> Plan {
        DripCore.plan(
            step, enrolledAt: enrolledAt, previousEndedAt: lastEndedAt ?? lastSent?.sentAt, by: facts)
    }

    /// When the first of the steps behind `step` is planned, while that one has not ended: nil where there is none, where
    /// it counts from that one's end, where its date is not known, and where nobody can tell which one it is.
    package func plannedAt(behind step: StepID, in campaign: Campaign, by facts: PlanFacts) -> Instant? {
        guard let index = campaign.steps.firstIndex(where: { $0.id == step }) else { return nil }
        for next in campaign.steps[(index + 1)...] where !next.isLeftOut(by: choices, finished: finished) {
            guard next.anchor != .previous, next.isReached(by: choices) else { return nil }
            switch plan(next, by: facts) {
            case .at(let instant): return instant
            case .missingDate: return nil
            // It will be skipped, whatever happens.
            case .beforeEnrollment: continue
            }
        }
        return nil
    }

    /// The same enrollment after it was ended from outside: nothing of it is due any more.
    package func exited() -> Enrollment {
        var ended = self
        ended.status = .exited
        ended.current = nil
        return ended
    }
}

extension Campaign {
    fileprivate func tellsColleague(at id: StepID) -> Bool { steps.first { $0.id == id }?.notice != nil }
}

extension PendingStep {
    /// A step that an enrollment comes to now, not to be planned before the step in front of it.
    init(_ step: Step, plan: Plan, notBefore: Instant? = nil, now: Instant) {
        switch plan {
        case .at(let own):
            let planned = notBefore.map { max($0, own) } ?? own
            self.init(step: step.id, route: step.route, plannedAt: planned, dueAt: max(planned, now))
            if step.anchor.attribute != nil { late = max(.zero, now - planned) }
        case .beforeEnrollment(let instant):
            self.init(step: step.id, route: step.route, plannedAt: instant, dueAt: now)
        case .missingDate:
            self.init(step: step.id, route: step.route, plannedAt: .distantFuture, dueAt: now)
        }
    }

    /// Whether nobody knows when it is to go.
    package var isUnplanned: Bool { plannedAt == .distantFuture }
}
