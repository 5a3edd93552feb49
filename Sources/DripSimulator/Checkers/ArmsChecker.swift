import DripCore

/// That a lead goes one way: of the arms of a step only one is gone through, the one that its facts call for, and what ends a
/// repetition ends it.
///
/// Marks of a repetition are judged as they come; the rest at the end, by the ledger, for runs whose campaign kept its flow
/// while they went on. What a lead did counts where the answer to it was heard; where none was, both ways are right. In
/// histories whose clock was set back, which came first is not judged by it.
package struct ArmsChecker: Checker, Sendable {
    package static let guarantee = "flow"
    package private(set) var judged = 0
    package private(set) var judgedByRule = [
        "wait": 0, "one arm": 0, "whole arm": 0, "tier": 0, "until": 0, "held out": 0,
    ]

    private struct Happening {
        var at: Instant
        var order: String?
        var isCertain: Bool

        /// Whether it happened to a run: where runs have a key, to that of its own value only.
        func concerns(_ run: Run) -> Bool { run.key == nil || order == nil || order == run.key }
    }

    /// The flow of a campaign, as long as it is the same in all versions; nil once it changed.
    private var campaigns: [String: CampaignPlan?] = [:]
    private var plans = RunPlans()
    private var people = People()
    private var leads: [String: LeadPlan] = [:]
    /// Leads of which a fact changed: which arm was right then, nobody outside can tell.
    private var unsteady: Set<String> = []
    private var happened: [String: [Happening]] = [:]
    private var enrolledAt: [Run: Instant] = [:]
    private var clock = ShownClock()

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        clock.hear(fact)
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live(let folder):
            for (id, campaign) in folder.campaigns {
                if let before = campaigns[id], before?.steps != campaign.steps || before?.holdout != campaign.holdout {
                    campaigns.updateValue(nil, forKey: id)
                } else {
                    campaigns.updateValue(campaign, forKey: id)
                }
            }
        case .lead(let plan, let isCertain):
            if !isCertain || (leads[plan.key].map { $0.tier != plan.tier } ?? false) { unsteady.insert(plan.key) }
            leads[plan.key] = plan
        case .enrolled(let run, true, true): enrolledAt[run] = fact.shown
        case .happened(let lead, let event, let order, let isCertain):
            happened["\(lead)/\(event)", default: []].append(
                Happening(at: fact.shown, order: order, isCertain: isCertain))
        case .marked(let mark): return judge(mark)
        case .restored:
            happened = happened.mapValues { $0.map { Happening(at: $0.at, order: $0.order, isCertain: false) } }
        case .ledger(let ledger): return ledger.lines.flatMap { judge($0) }
        default: break
        }
        return []
    }

    /// The flow of a run, where it was the same all along.
    private func campaign(of run: Run) -> CampaignPlan? {
        // What is behind a run of two leads is not its own way alone.
        if people.isTouched(run) { return nil }
        return plans.isPinned(run) ? plans.plan(of: run) : campaigns[run.campaign] ?? nil
    }

    /// Nothing of a repetition goes behind what ends it.
    private mutating func judge(_ mark: Mark) -> [String] {
        guard let campaign = campaign(of: mark.run), let enrolled = enrolledAt[mark.run],
            let step = campaign.steps.first(where: { $0.id == mark.step }), let until = step.until
        else { return [] }
        judged += 1
        judgedByRule["until", default: 0] += 1
        let ends = (happened["\(mark.run.lead)/\(until)"] ?? []).filter { $0.concerns(mark.run) }
        guard mark.attempt == 1, !clock.wasSetBack, ends.contains(where: { $0.isCertain && $0.at >= enrolled }) else {
            return []
        }
        return ["\(mark.name) was marked, although \(until) had ended its repetition"]
    }

    private mutating func judge(_ line: Ledger.Line) -> [String] {
        guard let campaign = campaign(of: line.run), campaign.hasFlow else { return [] }
        var complaints: [String] = []
        // What a person had sent again may have led it back.
        let wasReopened = line.entries.contains { ["reopened", "resolved", "jumped"].contains($0.kind) }
        func ends(of step: String) -> [Ledger.Entry] {
            line.entries.filter { $0.step == step && $0.kind != "deferred" }
        }
        for step in campaign.steps where step.inner != nil && !wasReopened {
            guard let performed = line.entries.first(where: { $0.step == step.id && $0.kind == "performed" }) else {
                let inside = campaign.steps.filter { $0.arms.contains { $0.of.rawValue == step.id } }
                if let stray = inside.first(where: { !ends(of: $0.id).isEmpty }) {
                    complaints.append("\(line.run)/\(stray.id) was come to, and \(step.id) never decided")
                }
                continue
            }
            judged += 1
            complaints += judge(step, performed, line, campaign)
        }
        complaints += judgeHoldout(line, campaign)
        return complaints
    }

    /// One step that decided.
    private mutating func judge(
        _ step: StepPlan, _ performed: Ledger.Entry, _ line: Ledger.Line, _ campaign: CampaignPlan
    ) -> [String] {
        func isTouched(_ step: StepPlan) -> Bool { line.entries.contains { $0.step == step.id } }
        var arms: [String: [StepPlan]] = [:]
        for inner in campaign.steps {
            if let arm = inner.arms.last, arm.of.rawValue == step.id { arms[arm.name, default: []].append(inner) }
        }
        let taken = arms.filter { $0.value.contains(where: isTouched) }.keys.sorted()
        var complaints: [String] = []
        judgedByRule["one arm", default: 0] += 1
        if taken.count > 1 { complaints.append("\(line.run)/\(step.id) took \(taken.joined(separator: " and "))") }
        if line.status == "completed", let arm = taken.first, step.isPlainArms {
            judgedByRule["whole arm", default: 0] += 1
            for missing in arms[arm] ?? [] where !isTouched(missing) {
                complaints.append("\(line.run)/\(missing.id) never ended, and the arm \(arm) was taken")
            }
        }
        guard line.status == "completed" || !taken.isEmpty else { return complaints }
        switch step.inner {
        case .wait(let event, _)?:
            guard let right = rightArm(event, line, performed) else { break }
            judgedByRule["wait", default: 0] += 1
            let wrong = right == "then" ? "otherwise" : "then"
            if taken == [wrong] { complaints.append("\(line.run)/\(step.id) took \(wrong), and \(right) was right") }
            if taken.isEmpty, arms[right] != nil {
                complaints.append("\(line.run)/\(step.id) took no arm, and \(right) was right")
            }
        case .branch(let tier)?:
            guard let lead = leads[line.run.lead], !unsteady.contains(line.run.lead) else { break }
            judgedByRule["tier", default: 0] += 1
            let right = lead.tier == tier ? "some" : "rest"
            if let taken = taken.first, taken != right {
                complaints.append("\(line.run)/\(step.id) took \(taken), and its tier is \(lead.tier ?? "none")")
            }
        default: break
        }
        return complaints
    }

    /// What the lead did calls for; nil where nobody outside can tell.
    private func rightArm(_ event: String, _ line: Ledger.Line, _ performed: Ledger.Entry) -> String? {
        guard !clock.wasSetBack else { return nil }
        let all = (happened["\(line.run.lead)/\(event)"] ?? []).filter {
            $0.at >= line.enrolledAt && $0.at <= performed.at && $0.concerns(line.run)
        }
        if all.contains(where: { $0.isCertain && $0.at < performed.at && $0.at > line.enrolledAt }) { return "then" }
        return all.isEmpty ? "otherwise" : nil
    }

    /// Nothing arrives at who is held out.
    private mutating func judgeHoldout(_ line: Ledger.Line, _ campaign: CampaignPlan) -> [String] {
        guard campaign.holdout > 0 else { return [] }
        let isHeldOut = line.entries.contains { $0.reason == "heldOut" }
        guard isHeldOut else { return [] }
        judgedByRule["held out", default: 0] += 1
        return line.entries.filter { $0.kind == "accepted" }.map {
            "\(line.run)/\($0.step ?? "") went, and the lead is of the control share"
        }
    }
}

extension StepPlan {
    /// Whether all that stands in an arm of it is gone through where the arm is taken.
    fileprivate var isPlainArms: Bool {
        if case .repetition = inner { return false }
        return true
    }
}
