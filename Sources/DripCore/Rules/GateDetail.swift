/// What a gate says to people: built only for `explain`, never while deciding.
///
/// Local times are in the lead's zone, which is named: `Mon 2026-11-23 08:00 (Asia/Jakarta)`.
extension Gate {
    /// The verdict with its reasons in plain words.
    package func judge(_ situation: Situation, now: Instant) -> GateReport {
        GateReport(gate: self, verdict: verdict(situation, now: now), detail: detail(situation, now: now))
    }

    private func detail(_ s: Situation, now: Instant) -> String {
        if s.step.isTransactional, holdsMarketingOnly { return "a transactional step passes" }
        if s.passes(self) { return "a step that sends nothing passes" }
        return switch self {
        case .suppression: s.suppressionDetail
        case .goal:
            switch (s.campaign.goal, s.ended) {
            case (let goal, .goalReached): "the goal was reached" + (goal.map { ": \($0)" } ?? "")
            case (_?, _) where s.enrollment.choices[Campaign.goalChoice] != nil: "the goal was reached before"
            case (let goal?, _): "the goal \(goal) has not been reached"
            case (nil, _): "the campaign has no goal"
            }
        case .exitCondition:
            if s.ended == .exitCondition {
                "what ends this campaign holds" + (s.campaign.exitIf.map { ": \($0)" } ?? "")
            } else if s.campaign.exitOn.isEmpty {
                s.campaign.exitIf.map { "it would end if: \($0)" } ?? "nothing ends this campaign early"
            } else {
                "none of these has come: " + s.campaign.exitOn.map(\.rawValue).joined(separator: ", ")
            }
        case .paused: s.pauseDetail(now: now)
        case .condition:
            if let condition = s.step.condition {
                condition.holds(for: s.conditionFacts(at: now))
                    ? "the condition holds: \(condition)"
                    : "the condition does not hold: "
                        + condition.obstacles(for: s.conditionFacts(at: now)).joined(separator: "; ")
            } else {
                "the step has no condition"
            }
        case .holdout:
            if s.campaign.holdout == 0 {
                "the campaign holds nobody out"
            } else {
                s.campaign.holdsOut(s.lead)
                    ? "the lead is of the control share" : "the lead is not of the control share"
            }
        case .repetition:
            if s.step.repetitions.isEmpty {
                "the step is not repeated"
            } else if let over = s.step.repetitions.first(where: { $0.until.holds(for: s.conditionFacts(at: now)) }) {
                "the repetition \(over.of) is over: \(over.until)"
            } else {
                "it goes on until: " + s.step.repetitions.map { "\($0.until)" }.joined(separator: "; ")
            }
        case .awaited: s.awaitedDetail(now: now)
        case .variables:
            s.missingVariables.isEmpty
                ? "the lead has all that the message needs"
                : "the message needs what the lead does not have: " + s.missingVariables.joined(separator: ", ")
        case .late: s.lateDetail
        case .order: s.orderDetail(now: now)
        case .quietHours: s.quietDetail(now: now)
        case .window: s.windowDetail(now: now)
        case .holiday: s.holidayDetail(now: now)
        case .caps: s.capsDetail(now: now)
        case .priority: s.priorityDetail(now: now)
        case .transport:
            if s.transportPausedUntil == .distantFuture {
                s.transportHold.map { s.holdDetail($0) }
                    ?? "someone paused the \(s.step.channel.name) transport, until it is resumed"
            } else if let until = s.transportPausedUntil, now < until {
                "the \(s.step.channel.name) transport is paused; next try \(s.localText(until))"
            } else {
                "the \(s.step.channel.name) transport is open"
            }
        case .rate: s.rateDetail(now: now)
        }
    }
}

extension Situation {
    /// `Mon 2026-11-23 08:00 (Asia/Jakarta)`, with seconds and milliseconds where there are any.
    fileprivate func localText(_ instant: Instant) -> String { "\(wallText(instant)) (\(zone.name))" }

    fileprivate func wallText(_ instant: Instant) -> String {
        let local = zone.local(at: instant)
        let day = local.date.weekday.rawValue
        let milliseconds = Int(instant.milliseconds - instant.seconds * 1_000)
        let time =
            milliseconds == 0 ? "\(local.time)" : "\(local.time.withSeconds).\(padded(milliseconds, to: 3))"
        return "\(day.prefix(1).uppercased())\(day.dropFirst()) \(local.date) \(time)"
    }

    fileprivate func awaitedDetail(now: Instant) -> String {
        guard case .inner(.waitFor(let condition, _)) = step.action else { return "the step waits for nothing" }
        if let end = awaited(now: now) { return "it waits until \(localText(end)) for: \(condition)" }
        return condition.holds(for: conditionFacts(at: now))
            ? "what it waits for holds: \(condition)" : "its time is over, and this does not hold: \(condition)"
    }

    fileprivate var suppressionDetail: String {
        func said(_ what: String, _ since: Instant, _ note: String) -> String {
            "\(what) on \(localText(since))" + (note.isEmpty ? "" : " (\(note))")
        }
        let passes = step.isTransactional ? ", which does not stop a transactional step" : ""
        if let suppression {
            let stops = suppression.cause.sparesTransactional ? passes : ""
            return said(suppression.cause.rawValue, suppression.since, suppression.note) + stops
        }
        if let optOut = optOuts.first(where: { [step.topic, campaign.topic].contains($0.topic) }) {
            return said("opted out of the topic \(optOut.topic)", optOut.since, optOut.note) + passes
        }
        if let missing = step.missingAddress(of: lead) { return "the lead has no \(missing)" }
        return "no suppression"
    }

    fileprivate func pauseDetail(now: Instant) -> String {
        if let pause = leadPause(at: now) {
            let end = pause.until.map { "until \(localText($0))" } ?? "until it is resumed"
            return "the lead is paused since \(localText(pause.since)), \(end)\(said(pause.note))"
        }
        switch holdReason {
        case .campaignBroken?: return "the campaign's file is broken, and no good version of it is known"
        case .some: return hold.map { holdDetail($0) } ?? "nothing goes out until someone confirms or resumes it"
        case nil: return "nothing is paused"
        }
    }

    fileprivate func holdDetail(_ hold: Hold) -> String {
        "\(hold.target) is paused since \(localText(hold.since)), until it is resumed\(said(hold.note))"
    }

    private func said(_ note: String) -> String { note.isEmpty ? "" : ": \(note)" }

    fileprivate func rateDetail(now: Instant) -> String {
        guard let slotAt else { return "not made late by an interruption" }
        if isSlotOfDomain { return "the rate of the recipient's domain; the next free slot is \(localText(slotAt))" }
        let rate = "late work goes at \(policy.catchUp)"
        return now < slotAt ? "\(rate); the next free slot is \(localText(slotAt))" : "\(rate), and a slot is free"
    }

    fileprivate var lateDetail: String {
        let limit = step.whenLate == .send ? "it is sent however late" : "it is dropped after more than \(lateMax)"
        return pending.late == .zero ? "not late; \(limit)" : "late by \(pending.late.roughly); \(limit)"
    }

    fileprivate func orderDetail(now: Instant) -> String {
        if planObstacle == .missingDate {
            let name = step.anchor.attribute ?? ""
            return lead.attributes[name].map { "the lead's \(name) is no date: \($0.text)" }
                ?? "the lead has no \(name), and the step counts from it"
        }
        if planObstacle != nil { return "it would have gone before the lead was enrolled" }
        if now < pending.plannedAt { return "planned for \(localText(pending.plannedAt))" }
        if delivery != nil { return "attempted before; its gap was kept then" }
        guard let lastSent = enrollment.lastSent, let gapEnd else { return "nothing was sent before it" }
        // The verdict is named for the caps then, and so is its reason.
        if now < gapEnd, let permitted = capsPermit(atOrAfter: now), permitted > gapEnd { return capsDetail(now: now) }
        let last = "the last step was sent \(localText(lastSent.sentAt))"
        return now < gapEnd
            ? "\(last); the gap of \(gapEnd - lastSent.sentAt) ends \(localText(gapEnd))"
            : "\(last); the gap of \(gapEnd - lastSent.sentAt) is over"
    }

    fileprivate func quietDetail(now: Instant) -> String {
        guard let quiet = policy.quietHours else { return "no quiet hours" }
        guard quiet.isQuiet(at: now, in: zone) else {
            return "outside of the quiet hours \(quiet), at \(localText(now))"
        }
        return "quiet hours \(quiet) in \(zone.name), at \(wallText(now)); \(openingDetail(now))"
    }

    fileprivate func windowDetail(now: Instant) -> String {
        if campaign.window.isOpen(at: now, in: zone) {
            return "window \(campaign.window) is open, at \(localText(now))"
        }
        return "window \(campaign.window) is closed in \(zone.name), at \(wallText(now)); \(openingDetail(now))"
    }

    fileprivate func holidayDetail(now: Instant) -> String {
        if campaign.holidays.isEmpty { return "the campaign keeps no holidays" }
        let local = zone.local(at: now)
        let day = campaign.window.openingDay(of: local.date, at: local.time)
        guard campaign.holidays.contains(day) else { return "\(day) is no holiday" }
        let name = campaign.holidays.name(of: day).map { " (\($0))" } ?? ""
        return "\(day) is a holiday\(name) in \(zone.name); \(openingDetail(now))"
    }

    private func openingDetail(_ now: Instant) -> String {
        let opening = opening(atOrAfter: now)
        return opening == .distantFuture ? "it never opens" : "opens \(wallText(opening))"
    }

    fileprivate func capsDetail(now: Instant) -> String {
        let touch = campaign.touch(of: step)
        let caps = (policy.caps + campaign.caps).filter { $0.matches(touch) }
        if caps.isEmpty { return "no frequency cap" }
        let own = delivery.map { ledger.holds($0.id) ? " beside its own place" : "" } ?? ""
        // Where one is full, the others are of no interest: what is full says when there is room again.
        let full = caps.filter { cap in
            cap.earliest(atOrAfter: now, for: touch, ledger: ledger, in: zone, ignoring: delivery?.id) != now
        }
        return (full.isEmpty ? caps : full).map { cap in
            let settled = ledger.settled.count { cap.counts($0, against: touch) && cap.end(of: $0, in: zone) > now }
            let open = ledger.open.count { $0.delivery != delivery?.id && cap.counts($0.charge, against: touch) }
            let counted = "\(cap): \(settled + open) counted\(own)"
            guard
                let earliest = cap.earliest(
                    atOrAfter: now, for: touch, ledger: ledger, in: zone, ignoring: delivery?.id)
            else { return "\(counted), full until a message that is under way ends" }
            return earliest <= now ? "\(counted), one more may go" : "\(counted), full until \(localText(earliest))"
        }.joined(separator: "; ")
    }

    fileprivate func priorityDetail(now: Instant) -> String {
        if rivals.isEmpty { return "no other campaign waits to write to this mailbox" }
        guard let rival = givesWay(now: now)?.rival else {
            return "no step of a campaign above priority \(campaign.priority) within \(policy.lookAhead) "
                + "would be capped by it"
        }
        let planned = now < rival.plannedAt ? "planned for \(localText(rival.plannedAt))" : "due now"
        return "it gives way to \(rival.step.id) of \(rival.campaign.id) (priority \(rival.campaign.priority), this is "
            + "\(campaign.priority)), \(planned), which it would cap"
    }
}
