import DripCore

/// What the flow of steps adds to a scenario: waits, branches, splits, repetitions, notes to colleagues and control shares.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files gets
/// the same, behind the step that it stands behind in the first one; with that step it is taken out.
struct FlowGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xF10E_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, let first = scenario.folders.first, dice.chance(35) else { return }
        for (id, campaign) in first.campaigns.sorted(by: { $0.key < $1.key }) where dice.chance(60) {
            let taken = [campaign.goal, campaign.exitOn, campaign.enrollOn].compactMap(\.self)
            let events = PolicyPlan.events.filter { !taken.contains($0) }
            var flow: [(behind: String?, steps: [StepPlan])] = []
            for number in 0..<dice.number(1, 2) {
                let behind = dice.pick(from: campaign.steps.map(\.id))
                flow.append((dice.chance(15) ? nil : behind, block("\(id)f\(number)", events)))
            }
            let holdout = dice.chance(30) ? dice.pick(30, 70) : 0
            for index in scenario.folders.indices {
                for (behind, steps) in flow { scenario.folders[index].campaigns[id]?.insert(steps, behind: behind) }
                scenario.folders[index].campaigns[id]?.holdout = holdout
            }
        }
    }

    /// A step that decides, and all that stands inside of it.
    private mutating func block(_ id: String, _ events: [String], depth: Int = 0, in arms: [Arm] = []) -> [StepPlan] {
        var step = StepPlan(id: id, timing: .after(.zero), anchor: .previous)
        step.arms = arms
        var inside: [(arm: String, id: String)] = []
        switch dice.below(events.isEmpty ? 2 : 4) {
        case 0:
            step.inner = .branch(tier: dice.pick("gold", "silver"))
            inside = [("some", "\(id)a"), ("rest", "\(id)b")]
        case 1:
            step.inner = .split(dice.pick(1, 3), dice.pick(1, 2))
            inside = [("some", "\(id)a"), ("rest", "\(id)b")]
        case 2:
            step.inner = .wait(dice.pick(from: events) ?? "", upTo: dice.pick(.hours(1), .hours(30), .days(3)))
            inside = [("then", "\(id)a"), ("otherwise", "\(id)b")]
        default:
            return repetition(step, events)
        }
        var steps = [step]
        for (arm, name) in inside where dice.chance(80) {
            let own = arms + [Arm(of: StepID(rawValue: id), name: arm)]
            if depth < 1, dice.chance(25) {
                steps += block("\(name)x", events, depth: depth + 1, in: own)
            } else {
                steps += (0..<dice.number(1, 2)).map { send("\(name)\($0)", in: own) }
            }
        }
        return steps
    }

    private mutating func repetition(_ step: StepPlan, _ events: [String]) -> [StepPlan] {
        var step = step
        let (times, every) = (dice.number(2, 4), dice.pick(TimeSpan.hours(1), .hours(30), .days(2)))
        let until = dice.pick(from: events) ?? ""
        step.inner = .repetition(times: times, every: every, until: until)
        let own = step.arms + [Arm(of: StepID(rawValue: step.id), name: "again")]
        let first = send("\(step.id)r", in: own)
        return [step]
            + (1...times).map { number in
                var copy = first
                copy.id += ".\(number)"
                copy.copy = number
                copy.until = until
                if number > 1, case .after(let span) = first.timing { copy.timing = .after(span + every) }
                return copy
            }
    }

    private mutating func send(_ id: String, in arms: [Arm]) -> StepPlan {
        var step = StepPlan(id: id, timing: .after(dice.pick(.zero, .hours(1), .hours(30))), anchor: .previous)
        step.arms = arms
        if dice.chance(20) { step.channel = .http }
        if dice.chance(15) { step.tier = dice.pick("gold", "silver") }
        if dice.chance(15) { step.deferMax = dice.pick(.hours(6), .days(10)) }
        step.sendsLate = dice.chance(20)
        if dice.chance(20) { (step.isNotice, step.isTransactional, step.counts) = (true, true, false) }
        return step
    }
}

extension CampaignPlan {
    /// Puts a block behind a step, or in front of everything; who took that step out took the block along.
    mutating func insert(_ block: [StepPlan], behind id: String?) {
        guard let id else {
            steps.insert(contentsOf: block, at: 0)
            return
        }
        guard let index = steps.firstIndex(where: { $0.id == id }) else { return }
        // Behind all that stands inside of it.
        let next = steps[(index + 1)...].firstIndex { $0.arms.isEmpty } ?? steps.endIndex
        steps.insert(contentsOf: block, at: next)
    }
}
