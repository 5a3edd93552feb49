/// How long a step has waited for what: the two accounts that `defer_max` and `late_max` limit.
///
/// The rule: waiting for a cap, a gap, a missing variable or a campaign of higher priority burns `deferred`; waiting for
/// a pause, an outage, a paused transport or a retry burns `late`; waiting for quiet hours, the window, a holiday, the
/// planned instant or a date that is not known burns nothing. A wait is booked when it begins: of one for a cap or gap,
/// the part until these permit, not the closed hours after it. A step that is woken early gets back what was booked of
/// the rest; one that is claimed after it was due was late for that long.
///
/// A lead's own pause is a rest and no lateness, whatever else went wrong meanwhile: the series goes on behind it. Only a
/// step that counts from a date of the lead is made late by it: three days before a trial's end makes no sense a week
/// after it. (`docs/decisions/0007-a-leads-pause-is-a-rest.md`.)
///
/// Worked example: due at 09:00, the daemon was down until 11:00: `claimed(at: 11:00)` has 2 h of `late`. The transport
/// is paused until 11:30: another 30 min. At 11:30 a cap holds it until 15:00: 3 h 30 min of `deferred`. At 13:00 the
/// delivery that filled the cap fails: `woken(at: 13:00)` is due then, with 1 h 30 min of `deferred`.
extension PendingStep {
    /// The step as it stands when it is claimed: whatever passed since it was due is lateness, but for the lead's rest.
    ///
    /// Call it once per claim: `dueAt` keeps naming the store's row.
    package func claimed(at now: Instant, resting pause: LeadPause? = nil) -> PendingStep {
        guard dueAt < now else { return self }
        var pending = self
        pending.late = late + (now - dueAt) - (pause?.share(from: dueAt, to: now) ?? .zero)
        return pending
    }

    /// The step put off until `until`.
    ///
    /// `burning` is the part of the wait that counts; `Situation.deferring` knows it, nil is all of it.
    package func deferring(
        until: Instant, reason: Reason, now: Instant, burning: TimeSpan? = nil
    ) -> PendingStep {
        var pending = self
        pending.dueAt = until
        pending.waitingFor = reason
        pending.permittedAt = nil
        if reason == .rateLimited { pending.needsSlot = false }
        guard let account = reason.account else { return pending }
        let wait = max(.zero, until - now)
        let burned = min(wait, burning ?? wait)
        switch account {
        case .deferred: pending.deferred = deferred + burned
        case .late: pending.late = late + burned
        }
        if burned < wait { pending.permittedAt = now + burned }
        return pending
    }

    /// The step made due now, because what it waited for may have changed; what was booked of the time that it did not
    /// wait is given back.
    package func woken(at now: Instant) -> PendingStep {
        guard now < dueAt else { return self }
        var pending = self
        pending.dueAt = now
        pending.permittedAt = nil
        let rest = max(.zero, (permittedAt ?? dueAt) - now)
        // Only a lead's pause is booked as a rest, and of that nothing else: then `permittedAt` is its beginning.
        if waitingFor == .paused, permittedAt != nil { pending.rested = max(.zero, rested - (dueAt - now)) }
        switch waitingFor?.account {
        case .deferred: pending.deferred = max(.zero, deferred - rest)
        case .late: pending.late = max(.zero, late - rest)
        case nil: break
        }
        return pending
    }
}

extension PendingStep {
    /// Books what a lead's pause held of a step that the enrollment has just come to: its own share of the last one, and
    /// what the step in front of it was held for, as far as that was planned before now.
    ///
    /// The last pause alone would not do: a second one of five minutes must not make a month's rest forgotten, behind
    /// which half of the series still waits for its gaps.
    mutating func rest(behind previous: PendingStep?, lastPause: LeadPause?, now: Instant) {
        guard plannedAt < now else { return }
        let own = lastPause?.share(from: plannedAt, to: now) ?? .zero
        rested = max(own, min(previous?.rested ?? .zero, now - plannedAt))
    }
}

extension Enrollment {
    /// The same enrollment after its last step was skipped: the next one bears its own share of that one's lateness.
    ///
    /// The interruption that made a step late has kept the next one waiting too, for as long as that was planned
    /// before now. Without this a long outage would drop every lead's awaited step, as late or for its condition, and
    /// send the following one at once, however old it is (G7).
    ///
    /// Worked example: planned for Monday and Wednesday 09:00, the daemon was down from Sunday to Thursday 09:00. Monday's
    /// step is three days late and dropped; Wednesday's bears one day: `late_max` and the catch-up rate know it as late.
    package func inheriting(from dropped: PendingStep, now: Instant) -> Enrollment {
        var enrollment = self
        guard let next = current, next.plannedAt < now else { return self }
        enrollment.current?.late = max(next.late, min(dropped.late, now - next.plannedAt))
        enrollment.current?.needsSlot = next.needsSlot || dropped.needsSlot
        return enrollment
    }
}

extension Step {
    /// The pause in which a step of that lead rests; nil for one that counts from a date, which does not wait for anybody.
    package func rest(of lead: Lead) -> LeadPause? { anchor.attribute == nil ? lead.pause : nil }
}

extension Reason {
    fileprivate enum Account { case deferred, late }

    /// What waiting for this reason burns; nil burns nothing.
    fileprivate var account: Account? {
        switch self {
        case .capped, .gap, .priority, .missingVariable: .deferred
        case .late, .paused, .campaignBroken, .transportPaused, .rateLimited, .retry, .unknownOutcome: .late
        case .quietHours, .outsideWindow, .holiday, .order, .missingDate, .awaiting: nil
        // These end a step and are never waited for.
        case .erased, .suppressed, .optedOut, .noAddress, .goalReached, .exitCondition, .stepDeleted, .conditionNotMet,
            .beforeEnrollment, .permanentFailure, .retriesExhausted, .heldOut, .repeatOver, .merged:
            nil
        }
    }
}
