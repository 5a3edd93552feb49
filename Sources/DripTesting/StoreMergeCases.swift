import DripCore
import DripStore

extension StoreConformance {
    static let mergeCases: [StoreConformance] = [
        StoreConformance("a merged lead is another name of the one that took it in") { bed in
            let (first, second) = (try StoreBed.draft("budi"), LeadDraft(key: "crm-1", address: nil))
            let (from, into) = try bed.commit { transaction in
                (try transaction.upsert(first).lead, try transaction.upsert(second).lead)
            }
            var merged = into
            merged.address = from.address
            merged.attributes = ["a": .text("1")]
            merged.pause = LeadPause(since: StoreBed.start, until: nil, note: "by phone")
            merged.history.add(EventName(rawValue: "clicked"), .init(at: StoreBed.start))
            try expectEqual(
                try bed.commit { try $0.merge(from.id, into: merged, at: StoreBed.start) }, [:], "nothing to move")
            try bed.read { reader in
                try expectEqual(try reader.lead(key: "budi@example.com"), merged, "by the old key")
                try expectEqual(try reader.lead(key: "crm-1"), merged, "by its own")
                let address = try unwrap(first.address, "the address")
                try expectEqual(try reader.leads(address: address), [merged], "the mailbox's only lead")
                try expectEqual(try reader.leadsMerged(from: address, limit: 9), [merged], "whose it was")
            }
            try expectEqual(try bed.status().leads, 1, "leads in the status")
            // A list that has not heard of it updates the one lead, and does not give it the old address back.
            _ = try bed.commit { try $0.upsert(LeadDraft(key: "crm-1", address: try EmailAddress("new@example.com"))) }
            let row = try bed.commit {
                try $0.upsert(
                    LeadDraft(key: "budi@example.com", address: first.address, attributes: ["b": .text("2")]))
            }
            try expect(!row.isNew && row.was == nil, "neither new nor moved")
            try expectEqual(row.lead.id, into.id, "its number")
            try expectEqual(row.lead.address?.normalised, "new@example.com", "its address")
            try expectEqual(row.lead.attributes, ["a": .text("1"), "b": .text("2")], "the row's facts")
        },
        StoreConformance("its enrollments and its history are the other's, under new numbers") { bed in
            let from = try bed.enrol("budi")
            let delivery = try bed.markOne()
            let at = StoreBed.start + .minutes(1)
            try bed.settle(delivery, as: .accepted, next: StoreBed.step("two", planned: .hours(5)), at: at)
            let before = try bed.enrollment("budi")
            let into = try bed.enrol("ani", in: StoreBed.news, first: StoreBed.step(planned: .hours(9)))
            try bed.commit { try $0.journal(JournalEntry(at: at, kind: .event, lead: from.lead, detail: "opened")) }
            let was = try bed.status()
            let moves = try bed.commit { transaction in
                let lead = try unwrap(try transaction.lead(key: "ani@example.com"), "ani")
                return try transaction.merge(from.lead, into: lead, at: at)
            }
            let id = try unwrap(moves[from.id], "the new number")
            try expectEqual(id.rawValue, into.id.rawValue + 1, "the next one")
            var moved = before
            (moved.id, moved.lead) = (id, into.lead)
            try bed.read { reader in
                try expectEqual(try reader.enrollments(of: into.lead), [into, moved], "both")
                try expectEqual(try reader.enrolled(from.id)?.enrollment, moved, "by the number of before")
                try expectEqual(try reader.enrolled(from.id)?.lead.key, "ani@example.com", "and its lead")
                try expectEqual(try reader.formerNumbers(of: id), [from.id], "the number of before")
                try expectEqual(try reader.nextDueAt(.email), StoreBed.start + .hours(5), "its timer")
                let timeline = try reader.timeline(of: into.lead, limit: 99)
                try expectEqual(
                    timeline.map(\.kind), [.merged, .event, .enrolled, .accepted, .enrolled], "one history")
                try expect(timeline.allSatisfy { $0.lead == into.lead }, "of one lead")
                try expectEqual(timeline.map(\.enrollment), [id, nil, into.id, id, id], "by the present numbers")
            }
            let now = try bed.status()
            for kind in [JournalEntry.Kind.enrolled, .completed, .exited, .accepted] {
                try expectEqual(
                    now.campaigns[StoreBed.nurture]?.total[kind], was.campaigns[StoreBed.nurture]?.total[kind],
                    "\(kind.name) in the figures")
            }
            // Charges are the mailbox's.
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([StoreBed.start]), "the old mailbox's")
            try expectEqual(try bed.ledger("ani"), ChargeLedger(), "the other's own")
            try expectEqual(try bed.markDue(at: StoreBed.start + .hours(5)).map(\.enrollment), [id], "what is due")
        },
        StoreConformance("a name of a name is the last lead's") { bed in
            let first = try bed.enrol("a")
            try bed.enrol("b")
            try bed.enrol("c")
            func merge(_ from: String, _ into: String) throws -> [EnrollmentID: EnrollmentID] {
                try bed.commit { transaction in
                    let from = try unwrap(try transaction.lead(key: "\(from)@example.com"), from)
                    let into = try unwrap(try transaction.lead(key: "\(into)@example.com"), into)
                    return try transaction.merge(from.id, into: into, at: StoreBed.start)
                }
            }
            let one = try unwrap(try merge("a", "b")[first.id], "moved once")
            let two = try unwrap(try merge("b", "c")[one], "moved twice")
            try bed.read { reader in
                for key in ["a", "b", "c"] {
                    try expectEqual(try reader.lead(key: "\(key)@example.com")?.key, "c@example.com", key)
                }
                for number in [first.id, one, two] {
                    try expectEqual(try reader.enrolled(number)?.enrollment.id, two, "by \(number.rawValue)")
                }
                try expectEqual(try reader.formerNumbers(of: two), [first.id, one].sorted(), "all of before")
                try expectEqual(
                    try reader.leadsMerged(from: try EmailAddress("a@example.com"), limit: 9).map(\.key),
                    ["c@example.com"], "whose the first mailbox was")
            }
            try expectEqual(try bed.status().leads, 1, "leads in the status")
        },
        StoreConformance("what is under way or in doubt is not moved") { bed in
            let from = try bed.enrol("budi")
            let into = try bed.enrol("ani", first: StoreBed.step(planned: .hours(9)))
            let delivery = try bed.markOne()
            func refusal() throws -> StoreError.Kind {
                let failure = try bed.failure { transaction in
                    let lead = try unwrap(try transaction.enrolled(into.id)?.lead, "ani")
                    _ = try transaction.merge(from.lead, into: lead, at: StoreBed.start)
                }
                return failure.kind
            }
            try expectEqual(try refusal(), .misuse, "while it is under way")
            try bed.settle(delivery, as: .inDoubt, at: StoreBed.start)
            try expectEqual(try refusal(), .misuse, "while it is in doubt")
            try expectEqual(try bed.read { try $0.lead(key: "budi@example.com")?.id }, from.lead, "nothing is changed")
        },
    ]
}
