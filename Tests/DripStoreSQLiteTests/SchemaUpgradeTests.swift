import DripCore
import DripStore
import DripTesting
import Foundation
import GRDB
import Testing

@testable import DripStoreSQLite

/// A database of every schema that was ever written becomes the newest one, with all that it held.
@Suite struct SchemaUpgradeTests {
    private let place: ScratchDirectory

    init() throws { place = try ScratchDirectory() }

    /// The rows of one lead that is between two steps, as the first schema holds them.
    private static let rows = """
        INSERT INTO mailboxes (id, address, lead) VALUES (1, 'budi@example.com', 1);
        INSERT INTO leads (id, key, mailbox) VALUES (1, 'crm-1', 1);
        INSERT INTO campaigns VALUES (1, 'c');
        INSERT INTO steps (id, campaign, name) VALUES (1, 1, 'a'), (2, 1, 'b');
        INSERT INTO enrollments (id, campaign, enrolled_at, status, step, channel, planned_at, deferred, late,
            last_sent_at, last_sent_planned_at, finished)
            VALUES (1024, 1, 1000, 0, 2, 1, 90000000, 0, 0, 5000, 4000, X'0101');
        INSERT INTO timers VALUES (1, 1, 90000000, 1024);
        """

    /// A pause that was set before its beginning was noted holds as before, and began no later than dripd was at work.
    @Test(arguments: 2..<6, [nil, 4_000_000_000_000, 5_000] as [Int64?])
    func aPauseOfBeforeHoldsOn(schema: Int, until: Int64?) throws {
        let written = until ?? Instant.distantFuture.milliseconds
        let store = try upgraded(
            from: schema,
            rows: Self.rows + "UPDATE leads SET paused_until = \(written) WHERE id = 1;"
                + "INSERT INTO gauges VALUES ('lastTurn', 90000);")
        defer { store.close() }
        let pause = try #require(try store.read { try $0.lead(key: "crm-1")?.pause })
        #expect(pause.until == until.map(Instant.init(milliseconds:)))
        #expect(pause.since == Instant(milliseconds: min(written, 90_000)))
        #expect(pause.holds(at: Instant(milliseconds: 90_000)) == (until != 5_000))
    }

    /// The store that this program makes of one with that schema and these rows.
    private func upgraded(from schema: Int, rows: String) throws -> SQLiteStore {
        let state = place.path + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: state + "/dripd.sqlite")
        try queue.write { db in
            for migration in Schema.migrations[..<schema] { try db.execute(sql: migration) }
            try db.execute(sql: rows)
            try db.execute(sql: "PRAGMA user_version = \(schema)")
        }
        try queue.close()
        return try SQLiteStore.open(directory: state, holder: "test", now: StoreBed.start)
    }

    @Test(arguments: 1..<Schema.migrations.count)
    func anOlderDatabaseIsBroughtUpToDate(schema: Int) throws {
        let store = try upgraded(from: schema, rows: Self.rows)
        defer { store.close() }
        var enrollment = try #require(try store.read { try $0.enrollments(of: LeadID(rawValue: 1)).first })
        #expect(enrollment.finished == [StepID(rawValue: "a")] && enrollment.current?.step == StepID(rawValue: "b"))
        #expect(enrollment.lastSent?.sentAt == Instant(milliseconds: 5_000))
        // Nobody wrote it down: what counts from it takes the last send instead.
        #expect(enrollment.lastEndedAt == nil)
        #expect(try store.read { try $0.lead(key: "crm-1")?.address?.normalised } == "budi@example.com")

        let was = enrollment.current
        enrollment.finished.append(StepID(rawValue: "b"))
        (enrollment.status, enrollment.current, enrollment.lastEndedAt) = (
            .completed, nil, Instant(milliseconds: 7_000)
        )
        let now = Instant(milliseconds: 90_000_000)
        let written = enrollment
        try store.commit(at: now, today: StoreBed.day) { try $0.advance(written, was: was, entry: nil) }
        #expect(try store.read { try $0.enrollments(of: LeadID(rawValue: 1)) } == [written])
    }

    /// Who was under way before there were versions goes by the latest, and whoever enrols now may go by one.
    @Test(arguments: 1..<Schema.migrations.count) func whoIsUnderWayGoesByTheLatest(schema: Int) throws {
        let store = try upgraded(from: schema, rows: Self.rows)
        defer { store.close() }
        let (lead, version) = (LeadID(rawValue: 1), CampaignVersion(CampaignID(rawValue: "c"), "3fa8c2d11e07"))
        #expect(try store.read { try $0.enrollments(of: lead).map(\.version) } == [nil])
        #expect(try store.read { try $0.ongoing(by: version, limit: 9) } == 0)
        _ = try store.commit(at: StoreBed.start, today: StoreBed.day) {
            try $0.enroll(
                lead, in: version.campaign, at: StoreBed.start, first: StoreBed.step(), key: "7", data: [:],
                version: version.hash)
        }
        #expect(try store.read { try $0.enrollments(of: lead).map(\.version) } == [nil, version.hash])
        #expect(try store.read { try $0.ongoing(by: version, limit: 9) } == 1)
    }

    /// Arms that were taken before anybody counted them are counted, so that none has more goals than runs.
    @Test func theArmsOfBeforeAreCounted() throws {
        let schema = try #require(Schema.migrations.firstIndex { $0.contains("CREATE TABLE arms") })
        let store = try upgraded(
            from: schema,
            rows: Self.rows + "UPDATE enrollments SET choices = '1=short;2=then' WHERE id = 1024;"
                + "INSERT INTO enrollments (id, campaign, enrolled_at, status, deferred, late, choices, run_key)"
                + "VALUES (1025, 1, 1000, 2, 0, 0, '1=short', 'k');")
        defer { store.close() }
        let status = try store.read { try $0.statusSnapshot(now: .epoch, today: StoreBed.day) }
        let arms = status.campaigns[CampaignID(rawValue: "c")]?.arms
        #expect(arms?[StepID(rawValue: "a")] == ["short": .init(runs: 2)])
        #expect(arms?[StepID(rawValue: "b")] == ["then": .init(runs: 1)])
    }

    /// What owners did before their days were kept is of its month still, and what they promised is found.
    @Test func whatOwnersPromisedBeforeIsKnown() throws {
        let schema = try #require(Schema.migrations.firstIndex { $0.contains("CREATE TABLE promises") })
        // Packed: three attributes by name.
        let facts = [("handoff_to", "Rini"), ("handoff", "given"), ("accept_by", "2026-11-02T04:00:00.000Z")]
        var packed = "01" + "03"
        for (name, value) in facts {
            packed += "00" + Self.packed(name) + "00" + Self.packed(value)
        }
        let store = try upgraded(
            from: schema,
            rows: Self.rows + "UPDATE leads SET attributes = X'\(packed)';"
                + "INSERT INTO owner_figures VALUES ('Rini', '2026-11', 'given', 3), ('Rini', '2026-10', 'given', 1);")
        defer { store.close() }
        _ = try store.commit(at: StoreBed.start, today: StoreBed.day) {
            try $0.count(.given, of: "Rini", on: try #require(LocalDate("2026-11-05")), by: 1)
        }
        #expect(
            try store.read { try $0.ownerFigures() } == [
                OwnerFigures(owner: "Rini", month: "2026-11", counts: ["given": 4]),
                OwnerFigures(owner: "Rini", month: "2026-10", counts: ["given": 1]),
            ])
        let days = try #require(LocalDate("2026-11-01"))...(try #require(LocalDate("2026-11-30")))
        #expect(try store.read { try $0.ownerFigures(of: days) }.map { $0.count(.given) } == [1])
        // A month as a text stands between the last day of the one before and its own first.
        let week = try #require(LocalDate("2026-10-26"))...(try #require(LocalDate("2026-11-01")))
        #expect(try store.read { try $0.ownerFigures(of: week) } == [])
        let now = try #require(Instant("2026-11-03T00:00:00Z"))
        #expect(try store.read { try $0.overduePromises(at: now) }.map { "\($0.owner) \($0.n)" } == ["Rini 1"])
        #expect(try store.audit().filter { $0.contains("promise") } == [])
    }

    /// A length and UTF-8, in hexadecimal.
    private static func packed(_ text: String) -> String {
        ([UInt8(text.utf8.count)] + Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined()
    }

    /// A kill between the migration and the adding up leaves that to the next start, and not to nobody.
    @Test func rollUpsAreAddedUpThoughAKillCameBetween() throws {
        let schema = try #require(Schema.migrations.firstIndex { $0.contains("CREATE TABLE figures") })
        try upgraded(
            from: schema,
            rows: Self.rows
                + """
                INSERT INTO journal (id, at, lead, kind) VALUES (1, 1000, 1, 1);
                INSERT INTO journal (id, at, lead, enrollment, campaign, kind) VALUES (2, 1000, 1, 1024, 1, 2);
                """
        ).close()
        // As the migration left it, before anything was added up.
        let queue = try DatabaseQueue(path: place.path + "/state/dripd.sqlite")
        try queue.write { db in
            try db.execute(sql: "DELETE FROM figures; INSERT INTO meta VALUES ('figures', 'to be added up')")
        }
        try queue.close()
        let store = try SQLiteStore.open(directory: place.path + "/state", holder: "test", now: StoreBed.start)
        defer { store.close() }
        let leads = try store.read { try $0.figures(FigureQuery(.made)) }.filter { $0.measure == .leads }
        #expect(leads.map(\.n) == [1])
        #expect(try store.audit().filter { $0.contains("roll-up") } == [])
    }

    /// What waited to go again because nobody knew whether it arrived does so still; what a person had sent again does not.
    @Test(arguments: [true, false]) func aDoubtOfBeforeIsOneStill(isReserved: Bool) throws {
        let delivery = """
            INSERT INTO deliveries (enrollment, id, step, state, attempts, marked_at, mailbox, counts)
                VALUES (1024, 7, 2, 0, 1, 89000000, 1, 1);
            """
        let store = try upgraded(
            from: 10,
            rows: Self.rows + "UPDATE enrollments SET waiting_for = 'unknownOutcome';" + (isReserved ? delivery : ""))
        defer { store.close() }
        let enrollment = try #require(try store.read { try $0.enrollments(of: LeadID(rawValue: 1)).first })
        #expect(enrollment.current?.doubtedAt == (isReserved ? Instant(milliseconds: 89_000_000) : nil))
    }
}
