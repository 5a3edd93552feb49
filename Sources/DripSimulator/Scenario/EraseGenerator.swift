import DripCore

/// Leads that ask to be forgotten, whatever they go through by then.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Somebody is erased behind all
/// that others say of them by their key: what comes later would be of another one of that name. Not in histories with merges,
/// where one person has several keys.
struct EraseGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xE4A5_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, !scenario.hasMerges, dice.chance(15) else { return }
        for key in Set(scenario.leads.map(\.key)).sorted() where dice.chance(40) {
            guard let said = scenario.lastWord(of: key) else { continue }
            let last = max(said, scenario.startsAt + dice.span(.zero, scenario.faultsEndAt - scenario.startsAt))
            let at = last + dice.span(.milliseconds(1), .hours(30))
            // The process may die while it is done.
            if dice.chance(30), at < scenario.faultsEndAt {
                let point = CrashPoint.commit(dice.below(2), durable: dice.chance(50))
                scenario.add(.crash(point, downtime: .seconds(3)), at: at)
            }
            scenario.add(.erase(lead: key), at: at)
        }
    }
}

extension Scenario {
    /// Whether somebody is erased in it.
    var hasErasures: Bool { actions.contains { if case .erase = $0.kind { true } else { false } } }

    /// When somebody last speaks of a lead by its key; nil where nobody does.
    fileprivate func lastWord(of key: String) -> Instant? {
        actions.last { speaks($0.kind, of: key) }?.at
    }

    /// Whether somebody speaks of a lead, by its key or by a mailbox of it.
    func speaks(_ action: Action.Kind, of key: String) -> Bool {
        switch action {
        case .importLeads(let rows, _): rows.contains { leads[$0].key == key }
        case .enroll(let lead, _), .event(let lead, _, _), .explain(let lead), .handOff(let lead, _): lead == key
        case .suppress(let mailbox, _), .unsuppress(let mailbox, _):
            leads.contains { $0.key == key && $0.mailbox == mailbox.lowercased() }
        case .eventsAtOnce(let all): all.contains { $0.lead == key }
        case .pause(.lead(let lead, _)), .resume(.lead(let lead, _)): lead == key
        default: false
        }
    }
}
