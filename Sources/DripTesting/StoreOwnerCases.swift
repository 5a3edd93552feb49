import DripCore
import DripStore

extension StoreConformance {
    static let ownerCases: [StoreConformance] = [
        StoreConformance("turns of owners are kept, and one that is set anew replaces what was") { bed in
            try expectEqual(try bed.read { try $0.ownerTurns() }, OwnerTurns(), "nobody had one")
            try bed.commit {
                try $0.setOwnerTurns(OwnerTurns(turns: ["Rini": 500_000, "Budi": 1_000_000], last: ["a": 7, "b": 9]))
            }
            try bed.commit { try $0.setOwnerTurns(OwnerTurns(turns: ["Rini": 1_000_000], last: ["a": 500_000])) }
            try expectEqual(
                try bed.read { try $0.ownerTurns() },
                OwnerTurns(turns: ["Rini": 1_000_000, "Budi": 1_000_000], last: ["a": 500_000, "b": 9]), "both")
        },
        StoreConformance("what became of an owner's leads is counted by month, the newest first") { bed in
            try bed.commit { transaction in
                for (owner, daysOn, tally) in [
                    ("Rini", 0, OwnerTally.given), ("Rini", 30, .given), ("Rini", 31, .given),
                    ("Rini", 30, .acceptedLate), ("Budi", 0, .rejected),
                ] {
                    try transaction.count(tally, of: owner, on: LocalDate(daysSinceEpoch: 20_758 + daysOn), by: 1)
                }
                // What is taken back was never there.
                for number in [1, -1] {
                    try transaction.count(.given, of: "Made", on: LocalDate(daysSinceEpoch: 20_758), by: number)
                }
            }
            let expected = [
                OwnerFigures(owner: "Budi", month: "2026-11", counts: ["rejected": 1]),
                OwnerFigures(owner: "Rini", month: "2026-12", counts: ["given": 2, "accepted_late": 1]),
                OwnerFigures(owner: "Rini", month: "2026-11", counts: ["given": 1]),
            ]
            try expectEqual(try bed.read { try $0.ownerFigures() }, expected, "figures")
            let days = LocalDate(daysSinceEpoch: 20_759)...LocalDate(daysSinceEpoch: 20_788)
            try expectEqual(
                try bed.read { try $0.ownerFigures(of: days) },
                [OwnerFigures(owner: "Rini", counts: ["given": 1, "accepted_late": 1])], "of days")
        },
        StoreConformance("a promise is overdue behind its instant, until it is answered") { bed in
            func facts(_ state: String, _ fact: String, _ by: String) -> [String: AttributeValue] {
                [
                    "handoff_to": .text("Rini"), "handoff": .text(state), "accept_by": .text(""),
                    "follow_up_by": .text(""), "owner_since": .text("2026-11-02T02:07:00.000Z"),
                ].merging([fact: .text(by)]) { $1 }
            }
            let four = Instant(milliseconds: 1_793_592_000_000)
            func overdue(_ now: Instant) throws -> [OverduePromises] {
                try bed.read { try $0.overduePromises(at: now) }
            }
            func write(_ key: String, _ facts: [String: AttributeValue]) throws -> LeadID {
                try bed.commit { try $0.upsert(LeadDraft(key: key, address: nil, attributes: facts)).lead.id }
            }
            let id = try write("a", facts("given", "accept_by", "\(four)"))
            _ = try write("b", facts("given", "accept_by", "\(four + .milliseconds(1))"))
            _ = try write("c", facts("given", "accept_by", ""))
            let promised = try bed.read { try $0.promisedLeads(after: nil, limit: 9) }
            try expectEqual(promised.map(\.key), ["a", "b"], "whose promise runs, overdue or not")
            try expectEqual(promised.compactMap(\.openPromise?.by), [four, four + .milliseconds(1)], "until when")
            try expectEqual(try bed.read { try $0.promisedLeads(after: id, limit: 9) }.map(\.key), ["b"], "behind a")
            try expectEqual(try bed.read { try $0.promisedLeads(after: nil, limit: 1) }.map(\.key), ["a"], "one")
            try expectEqual(try overdue(four), [], "at the very instant")
            let one = OverduePromises(owner: "Rini", isFollowUp: false, since: four - .hours(2), n: 1)
            try expectEqual(try overdue(four + .milliseconds(1)), [one], "behind it")
            _ = try write("a", facts("accepted", "follow_up_by", "\(four + .hours(2))"))
            try expectEqual(try overdue(four + .hours(1)), [one], "the other")
            let next = OverduePromises(owner: "Rini", isFollowUp: true, since: four - .hours(2), n: 1)
            try expectEqual(Set(try overdue(four + .hours(3))), [one, next], "both")
            _ = try write("b", facts("rejected", "accept_by", ""))
            for (stage, promised) in [(Stage.customer, []), (.sql, [next]), (.disqualified, []), (.recycled, [next])] {
                try bed.commit { try $0.setStage(LeadStage(stage, since: StoreBed.start), of: id) }
                try expectEqual(try overdue(four + .hours(3)), promised, "as \(stage)")
            }
            try bed.commit { try $0.erase(id, at: StoreBed.start, isRemembered: true) }
            try expectEqual(try overdue(four + .days(90)), [], "answered, and forgotten")
        },
    ]
}
