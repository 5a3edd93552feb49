import DripCore

/// What `version: pinned` adds to a scenario with edits: campaigns that are pinned, all along or for a while, versions of
/// campaigns that differ in their texts and rules, and leads that come later.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Steps of a campaign that is pinned
/// for a while only keep their names: `was` renames nothing while anybody goes by an earlier version.
struct PinGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x9117_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, scenario.folders.count > 1, let first = scenario.folders.first, dice.chance(50) else {
            return
        }
        var pinned: [String] = []
        for id in first.campaigns.keys.sorted() where dice.chance(75) {
            change(id, in: &scenario)
            guard dice.chance(75) else { continue }
            pinned.append(id)
            pin(id, in: &scenario)
        }
        guard !pinned.isEmpty else { return }
        for _ in 0..<dice.number(1, 5) { addLead(to: &scenario, pinned) }
    }

    /// In all versions, from one on, or until one.
    private mutating func pin(_ id: String, in scenario: inout Scenario) {
        let versions = scenario.folders.indices
        let change = dice.number(1, versions.count - 1)
        let isPinned: (Int) -> Bool
        switch dice.below(5) {
        case 0: isPinned = { $0 >= change }
        case 1: isPinned = { $0 < change }
        default: isPinned = { _ in true }
        }
        let isAlways = versions.allSatisfy(isPinned)
        for index in versions {
            scenario.folders[index].campaigns[id]?.isPinned = isPinned(index)
            guard !isAlways, var campaign = scenario.folders[index].campaigns[id] else { continue }
            for place in campaign.steps.indices { campaign.steps[place].isRenamed = false }
            scenario.folders[index].campaigns[id] = campaign
        }
    }

    /// What somebody changes in a version, and leaves in those behind it.
    private mutating func change(_ id: String, in scenario: inout Scenario) {
        for version in scenario.folders.indices.dropFirst() where dice.chance(60) {
            let (isText, priority) = (dice.chance(80), dice.chance(30) ? dice.pick(10, 50, 90) : nil)
            let taken = scenario.folders[version].campaigns[id].map { [$0.goal, $0.exitOn, $0.enrollOn] } ?? []
            let event = PolicyPlan.events.first { !taken.contains($0) }
            let exits = dice.chance(30) ? event : nil
            for index in scenario.folders.indices.dropFirst(version) {
                guard var campaign = scenario.folders[index].campaigns[id] else { continue }
                if isText { campaign.edition = version }
                if let priority { campaign.priority = priority }
                if let exits, !campaign.listensFor(exits) { campaign.exitOn = exits }
                scenario.folders[index].campaigns[id] = campaign
            }
        }
    }

    /// Somebody who comes while versions come and go.
    private mutating func addLead(to scenario: inout Scenario, _ campaigns: [String]) {
        guard var lead = dice.pick(from: scenario.leads) else { return }
        lead.key = "p\(scenario.leads.count)"
        lead.email = "late\(scenario.leads.count)@example.com"
        lead.endsOn = lead.endsOn ?? LocalDate(daysSinceEpoch: Int(scenario.startsAt.seconds / 86_400) + 5)
        scenario.leads.append(lead)
        scenario.add(.importLeads([scenario.leads.count - 1], campaign: dice.pick(from: campaigns)), &dice)
        let event = dice.pick(from: PolicyPlan.events) ?? ""
        if dice.chance(40) { scenario.add(.event(lead: lead.key, name: event), &dice) }
    }
}

extension CampaignPlan {
    /// Whether an event has a meaning in it already.
    fileprivate func listensFor(_ event: String) -> Bool {
        [goal, exitOn, enrollOn].contains(event) || enrollWhen == .did(event)
            || steps.contains { step in
                if case .wait(event, _)? = step.inner { return true }
                return step.until == event
            }
    }
}
