import DripCampaigns
import DripCore
import DripEngine
import DripMessages
import DripStore
import DripStoreSQLite
import Foundation

/// One life of the daemon's process: the real engine on the real store, from boot to death.
final class Machine {
    let engine: Engine
    let store: FaultyStore
    let composition: Composition
    /// What came of loading the folder.
    let report: ReloadReport
    /// What was applied before it booted.
    private let applied: [String: [UInt8]]
    private let sqlite: SQLiteStore
    /// What its alarm is set to, by its own clock.
    var alarm: Instant?

    /// Boots as `dripd run` does: opens the state, loads the folder, applies it, and mends what a crash left.
    ///
    /// `prepare` sets the faults that this boot meets.
    init(
        directory: String, trace: Trace, files: [String: [UInt8]], loader: ProgrammeLoader,
        transports: [Engine.TransportDescription], clock: () -> Instant, prepare: (FaultyStore) -> Void
    ) throws {
        sqlite = try SQLiteStore.open(directory: directory, holder: "run", now: clock())
        store = FaultyStore(sqlite, trace: trace)
        prepare(store)
        do {
            applied = try store.read { try $0.appliedFiles() }
            let update = loader.load(disk: FileTree(files: files), applied: applied, running: [:])
            report = update.report
            engine = try Engine.boot(
                store: store, update: update, identity: .init(version: "sim", node: "sim", startedAt: clock()),
                transports: transports, now: clock())
            composition = Composition(instanceID: store.instanceID, signer: nil)
            _ = try engine.recover(now: clock())
        } catch {
            sqlite.close()
            throw error
        }
    }

    /// The campaigns whose new version waits for consent.
    var held: Set<String> { Set(engine.heldPlans.map(\.campaign.rawValue)) }

    /// Whether a folder was applied before it booted.
    func hadApplied(_ files: [String: [UInt8]]) -> Bool { files.allSatisfy { applied[$0.key] == $0.value } }

    /// What a reload finds in the store before it loads.
    func reloadFacts() throws -> (applied: [String: [UInt8]], running: [CampaignID: String]) {
        (try store.read { try $0.appliedFiles() }, engine.runningHashes)
    }

    func audit() throws -> [String] { try sqlite.audit() }

    /// What the state says of all leads, and of what their owners came to, whatever the disk does.
    func handoffs() throws -> (leads: [Lead], figures: [OwnerFigures]) {
        try sqlite.read { (try $0.leads(after: nil, limit: 10_000), try $0.ownerFigures()) }
    }

    /// Ends it; what it had not written is gone.
    func close() { sqlite.close() }
}

/// The state directory of one scenario, and what a kill leaves of it: files as they are, without a last word of SQLite.
struct StateFiles {
    /// Below `/dev/shm`, where there is one: what is tested is the order of writes, not the disk.
    static let root = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()

    private let home: String

    /// Database and log, byte for byte.
    struct Copy {
        fileprivate var database: Data
        fileprivate var log: Data?
    }

    /// Makes a directory of its own from a template, a fresh database whose identity is not drawn by chance.
    init(template: String) throws {
        home = Self.root + "/dripd-sim-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: template, toPath: database)
    }

    var directory: String { home }
    private var database: String { "\(home)/\(SQLiteStore.fileName)" }
    private var log: String { database + "-wal" }
    var tables: Tables { Tables(path: database) }

    /// The files as they are at this moment: what a kill leaves, or a backup takes.
    func copy() throws -> Copy {
        let hasLog = FileManager.default.fileExists(atPath: log)
        return Copy(
            database: try Data(contentsOf: URL(filePath: database)),
            log: hasLog ? try Data(contentsOf: URL(filePath: log)) : nil)
    }

    /// Makes the files what they were.
    ///
    /// The same files are written over, as if nobody had ever closed them; a restored
    /// backup (`asNewFiles`) replaces them.
    func put(_ copy: Copy, asNewFiles: Bool = false) throws {
        for path in [log, database + "-shm"] where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        if asNewFiles {
            // Written before the old one goes, so that the file system cannot give its number to the new one.
            try copy.database.write(to: URL(filePath: database + ".restored"))
            try FileManager.default.removeItem(atPath: database)
            try FileManager.default.moveItem(atPath: database + ".restored", toPath: database)
        } else {
            try copy.database.write(to: URL(filePath: database))
        }
        if let bytes = copy.log { try bytes.write(to: URL(filePath: log)) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: home) }

    static func removeTemplate(_ path: String) {
        try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
    }

    /// An empty database with a fixed instance and hash seed, so that two runs of one seed write the same.
    static func makeTemplate() throws -> String {
        let home = root + "/dripd-sim-template-\(UUID().uuidString)"
        try SQLiteStore.open(directory: home, holder: "sim", now: Instant(seconds: 0)).close()
        let tables = Tables(path: "\(home)/\(SQLiteStore.fileName)")
        _ = try tables.rows("UPDATE meta SET value = 'simulated0000000' WHERE key = 'instance'")
        _ = try tables.rows("UPDATE meta SET value = '4' WHERE key = 'seed'")
        // A template is copied on purpose: each copy gets a witness of its own.
        _ = try tables.rows("DELETE FROM meta WHERE key = 'witnessed'")
        return "\(home)/\(SQLiteStore.fileName)"
    }
}
