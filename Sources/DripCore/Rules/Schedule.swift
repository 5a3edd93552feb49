/// When a step is planned, counted from its anchor.
///
/// The rule: `after: 72h` is exact elapsed time. `day: N` is a calendar day in the lead's zone, day 1 being the local date
/// of the anchor (`Anchor.swift`). With `at` it is that local time; a day that is closed by its weekday or a holiday moves
/// to the next one that is open, **at its `at`**. Without `at` it is the first moment of that day, or of the next open one,
/// at which it may go (`SendTimes.swift`). What would lie before the enrollment, or before the end of the previous step
/// where it counts from that (day 1, `at` already past), is that instant itself if it is open, else the next opening. A
/// step is never planned before the one in front of it. A spread moves the result (`Spread.swift`).
///
/// Counted from a date of the lead: while the date is missing or unreadable there is no plan. An instant before the
/// enrollment has no use: the step is skipped as `beforeEnrollment`. Only a day without `at` that is the enrollment's own
/// is not over yet, and goes when it is open next.
///
/// Edge cases: a local time that DST skips or doubles is resolved by `Zone.instant(of:)`. An `at` outside of the hours
/// keeps its plan, and the window gate holds it until it opens; so does a plan of `after`. Where the hours wrap
/// midnight, an `at` in their early part belongs to the day before (`mon-fri 22:00-06:00`, `at: "02:00"`: closed on a
/// Monday, open on a Saturday), and without `at` the first moment of a day may be its midnight.
///
/// Worked example: window `mon-fri 08:00-17:00`, enrolled on Friday 2026-11-20 at 18:30. Day 1 without `at`: Monday
/// 08:00. Day 1 at 09:00: past, and the window is closed: Monday 08:00. Day 2 (Saturday) at 09:00: Monday 09:00, or
/// Tuesday 09:00 where that Monday is a holiday. Day 4 at 10:00: Monday 10:00. `after: 72h`: Monday 18:30. With `anchor:
/// { attribute: trial_ends_on }` and the date 2026-12-01, day -3 at 09:00 is a Saturday: Monday 2026-11-30 at 09:00.
package func plan(
    _ step: Step, enrolledAt: Instant, previousEndedAt: Instant? = nil, by facts: PlanFacts
) -> Plan {
    let from: AnchorPoint
    switch step.anchor {
    case .enrollment: from = AnchorPoint(at: enrolledAt, in: facts.zone)
    case .previous: from = AnchorPoint(at: previousEndedAt ?? enrolledAt, in: facts.zone)
    case .attribute(let name):
        guard let point = AnchorPoint(facts.lead.attributes[name], in: facts.zone) else {
            return .missingDate(attribute: name)
        }
        from = point
    }
    // Hours and holidays are of messages.
    let facts = step.isTouch ? facts : facts.atAnyHour
    var planned = nominal(step.timing, from: from, by: facts)
    if step.anchor.attribute == nil {
        if planned < from.instant { planned = facts.times.nextOpening(atOrAfter: from.instant, in: facts.zone) }
    } else if planned < enrolledAt {
        guard case .day(_, nil) = step.timing,
            facts.zone.local(at: planned).date == facts.zone.local(at: enrolledAt).date
        else { return .beforeEnrollment(planned) }
        planned = facts.times.nextOpening(atOrAfter: enrolledAt, in: facts.zone)
    }
    return .at(min(spread(planned, of: step, by: facts), .distantFuture))
}

/// What the timing says by itself, whatever has passed.
private func nominal(_ timing: Step.Timing, from: AnchorPoint, by facts: PlanFacts) -> Instant {
    switch timing {
    case .after(let span): return from.instant + span
    case .day(let number, let at?):
        let date = facts.times.firstOpenDate(atOrAfter: from.date(ofDay: number), for: at)
        return facts.zone.instant(of: LocalDateTime(date: date, time: at))
    case .day(let number, nil):
        let midnight = LocalDateTime(date: from.date(ofDay: number), time: .midnight)
        return facts.times.nextOpening(atOrAfter: facts.zone.instant(of: midnight), in: facts.zone)
    }
}

/// What plans depend on beside the step and its enrollment.
package struct PlanFacts: Sendable {
    /// Its attributes hold the dates, its key is what a spread hashes.
    package var lead: Lead
    package var campaign: CampaignID
    package var times: SendTimes
    /// The lead's zone, resolved.
    package var zone: Zone

    package init(lead: Lead, campaign: CampaignID, times: SendTimes, zone: Zone) {
        self.lead = lead
        self.campaign = campaign
        self.times = times
        self.zone = zone
    }
}

extension PlanFacts {
    /// The same without hours and holidays.
    fileprivate var atAnyHour: PlanFacts {
        var facts = self
        facts.times = SendTimes(window: .always)
        return facts
    }
}

/// When the files mean a step to go, or why they mean it not to.
package enum Plan: Hashable, Sendable {
    case at(Instant)
    /// It would have gone at that instant, when the lead was not enrolled yet.
    case beforeEnrollment(Instant)
    /// That attribute of the lead is missing, or is no date.
    case missingDate(attribute: String)

    package var instant: Instant? {
        if case .at(let instant) = self { return instant }
        return nil
    }

    /// Why there is no instant at which it could go; nil where there is one.
    package var obstacle: Reason? {
        switch self {
        case .at: nil
        case .beforeEnrollment: .beforeEnrollment
        case .missingDate: .missingDate
        }
    }
}

/// Every step of a campaign with its plan, in file order: what `plan` prints and the daemon does.
///
/// A step that counts from the previous one's end counts from that one's plan. `known` are instants that are no
/// forecast any more: when a step went, or is waited for. What the choices made so far leave out is not in it.
package func calendar(
    of campaign: Campaign, enrolledAt: Instant, by facts: PlanFacts, known: [StepID: Instant] = [:],
    choices: [StepID: String] = [:], finished: [StepID] = []
) -> [(step: Step, plan: Plan)] {
    var earliest = enrolledAt
    return campaign.steps.filter { !$0.isLeftOut(by: choices, finished: finished) }.map { step in
        if let instant = known[step.id] {
            earliest = max(earliest, instant)
            return (step, .at(instant))
        }
        let own = plan(step, enrolledAt: enrolledAt, previousEndedAt: earliest, by: facts)
        guard let instant = own.instant else { return (step, own) }
        earliest = max(earliest, instant)
        return (step, .at(earliest))
    }
}

/// The first step behind the last finished one, in file order, to which the arms that were taken lead; nil when there is
/// none left.
///
/// Finished ids that the file no longer has are ignored; a step inserted in front of a finished one is gone through only where
/// it says `backfill: true`, and then goes before those behind it.
package func nextStep(in campaign: Campaign, finished: [StepID], choices: [StepID: String] = [:]) -> Step? {
    let last = campaign.steps.lastIndex { finished.contains($0.id) }
    let next = last.map { $0 + 1 } ?? 0
    let missed = campaign.steps[..<next].first {
        $0.isBackfilled && !finished.contains($0.id) && $0.isReached(by: choices)
    }
    return missed ?? campaign.steps[next...].first { $0.isReached(by: choices) }
}
