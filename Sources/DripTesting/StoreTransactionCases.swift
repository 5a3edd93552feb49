import DripCore
import DripStore

extension StoreConformance {
    private struct Mishap: Error {}

    static let transactionCases: [StoreConformance] = [
        StoreConformance("nothing remains of a commit that throws, in rows, figures or memory") { bed in
            let waiting = try bed.enrol("waits", first: StoreBed.step(planned: .hours(1)))
            try bed.enrol("sends")
            let sending = try bed.markOne()
            let before = (try bed.status(), try bed.ledger("sends"), try bed.nextDueAt())
            let error = try bed.failure { transaction in
                let lead = try transaction.upsert(
                    try StoreBed.draft("new", zone: "Asia/Tokyo", attributes: ["x": .text("y")])
                ).lead
                let campaign = CampaignID(rawValue: "new")
                _ = try transaction.enroll(lead.id, in: campaign, at: StoreBed.start, first: StoreBed.step("unseen"))
                _ = try transaction.suppress(
                    try EmailAddress("sends@example.com"), Suppression(cause: .manual, note: "", since: StoreBed.start))
                var enrollment = try Self.enrollment(sending, in: transaction)
                enrollment.current = StoreBed.step("next", planned: .minutes(1))
                try transaction.settle(
                    sending.id, as: .accepted, enrollment: enrollment,
                    entry: StoreBed.entry(.accepted, of: enrollment, step: sending.step))
                for claim in try transaction.claimDue(.email, now: StoreBed.start + .hours(2), limit: 9) {
                    _ = try transaction.mark(claim, at: StoreBed.start, charging: StoreBed.touch)
                }
                try transaction.journal(JournalEntry(at: StoreBed.start, kind: .event, lead: waiting.lead))
                throw Mishap()
            }
            try expectEqual(error.kind, .misuse, "any error is wrapped")
            try expectEqual(try bed.status(), before.0, "the status")
            try expectEqual(try bed.ledger("sends"), before.1, "the ledger")
            try expectEqual(try bed.nextDueAt(), before.2, "the next due instant")
            try expectEqual(try bed.read { try $0.lead(key: "new@example.com") }, nil, "the lead")
            try expectEqual(try bed.read { try $0.unresolved().map(\.delivery) }, [sending], "what is being sent")
            try expectEqual(try bed.read { try $0.timeline(of: waiting.lead, limit: 9).count }, 1, "the journal")
            // And all of it can be done again.
            try bed.settle(sending, as: .accepted, at: StoreBed.start)
            let new = try bed.enrol("new", in: CampaignID(rawValue: "new"), first: StoreBed.step("unseen"))
            try expectEqual(new.current?.step.rawValue, "unseen", "a step that was named in the failed commit")
        },
        StoreConformance("a store error of the body passes through") { bed in
            let thrown = StoreError(.full, "no more room")
            try expectEqual(try bed.failure { _ in throw thrown }, thrown, "the error")
        },
        StoreConformance("a commit fails when a verb failed, even if its error was caught") { bed in
            let error = try bed.failure { transaction in
                _ = try transaction.upsert(try StoreBed.draft("budi"))
                try? transaction.journal(JournalEntry(at: StoreBed.start, kind: .event, lead: LeadID(rawValue: 99)))
            }
            try expectEqual(error.kind, .misuse, "the kind")
            try expectEqual(try bed.status().leads, 0, "nothing remains")
        },
        StoreConformance("a commit answers what its body does, and a read sees it") { bed in
            let answer = try bed.commit { _ in "answer" }
            try expectEqual(answer, "answer", "of a commit")
            try expectEqual(try bed.read { _ in 42 }, 42, "of a read")
            let none: Int? = try bed.commit { _ in nil }
            try expectEqual(none, nil, "nil is an answer too")
        },
        StoreConformance("a commit or read inside another is refused, and the outer one fails") { bed in
            let error = try bed.failure { _ in _ = try bed.store.read { _ in 1 } }
            try expectEqual(error.kind, .misuse, "the kind")
            try expectEqual(try bed.read { _ in 1 }, 1, "the store works on")
        },
        StoreConformance("a transaction that escaped its commit is refused") { bed in
            let escaped = try bed.commit { $0 }
            do {
                _ = try escaped.upsert(try StoreBed.draft("budi"))
            } catch let error as StoreError {
                try expectEqual(error.kind, .misuse, "the kind")
                return
            }
            throw Unmet(description: "an escaped transaction could write")
        },
        StoreConformance("applied files are replaced as a whole, and come back byte for byte") { bed in
            try expectEqual(try bed.read { try $0.appliedFiles() }, [:], "at first")
            let all = (0...255).map { UInt8($0) }
            let first = ["policy.yaml": Array("a: 1".utf8), "x/welcome.md": all, "empty.md": []]
            try bed.commit { try $0.apply(files: first, at: StoreBed.start) }
            try expectEqual(try bed.read { try $0.appliedFiles() }, first, "as applied")
            let second = ["policy.yaml": Array("a: 2".utf8), "y/welcome.md": all]
            try bed.commit { try $0.apply(files: second, at: StoreBed.start + .hours(1)) }
            try expectEqual(try bed.read { try $0.appliedFiles() }, second, "the vanished ones are gone")
        },
        StoreConformance("an installation has a name") { bed in
            try expect(bed.store.instanceID.utf8.count >= 8, "the id \(bed.store.instanceID) is too short to be unique")
        },
    ]

    private static func enrollment(_ delivery: Delivery, in reader: any StoreReader) throws -> Enrollment {
        try unwrap(try reader.unresolved().first { $0.delivery.id == delivery.id }, "the delivery").enrollment
    }
}
