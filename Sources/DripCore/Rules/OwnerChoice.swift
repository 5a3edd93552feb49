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
// territory leaves, away or not, and whoever has the lead now among them: leads of one territory move nobody's turn in another. A pool
// in which nobody has had a lead yet, because somebody is new in it, begins at the lowest turn that one of its owners has.
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
    /// Where the last lead of each pool was given, by its name.
    package var last: [String: Int64]

    /// Those among whom a lead's turn is looked for.
    package struct Pool: Hashable, Sendable {
        package var members: [String]

        /// The same for the same owners, in the order of the file.
        package var name: String {
            var hash = StableHash("owners")
            for member in members { hash.add(member) }
            return String(hash.value, radix: 16)
        }

        init(_ owners: [Owner]) { members = owners.map(\.name) }
    }

    package init(turns: [String: Int64] = [:], last: [String: Int64] = [:]) {
        self.turns = turns
        self.last = last
    }

    /// Where a pool stands: whoever had no lead in it yet gets none for what others were given before.
    private func start(of pool: Pool) -> Int64 {
        last[pool.name] ?? pool.members.compactMap { turns[$0] }.min() ?? 0
    }

    func turn(of owner: Owner, in pool: Pool) -> Int64 { max(turns[owner.name] ?? 0, start(of: pool)) }

    /// A lead is given to them.
    package mutating func give(to owner: Owner, of pool: Pool) {
        let turn = turn(of: owner, in: pool)
        last[pool.name] = turn
        turns[owner.name] = turn + Self.unit / Int64(owner.weight)
    }
}

/// Who takes a lead.
package struct OwnerChoice: Hashable, Sendable {
    /// Nil where nobody does.
    package var owner: Owner?
    /// Whose turn it was looked for among; nil where it was nobody's turn.
    package var pool: OwnerTurns.Pool?
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
        let here = (isOfTerritory ? meant : anybody).filter(isHere)
        guard !here.isEmpty else {
            let away = (meant + anybody).map(\.name).joined(separator: ", ")
            return OwnerChoice(why: away.isEmpty ? "nobody takes such leads" : "away: \(away)")
        }
        let atWork = here.filter { $0.workingTimes.isOpen(at: now, in: zone($0)) }
        // With whoever has it now: those who take leads over from one of them have the same turns as all others.
        let pool = OwnerTurns.Pool(
            owners.filter { isOfTerritory ? $0.takes?.holds(for: facts) ?? false : $0.takes == nil })
        let next = (atWork.isEmpty ? here : atWork).enumerated().min {
            (turns.turn(of: $0.element, in: pool), $0.offset) < (turns.turn(of: $1.element, in: pool), $1.offset)
        }
        let territory =
            isOfTerritory
            ? ", in whose territory it is" : meant.isEmpty ? "" : ", and whoever has its territory is away"
        return OwnerChoice(
            owner: next?.element, pool: pool,
            why: "it is their turn\(territory)\(atWork.isEmpty ? ", and nobody is at work" : "")")
    }
}
