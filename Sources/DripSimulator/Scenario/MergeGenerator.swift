import DripCore

/// What merges add to a scenario: two leads of it turn out to be one person, whatever they go through and have said.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Now and then somebody uses the key
/// of the one that is gone, as lists do; and one that was merged may be merged again.
struct MergeGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x3E46_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, dice.chance(30) else { return }
        let keys = Set(scenario.leads.map(\.key)).sorted()
        guard keys.count > 1 else { return }
        for _ in 0..<dice.number(1, 4) {
            let together = dice.chance(65) ? imported(together: scenario) : nil
            let all = together?.keys ?? keys
            guard let from = dice.pick(from: all), let into = dice.pick(from: all.filter { $0 != from }) else { return }
            let merge = Action.Kind.merge(from: from, into: into)
            if let together {
                scenario.add(merge, at: together.at + dice.span(.minutes(1), .days(4)))
            } else {
                scenario.add(merge, &dice)
            }
            if dice.chance(15) { scenario.takeMailbox(of: dice.chance(50) ? from : into) }
            speak(of: from, into, in: &scenario)
        }
    }

    /// Leads that came in one list, which are in one campaign then, and when.
    private mutating func imported(together scenario: Scenario) -> (keys: [String], at: Instant)? {
        let lists = scenario.actions.compactMap { action -> (keys: [String], at: Instant)? in
            guard case .importLeads(let rows, _?) = action.kind else { return nil }
            return (Set(rows.map { scenario.leads[$0].key }).sorted(), action.at)
        }
        return dice.pick(from: lists.filter { $0.keys.count > 1 })
    }

    /// Behind it, or in front of it, somebody goes on to speak of the one that it was.
    private mutating func speak(of from: String, _ into: String, in scenario: inout Scenario) {
        let campaign = dice.pick(from: scenario.folders[0].campaigns.keys.sorted()) ?? ""
        if dice.chance(50) { scenario.add(.enroll(lead: from, campaign: campaign), &dice) }
        let event = dice.pick(from: PolicyPlan.events + ["replied", "unsubscribed"]) ?? ""
        if dice.chance(40) { scenario.add(.event(lead: from, name: event), &dice) }
        if dice.chance(30), let row = scenario.leads.lastIndex(where: { $0.key == from }) {
            scenario.add(.importLeads([row], campaign: dice.chance(50) ? campaign : nil), &dice)
        }
        let other = dice.chance(50) ? from : into
        if dice.chance(25), let mailbox = scenario.leads.first(where: { $0.key == other })?.email {
            scenario.add(.suppress(mailbox: mailbox), &dice)
        }
    }
}

extension Scenario {
    /// Whether leads are merged in it.
    var hasMerges: Bool { actions.contains { if case .merge = $0.kind { true } else { false } } }

    /// Whoever it is, nobody ever knew a mailbox of that lead.
    fileprivate mutating func takeMailbox(of key: String) {
        for index in leads.indices where leads[index].key == key { leads[index].email = nil }
    }
}
