import DripCore
import DripStore
import DripTesting
import GRDB
import Testing

@testable import DripStoreSQLite

/// A database of each older schema is brought to the newest, and says the same as before.
@Suite struct SchemaTests {
    private let place: ScratchDirectory

    init() throws {
        place = try ScratchDirectory()
    }

    /// Makes a database as the program of that schema left it, with these rows in it.
    private func make(schema: Int, _ rows: String, addresses: [String]) throws {
        let queue = try DatabaseQueue(path: place.path + "/" + SQLiteStore.fileName)
        try queue.write { db in
            for migration in Schema.migrations.prefix(schema) { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA user_version = \(schema)")
            try db.execute(sql: rows)
            try db.execute(sql: "UPDATE meta SET value = '7' WHERE key = 'seed'")
            for (index, address) in addresses.enumerated() {
                let hash = Session.hash(of: try EmailAddress(address), seed: 7)
                try db.execute(sql: "INSERT INTO addresses VALUES (\(hash), \(index + 1))")
            }
        }
        try queue.close()
    }

    /// Two campaigns of one lead: one waits for a cap, one is being sent; and a charge of the day before.
    private static let first = """
        INSERT INTO campaigns VALUES (1, 'ebook-nurture'), (2, 'newsletter');
        INSERT INTO steps VALUES (1, 1, 'welcome'), (2, 2, 'welcome');
        INSERT INTO mailboxes (id, address, lead, waiting, charges)
            VALUES (1, 'budi@example.com', 1, 1, x'01\(packed)');
        INSERT INTO leads (id, mailbox) VALUES (1, 1);
        INSERT INTO enrollments (id, campaign, enrolled_at, status, step, channel, planned_at, due_at, waiting_for,
            deferred, late)
            VALUES (1024, 1, \(start), 0, 1, 1, \(start), NULL, NULL, 0, 0),
                (1025, 2, \(start), 0, 2, 1, \(start), \(start + 3_600_000), 'capped', 3600000, 0);
        INSERT INTO timers VALUES (1, 2, \(start + 3_600_000), 1025);
        INSERT INTO deliveries (enrollment, id, step, state, attempts, marked_at, mailbox)
            VALUES (1024, 7, 1, 1, 1, \(start), 1);
        INSERT INTO gauges VALUES ('leads', 1), ('lastLead', 1), ('lastMailbox', 1), ('lastDelivery', 7);
        """

    private static let start = StoreBed.start.milliseconds
    private static let before = StoreBed.start - .days(1)
    /// One instant as the first schema packed it.
    private static var packed: String {
        var writer = PackedWriter()
        writer.append(signed: before.milliseconds)
        return writer.bytes.dropFirst().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The second one added holds and a lead's pause, and left all of this as it was.
    @Test(arguments: [1, 2]) func anOlderSchemaBecomesTheNewest(schema: Int) throws {
        try make(schema: schema, Self.first, addresses: ["budi@example.com"])
        let store = try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start)
        let bed = StoreBed(store: store)
        let address = try EmailAddress("budi@example.com")
        // Nobody kept what those charges were: they count in every scope.
        let ledger = try bed.read { try $0.ledger(of: address) }
        #expect(ledger.settled == [Charge(at: Self.before, touch: nil)])
        #expect(
            ledger.open == [
                .init(delivery: DeliveryID(rawValue: 7), charge: Charge(at: StoreBed.start, touch: nil))
            ])
        #expect(try bed.read { try $0.optOuts(of: address) } == [])
        let waiting = try bed.read { try $0.enrollments(of: LeadID(rawValue: 1)) }
        #expect(waiting.map(\.current?.permittedAt) == [nil, nil])

        // The end of the one delivery keeps its charge, beside the old one, and wakes what waits.
        let now = StoreBed.start + .minutes(10)
        let settled = try bed.commit(at: now) { transaction in
            let open = try #require(try transaction.unresolved().first)
            var enrollment = open.enrollment
            (enrollment.status, enrollment.current) = (.completed, nil)
            let entry = JournalEntry(
                at: now, kind: .accepted, lead: enrollment.lead, enrollment: enrollment.id,
                campaign: enrollment.campaign)
            try transaction.settle(open.delivery.id, as: .accepted, enrollment: enrollment, entry: entry)
            let claims = try transaction.claimDue(.email, now: now, limit: 9)
            #expect(claims.map(\.pending.deferred) == [.minutes(10)])
            for claim in claims { _ = try transaction.mark(claim, at: now, charging: StoreBed.touch) }
            return try transaction.ledger(of: address)
        }
        #expect(settled.settled.map(\.at) == [Self.before, StoreBed.start])
        #expect(settled.settled.map(\.touch) == [nil, nil])
        #expect(settled.open.map(\.charge.touch) == [StoreBed.touch])
        store.close()

        let again = try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start)
        #expect(try again.read { try $0.ledger(of: address) } == settled)
        again.close()
    }
}
