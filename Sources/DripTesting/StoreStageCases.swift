import DripCore
import DripStore

extension StoreConformance {
    private static func name(_ lead: Lead) -> String { String(lead.key.prefix { $0 != "@" }) }

    static let stageCases: [StoreConformance] = [
        StoreConformance("a lead's stage is the lead's, and an import leaves it alone") { bed in
            let lead = try bed.commit { try $0.upsert(try StoreBed.draft("budi")).lead }
            try expectEqual(lead.stage, LeadStage(), "a new one")
            let stage = LeadStage(.mql, since: StoreBed.start, isArmed: true, lookAt: StoreBed.start + .days(3))
            try bed.commit { try $0.setStage(stage, of: lead.id) }
            try expectEqual(
                try bed.commit { try $0.upsert(try StoreBed.draft("budi", locale: "id")).lead.stage }, stage, "")
            let back = LeadStage(.lead, since: StoreBed.start + .days(3))
            try bed.commit { try $0.setStage(back, of: lead.id) }
            try expectEqual(try bed.read { try $0.lead(key: "budi@example.com")?.stage }, back, "afterwards")
        },
        StoreConformance("leads are looked at when they are to be, the earliest first") { bed in
            try expectEqual(try bed.read { try $0.nextLookAt() }, nil, "nobody")
            let names = ["budi", "ani", "tono"]
            let leads = try bed.commit { transaction in
                try names.map { try transaction.upsert(try StoreBed.draft($0)).lead.id }
            }
            try bed.commit { transaction in
                for (lead, days) in zip(leads, [3, 1, 2] as [Int64]) {
                    try transaction.setStage(LeadStage(lookAt: StoreBed.start + .days(days)), of: lead)
                }
            }
            try expectEqual(try bed.read { try $0.nextLookAt() }, StoreBed.start + .days(1), "the next")
            func due(_ days: Int64, limit: Int = 9) throws -> [String] {
                try bed.commit { try $0.leadsToLookAt(by: StoreBed.start + .days(days), limit: limit).map(name) }
            }
            try expectEqual(try due(0), [], "too early")
            try expectEqual(try due(2), ["ani", "tono"], "in time")
            try expectEqual(try due(9, limit: 2), ["ani", "tono"], "no more than asked for")
            try bed.commit { try $0.setStage(LeadStage(), of: leads[1]) }
            try expectEqual(try due(9), ["tono", "budi"], "those that are left")
            try bed.commit { try $0.erase(leads[0], at: StoreBed.start) }
            try expectEqual(try due(9), ["tono"], "the erased is not looked at")
        },
        StoreConformance("a merged lead stands where the higher one stood, and is looked at once") { bed in
            let (into, from) = try bed.commit { transaction in
                (
                    try transaction.upsert(try StoreBed.draft("budi")).lead,
                    try transaction.upsert(try StoreBed.draft("crm-17")).lead
                )
            }
            let stage = LeadStage(.sql, since: StoreBed.start, lookAt: StoreBed.start + .days(1))
            try bed.commit { transaction in
                try transaction.setStage(stage, of: from.id)
                var merged = into
                merged.stage = stage
                _ = try transaction.merge(from.id, into: merged, at: StoreBed.start)
            }
            let due = try bed.commit { try $0.leadsToLookAt(by: StoreBed.start + .days(9), limit: 9) }
            try expectEqual(due.map(name), ["budi"], "one of them")
            try expectEqual(due.first?.stage, stage, "its stage")
        },
    ]
}
