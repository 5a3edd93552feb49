import DripStore
import Glibc

/// The witnesses of one database: the file beside it, and the one in the runtime directory where there is such a place.
final class Witnesses {
    private let beside: WitnessFile
    private let runtime: WitnessFile?
    private let instance: String
    private let inode: UInt64
    private var written: Int64 = -1

    /// Opens both, or makes them.
    ///
    /// - Parameter runtimeDirectory: where no state lies; one that does not exist has no witness.
    /// - Throws: `StoreError.io` where one of them cannot be opened: without it a copy could go unnoticed.
    init(
        directory: String, runtimeDirectory: String?, database: String, instance: String
    ) throws(StoreError) {
        var facts = stat()
        guard stat(database, &facts) == 0 else {
            throw StoreError(.io, "\(database) cannot be looked at (\(reason(errno)))")
        }
        inode = UInt64(facts.st_ino)
        self.instance = instance
        beside = try WitnessFile(directory: directory)
        if let runtimeDirectory, access(runtimeDirectory, F_OK) == 0 {
            runtime = try WitnessFile(directory: runtimeDirectory)
        } else {
            runtime = nil
        }
    }

    /// Whether a database that has come so far is a copy; `hadWitness` says that one was on disk beside it before.
    func tellCopy(progress: Int64, hadWitness: Bool) -> Bool {
        let current = StateWitness(instance: instance, inode: inode, progress: progress)
        if let last = runtime?.read(), last.instance == instance, !current.continues(last) { return true }
        return beside.read().map { !current.continues($0) } ?? hadWitness
    }

    /// Rewrites them where there is anything new; what cannot be written leaves an older one, which is still true.
    func write(progress: Int64) {
        guard progress > written else { return }
        written = progress
        let line = StateWitness(instance: instance, inode: inode, progress: progress).line
        _ = beside.write(line)
        _ = runtime?.write(line)
    }

    /// Writes them anew, also where that says less than before, and has the one beside the database on disk.
    func settle(progress: Int64) throws(StoreError) {
        written = progress
        let line = StateWitness(instance: instance, inode: inode, progress: progress).line
        guard beside.write(line), beside.sync() else {
            throw StoreError(.io, "\(beside.path) cannot be written (\(reason(errno)))")
        }
        _ = runtime?.write(line)
    }
}

/// One witness, open for the life of the store.
final class WitnessFile {
    static let fileName = "dripd.witness"

    let path: String
    private let directory: String
    private let descriptor: Int32

    init(directory: String) throws(StoreError) {
        self.directory = directory
        path = directory + "/" + Self.fileName
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.io, "\(path) cannot be opened (\(reason(errno))): check its owner and mode")
        }
        // What root makes here belongs to whoever owns the place, or the service could not open it any more.
        var owner = stat()
        if geteuid() == 0, stat(directory, &owner) == 0 { _ = fchown(descriptor, owner.st_uid, owner.st_gid) }
    }

    deinit { close(descriptor) }

    /// What it says; nil where it is new or unreadable.
    func read() -> StateWitness? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return StateWitness(line: Array(buffer.prefix(max(0, count))))
    }

    func write(_ line: [UInt8]) -> Bool {
        line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } == line.count
    }

    /// Has its bytes and its name on disk.
    func sync() -> Bool {
        guard fsync(descriptor) == 0 else { return false }
        let place = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { return false }
        defer { close(place) }
        return fsync(place) == 0
    }
}
