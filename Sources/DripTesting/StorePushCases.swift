import DripCore
import DripStore

extension StoreConformance {
    private static func content(_ key: String, _ facts: [String: AttributeValue] = ["a": .number(1)]) -> PushContent {
        PushContent(
            key: key, address: try? EmailAddress("\(key)@example.com"), facts: facts, changed: "a", history: "h")
    }

    /// Two leads, of which the first was told of twice and the second once.
    private static func told(_ bed: StoreBed) throws -> (leads: [LeadID], pushes: [PushID]) {
        try bed.commit { transaction in
            let leads = try ["budi", "ani"].map { try transaction.upsert(try StoreBed.draft($0)).lead.id }
            let pushes = try [
                transaction.tell(content("budi"), of: leads[0], to: "hubspot", mark: 1, at: StoreBed.start),
                transaction.tell(
                    content("budi", ["a": .number(2)]), of: leads[0], to: "hubspot", mark: 2,
                    at: StoreBed.start + .seconds(1)),
                transaction.tell(
                    content("ani"), of: leads[1], to: "hubspot", mark: 1, at: StoreBed.start + .seconds(2)),
            ]
            return (leads, pushes)
        }
    }

    private static func due(_ bed: StoreBed, _ after: TimeSpan = .days(1), limit: Int = 9) throws -> [PushID] {
        try bed.read { try $0.pushes(to: "hubspot", dueBy: StoreBed.start + after, limit: limit).map(\.id) }
    }

    static let pushCases: [StoreConformance] = [
        StoreConformance("what is due later is brought forward, and what waits behind another is not") { bed in
            let (_, pushes) = try told(bed)
            let (now, later) = (StoreBed.start + .minutes(1), StoreBed.start + .days(9))
            try expect(
                try bed.commit { try $0.retry(pushes[0], at: later, counts: true, saying: "503", now: now) }, "later")
            try bed.commit { try $0.bringForward(pushesTo: "other", to: now) }
            try expectEqual(try due(bed), [pushes[2]], "of another CRM")
            try bed.commit { try $0.bringForward(pushesTo: "hubspot", to: now) }
            try expectEqual(try due(bed), [pushes[2], pushes[0]], "now")
            try expectEqual(try bed.read { try $0.push(pushes[2])?.dueAt }, StoreBed.start + .seconds(2), "as it was")
            try expectEqual(try bed.read { try $0.push(pushes[1])?.dueAt }, nil, "behind the first")
        },
        StoreConformance("of each lead the oldest change is due, and the next once that has ended") { bed in
            let (leads, pushes) = try told(bed)
            try expectEqual(try due(bed), [pushes[0], pushes[2]], "the first of each")
            try expectEqual(try due(bed, .seconds(1)), [pushes[0]], "by then")
            try expectEqual(try due(bed, limit: 1), [pushes[0]], "so many")
            try expectEqual(try bed.read { try $0.nextPushAt("hubspot") }, StoreBed.start, "the next")
            try expectEqual(try bed.read { try $0.nextPushAt("other") }, nil, "of another")
            let stored = try bed.read { try $0.push(pushes[0]) }
            try expectEqual(
                stored,
                Push(
                    id: pushes[0], transport: "hubspot", lead: leads[0], content: content("budi"), at: StoreBed.start,
                    dueAt: StoreBed.start), "as it was told")
            let later = StoreBed.start + .hours(1)
            try expect(try bed.commit { try $0.took(pushes[0], now: later) }, "taken")
            try expect(try !bed.commit { try $0.took(pushes[0], now: later) }, "twice is once")
            try expectEqual(try due(bed), [pushes[2], pushes[1]], "its next")
            try expectEqual(try bed.read { try $0.push(pushes[1])?.dueAt }, later, "from then on")
            try expectEqual(
                try bed.read { try $0.pushFigures() },
                [PushFigures(transport: "hubspot", waiting: 2, dead: 0, oldestAt: StoreBed.start + .seconds(1))],
                "counted")
        },
        StoreConformance("what is put off keeps its place before the next of its lead") { bed in
            let (_, pushes) = try told(bed)
            let (now, later) = (StoreBed.start + .minutes(1), StoreBed.start + .hours(1))
            try expect(
                try bed.commit { try $0.retry(pushes[0], at: later, counts: true, saying: "503", now: now) }, "put off")
            try expectEqual(try due(bed), [pushes[2], pushes[0]], "later")
            try expect(
                try bed.commit { try $0.retry(pushes[0], at: later, counts: false, saying: "429", now: later) }, "again"
            )
            let stored = try bed.read { try $0.push(pushes[0]) }
            try expectEqual(stored?.attempts, 1, "one attempt counts")
            try expectEqual(stored?.triedAt, now, "the first")
            try expectEqual(stored?.said, "429", "said last")
            try expect(
                try !bed.commit { try $0.retry(pushes[1], at: later, counts: true, saying: "", now: now) },
                "one that waits is not under way")
        },
        StoreConformance("dead letters stand aside until they are let go of") { bed in
            let (leads, pushes) = try told(bed)
            let later = StoreBed.start + .hours(1)
            try expect(try !bed.commit { try $0.discard(pushes[0]) }, "on its way")
            try expect(try bed.commit { try $0.bury(pushes[0], saying: "400 no", now: later) }, "given up")
            try expect(try !bed.commit { try $0.bury(pushes[0], saying: "", now: later) }, "once")
            try expect(try !bed.commit { try $0.took(pushes[0], now: later) }, "for good")
            try expectEqual(try due(bed), [pushes[2], pushes[1]], "the next goes on")
            func dead(_ transport: String?, after: PushID? = nil) throws -> [PushID] {
                try bed.read { try $0.deadLetters(to: transport, after: after, limit: 9).map(\.id) }
            }
            func all(_ limit: Int) throws -> [PushID] {
                try bed.read { try $0.pushes(of: leads[0], limit: limit).map(\.id) }
            }
            try expectEqual(try all(9), [pushes[1], pushes[0]], "of its lead, on their way and dead")
            try expectEqual(try all(1), [pushes[1]], "so many")
            try expectEqual(try dead(nil), [pushes[0]], "of all")
            try expectEqual(try dead("hubspot"), [pushes[0]], "of it")
            try expectEqual(try dead("other"), [], "of another")
            try expectEqual(try dead(nil, after: pushes[0]), [], "behind it")
            try expectEqual(try bed.read { try $0.pushFigures().map(\.dead) }, [1], "counted")
            try expect(try bed.commit { try $0.discard(pushes[0]) }, "let go of")
            try expectEqual(try bed.commit { try $0.discardWaiting(for: "hubspot", limit: 1) }, 1, "some")
            try expectEqual(try bed.commit { try $0.discardWaiting(for: "hubspot", limit: 9) }, 1, "the rest")
            try expectEqual(
                try bed.read { try $0.pushFigures() }, [PushFigures(transport: "hubspot", waiting: 0, dead: 0)], "none")
        },
        StoreConformance("nothing of what a merged or erased lead was to be told stays") { bed in
            let (leads, pushes) = try told(bed)
            _ = try bed.commit { try $0.bury(pushes[0], saying: "no", now: StoreBed.start) }
            try expectEqual(try bed.read { try $0.told(leads[0], to: "hubspot") }, 2, "told last")
            let ani = try bed.read { try $0.leads(after: leads[0], limit: 1).first }
            try expect(ani != nil, "there")
            _ = try bed.commit { transaction in
                try ani.map { try transaction.merge(leads[0], into: $0, at: StoreBed.start) }
            }
            try expectEqual(try bed.read { try $0.told(leads[0], to: "hubspot") }, nil, "forgotten")
            try expectEqual(try due(bed), [pushes[2]], "of the other")
            try bed.commit { try $0.erase(leads[1], at: StoreBed.start) }
            try expectEqual(try due(bed), [], "nothing")
            try expectEqual(try bed.read { try $0.told(leads[1], to: "hubspot") }, nil, "forgotten")
            try expectEqual(
                try bed.read { try $0.pushFigures() }, [PushFigures(transport: "hubspot", waiting: 0, dead: 0)], "none")
        },
    ]
}
