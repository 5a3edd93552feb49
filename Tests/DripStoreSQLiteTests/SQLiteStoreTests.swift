import DripCore
import DripStore
import DripTesting
import Foundation
import GRDB
import Testing

@testable import DripStoreSQLite

/// What is this store's own: its files, its lock, what it does when the disk or the database is not well.
@Suite struct SQLiteStoreTests {
    let place: ScratchDirectory

    init() throws {
        place = try ScratchDirectory()
    }

    private var state: String { place.path + "/state/dripd" }
    private var file: String { state + "/dripd.sqlite" }

    private func open(as holder: String = "test") throws(StoreError) -> SQLiteStore {
        try SQLiteStore.open(directory: state, holder: holder, now: StoreBed.start)
    }

    private func opened() -> StoreError? {
        do {
            try open().close()
            return nil
        } catch {
            return error
        }
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    // MARK: Files

    @Test func filesAreTheDaemonsAlone() throws {
        let store = try open()
        try StoreBed(store: store).enrol("budi")
        #expect(try mode(state) == 0o700)
        for name in ["dripd.sqlite", "dripd.sqlite-wal", "dripd.sqlite-shm", "dripd.lock"] {
            #expect(try mode(state + "/" + name) == 0o600, "\(name)")
        }
        store.close()
    }

    @Test func aFileThatWasOpenedToAllIsClosedAgain() throws {
        try open().close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let store = try open()
        #expect(try mode(file) == 0o600)
        store.close()
    }

    @Test func whatWasCommittedIsThereAfterReopening() throws {
        var store = try open()
        let id = store.instanceID
        var bed = StoreBed(store: store)
        let enrollment = try bed.enrol("budi", first: StoreBed.step(planned: .hours(3)))
        let status = try bed.read { try $0.statusSnapshot(now: StoreBed.start, today: StoreBed.day) }
        store.close()
        store = try open()
        bed = StoreBed(store: store)
        #expect(store.instanceID == id)
        #expect(try bed.read { try $0.enrollments(of: enrollment.lead) } == [enrollment])
        #expect(try bed.read { try $0.nextDueAt(.email) } == StoreBed.start + .hours(3))
        #expect(try bed.read { try $0.statusSnapshot(now: StoreBed.start, today: StoreBed.day) } == status)
        try bed.audit()
        store.close()
    }

    @Test func twoInstallationsHaveTwoNames() throws {
        let other = try ScratchDirectory()
        let (one, two) = (try open(), try SQLiteStore.open(directory: other.path, holder: "test", now: StoreBed.start))
        #expect(one.instanceID != two.instanceID)
        one.close()
        two.close()
    }

    @Test func aClosedStoreRefuses() throws {
        let store = try open()
        store.close()
        store.close()
        let error = #expect(throws: StoreError.self) { try store.read { _ in 1 } }
        #expect(error?.kind == .misuse)
    }

    // MARK: The lock

    @Test func aSecondOpenerLearnsWhoHoldsIt() throws {
        let store = try open(as: "run")
        let error = opened()
        #expect(error?.kind == .locked)
        #expect(
            error?.description.contains("dripd run (pid \(getpid()), since 2") == true, "\(error?.description ?? "")")
        store.close()
        #expect(opened() == nil)
    }

    @Test func aLockIsLetGoWithItsStore() throws {
        do { _ = try open() }
        #expect(opened() == nil)
    }

    @Test func anotherProcessIsNamedAndItsDeathFreesTheState() throws {
        let tool = try StoreTool(try StoreTool.path, ["churn", state])
        #expect(tool.lines(1).isEmpty == false)
        let error = opened()
        #expect(error?.kind == .locked)
        let name = "dripd churn (pid \(tool.process.processIdentifier), since 2"
        #expect(error?.description.contains(name) == true, "\(error?.description ?? "opened")")
        tool.kill()
        let left = try String(contentsOfFile: state + "/dripd.lock", encoding: .utf8)
        #expect(left.contains("pid \(tool.process.processIdentifier)"), "a stale file is no obstacle")
        #expect(opened() == nil)
    }

    // MARK: What is not ours, or not well

    private func tamper(_ sql: String) throws {
        try open().close()
        let queue = try DatabaseQueue(path: file)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func aNewerSchemaIsRefusedUntouched() throws {
        try tamper("PRAGMA user_version = 99")
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let error = opened()
        #expect(error?.kind == .newerSchema)
        #expect(error?.description.contains("schema 99, this one knows \(Schema.migrations.count)") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }

    @Test func anotherProgramsDatabaseIsRefused() throws {
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: file)
        try queue.write { try $0.execute(sql: "CREATE TABLE songs (title TEXT)") }
        try queue.close()
        #expect(opened()?.kind == .corrupt)
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try Data("no database at all, but long enough to be read as one".utf8).write(to: URL(fileURLWithPath: file))
        #expect(opened()?.kind == .corrupt)
    }

    @Test(arguments: [
        "UPDATE leads SET attributes = x'01FF'", "UPDATE leads SET attributes = x'07'",
        "UPDATE leads SET attributes = x'01010A0005'", "UPDATE mailboxes SET charges = x'01808080808080808080FF'",
        "UPDATE mailboxes SET charges = x'0202'",
        "UPDATE mailboxes SET charges = x'02020163'", "UPDATE mailboxes SET opted_out = x'0100'",
        "UPDATE mailboxes SET suppressed = 'nonsense'", "UPDATE mailboxes SET address = 'a b'",
        "UPDATE leads SET zone = 999", "UPDATE enrollments SET step = 999", "UPDATE enrollments SET campaign = 0",
        "UPDATE enrollments SET status = 9", "UPDATE enrollments SET channel = 9",
        "UPDATE enrollments SET waiting_for = 'x'", "UPDATE enrollments SET finished = x'0180'",
        "DELETE FROM leads", "DELETE FROM enrollments", "UPDATE timers SET due_at = due_at - 1",
    ])
    func aDamagedRowIsAnErrorAndNoTrap(damage: String) throws {
        let store = try open()
        try StoreBed(store: store).enrol("budi")
        store.close()
        try tamper(damage)
        let damaged = try open()
        let error = #expect(throws: StoreError.self) {
            try damaged.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
                _ = try transaction.claimDue(.email, now: StoreBed.start, limit: 9)
            }
        }
        #expect(error?.kind == .corrupt, "\(error?.description ?? "")")
        damaged.close()
    }

    /// An error amid rows must not keep a statement open: it would hold the log back from ever being written back.
    @Test func anErrorAmidRowsLeavesNothingOpen() throws {
        let store = try open()
        let bed = StoreBed(store: store)
        let lead = try bed.enrol("budi").lead
        try bed.enrol("budi", in: StoreBed.news)
        store.close()
        try tamper("UPDATE enrollments SET status = 9 WHERE campaign = 1")
        let damaged = try open()
        #expect(throws: StoreError.self) { try damaged.read { try $0.enrollments(of: lead) } }
        try StoreBed(store: damaged).enrol("siti")
        // The log is written back whole only where nobody still reads from it.
        let left = try damaged.inspect { session throws(StoreError) in
            do {
                let row = try Row.fetchOne(session.database, sql: "PRAGMA wal_checkpoint(PASSIVE)")
                return row.map { ($0[1] as Int) - ($0[2] as Int) }
            } catch {
                throw StoreError(any: error)
            }
        }
        #expect(left == 0)
        damaged.close()
    }

    @Test func aDamagedFileIsAnErrorAndNoTrap() throws {
        let store = try open()
        for number in 0..<200 { try StoreBed(store: store).enrol("lead\(number)") }
        store.close()
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        let size = try handle.seekToEnd()
        var random = SplitMix64(seed: 1)
        for page in 1..<Int(size / 4_096) {
            try handle.seek(toOffset: UInt64(page * 4_096))
            try handle.write(contentsOf: Data((0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }))
        }
        try handle.close()
        let error = opened()
        #expect(error?.kind == .corrupt, "\(error?.description ?? "opened")")
    }

    @Test func aFullDiskIsSaidAndLosesNothing() throws {
        let store = try open()
        let bed = StoreBed(store: store)
        try bed.enrol("first")
        let before = try bed.read { try $0.statusSnapshot(now: StoreBed.start, today: StoreBed.day) }
        func limit(pages: Int) throws {
            _ = try store.inspect { session throws(StoreError) in
                do {
                    return try Int.fetchOne(session.database, sql: "PRAGMA max_page_count = \(pages)")
                } catch {
                    throw StoreError(any: error)
                }
            }
        }
        try limit(pages: 1)
        let error = #expect(throws: StoreError.self) {
            try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
                for number in 0..<2_000 {
                    let lead = try transaction.upsert(try StoreBed.draft("lead\(number)")).lead
                    _ = try transaction.enroll(lead.id, in: StoreBed.news, at: StoreBed.start, first: StoreBed.step())
                }
            }
        }
        #expect(error?.kind == .full)
        #expect(error?.description.contains("free space") == true)
        #expect(try bed.read { try $0.statusSnapshot(now: StoreBed.start, today: StoreBed.day) } == before)
        try bed.audit()
        try limit(pages: 1_000_000)
        try bed.enrol("second")
        try bed.audit()
        store.close()
        let again = try open()
        #expect(try again.read { try $0.statusSnapshot(now: StoreBed.start, today: StoreBed.day) }.leads == 2)
        again.close()
    }

    @Test(arguments: [
        (Int32(13), StoreError.Kind.full), (10, .io), (10 | 4 << 8, .io), (11, .corrupt), (26, .corrupt), (5, .locked),
        (8, .io), (14, .io), (1, .misuse), (21, .misuse),
    ])
    func resultCodesMeanWhatHasToHappen(code: Int32, kind: StoreError.Kind) {
        #expect(StoreError(sqlite: code, message: "m").kind == kind)
    }

    // MARK: The audit itself

    @Test(arguments: [
        "DELETE FROM timers", "INSERT INTO timers SELECT channel, campaign, due_at + 1, enrollment FROM timers",
        "UPDATE enrollments SET status = 2", "UPDATE enrollments SET step = NULL", "UPDATE counters SET n = n + 1",
        "UPDATE counters SET n = n + 1 WHERE day = 'all'", "DELETE FROM journal", "UPDATE gauges SET n = n + 1",
        "UPDATE gauges SET n = 0", "UPDATE leads SET journal_head = 1", "UPDATE enrollments SET journal_head = NULL",
        "UPDATE mailboxes SET lead = NULL", "UPDATE leads SET mailbox = 77", "DELETE FROM addresses",
        "INSERT INTO deliveries (enrollment, id, step, state, attempts, marked_at) VALUES (1024, 9, 1, 0, 1, 0), "
            + "(1024, 10, 1, 0, 1, 0)",
        "INSERT INTO applied VALUES ('x', x'00', 0)",
    ])
    func theAuditFinds(damage: String) throws {
        let store = try open()
        try StoreBed(store: store).enrol("budi")
        #expect(try store.audit() == [])
        try store.inspect { session throws(StoreError) in
            do {
                try session.database.execute(sql: damage)
            } catch {
                throw StoreError(any: error)
            }
        }
        var problems: [String] = []
        do {
            problems = try store.audit()
        } catch {
            problems = [error.description]
        }
        #expect(problems != [])
        store.close()
    }
}
