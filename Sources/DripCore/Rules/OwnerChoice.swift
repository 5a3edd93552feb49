// Whose turn it is to take a lead over.
//
// The rule, in this order:
//
//   territory   where the conditions of some owners hold for the lead, one of those takes it; else one of those without any
//   away        whoever is away on that day, by the calendar of their zone, takes nothing
//   at work     where some of those are at work at that moment, one of those takes it, so that it waits for nobody's morning
//   turn        of those that are left, whoever's turn it is by their weights; the first of the file where it is the turn of several
//
// Turns are those of start-time fair queueing (Goyal, Vin and Cheng, 1996): each lead moves its owner's turn on by 1 / weight, from
// where it is or where the last lead was given, whichever is later. Whoever comes back from a holiday, or is new, gets their share from
// then on, and is not handed what they missed.
//
// Edge cases: `another` gives it to nobody who has it now. Where nobody is left, it is nobody's. A lead that has an owner of the file keeps
// that one, whatever the turn says, unless another is asked for or that one is away.
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
    /// Where the last lead was given.
    package var last: Int64

    package init(turns: [String: Int64] = [:], last: Int64 = 0) {
        self.turns = turns
        self.last = last
    }

    func turn(of owner: Owner) -> Int64 { max(turns[owner.name] ?? 0, last) }

    /// A lead is given to them.
    package mutating func give(to owner: Owner) {
        let turn = turn(of: owner)
        last = turn
        turns[owner.name] = turn + Self.unit / Int64(owner.weight)
    }
}

extension Handoff {
    /// Who takes the lead, with why in words; `zone` gives the zones of the owners.
    package func choose(
        _ rule: HandoffRule, for facts: ConditionFacts, turns: OwnerTurns, at now: Instant, zone: (Owner) -> Zone
    ) -> (owner: Owner?, why: String) {
        func isAway(_ owner: Owner) -> Bool { owner.away.contains(zone(owner).local(at: now).date) }
        let current = owner(of: facts.lead)
        if rule == .next, let current, !isAway(current) { return (current, "it is theirs already") }
        let others = owners.filter { $0.name != current?.name }
        let meant = others.filter { $0.takes?.holds(for: facts) ?? false }
        let fitting = meant.isEmpty ? others.filter { $0.takes == nil } : meant
        guard !fitting.isEmpty else { return (nil, "nobody takes such leads") }
        let here = fitting.filter { !isAway($0) }
        guard !here.isEmpty else {
            return (nil, "away: \(fitting.map(\.name).joined(separator: ", "))")
        }
        let atWork = here.filter { $0.workingTimes.isOpen(at: now, in: zone($0)) }
        let candidates = atWork.isEmpty ? here : atWork
        let next = candidates.enumerated().min {
            (turns.turn(of: $0.element), $0.offset) < (turns.turn(of: $1.element), $1.offset)
        }
        let territory = meant.isEmpty ? "" : ", in whose territory it is"
        return (next?.element, "it is their turn\(territory)\(atWork.isEmpty ? ", and nobody is at work" : "")")
    }
}
