/// The gates that a due step passes, in this order; the raw values appear in `explain`.
///
/// The rule: each gate looks at the facts alone and says what it would decide, or nothing. What each is for stands at
/// its case. Waits for a gap or a cap end at the exact first instant that satisfies gap, caps and window together: the
/// bounds of gap and caps are fixed while nothing else is sent, so it is the first opening at or after the latest of
/// them. Waiting for quiet hours, the window or a holiday ends at the first instant that all three allow, whatever the
/// caps will say then: a closed window burns nothing, a cap does.
///
/// Edge cases: a missing variable and a broken campaign are looked at again every hour, in case nobody wakes them. A step
/// that is decided before its planned instant (a woken one, a clock that stepped back, a plan that was moved) waits for it
/// under `order`; one whose date is not known is looked at again every day, and at once when its lead is imported. A gap whose
/// end is known never waits for a cap whose end is not. A transactional step passes the gates that hold marketing only,
/// and the gap.
package enum Gate: String, CaseIterable, Sendable, Codable {
    /// No means no: suppressed or erased leads, and no e-mail without an address.
    case suppression
    /// What the campaign was for has happened.
    case goal
    /// What ends the campaign for this lead has happened.
    case exitCondition
    /// A person, or a campaign file that broke before its first good version, holds it.
    case paused
    /// The step's `if`.
    case condition
    /// The lead is of the campaign's control share.
    case holdout
    /// What ends the repetition that the step stands in.
    case repetition
    /// What the step waits for.
    case awaited
    /// The message needs what the lead does not have.
    case variables
    /// An outage, a pause or retries took longer than the step makes sense.
    case late
    /// Its own planned instant, and the gap after the last step sent.
    case order
    /// Hours in which nobody may send, in the lead's zone.
    case quietHours
    /// The campaign's send window in the lead's zone.
    case window
    /// The days of its calendars, in the lead's zone.
    case holiday
    /// How many messages the lead may get.
    case caps
    /// A campaign of higher priority that would be capped by this step.
    case priority
    /// The way out is closed for a while.
    case transport
    /// What an interruption made late goes at the catch-up rate.
    case rate

    /// Made once; the order of the cases is the order of the gates.
    static let inOrder = allCases

    /// Those that are asked while the step's time has not come.
    static let beforeItsTime: [Gate] = [.suppression, .goal, .exitCondition, .repetition, .order]

    static func asked(of situation: Situation, now: Instant) -> [Gate] {
        situation.isEarly(at: now) ? beforeItsTime : inOrder
    }

    private static let recheck = TimeSpan.hours(1)
    private static let dateRecheck = TimeSpan.days(1)

    /// Whether a transactional step passes it, whatever it would say.
    var holdsMarketingOnly: Bool {
        switch self {
        case .quietHours, .window, .holiday, .caps, .priority: true
        case .suppression, .goal, .exitCondition, .paused, .condition, .holdout, .repetition, .awaited, .variables,
            .late,
            .order, .transport, .rate:
            false
        }
    }

    /// What this gate decides; nil lets the step pass.
    func verdict(_ s: Situation, now: Instant) -> Decision? {
        if s.passes(self) { return nil }
        switch self {
        case .suppression:
            let verdict =
                s.doNotSend.verdict(for: s.step, in: s.campaign)
                ?? (s.step.missingAddress(of: s.lead) == nil ? nil : .skip(.noAddress))
            // Who has reached the goal may be led on to a step that nothing of it stops, such as a note to a colleague.
            if case .skip? = verdict, s.ended != nil { return nil }
            return verdict
        case .goal:
            return s.ended == .goalReached ? .exit(.goalReached) : nil
        case .exitCondition:
            return s.ended == .exitCondition ? .exit(.exitCondition) : nil
        case .paused:
            // The lead's own first: while it rests, nothing else makes it late.
            if let pause = s.leadPause(at: now) { return .defer(until: pause.end, .paused) }
            return s.holdReason.map { .defer(until: now + Gate.recheck, $0) }
        case .condition:
            guard let condition = s.step.condition, !condition.holds(for: s.conditionFacts(at: now)) else {
                return nil
            }
            return .skip(.conditionNotMet)
        case .holdout:
            return s.step.hasEffect && s.campaign.holdsOut(s.lead) ? .skip(.heldOut) : nil
        case .repetition:
            return s.finishedRepetition(now: now) == nil ? nil : .skip(.repeatOver)
        case .awaited:
            return s.awaited(now: now).map { .defer(until: $0, .awaiting) }
        case .variables:
            guard !s.missingVariables.isEmpty else { return nil }
            let last = DeferLimit(s).lastInstant(now: now)
            return now < last
                ? .defer(until: min(now + Gate.recheck, last), .missingVariable) : .skip(.missingVariable)
        case .late:
            return s.step.whenLate == .skip && s.pending.late > s.lateMax ? .skip(.late) : nil
        case .order:
            if s.planObstacle == .missingDate { return .defer(until: now + Gate.dateRecheck, .missingDate) }
            if let obstacle = s.planObstacle { return .skip(obstacle) }
            guard now >= s.pending.plannedAt else { return .defer(until: s.pending.plannedAt, .order) }
            guard let gapEnd = s.gapEnd, now < gapEnd else { return nil }
            // Named for whichever holds it longer, because the end of a capped wait may come sooner than planned.
            let isCapped = s.capsPermit(atOrAfter: now).map { $0 > gapEnd } ?? false
            return s.waiting(for: isCapped ? .capped : .gap, now: now)
        case .quietHours:
            guard s.policy.quietHours?.isQuiet(at: now, in: s.zone) ?? false else { return nil }
            return .defer(until: s.opening(atOrAfter: now), .quietHours)
        case .window:
            guard !s.campaign.window.isOpen(at: now, in: s.zone) else { return nil }
            return .defer(until: s.opening(atOrAfter: now), .outsideWindow)
        case .holiday:
            guard s.isHoliday(at: now) else { return nil }
            return .defer(until: s.opening(atOrAfter: now), .holiday)
        case .caps:
            if let permitted = s.capsPermit(atOrAfter: now), permitted <= now { return nil }
            return s.waiting(for: .capped, now: now)
        case .priority:
            return s.givesWay(now: now).map { .defer(until: $0.until, .priority) }
        case .transport:
            guard let until = s.transportPausedUntil, now < until else { return nil }
            return .defer(until: until, .transportPaused)
        case .rate:
            guard let slot = s.slotAt, now < slot else { return nil }
            let opening = s.step.isTransactional ? slot : s.opening(atOrAfter: slot)
            guard opening == slot else { return .defer(until: opening, s.closedReason(at: slot)) }
            // Dropped at once rather than after a wait that would only make it too late.
            let isInVain = s.step.whenLate == .skip && s.pending.late + (slot - now) > s.lateMax
            return isInVain ? .skip(.late) : .defer(until: slot, .rateLimited)
        }
    }
}

extension Situation {
    /// Whether a gate has nothing to say of such a step: hours, caps and competition hold marketing only, and a step that
    /// sends nothing is never too much, too late or in anybody's way.
    func passes(_ gate: Gate) -> Bool {
        if step.isTransactional, gate.holdsMarketingOnly { return true }
        guard !step.isTouch else { return false }
        switch gate {
        case .suppression, .goal, .exitCondition, .paused, .condition, .holdout, .repetition, .awaited, .order:
            return false
        case .variables, .late, .quietHours, .window, .holiday, .caps, .priority, .transport, .rate: return true
        }
    }

    var lateMax: TimeSpan { step.lateMax ?? policy.lateMax }

    /// Whether the step's time has not come yet.
    func isEarly(at now: Instant) -> Bool { planObstacle != nil || now < pending.plannedAt }

    /// The first instant that quiet hours, window and holidays allow.
    func opening(atOrAfter instant: Instant) -> Instant {
        campaign.times(under: policy).nextOpening(atOrAfter: instant, in: zone)
    }

    /// Which of quiet hours, window and holidays closes at an instant.
    fileprivate func closedReason(at instant: Instant) -> Reason {
        if let quiet = policy.quietHours, quiet.isQuiet(at: instant, in: zone) { return .quietHours }
        return campaign.window.isOpen(at: instant, in: zone) ? .holiday : .outsideWindow
    }

    /// Whether the day on which its window opens for that moment is a holiday.
    func isHoliday(at now: Instant) -> Bool {
        guard !campaign.holidays.isEmpty else { return false }
        let local = zone.local(at: now)
        return campaign.holidays.contains(campaign.window.openingDay(of: local.date, at: local.time))
    }

    /// Why nothing of this enrollment may go for now.
    var holdReason: Reason? { pausedReason ?? (enrollment.status == .paused ? .paused : nil) }

    /// The lead's own pause, where it holds.
    package func leadPause(at now: Instant) -> LeadPause? { lead.pause.flatMap { $0.holds(at: now) ? $0 : nil } }

    var doNotSend: DoNotSend { DoNotSend(suppression: suppression, optOuts: optOuts) }

    /// The end of the gap after the last step sent; nil for an attempt that follows another of the same step, and for
    /// a transactional step.
    var gapEnd: Instant? {
        guard delivery == nil, !step.isTransactional, step.isTouch else { return nil }
        return earliestAfterGap(
            lastSent: enrollment.lastSent, plannedAt: pending.plannedAt, isOvertaken: isOvertaken, anchor: step.anchor,
            minGap: policy.minGap)
    }

    /// The first instant at which every matching cap permits; nil where nobody can tell.
    func capsPermit(atOrAfter now: Instant) -> Instant? {
        if policy.caps.isEmpty, campaign.caps.isEmpty { return now }
        let touch = campaign.touch(of: step)
        func earliest(_ caps: [FrequencyCap]) -> Instant? {
            caps.earliest(atOrAfter: now, for: touch, ledger: ledger, in: zone, ignoring: delivery?.id)
        }
        guard let ofAll = earliest(policy.caps), let own = earliest(campaign.caps) else { return nil }
        return max(ofAll, own)
    }

    /// The end of a wait for a gap or for caps, both of which it must satisfy; nil where nobody can tell, and for any
    /// other reason.
    private func permittedAt(for reason: Reason, now: Instant) -> Instant? {
        switch reason {
        case .gap: gapEnd.map { max($0, capsPermit(atOrAfter: now) ?? now) }
        case .capped: capsPermit(atOrAfter: now).map { max($0, gapEnd ?? now) }
        default: nil
        }
    }

    /// Puts it off to the first opening after a gap and caps permit, or skips it where that is too late.
    fileprivate func waiting(for reason: Reason, now: Instant) -> Decision {
        let limit = DeferLimit(self)
        guard let permittedAt = permittedAt(for: reason, now: now) else {
            let last = limit.lastInstant(now: now)
            return now < last ? .defer(until: last, reason) : .skip(reason)
        }
        let until = opening(atOrAfter: permittedAt)
        let allowed = limit.allows(permittedAt: permittedAt, until: until, now: now)
        return allowed ? .defer(until: until, reason) : .skip(reason)
    }

    /// The pending step after `decide` said `defer(until, reason)`: due then, its waits booked.
    ///
    /// Of a wait for a cap or gap only the part until these permit is booked, not the closed window after it; of a lead's
    /// rest nothing.
    package func deferring(until: Instant, reason: Reason, now: Instant) -> PendingStep {
        let isRest = reason == .paused && leadPause(at: now) != nil
        let burning = isRest && step.rest(of: lead) != nil ? .zero : permittedAt(for: reason, now: now).map { $0 - now }
        var put = pending.deferring(until: until, reason: reason, now: now, burning: burning)
        if isRest, step.rest(of: lead) != nil {
            put.rested = pending.rested + (until - now)
        } else if isRest, until - now > policy.catchUp.after {
            // Late it is, and one of many that may have rested until that instant.
            put.needsSlot = true
        }
        return put
    }
}
