package import DripCore
import DripStore

extension Engine {
    /// The calendar of a lead in a campaign: of its enrollment, or of the one that it would have if it enrolled now.
    func plan(_ key: String, _ campaign: CampaignID, now: Instant) throws -> PlanAnswer {
        let latest = try runnable(campaign)
        return try ask { reader in
            let lead = try find(key, in: reader)
            let stored = try reader.enrollments(of: lead.id).last { $0.campaign == campaign }
            let entry = try stored.map(runnable) ?? latest
            let facts = planFacts(of: lead, in: entry.campaign)
            let trial = entry.trial(of: lead, at: now, by: facts).enrollment
            let claim = try foreseen(stored ?? trial, of: lead, in: reader)
            var answer = entry.answer(
                for: claim, of: lead.key, isEnrolled: stored != nil, by: facts, now: now,
                forecast: forecast(of: lead, in: entry, by: facts))
            answer.version = stored.flatMap(earlierVersion)
            return answer
        }
    }

    /// An enrollment as a forecast begins with it: with what its mailbox said and got, and no other campaign's steps.
    func foreseen(_ enrollment: Enrollment, of lead: Lead, in reader: any StoreReader) throws -> Claim {
        var enrollment = enrollment
        if enrollment.current != nil, let id = flightOfEnrollment[enrollment.id], let flight = flights[id] {
            enrollment.current = flight.pending
        }
        let step = enrollment.current?.step
        let said = try doNotSend(lead, in: reader)
        return Claim(
            enrollment: enrollment, pending: enrollment.current ?? .none(at: enrollment.enrolledAt), lead: lead,
            suppression: said.suppression, optOuts: said.optOuts,
            ledger: try lead.address.map { try reader.ledger(of: $0) } ?? ChargeLedger(),
            delivery: try reader.deliveries(of: enrollment.id).first {
                $0.state == .sending || ($0.state == .reserved && $0.step == step)
            })
    }

    /// What `plan` and `explain` foretell of a lead in a campaign.
    func forecast(of lead: Lead, in entry: Programme.Entry, by facts: PlanFacts) -> Forecast {
        Forecast(
            situate: { claim, step, now in
                self.situation(
                    of: claim, step: step, entry: entry, compiled: entry.compiled(step, for: lead), by: facts,
                    lanes: self.lanes, outlets: self.outlets, release: self.release, now: now
                ).0
            }, campaign: entry.campaign, facts: facts)
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
            for: entry.trial(of: lead, at: enrolledAt, by: facts), of: nil, isEnrolled: false, by: facts,
            now: enrolledAt,
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
        return Claim(
            enrollment: enrollment, pending: first ?? .none(at: instant), lead: lead, suppression: nil,
            ledger: ChargeLedger(), delivery: nil)
    }

    fileprivate func answer(
        for claim: Claim, of key: String?, isEnrolled: Bool, by facts: PlanFacts, now: Instant, forecast: Forecast
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
            lead: key, campaign: campaign.id, zone: facts.zone.name, enrolledAt: enrollment.enrolledAt,
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
            case .does(let instant): (.does, instant, nil)
            case .underWay(let instant): (.underWay, instant, nil)
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

extension PendingStep {
    /// What stands for the step of an enrollment that has none left.
    fileprivate static func none(at instant: Instant) -> PendingStep {
        PendingStep(step: StepID(rawValue: ""), route: .email, plannedAt: instant, dueAt: instant)
    }
}
