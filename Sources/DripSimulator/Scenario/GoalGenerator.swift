import DripCore

/// What goals that lead on add to a scenario: `goal: { on, if, then: { jump_to } }`, and more of their events.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files leads
/// on to the same step, by the name that it has there.
struct GoalGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x60A1_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, let first = scenario.folders.first, dice.chance(35) else { return }
        for (id, campaign) in first.campaigns.sorted(by: { $0.key < $1.key }) where dice.chance(60) {
            let versions = scenario.folders.compactMap { $0.campaigns[id] }
            let common = campaign.steps.filter { step in
                step.arms.isEmpty && versions.allSatisfy { version in version.steps.contains { $0.id == step.id } }
            }
            let taken =
                [campaign.enrollOn, campaign.exitOn] + campaign.steps.map(\.until) + campaign.steps.map(\.awaited)
            let event = campaign.goal ?? PolicyPlan.events.first { !taken.contains($0) }
            guard let target = dice.pick(from: common), let event else { continue }
            let jumps = dice.chance(80)
            let tier = jumps ? nil : dice.pick("gold", "silver")
            for index in scenario.folders.indices {
                scenario.folders[index].campaigns[id]?.goal = event
                scenario.folders[index].campaigns[id]?.goalTier = tier
                scenario.folders[index].campaigns[id]?.jumpTo = jumps ? target.id : nil
            }
            for _ in 0..<dice.number(1, scenario.leads.count + 1) {
                guard let lead = dice.pick(from: scenario.leads) else { break }
                scenario.add(.event(lead: lead.key, name: event), &dice)
            }
        }
    }
}

extension StepPlan {
    /// The event that it waits for.
    fileprivate var awaited: String? {
        if case .wait(let event, _)? = inner { event } else { nil }
    }
}
