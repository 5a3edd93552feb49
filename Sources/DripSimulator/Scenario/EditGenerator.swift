import DripCore

/// What renamed and reopening steps add to a scenario with edits.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. A step is renamed once, and the
/// files say what it was from then on; one that brings runs back is added at the end and stays.
struct EditGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xED17_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, scenario.folders.count > 1, dice.chance(60) else { return }
        for version in scenario.folders.indices.dropFirst() {
            for (id, campaign) in scenario.folders[version].campaigns.sorted(by: { $0.key < $1.key }) {
                guard let before = scenario.folders[version - 1].campaigns[id] else { continue }
                let known = campaign.steps.filter { step in
                    step.inner == nil && step.copy == nil && !step.isRenamed
                        && before.steps.contains { $0.id == step.id }
                }
                if dice.chance(35), let step = dice.pick(from: known) {
                    forAll(from: version, id, in: &scenario) { campaign in
                        for index in campaign.steps.indices where campaign.steps[index].id == step.id {
                            campaign.steps[index].isRenamed = true
                        }
                    }
                }
                if dice.chance(25), !before.steps.contains(where: \.reopens) {
                    var step = StepPlan(
                        id: "\(id)last", timing: .after(dice.pick(.hours(30), .days(3))), anchor: .previous)
                    step.reopens = true
                    step.sendsLate = dice.chance(50)
                    forAll(from: version, id, in: &scenario) { $0.steps.append(step) }
                }
            }
        }
    }

    private func forAll(
        from version: Int, _ id: String, in scenario: inout Scenario, _ change: (inout CampaignPlan) -> Void
    ) {
        for index in scenario.folders.indices.dropFirst(version) {
            guard var campaign = scenario.folders[index].campaigns[id] else { continue }
            change(&campaign)
            scenario.folders[index].campaigns[id] = campaign
        }
    }
}
