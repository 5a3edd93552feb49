import DripCore
import DripStore

extension Engine {
    /// The planned instant of a step that has ended, as its entry names it; a deferral's is the end of that wait.
    private static func plannedAt(in entry: JournalEntry) -> Instant? {
        switch entry.kind {
        case .accepted, .skipped, .failed, .inDoubt: entry.plannedAt.flatMap { $0 < .distantFuture ? $0 : nil }
        default: nil
        }
    }

    /// What happened and what is next, step by step, with every gate as it would speak now.
    func explain(_ key: String, _ campaign: CampaignID?, now: Instant) throws -> Explanation {
        try ask { reader in
            let lead = try find(key, in: reader)
            let said = try doNotSend(lead, in: reader)
            let all = try reader.enrollments(of: lead.id)
            let wanted = all.filter { campaign == nil || $0.campaign == campaign }
            if let campaign, wanted.isEmpty {
                let entry = try runnable(campaign)
                let why = whyNeverEnrolled(lead, in: entry.campaign, said, now: now)
                throw ControlError(.notFound, "\(lead.key) was never enrolled in \"\(campaign)\": \(why)")
            }
            let history = try reader.timeline(of: lead.id, limit: 2_000)
            return Explanation(
                lead: lead.key, now: now, suppression: said.suppression, optOuts: said.optOuts,
                pause: lead.pause.flatMap { $0.holds(at: now) ? $0 : nil },
                enrollments: try wanted.map { enrollment in
                    try explain(
                        enrollment, of: lead, said, history.filter { $0.enrollment == enrollment.id }, now: now,
                        in: reader)
                })
        }
    }

    private func explain(
        _ enrollment: Enrollment, of lead: Lead, _ said: DoNotSend, _ history: [JournalEntry], now: Instant,
        in reader: any StoreReader
    ) throws -> Explanation.EnrollmentView {
        guard let entry = programme.entry(of: enrollment) else {
            return explainBroken(enrollment, history)
        }
        let facts = planFacts(of: lead, in: entry.campaign)
        let zone = facts.zone
        let known = Dictionary(
            history.compactMap { entry in entry.step.flatMap { step in Engine.plannedAt(in: entry).map { (step, $0) } }
            },
            uniquingKeysWith: { newest, _ in newest })
        let foretold = try foretoldSteps(of: enrollment, lead, entry, facts, now: now, in: reader)
        let waiting = enrollment.current.map { $0.isUnplanned ? [:] : [$0.step: $0.plannedAt] } ?? [:]
        let plan = calendar(
            of: entry.campaign, enrolledAt: enrollment.enrolledAt, by: facts,
            known: known.merging(waiting) { _, current in current }
                .merging(foretold.compactMapValues(\.plannedAt)) { known, _ in known }, choices: enrollment.choices,
            finished: enrollment.finished)
        let open = try reader.deliveries(of: enrollment.id)
        let situation = try situation(enrollment, of: lead, said, entry, open, facts, now: now, in: reader)
        let steps = plan.map { item in
            var view = stepView(
                item.step.id, plannedAt: item.plan.instant, enrollment, open.first { $0.step == item.step.id },
                history.filter { $0.step == item.step.id }, zone)
            if view.state == "planned" {
                return view.foretold(foretold[item.step.id], item.step, zone)
                    .inArm(item.step, of: enrollment, isForetold: foretold[item.step.id] != nil)
            }
            if view.state == "notReached", enrollment.finished.contains(view.step), let journalIsKept,
                enrollment.enrolledAt < now - journalIsKept
            {
                view.state = "ended"
                view.detail = "how it ended is not kept any more"
            }
            guard view.state == "waiting" || view.state == "retrying", let situation else { return view }
            return view.held(by: situation, now: now).expecting(foretold[item.step.id], zone)
        }
        let forecast = forecast(of: lead, in: entry, by: facts)
        let outlook = try outlook(enrollment, of: situation, history, zone, now: now) { until, reason in
            var claim = try foreseen(enrollment, of: lead, in: reader)
            claim.enrollment.current = situation?.deferring(until: until, reason: reason, now: now)
            return forecast.steps(from: claim, now: now).first
        }
        return Explanation.EnrollmentView(
            campaign: enrollment.campaign, status: enrollment.status.name, enrolledAt: enrollment.enrolledAt,
            zone: zone.name, outlook: outlook, steps: steps, gatesNow: situation.map { gates(of: $0, now: now) } ?? [],
            version: earlierVersion(of: enrollment))
    }

    /// What `plan` says of the steps of an enrollment that are still to come.
    private func foretoldSteps(
        of enrollment: Enrollment, _ lead: Lead, _ entry: Programme.Entry, _ facts: PlanFacts, now: Instant,
        in reader: any StoreReader
    ) throws -> [StepID: ForecastStep] {
        let steps = forecast(of: lead, in: entry, by: facts)
            .steps(from: try foreseen(enrollment, of: lead, in: reader), now: now)
        return Dictionary(steps.map { ($0.step, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What is known of an enrollment whose campaign has no version that can run: its past, and why it waits.
    private func explainBroken(_ enrollment: Enrollment, _ history: [JournalEntry]) -> Explanation.EnrollmentView {
        let zone = programme.zones.resolve(lead: nil, campaign: nil, policy: programme.policy.zoneName)
        var steps = enrollment.finished.map { id in
            stepView(
                id, plannedAt: history.first { $0.step == id }?.plannedAt, enrollment, nil,
                history.filter { $0.step == id }, zone)
        }
        if let current = enrollment.current, !enrollment.finished.contains(current.step) {
            let problem = programme.obstacle(to: enrollment)
            steps.append(
                Explanation.StepView(
                    step: current.step, state: "waiting", plannedAt: current.plannedAt,
                    plannedLocal: zone.wallClock(at: current.plannedAt), at: nil, local: nil, reason: .campaignBroken,
                    detail: "the campaign cannot run: \(problem)"))
        }
        return Explanation.EnrollmentView(
            campaign: enrollment.campaign, status: enrollment.status.name, enrolledAt: enrollment.enrolledAt,
            zone: zone.name, outlook: ending(of: enrollment, history, zone) ?? "it waits; see its step", steps: steps,
            gatesNow: [], version: earlierVersion(of: enrollment))
    }

    private func stepView(
        _ step: StepID, plannedAt planned: Instant?, _ enrollment: Enrollment, _ open: Delivery?,
        _ history: [JournalEntry], _ zone: Zone
    ) -> Explanation.StepView {
        func view(_ state: String, at: Instant?, reason: Reason?, detail: String) -> Explanation.StepView {
            Explanation.StepView(
                step: step, state: state, plannedAt: planned, plannedLocal: planned.map { zone.wallClock(at: $0) },
                at: at, local: at.map { zone.wallClock(at: $0) }, reason: reason, detail: detail)
        }
        let ends: Set<JournalEntry.Kind> = [.accepted, .skipped, .failed, .inDoubt, .performed]
        if let end = history.first(where: { ends.contains($0.kind) }) {
            // Why it came late is as much of an answer as how it ended.
            let waits = history.filter { $0.kind == .deferred }.reversed().map {
                "put off (\($0.reason?.rawValue ?? "")\($0.detail.isEmpty ? "" : ": \($0.detail)"))"
            }
            return view(
                end.kind.name, at: end.at, reason: end.reason,
                detail: ([end.detail].filter { !$0.isEmpty } + waits).joined(separator: "; "))
        }
        if let open, open.state == .sending {
            return view("sending", at: open.markedAt, reason: nil, detail: "attempt \(open.attempts) is under way")
        }
        if let current = enrollment.current, current.step == step {
            let last = history.first?.detail ?? ""
            return view(
                open == nil ? "waiting" : "retrying", at: current.isUnplanned ? nil : current.dueAt,
                reason: current.waitingFor,
                detail: current.waitingFor == nil ? "" : last)
        }
        if enrollment.status == .exited {
            let why = history.first { $0.kind == .exited }?.reason
            return view("notReached", at: nil, reason: why, detail: "")
        }
        return view(
            enrollment.finished.contains(step) || enrollment.status == .completed ? "notReached" : "planned",
            at: nil, reason: nil, detail: "")
    }

    /// The facts of the decision that an enrollment waits for; nil where it waits for none.
    func situation(
        _ enrollment: Enrollment, of lead: Lead, _ said: DoNotSend, _ entry: Programme.Entry,
        _ open: [Delivery], _ facts: PlanFacts, now: Instant, in reader: any StoreReader
    ) throws -> Situation? {
        guard let pending = enrollment.current, let step = entry.campaign.step(pending.step) else { return nil }
        let claim = Claim(
            enrollment: enrollment, pending: pending, lead: lead, suppression: said.suppression, optOuts: said.optOuts,
            ledger: try lead.address.map { try reader.ledger(of: $0) } ?? ChargeLedger(),
            rivals: try reader.rivals(of: enrollment.id),
            delivery: open.first { $0.step == step.id && $0.state == .reserved })
        return situation(
            of: claim, step: step, entry: entry, compiled: entry.compiled(step, for: lead), by: facts,
            lanes: lanes, outlets: outlets, release: release, now: now
        ).0
    }

    /// How an enrollment ended; nil where it goes on.
    private func ending(of enrollment: Enrollment, _ history: [JournalEntry], _ zone: Zone) -> String? {
        switch enrollment.status {
        case .completed: return "it has come to its end"
        case .exited:
            guard let end = history.first(where: { $0.kind == .exited }) else { return "it was ended" }
            return "it was ended on \(zone.wallClock(at: end.at)): \(end.reason?.rawValue ?? "no reason known")"
        case .active, .paused: return nil
        }
    }

    /// One line that answers "when does the next message go?", or how the enrollment ended.
    ///
    /// `behind` foretells what becomes of the step behind a wait, as `plan` does.
    private func outlook(
        _ enrollment: Enrollment, of situation: Situation?, _ history: [JournalEntry], _ zone: Zone, now: Instant,
        behind: (Instant, Reason) throws -> ForecastStep?
    ) rethrows -> String {
        if let ending = ending(of: enrollment, history, zone) { return ending }
        guard let situation else { return "it waits; see its step" }
        let step = situation.step.id
        if state == .recovered { return "\(step) waits: the state is a restored copy, and ops must confirm it" }
        guard flightOfEnrollment[enrollment.id] == nil else { return "\(step) is on its way" }
        let at = max(now, situation.pending.dueAt)
        if let hold = situation.pauseWithoutEnd(at: at) { return "\(step) waits: \(hold)" }
        switch decide(situation, now: at) {
        case .send:
            if case .inner(.waitFor(let condition, _)) = situation.step.action {
                return "\(step) waits for: \(condition), until \(zone.wallClock(at: at))"
            }
            return situation.step.isTouch
                ? "\(step) goes at \(zone.wallClock(at: at)), if nothing changes until then"
                : "\(step): \(situation.deed(at)) at \(zone.wallClock(at: at)), if nothing changes until then"
        case .defer(let until, let reason):
            guard let foretold = try behind(until, reason) else { return "\(step) waits (\(reason.rawValue))" }
            return "\(step) \(foretold.outlook(behind: reason, zone))"
        case .skip(let reason): return "\(step) will be skipped (\(reason.rawValue)), if nothing changes until then"
        case .exit(let reason): return "it will be ended (\(reason.rawValue))"
        }
    }

    private func gates(of situation: Situation, now: Instant) -> [Explanation.GateView] {
        explainGates(situation, now: now).map { report in
            switch report.verdict {
            case nil, .send:
                Explanation.GateView(
                    gate: report.gate.rawValue, verdict: "pass", reason: nil, until: nil, detail: report.detail)
            case .defer(let until, let reason):
                Explanation.GateView(
                    gate: report.gate.rawValue, verdict: "defer", reason: reason,
                    until: situation.isEnd(until, ofWaitAt: report.gate, now: now) ? until : nil, detail: report.detail)
            case .skip(let reason):
                Explanation.GateView(
                    gate: report.gate.rawValue, verdict: "skip", reason: reason, until: nil, detail: report.detail)
            case .exit(let reason):
                Explanation.GateView(
                    gate: report.gate.rawValue, verdict: "exit", reason: reason, until: nil, detail: report.detail)
            }
        }
    }
}

extension Situation {
    /// What a person paused and must resume, in words; nil where nothing is.
    fileprivate func pauseWithoutEnd(at instant: Instant) -> String? {
        let gate: Gate? =
            if let pause = leadPause(at: instant) {
                pause.until == nil ? .paused : nil
            } else if pausedReason == .paused {
                .paused
            } else {
                transportHold == nil ? nil : .transport
            }
        return gate?.judge(self, now: instant).detail
    }

    /// Whether a gate's wait ends there: the next look at what a person must resume is no end.
    fileprivate func isEnd(_ until: Instant, ofWaitAt gate: Gate, now: Instant) -> Bool {
        until < .distantFuture && (gate != .paused || leadPause(at: now) != nil)
    }
}

extension ForecastStep {
    fileprivate var reasons: String { waits.map(\.reason.rawValue).joined(separator: ", ") }

    /// What becomes of a step that waits for `reason` first.
    fileprivate func outlook(behind reason: Reason, _ zone: Zone) -> String {
        let reasons = [reason.rawValue] + waits.map(\.reason.rawValue).filter { $0 != reason.rawValue }
        let because = reasons.joined(separator: ", ")
        switch end {
        case .goes(let at), .underWay(let at): return "goes at \(zone.wallClock(at: at)) at the earliest (\(because))"
        case .does(let at): return "ends its wait at \(zone.wallClock(at: at)) at the latest (\(because)): \(detail)"
        case .skipped(let at, let reason):
            return "will be skipped at \(zone.wallClock(at: at)) (\(reason.rawValue)), if nothing changes until then"
        case .exits(let at, let reason):
            return "ends the campaign at \(zone.wallClock(at: at)) (\(reason.rawValue)), if nothing changes until then"
        case .waits(let reason): return "waits (\(reason.rawValue)): \(detail)"
        }
    }
}

extension Explanation.StepView {
    /// The same step, which a person holds until it is resumed: there is no end to show.
    fileprivate func held(by situation: Situation, now: Instant) -> Explanation.StepView {
        guard at.map({ $0 <= now }) ?? false || reason == .paused || reason == .transportPaused,
            let hold = situation.pauseWithoutEnd(at: now)
        else { return self }
        var view = self
        (view.at, view.local, view.detail) = (nil, nil, hold)
        let isPaused = situation.leadPause(at: now) != nil || situation.pausedReason != nil
        view.reason = reason ?? (isPaused ? .paused : .transportPaused)
        return view
    }

    /// The same step that is waited for, with what becomes of it where it does not simply go when it is due.
    fileprivate func expecting(_ foretold: ForecastStep?, _ zone: Zone) -> Explanation.StepView {
        guard let foretold, reason == nil, detail.isEmpty else { return self }
        var view = self
        switch foretold.end {
        case .goes(let instant) where instant != at:
            view.detail = "goes at \(zone.wallClock(at: instant)) (\(foretold.reasons))"
        case .skipped(let instant, let reason):
            view.detail = "will be skipped at \(zone.wallClock(at: instant)) (\(reason.rawValue)), if nothing changes"
        default: break
        }
        return view
    }

    /// The same step, which is come to only where its arm is taken: whether it is, nobody knows yet.
    fileprivate func inArm(_ step: Step, of enrollment: Enrollment, isForetold: Bool) -> Explanation.StepView {
        guard !isForetold, let arm = step.arms.last(where: { enrollment.choices[$0.of] == nil }) else { return self }
        var view = self
        (view.plannedAt, view.plannedLocal, view.at, view.local) = (nil, nil, nil, nil)
        view.detail = "only where \(arm.of) takes \(arm.name)"
        return view
    }

    /// The same step that is still to come, with what is foretold of it.
    ///
    /// Where the forecast ends in front of it, what counts from the previous step's end has no date.
    fileprivate func foretold(_ foretold: ForecastStep?, _ step: Step, _ zone: Zone) -> Explanation.StepView {
        var view = self
        guard let foretold else {
            if step.anchor == .previous { (view.plannedAt, view.plannedLocal) = (nil, nil) }
            return view
        }
        let waits = foretold.reasons
        switch foretold.end {
        case .does(let instant):
            view.at = instant
            view.detail = foretold.detail
        case .goes(let instant), .underWay(let instant):
            view.at = instant
            if !waits.isEmpty { view.detail = "goes at \(zone.wallClock(at: instant)) (\(waits))" }
        case .skipped(let instant, let reason):
            (view.at, view.reason) = (instant, reason)
            view.detail = "will be skipped, if nothing changes until then"
        case .exits(let instant, let reason):
            (view.at, view.reason) = (instant, reason)
            view.detail = "the enrollment will be ended, if nothing changes until then"
        case .waits(let reason):
            view.reason = reason
            view.detail = foretold.detail
        }
        view.local = view.at.map { zone.wallClock(at: $0) }
        return view
    }
}

extension Zone {
    /// An instant as people write it there: `Wed 2026-11-25 09:00 Asia/Jakarta`.
    func wallClock(at instant: Instant) -> String {
        let local = local(at: instant)
        let day = local.date.weekday.rawValue
        return "\(day.prefix(1).uppercased())\(day.dropFirst()) \(local) \(name)"
    }

    /// `Thu 2026-12-03 09:00 Asia/Jakarta`: the minute that has begun, for people who are to be there in time.
    func wallMinute(at instant: Instant) -> String {
        wallClock(at: Instant(milliseconds: instant.milliseconds.floorDivided(by: 60_000) * 60_000))
    }
}
