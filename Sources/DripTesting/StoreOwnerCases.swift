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
                for (owner, month, tally) in [
                    ("Rini", "2026-11", OwnerTally.given), ("Rini", "2026-12", .given), ("Rini", "2026-12", .given),
                    ("Rini", "2026-12", .acceptedLate), ("Budi", "2026-11", .rejected),
                ] {
                    try transaction.count(tally, of: owner, in: month)
                }
            }
            let expected = [
                OwnerFigures(owner: "Budi", month: "2026-11", counts: ["rejected": 1]),
                OwnerFigures(owner: "Rini", month: "2026-12", counts: ["given": 2, "accepted_late": 1]),
                OwnerFigures(owner: "Rini", month: "2026-11", counts: ["given": 1]),
            ]
            try expectEqual(try bed.read { try $0.ownerFigures() }, expected, "figures")
        },
    ]
}
