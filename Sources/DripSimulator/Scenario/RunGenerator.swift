import DripCore

/// What running through a campaign more than once adds to a scenario: `again`, and events that say which run they are about.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files says
/// the same.
struct RunGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xA6A1_0000_5EED_0001)
    }

    private static let orders = ["7", "8"]

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, let first = scenario.folders.first, dice.chance(35) else { return }
        var names: [String] = []
        for id in first.campaigns.keys.sorted() where dice.chance(75) {
            let again: Again = dice.pick(.afterExit, .every(dice.pick(.days(1), .days(3))), Again.byOrder)
            let taken = [first.campaigns[id]?.goal, first.campaigns[id]?.exitOn]
            let enrols =
                first.campaigns[id]?.enrollOn ?? (taken.contains("clicked") || dice.chance(40) ? nil : "clicked")
            for index in scenario.folders.indices {
                scenario.folders[index].campaigns[id]?.again = again
                scenario.folders[index].campaigns[id]?.enrollOn = enrols
            }
            if let enrols { names.append(enrols) }
            names += [first.campaigns[id]?.goal, first.campaigns[id]?.exitOn].compactMap(\.self)
        }
        for index in scenario.leads.indices where dice.chance(60) {
            scenario.leads[index].order = dice.pick(from: RunGenerator.orders)
        }
        for index in scenario.actions.indices {
            guard case .event(let lead, let name, _) = scenario.actions[index].kind, dice.chance(70) else { continue }
            scenario.actions[index].kind = .event(lead: lead, name: name, order: dice.pick(from: RunGenerator.orders))
        }
        add(names, to: &scenario)
    }

    /// Further events and requests: a run has to be over before the next one begins.
    private mutating func add(_ names: [String], to scenario: inout Scenario) {
        let campaigns = scenario.folders[0].campaigns.keys.sorted()
        for _ in 0..<dice.number(2, 2 * scenario.leads.count + 2) {
            guard let lead = dice.pick(from: scenario.leads), let campaign = dice.pick(from: campaigns) else { return }
            let kind: Action.Kind
            if let name = dice.pick(from: names), dice.chance(70) {
                let order = dice.chance(70) ? dice.pick(from: RunGenerator.orders) : nil
                kind = .event(lead: lead.key, name: name, order: order)
            } else {
                kind = .enroll(lead: lead.key, campaign: campaign)
            }
            scenario.add(kind, &dice)
        }
    }
}

extension Scenario {
    /// Puts something in at a moment before faults have ended.
    mutating func add(_ kind: Action.Kind, _ dice: inout Dice) {
        add(kind, at: startsAt + dice.span(.zero, faultsEndAt - startsAt))
    }

    mutating func add(_ kind: Action.Kind, at: Instant) {
        actions.insert(Action(at: at, kind: kind), at: actions.firstIndex { $0.at > at } ?? actions.endIndex)
    }
}
