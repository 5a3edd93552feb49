package import DripCore
package import DripStore
import Foundation
import GRDB
import GRDBSQLite
import Glibc

/// The embedded store: one SQLite database in one directory, for one daemon.
///
/// Durable: write-ahead log with `synchronous=FULL`, so a commit that returned survives a power cut. Not `Sendable`: it
/// belongs to the engine's queue, as the protocol says.
package final class SQLiteStore: DripStore {
    package static let fileName = "dripd.sqlite"

    package let instanceID: String
    private let queue: DatabaseQueue
    private let lock: StateLock
    private var session: Session?
    private let witnesses: Witnesses
    /// Whether this is a restored or moved copy that nobody has confirmed: its witnesses stay as they are.
    private var isCopy: Bool
    /// Whether a failed commit left memory behind the tables.
    private var mustReload = false

    /// Opens, or creates, the state in `directory` for `holder` (a verb: `run`, `import`), with the lock taken first.
    ///
    /// - Parameter runtimeDirectory: where a second witness lies that a restored state directory does not bring back
    ///   (`StateWitness.swift`); every verb of an installation must name it, or leave it to none.
    /// - Parameter now: the instant of this start, from which the numbers of a restored copy go on.
    package static func open(
        directory: String, runtimeDirectory: String? = nil, holder: String, now: Instant
    ) throws(StoreError) -> SQLiteStore {
        try makeDirectory(directory)
        let lock = try StateLock(directory: directory, holder: holder)
        do {
            let path = directory + "/" + fileName
            try makeFile(path)
            return try SQLiteStore(path: path, runtimeDirectory: runtimeDirectory, lock: lock, now: now)
        } catch {
            lock.release()
            throw StoreError(any: error)
        }
    }

    private init(path: String, runtimeDirectory: String?, lock: StateLock, now: Instant) throws {
        var configuration = Configuration()
        configuration.label = "dripd.store"
        configuration.foreignKeysEnabled = false
        // Only a backup or a person's shell can be in the way.
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: path, configuration: configuration)
        self.lock = lock
        let (session, instance) = try queue.inDatabase { db in
            try Self.tune(db)
            try Schema.migrate(db)
            guard let instance = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'instance'") else {
                throw StoreError.corrupt("the state has lost its instance id")
            }
            // GRDB has SQLite report every column of every statement, for observers that are not here.
            sqlite3_set_authorizer(db.sqliteConnection, nil, nil)
            let session = try Session(db)
            try session.inTransaction(.immediate) {
                try session.addUpFiguresIfAsked(db)
                try session.findPromisesIfAsked(db)
            }
            return (session, instance)
        }
        witnesses = try Witnesses(
            directory: URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
            runtimeDirectory: runtimeDirectory, database: path, instance: instance)
        isCopy = try queue.inDatabase { [witnesses] _ in
            var isCopy = true
            try session.inTransaction(.immediate) {
                session.phase = .writing
                defer { session.phase = .idle }
                isCopy = try session.check(witnesses, now: now)
            }
            return isCopy
        }
        if !isCopy { witnesses.write(progress: session.progress) }
        instanceID = instance
        self.session = session
    }

    /// Sets how the connection works; GRDB would lower `synchronous`, so it comes last and is read back.
    private static func tune(_ db: Database) throws {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw StoreError(.io, "the state's file system cannot hold a write-ahead log: move it to a local disk")
        }
        try db.execute(
            sql: """
                PRAGMA cache_size = -\(Tuning.cacheKilobytes);
                PRAGMA wal_autocheckpoint = \(Tuning.logPages);
                PRAGMA journal_size_limit = \(2 * Tuning.logPages * 4_096);
                PRAGMA temp_store = MEMORY;
                PRAGMA secure_delete = ON;
                PRAGMA synchronous = FULL;
                """)
        guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
            throw StoreError(.misuse, "the database did not take synchronous=FULL")
        }
    }

    /// Writes the log back into the database and lets the lock go; further calls are refused.
    package func close() {
        session = nil
        // A failure here costs nothing: what was committed is in the log, and the next start reads it.
        try? queue.close()
        lock.release()
    }

    // MARK: Commits and reads

    package func commit<Result>(
        at now: Instant, today: LocalDate, _ body: (any StoreTransaction) throws -> Result
    ) throws(StoreError) -> Result {
        try perform { session in
            session.now = now
            session.today = today
            session.phase = .writing
            var result: Result?
            var staysCopy = isCopy
            mustReload = true
            try session.inTransaction(.immediate) {
                result = try body(session)
                if let doom = session.doom { throw doom }
                try session.books.flush(today: today)
                try session.arms.flush()
                try session.rollUps.flush()
                if isCopy { staysCopy = try session.isMarkedCopy }
            }
            mustReload = false
            session.books.committed()
            session.arms.forget()
            session.rollUps.forget()
            bearWitness(staysCopy: staysCopy, progress: session.progress)
            session.forgetClaims()
            return result
        }
    }

    /// Lets the witnesses know of a commit, unless it is a copy's.
    private func bearWitness(staysCopy: Bool, progress: Int64) {
        if staysCopy { return }
        if isCopy {
            // Where it fails, the next start asks for the confirmation again.
            try? witnesses.settle(progress: progress)
            isCopy = false
        }
        witnesses.write(progress: progress)
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws(StoreError) -> Result {
        try perform { session in
            session.phase = .reading
            var result: Result?
            try session.inTransaction(.deferred) { result = try body(session) }
            return result
        }
    }

    /// Writes the whole log back into the database and cuts it: pages of before stand in no file any more.
    package func scrub() throws(StoreError) {
        let isBusy = try perform { session in
            try Int.fetchOne(session.database, sql: "PRAGMA wal_checkpoint(TRUNCATE)") ?? 1
        }
        guard isBusy == 0 else { throw StoreError(.locked, "the log could not be cut: something else reads the state") }
    }

    /// Lends the session in a read of its own, for what is not a verb.
    func inspect<Result>(_ body: (Session) throws(StoreError) -> Result) throws(StoreError) -> Result {
        try perform { session in
            session.phase = .reading
            return try body(session)
        }
    }

    private func perform<Result>(_ body: (Session) throws -> Result?) throws(StoreError) -> Result {
        guard let session else { throw StoreError(.misuse, "the store is closed") }
        guard session.phase == .idle else {
            throw StoreError(.misuse, "a commit or read began inside another")
        }
        do {
            let result = try queue.inDatabase { _ in
                if mustReload {
                    try session.load()
                    mustReload = false
                }
                session.clearDoom()
                defer { session.phase = .idle }
                do {
                    return try body(session)
                } catch {
                    session.resetStatements()
                    throw error
                }
            }
            guard let result else { throw StoreError(.misuse, "a commit ended without its result") }
            return result
        } catch {
            throw StoreError(any: error)
        }
    }

    // MARK: Files

    private static func makeDirectory(_ path: String) throws(StoreError) {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue { return }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(.io, "the directory \(path) cannot be made (\(error.localizedDescription))")
        }
    }

    /// Makes the empty database with its mode before SQLite sees it, which gives its log files the same mode.
    private static func makeFile(_ path: String) throws(StoreError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.io, "\(path) cannot be opened (\(reason(errno))): check its owner and mode")
        }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else {
            throw StoreError(.io, "\(path) cannot be made private (\(reason(errno))): check its owner")
        }
    }
}

/// Sizes that were measured, not guessed: see `drip-bench-store`.
enum Tuning {
    /// SQLite's own page cache; all that the store holds of the database in memory.
    static let cacheKilobytes = 32_768
    /// How large the log grows before it is written back: long enough that a page changed often is written back once,
    /// short enough that a start after a kill reads it in some ten milliseconds.
    static let logPages = 8_192
}
