import DripCore

/// What conditions that become true add to a scenario: `enroll: { when: … }`, and leads whose facts change and change back.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files says
/// the same.
struct WhenGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x3E4E_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, let first = scenario.folders.first, dice.chance(30) else { return }
        var names: [String] = []
        for (id, campaign) in first.campaigns.sorted(by: { $0.key < $1.key }) where dice.chance(60) {
            let event = dice.pick("signed_up", "booked", "lost", "clicked", "replied")
            let when: CampaignPlan.WhenPlan = dice.chance(60) ? .tier(dice.pick("gold", "silver")) : .did(event)
            if case .did = when { names.append(event) }
            let again = campaign.again == .never && dice.chance(60) ? Again.afterExit : campaign.again
            for index in scenario.folders.indices {
                scenario.folders[index].campaigns[id]?.enrollWhen = when
                scenario.folders[index].campaigns[id]?.again = again
            }
        }
        for _ in 0..<dice.number(2, 2 * scenario.leads.count + 2) { change(&scenario, names) }
    }

    /// A lead of another tier, the same facts once more, or an event.
    private mutating func change(_ scenario: inout Scenario, _ names: [String]) {
        guard let lead = dice.pick(from: scenario.leads) else { return }
        if let name = dice.pick(from: names), dice.chance(40) {
            return scenario.add(.event(lead: lead.key, name: name), &dice)
        }
        var changed = lead
        // Only the tier is news: its other facts may have changed meanwhile.
        (changed.email, changed.zone, changed.endsOn) = (nil, nil, nil)
        if dice.chance(75) { changed.tier = dice.pick("gold", "silver") }
        guard changed.tier != nil else { return }
        scenario.leads.append(changed)
        scenario.add(.importLeads([scenario.leads.count - 1], campaign: nil), &dice)
    }
}
