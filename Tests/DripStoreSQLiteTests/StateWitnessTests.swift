import DripCore
import DripStore
import DripTesting
import Foundation
import GRDB
import Testing

@testable import DripStoreSQLite

/// Restored and moved copies, as files that are copied about.
@Suite struct StateWitnessTests {
    let place: ScratchDirectory

    init() throws {
        place = try ScratchDirectory()
    }

    private var state: String { place.path + "/state" }
    private var backup: String { place.path + "/backup.sqlite" }

    private func open(_ now: Instant = StoreBed.start) throws -> SQLiteStore {
        try SQLiteStore.open(directory: state, holder: "test", now: now)
    }

    private func isRecovered(_ now: Instant = StoreBed.start) throws -> Bool {
        let store = try open(now)
        defer { store.close() }
        return try store.read { try $0.isRecovered() }
    }

    private func work(_ name: String, at now: Instant = StoreBed.start) throws {
        let store = try open(now)
        try StoreBed(store: store).enrol(name)
        store.close()
    }

    private func copy(_ from: String, _ to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    @Test func aStateThatGoesOnIsNoCopy() throws {
        #expect(try !isRecovered())
        try work("budi")
        #expect(try !isRecovered())
    }

    @Test func aKillLeavesNoCopy() throws {
        let store = try open()
        try StoreBed(store: store).enrol("budi")
        // Nothing is closed: what is on disk now is what a kill leaves.
        for name in try FileManager.default.contentsOfDirectory(atPath: state) where name != "dripd.lock" {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: state + "/" + name))
            #expect(!bytes.isEmpty || name.hasSuffix("-wal"))
        }
        store.close()
        #expect(try !isRecovered())
    }

    private func tell(_ name: String, at now: Instant = StoreBed.start) throws -> PushID {
        let store = try open(now)
        defer { store.close() }
        let bed = StoreBed(store: store)
        return try bed.commit { transaction in
            let lead = try transaction.upsert(try StoreBed.draft(name)).lead.id
            return try transaction.tell(
                PushContent(key: name, address: nil, facts: [:]), of: lead, to: "hubspot", mark: 1, at: StoreBed.start)
        }
    }

    /// A CRM is told numbers that grow.
    @Test(arguments: [true, false])
    func aRestoredBackupGivesNoChangeTheNumberOfOneThatItHasLost(hasTold: Bool) throws {
        try work("budi")
        if hasTold { _ = try tell("budi") }
        try copy(state + "/dripd.sqlite", backup)
        try work("ani")
        let lost = try tell("citra")
        try copy(backup, state + "/dripd.sqlite")
        #expect(try isRecovered())
        let next = try tell("dewi")
        #expect(next > lost)
    }

    /// Links, bounces and Message-IDs of whoever came after the backup are out there.
    @Test func aRestoredBackupGivesNobodyTheNumberOfALeadThatItHasLost() throws {
        try work("budi")
        try copy(state + "/dripd.sqlite", backup)
        try work("ani")
        let store = try open()
        let lost = try store.read { try #require(try $0.lead(key: "ani@example.com")).id }
        store.close()
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: state + "/dripd.sqlite" + end) }
        try copy(backup, state + "/dripd.sqlite")
        #expect(try isRecovered())
        try work("tono")
        let restored = try open()
        defer { restored.close() }
        let next = try restored.read { try #require(try $0.lead(key: "tono@example.com")).id }
        #expect(next > lost)
        #expect(try restored.audit() == [])
    }

    /// Whoever came after the first restore has links as well, and the CRM has heard of them.
    @Test(arguments: [false, true]) func noNumberIsGivenTwiceHoweverOftenABackupIsRestored(isOfACopy: Bool) throws {
        func restore(at now: Instant) throws {
            for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: state + "/dripd.sqlite" + end) }
            try copy(backup, state + "/dripd.sqlite")
            #expect(try isRecovered(now))
        }
        // Every start is later than the one before: where files get their inode numbers back, it is seen as a copy once more.
        func come(_ name: String, at now: Instant) throws -> (lead: LeadID, push: PushID) {
            try work(name, at: now)
            let push = try tell(name, at: now + .milliseconds(100))
            let store = try open(now + .milliseconds(200))
            defer { store.close() }
            return (try store.read { try #require(try $0.lead(key: "\(name)@example.com")).id }, push)
        }
        try work("budi")
        try copy(state + "/dripd.sqlite", backup)
        var last = try come("ani", at: StoreBed.start)
        try restore(at: StoreBed.start + .seconds(1))
        if isOfACopy { try copy(state + "/dripd.sqlite", backup) }
        for (seconds, name) in [(Int64(2), "citra"), (3, "dewi"), (60, "eko")] {
            let next = try come(name, at: StoreBed.start + .seconds(seconds - 1) + .milliseconds(100))
            #expect(next.lead > last.lead && next.push > last.push)
            #expect(next.lead.rawValue < 1 << 46, "an enrollment's number holds it 1,024 times")
            last = next
            try restore(at: StoreBed.start + .seconds(seconds))
        }
    }

    /// One that was never set, and one that stood far ahead once: the numbers leap nevertheless.
    @Test func aClockThatStandsWrongGivesNoNumberTwice() throws {
        try work("budi")
        try copy(state + "/dripd.sqlite", backup)
        try work("ani")
        let lost = try tell("ani")
        for (now, name) in [
            (Instant(seconds: 5), "citra"), (StoreBed.start + .days(5_000), "dewi"), (StoreBed.start, "eko"),
        ] {
            for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: state + "/dripd.sqlite" + end) }
            try copy(backup, state + "/dripd.sqlite")
            #expect(try isRecovered(now))
            let next = try tell(name)
            #expect(next.rawValue > lost.rawValue + 1_000_000, "\(name)")
            if name == "dewi" { try copy(state + "/dripd.sqlite", backup) }
            if name == "eko" { #expect(next.rawValue > Session.numberOfCopies(at: StoreBed.start + .days(5_000))) }
        }
    }

    @Test func aRestoredBackupIsRecognisedUntilItIsConfirmed() throws {
        try work("budi")
        try copy(state + "/dripd.sqlite", backup)
        try work("siti")
        try copy(backup, state + "/dripd.sqlite")
        #expect(try isRecovered())
        #expect(try isRecovered(), "a restart does not settle it")
        let store = try open()
        try store.commit(at: StoreBed.start, today: StoreBed.day) { try $0.confirmRecovery() }
        store.close()
        #expect(try !isRecovered())
    }

    @Test func aBackupWrittenOverTheSameFileIsRecognisedByWhatItLacks() throws {
        try work("budi")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: state + "/dripd.sqlite"))
        try work("siti")
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: state + "/dripd.sqlite"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
        #expect(try isRecovered())
    }

    @Test func aMovedDirectoryIsACopy() throws {
        try work("budi")
        try FileManager.default.copyItem(atPath: state, toPath: place.path + "/moved")
        let store = try SQLiteStore.open(directory: place.path + "/moved", holder: "test", now: StoreBed.start)
        #expect(try store.read { try $0.isRecovered() })
        store.close()
    }

    /// Writes over the bytes of every file that is there, as `cp` does: the files stay the same.
    private func putBack(_ from: String, _ to: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: from))
        guard let file = FileHandle(forWritingAtPath: to) else { return try bytes.write(to: URL(fileURLWithPath: to)) }
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    @Test func aBackupPutBackTwiceIsRecognisedTwice() throws {
        try work("budi")
        try copy(state + "/dripd.sqlite", backup)
        try work("siti")
        try putBack(backup, state + "/dripd.sqlite")
        #expect(try isRecovered())
        try putBack(backup, state + "/dripd.sqlite")
        #expect(try isRecovered(), "at once, before the copy did anything")
        // However much the copy takes in meanwhile, it says nothing of what went out.
        for name in ["a", "b", "c", "d"] { try work(name) }
        #expect(try isRecovered())
        try putBack(backup, state + "/dripd.sqlite")
        #expect(try isRecovered())
        let store = try open()
        try store.commit(at: StoreBed.start, today: StoreBed.day) { try $0.confirmRecovery() }
        // Confirmed, it is the state, and a witness is kept of what it does from here on.
        try StoreBed(store: store).enrol("dewi")
        store.close()
        #expect(try !isRecovered())
        try putBack(backup, state + "/dripd.sqlite")
        #expect(try isRecovered())
    }

    private var runtime: String { place.path + "/run" }

    private func runWith(_ name: String? = nil) throws -> Bool {
        let store = try SQLiteStore.open(
            directory: state, runtimeDirectory: runtime, holder: "test", now: StoreBed.start)
        defer { store.close() }
        if let name { try StoreBed(store: store).enrol(name) }
        return try store.read { try $0.isRecovered() }
    }

    private func backUpDirectory() throws { try copy(state, place.path + "/directory") }

    private func putBackDirectory() throws {
        for name in ["dripd.sqlite", "dripd.witness"] {
            try putBack(place.path + "/directory/" + name, state + "/" + name)
        }
    }

    @Test func aWholeDirectoryPutBackIsRecognisedByTheRuntimeWitness() throws {
        try FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: true)
        #expect(try !runWith("budi"))
        try backUpDirectory()
        #expect(try !runWith("siti"))
        try putBackDirectory()
        #expect(try runWith("dewi"))
        #expect(try runWith("agus"), "what it takes in does not settle it")
        try putBackDirectory()
        #expect(try runWith(), "nor does putting it back again")
        let store = try SQLiteStore.open(
            directory: state, runtimeDirectory: runtime, holder: "test", now: StoreBed.start)
        try store.commit(at: StoreBed.start, today: StoreBed.day) { try $0.confirmRecovery() }
        store.close()
        #expect(try !runWith())
    }

    /// As after a reboot: what the manual says to do is what makes it known.
    @Test func aWholeDirectoryPutBackWithoutItsWitnessIsACopy() throws {
        try work("budi")
        try backUpDirectory()
        try work("siti")
        try putBackDirectory()
        try FileManager.default.removeItem(atPath: state + "/dripd.witness")
        #expect(try isRecovered())
    }

    @Test func theRuntimeWitnessOfAnotherInstallationProvesNothing() throws {
        try FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: true)
        for name in ["a", "b", "c"] { #expect(try !runWith(name)) }
        try FileManager.default.removeItem(atPath: state)
        #expect(try !runWith("budi"), "a state that began anew")
        try FileManager.default.removeItem(atPath: runtime)
        #expect(try !runWith("siti"), "and one without a runtime directory")
    }

    @Test func aFirstStartThatWasCutOffBeforeItsWitnessIsNoCopy() throws {
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        // A pipe can be opened, and nothing can be written at a place in it.
        #expect(mkfifo(state + "/dripd.witness", 0o600) == 0)
        let failure = #expect(throws: StoreError.self) { try open() }
        #expect(failure?.kind == .io)
        try FileManager.default.removeItem(atPath: state + "/dripd.witness")
        #expect(try !isRecovered())
        try Data().write(to: URL(fileURLWithPath: state + "/dripd.witness"))
        #expect(try isRecovered(), "from then on an empty witness is none")
    }

    @Test func aDatabaseRestoredAloneIsACopy() throws {
        try work("budi")
        try FileManager.default.removeItem(atPath: state + "/dripd.witness")
        #expect(try isRecovered())
    }

    @Test func anOlderSchemaWithoutWitnessIsNoCopy() throws {
        try work("budi")
        let store = try open()
        try store.inspect { session throws(StoreError) in
            do {
                try session.database.execute(sql: "DELETE FROM meta WHERE key = 'witnessed'")
            } catch {
                throw StoreError(any: error)
            }
        }
        store.close()
        try FileManager.default.removeItem(atPath: state + "/dripd.witness")
        #expect(try !isRecovered())
    }

    @Test func aLineIsReadAsItWasWritten() throws {
        let witness = StateWitness(instance: "abc", inode: 12, progress: 345)
        #expect(StateWitness(line: witness.line) == witness)
        #expect(witness.line.count == StateWitness(instance: "abc", inode: .max, progress: .max).line.count)
        for junk in ["", "dripd", "dripd abc inode x progress 3", "dropd abc inode 1 progress 3"] {
            #expect(StateWitness(line: Array(junk.utf8)) == nil)
        }
    }
}
