// The rule: an enrollment goes through its campaign's steps in the order of the file, one at a time. When a step has
// ended, however it ended, the next one is planned from the enrollment instant, and it becomes due at its planned
// instant, or now where that has passed. A step is never planned before its predecessor. When no step is left, the
// enrollment is completed.
//
// Edge cases: a campaign without steps left completes at once; an edit that deletes the awaited step moves on to the
// one after it (`nextStep` looks at what has finished, never at a position); an exited enrollment stays exited.
//
// Worked example: enrolled Monday, steps on days 1 and 3; day 1's message is accepted on Monday at 10:00. Day 3 is
// planned for Wednesday 09:00 and becomes due then. Accepted on Thursday instead (a relay was down), day 3 is due at
// once, and the gap decides when it may go.

extension Enrollment {
    /// What it waits for at first: the campaign's first step; nil where there is none.
    package static func firstStep(of campaign: Campaign, enrolledAt: Instant, zone: Zone) -> PendingStep? {
        guard let step = nextStep(in: campaign, finished: []) else { return nil }
        let planned = plannedAt(step, enrolledAt: enrolledAt, window: campaign.window, zone: zone)
        return PendingStep(step: step.id, channel: step.channel, plannedAt: planned, dueAt: planned)
    }

    /// The same enrollment after `step` ended; `sent` where it was handed to a transport.
    package func movedOn(
        after step: StepID, sent: SentStep? = nil, in campaign: Campaign, zone: Zone, now: Instant
    ) -> Enrollment {
        var moved = self
        if !moved.finished.contains(step) { moved.finished.append(step) }
        if let sent { moved.lastSent = sent }
        guard moved.status == .active || moved.status == .paused else { return moved }
        let previousPlan = current?.plannedAt
        guard let next = nextStep(in: campaign, finished: moved.finished) else {
            moved.status = .completed
            moved.current = nil
            return moved
        }
        let own = plannedAt(next, enrolledAt: enrolledAt, window: campaign.window, zone: zone)
        let planned = previousPlan.map { max($0, own) } ?? own
        moved.current = PendingStep(
            step: next.id, channel: next.channel, plannedAt: planned, dueAt: max(planned, now))
        return moved
    }

    /// The same enrollment after it was ended from outside: nothing of it is due any more.
    package func exited() -> Enrollment {
        var ended = self
        ended.status = .exited
        ended.current = nil
        return ended
    }
}
