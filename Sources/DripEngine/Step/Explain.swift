import DripCore
import DripStore

extension Engine {
    /// A lead with its enrollments and its history.
    func leadView(_ key: String, now: Instant) throws -> LeadView {
        try ask { reader in
            let lead = try find(key, in: reader)
            return LeadView(
                key: lead.key, address: lead.address, timeZone: lead.zoneName, locale: lead.locale,
                attributes: lead.attributes, suppression: try lead.address.flatMap { try reader.suppression(of: $0) },
                enrollments: try reader.enrollments(of: lead.id).map { enrollment in
                    LeadView.EnrollmentView(
                        campaign: enrollment.campaign, status: enrollment.status.name,
                        enrolledAt: enrollment.enrolledAt, finished: enrollment.finished,
                        nextStep: enrollment.current?.step, nextDueAt: enrollment.current?.dueAt,
                        waitingFor: enrollment.current?.waitingFor)
                },
                timeline: try reader.timeline(of: lead.id, limit: 200).map { Engine.timelineEntry($0) })
        }
    }

    private static func timelineEntry(_ entry: JournalEntry) -> TimelineEntry {
        TimelineEntry(
            at: entry.at, what: entry.kind.name, campaign: entry.campaign, step: entry.step, reason: entry.reason,
            detail: entry.detail)
    }

    /// What happened and what is next, step by step, with every gate as it would speak now.
    func explain(_ key: String, _ campaign: CampaignID?, now: Instant) throws -> Explanation {
        try ask { reader in
            let lead = try find(key, in: reader)
            let suppression = try lead.address.flatMap { try reader.suppression(of: $0) }
            let all = try reader.enrollments(of: lead.id)
            let wanted = all.filter { campaign == nil || $0.campaign == campaign }
            if let campaign, wanted.isEmpty {
                throw ControlError(.notFound, "\(lead.key) was never enrolled in \"\(campaign)\"")
            }
            let history = try reader.timeline(of: lead.id, limit: 2_000)
            return Explanation(
                lead: lead.key, now: now, suppression: suppression,
                enrollments: try wanted.map { enrollment in
                    try explain(
                        enrollment, of: lead, suppression, history.filter { $0.enrollment == enrollment.id }, now: now,
                        in: reader)
                })
        }
    }

    private func explain(
        _ enrollment: Enrollment, of lead: Lead, _ suppression: Suppression?, _ history: [JournalEntry], now: Instant,
        in reader: any StoreReader
    ) throws -> Explanation.EnrollmentView {
        guard let entry = programme.campaigns[enrollment.campaign] else {
            return Explanation.EnrollmentView(
                campaign: enrollment.campaign, status: enrollment.status.name, enrolledAt: enrollment.enrolledAt,
                zone: programme.policy.zoneName, steps: [], gatesNow: [])
        }
        let zone = zone(of: lead, in: entry.campaign)
        let plan = calendar(of: entry.campaign, enrolledAt: enrollment.enrolledAt, zone: zone)
        let open = try reader.deliveries(of: enrollment.id)
        let steps = plan.map { item in
            stepView(
                item.step, plannedAt: item.plannedAt, enrollment, open.first { $0.step == item.step.id },
                history.filter { $0.step == item.step.id }, zone)
        }
        return Explanation.EnrollmentView(
            campaign: enrollment.campaign, status: enrollment.status.name, enrolledAt: enrollment.enrolledAt,
            zone: zone.name, steps: steps,
            gatesNow: try gates(enrollment, of: lead, suppression, entry, open, zone, now: now, in: reader))
    }

    private func stepView(
        _ step: Step, plannedAt planned: Instant, _ enrollment: Enrollment, _ open: Delivery?,
        _ history: [JournalEntry], _ zone: Zone
    ) -> Explanation.StepView {
        func view(_ state: String, at: Instant?, reason: Reason?, detail: String) -> Explanation.StepView {
            Explanation.StepView(
                step: step.id, state: state, plannedAt: planned, plannedLocal: zone.wallClock(at: planned), at: at,
                local: at.map { zone.wallClock(at: $0) }, reason: reason, detail: detail)
        }
        let ends: Set<JournalEntry.Kind> = [.accepted, .skipped, .failed, .inDoubt]
        if let end = history.first(where: { ends.contains($0.kind) }) {
            return view(end.kind.name, at: end.at, reason: end.reason, detail: end.detail)
        }
        if let open, open.state == .sending {
            return view("sending", at: open.markedAt, reason: nil, detail: "attempt \(open.attempts) is under way")
        }
        if let current = enrollment.current, current.step == step.id {
            let last = history.first?.detail ?? ""
            return view(
                open == nil ? "waiting" : "retrying", at: current.dueAt, reason: current.waitingFor,
                detail: current.waitingFor == nil ? "" : last)
        }
        if enrollment.status == .exited {
            let why = history.first { $0.kind == .exited }?.reason
            return view("notReached", at: nil, reason: why, detail: "")
        }
        return view(
            enrollment.finished.contains(step.id) || enrollment.status == .completed ? "notReached" : "planned",
            at: nil, reason: nil, detail: "")
    }

    private func gates(
        _ enrollment: Enrollment, of lead: Lead, _ suppression: Suppression?, _ entry: Programme.Entry,
        _ open: [Delivery], _ zone: Zone, now: Instant, in reader: any StoreReader
    ) throws -> [Explanation.GateView] {
        guard let pending = enrollment.current, let step = entry.campaign.step(pending.step) else { return [] }
        let claim = Claim(
            enrollment: enrollment, pending: pending, lead: lead, suppression: suppression,
            ledger: try lead.address.map { try reader.ledger(of: $0) } ?? ChargeLedger(),
            delivery: open.first { $0.step == step.id && $0.state == .reserved })
        let situation = situation(
            of: claim, pending: pending.claimed(at: now), step: step, entry: entry,
            compiled: entry.compiled(step, for: lead), zone: zone)
        return explainGates(situation, now: now).map { report in
            switch report.verdict {
            case nil, .send:
                Explanation.GateView(
                    gate: report.gate.rawValue, verdict: "pass", reason: nil, until: nil, detail: report.detail)
            case .defer(let until, let reason):
                Explanation.GateView(
                    gate: report.gate.rawValue, verdict: "defer", reason: reason, until: until, detail: report.detail)
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

extension Zone {
    /// An instant as people write it there: `Wed 2026-11-25 09:00 Asia/Jakarta`.
    func wallClock(at instant: Instant) -> String {
        let local = local(at: instant)
        let day = local.date.weekday.rawValue
        return "\(day.prefix(1).uppercased())\(day.dropFirst()) \(local) \(name)"
    }
}
