// Whose turn it is to take a lead over.
//
// The rule, in this order:
//
//   away        whoever is away on that day, by the calendar of their zone, takes nothing
//   territory   where the conditions of some of the others hold for the lead, one of those takes it; else one of those without any
//   at work     where some of those are at work at that moment, one of those takes it, so that it waits for nobody's morning
//   turn        of those that are left, whoever's turn it is by their weights; the first of the file where it is the turn of several
//
// Turns are those of start-time fair queueing (Goyal, Vin and Cheng, 1996): each lead moves its owner's turn on by 1 / weight, from
// where it is or where the last lead was given, whichever is later. Whoever comes back from a holiday, or is new, gets their share from
// then on, and is not handed what they missed. Where the last lead was given is known for each pool apart, which are those whom the
// territory leaves, away or not: leads of one territory move nobody's turn in another.
//
// Edge cases: `another` gives it to nobody who has it now. Where all of a territory are away, whoever has no territory takes the lead:
// it waits for no holiday. Where nobody is left, it is nobody's. A lead that has an owner of the file keeps that one, whatever the turn
// says, unless another is asked for or that one is away.
//
// Worked example: Rini (weight 2) and Budi (weight 1), both at work: of six leads Rini takes the 1st, 3rd, 4th and 6th.

/// What a `handoff` step asks for.
package enum HandoffRule: String, CaseIterable, Hashable, Sendable {
    /// The owner that it has, or else whoever's turn it is.
    case next
    /// Somebody other than the owner that it has.
    case another
}

/// Where the turns of the owners stand: in units of which a lead of weight 1 moves one on by `unit`.
package struct OwnerTurns: Hashable, Sendable {
    package static let unit: Int64 = 1_000_000

    /// By name; who is not in it never had one.
    package var turns: [String: Int64]
    /// Where the last lead of each pool was given, by `pool(of:)`.
    package var last: [String: Int64]

    package init(turns: [String: Int64] = [:], last: [String: Int64] = [:]) {
        self.turns = turns
        self.last = last
    }

    /// The name of those among whom a lead's turn is looked for.
    static func pool(of owners: [Owner]) -> String {
        var hash = StableHash("owners")
        for owner in owners { hash.add(owner.name) }
        return String(hash.value, radix: 16)
    }

    func turn(of owner: Owner, in pool: String) -> Int64 { max(turns[owner.name] ?? 0, last[pool] ?? 0) }

    /// A lead is given to them.
    package mutating func give(to owner: Owner, of pool: String) {
        let turn = turn(of: owner, in: pool)
        last[pool] = turn
        turns[owner.name] = turn + Self.unit / Int64(owner.weight)
    }
}

/// Who takes a lead.
package struct OwnerChoice: Hashable, Sendable {
    /// Nil where nobody does.
    package var owner: Owner?
    /// Whose turn it was looked for among; empty where it was nobody's turn.
    package var pool = ""
    package var why: String
}

extension Handoff {
    /// Who takes the lead; `zone` gives the zones of the owners.
    package func choose(
        _ rule: HandoffRule, for facts: ConditionFacts, turns: OwnerTurns, at now: Instant, zone: (Owner) -> Zone
    ) -> OwnerChoice {
        func isHere(_ owner: Owner) -> Bool { !owner.away.contains(zone(owner).local(at: now).date) }
        let current = owner(of: facts.lead)
        if rule == .next, let current, isHere(current) {
            return OwnerChoice(owner: current, why: "it is theirs already")
        }
        let others = owners.filter { $0.name != current?.name }
        let meant = others.filter { $0.takes?.holds(for: facts) ?? false }
        let anybody = others.filter { $0.takes == nil }
        let isOfTerritory = meant.contains(where: isHere)
        let pool = isOfTerritory ? meant : anybody
        let here = pool.filter(isHere)
        guard !here.isEmpty else {
            let away = (meant + anybody).map(\.name).joined(separator: ", ")
            return OwnerChoice(why: away.isEmpty ? "nobody takes such leads" : "away: \(away)")
        }
        let atWork = here.filter { $0.workingTimes.isOpen(at: now, in: zone($0)) }
        let name = OwnerTurns.pool(of: pool)
        let next = (atWork.isEmpty ? here : atWork).enumerated().min {
            (turns.turn(of: $0.element, in: name), $0.offset) < (turns.turn(of: $1.element, in: name), $1.offset)
        }
        let territory =
            isOfTerritory
            ? ", in whose territory it is" : meant.isEmpty ? "" : ", and whoever has its territory is away"
        return OwnerChoice(
            owner: next?.element, pool: name,
            why: "it is their turn\(territory)\(atWork.isEmpty ? ", and nobody is at work" : "")")
    }
}
