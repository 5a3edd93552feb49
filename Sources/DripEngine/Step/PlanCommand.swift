package import DripCore
import DripStore

extension Engine {
    /// The calendar of a lead in a campaign: of its enrollment, or of the one that it would have if it enrolled now.
    func plan(_ key: String, _ campaign: CampaignID, now: Instant) throws -> PlanAnswer {
        let entry = try runnable(campaign)
        return try ask { reader in
            let lead = try find(key, in: reader)
            let facts = planFacts(of: lead, in: entry.campaign)
            let stored = try reader.enrollments(of: lead.id).last { $0.campaign == campaign }
            var claim = entry.trial(of: lead, at: now, by: facts)
            let said = try doNotSend(lead, in: reader)
            (claim.suppression, claim.optOuts) = (said.suppression, said.optOuts)
            claim.ledger = try lead.address.map { try reader.ledger(of: $0) } ?? ChargeLedger()
            if let stored {
                claim.enrollment = stored
                let open = try reader.deliveries(of: stored.id)
                claim.delivery = open.first { $0.step == stored.current?.step && $0.state == .reserved }
            }
            return entry.answer(
                for: claim, isEnrolled: stored != nil, by: facts, now: now,
                forecast: Forecast(
                    situate: { claim, step, now in
                        self.situation(
                            of: claim, step: step, entry: entry, compiled: entry.compiled(step, for: lead), by: facts,
                            lanes: self.lanes, release: self.release, now: now)
                    }, campaign: entry.campaign, facts: facts))
        }
    }
}

extension Programme {
    /// The calendar of an invented lead that enrols at an instant: for files that nothing runs yet.
    package func plan(_ entry: Entry, of lead: Lead, enrolledAt: Instant) -> PlanAnswer {
        let facts = planFacts(of: lead, in: entry.campaign)
        let forecast = Forecast(
            situate: { claim, step, now in
                self.situation(
                    of: claim, step: step, entry: entry, compiled: entry.compiled(step, for: lead), by: facts, now: now)
            }, campaign: entry.campaign, facts: facts)
        return entry.answer(
            for: entry.trial(of: lead, at: enrolledAt, by: facts), isEnrolled: false, by: facts, now: enrolledAt,
            forecast: forecast)
    }
}

extension Programme.Entry {
    /// What would be claimed first if the lead enrolled at that instant.
    fileprivate func trial(of lead: Lead, at instant: Instant, by facts: PlanFacts) -> Claim {
        let first = Enrollment.firstStep(of: campaign, enrolledAt: instant, by: facts)
        let enrollment = Enrollment(
            id: EnrollmentID(rawValue: 0), lead: lead.id, campaign: campaign.id, enrolledAt: instant,
            status: first == nil ? .completed : .active, current: first)
        let none = StepID(rawValue: "")
        return Claim(
            enrollment: enrollment,
            pending: first ?? PendingStep(step: none, channel: .email, plannedAt: instant, dueAt: instant), lead: lead,
            suppression: nil, ledger: ChargeLedger(), delivery: nil)
    }

    fileprivate func answer(
        for claim: Claim, isEnrolled: Bool, by facts: PlanFacts, now: Instant, forecast: Forecast
    ) -> PlanAnswer {
        let enrollment = claim.enrollment
        var previousEndedAt = enrollment.lastEndedAt
        let steps = forecast.steps(from: claim, now: now).map { foretold in
            let view = stepPlan(
                foretold, enrolledAt: enrollment.enrolledAt, previousEndedAt: previousEndedAt, by: facts)
            previousEndedAt = view.at ?? previousEndedAt
            return view
        }
        return PlanAnswer(
            lead: claim.lead.key, campaign: campaign.id, zone: facts.zone.name, enrolledAt: enrollment.enrolledAt,
            enrolledLocal: facts.zone.wallClock(at: enrollment.enrolledAt), isEnrolled: isEnrolled,
            ended: enrollment.status == .active ? nil : enrollment.status.name, finished: enrollment.finished,
            steps: steps)
    }

    private func stepPlan(
        _ foretold: ForecastStep, enrolledAt: Instant, previousEndedAt: Instant?, by facts: PlanFacts
    ) -> PlanAnswer.StepPlan {
        let (outlook, at, reason): (PlanAnswer.StepPlan.Outlook, Instant?, Reason?) =
            switch foretold.end {
            case .goes(let instant): (.goes, instant, nil)
            case .skipped(let instant, let reason): (.skipped, instant, reason)
            case .exits(let instant, let reason): (.exits, instant, reason)
            case .waits(let reason): (.waits, nil, reason)
            }
        var because: [String] = []
        if let step = campaign.step(foretold.step) {
            because.append(
                foretold.plannedAt.map {
                    planDetail(
                        step, plannedAt: $0, enrolledAt: enrolledAt, previousEndedAt: previousEndedAt, by: facts)
                } ?? step.timingText)
        }
        because += foretold.waits.map {
            "put off until \(facts.zone.wallClock(at: $0.until)) (\($0.reason.rawValue): \($0.detail))"
        }
        if !foretold.detail.isEmpty { because.append(foretold.detail) }
        return PlanAnswer.StepPlan(
            step: foretold.step, outlook: outlook, plannedAt: foretold.plannedAt,
            plannedLocal: foretold.plannedAt.map { facts.zone.wallClock(at: $0) }, at: at,
            local: at.map { facts.zone.wallClock(at: $0) }, reason: reason, because: because)
    }
}
