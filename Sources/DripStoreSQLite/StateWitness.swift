// How a restored or moved copy of the state is told from the state itself.
//
// The rule: a small file beside the database, which is no part of it, says which database it stood beside last (the
// installation's id and the file's inode number) and how far that one had come. A database that is another file, or has
// come less far, is a copy: nothing may go out of it until a person says that it goes on (`dripd resume --recovered`),
// because what was sent after the copy was made would be sent again.
//
// Edge cases: a database that has never had a witness (a new one, or one from before this file existed) gets one. Where
// it is gone although the database had one, the database was restored alone. The witness is rewritten in place after
// every commit and never synced: after a power cut it may be older than the database, never newer, and never half a
// line. A snapshot of the whole machine cannot be recognised.

import DripStore
import Glibc

struct StateWitness: Equatable {
    var instance: String
    var inode: UInt64
    /// How many journal entries and deliveries there have been.
    var progress: Int64

    /// Whether a database that is `self` now is the one that `last` stood beside.
    func continues(_ last: StateWitness) -> Bool {
        instance == last.instance && inode == last.inode && progress >= last.progress
    }

    /// One line of a fixed length, so that writing over it never leaves a mixture.
    var line: [UInt8] {
        func padded(_ number: UInt64) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
        }
        return Array("dripd \(instance) inode \(padded(inode)) progress \(padded(UInt64(max(0, progress))))\n".utf8)
    }

    init(instance: String, inode: UInt64, progress: Int64) {
        self.instance = instance
        self.inode = inode
        self.progress = progress
    }

    init?(line: [UInt8]) {
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 6, words[0] == "dripd", words[2] == "inode", words[4] == "progress",
            let inode = UInt64(words[3]), let progress = Int64(words[5])
        else { return nil }
        self.init(instance: String(words[1]), inode: inode, progress: progress)
    }
}

/// The witness's file, open for the life of the store.
final class WitnessFile {
    static let fileName = "dripd.witness"

    private let descriptor: Int32
    private let inode: UInt64
    private let instance: String
    private var written: Int64 = -1

    init(directory: String, database: String, instance: String) throws(StoreError) {
        let path = directory + "/" + Self.fileName
        var facts = stat()
        guard stat(database, &facts) == 0 else {
            throw StoreError(.io, "\(database) cannot be looked at (\(reason(errno)))")
        }
        inode = UInt64(facts.st_ino)
        self.instance = instance
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.io, "\(path) cannot be opened (\(reason(errno))): check its owner and mode")
        }
    }

    deinit { close(descriptor) }

    /// What it says; nil where it is new or unreadable.
    func read() -> StateWitness? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return StateWitness(line: Array(buffer.prefix(max(0, count))))
    }

    func current(progress: Int64) -> StateWitness {
        StateWitness(instance: instance, inode: inode, progress: progress)
    }

    /// Rewrites it where there is anything new; what cannot be written leaves an older one, which is still true.
    func write(progress: Int64) {
        guard progress != written else { return }
        written = progress
        let line = current(progress: progress).line
        _ = line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}

extension Session {
    /// How far this database has come.
    var progress: Int64 { books[.lastEntry] + books[.lastDelivery] }

    /// Compares the database with its witness, and notes in it where it is a copy.
    func check(_ witness: WitnessFile) throws(StoreError) {
        let hadWitness = try meta("witnessed") != nil
        let isCopy: Bool
        if let last = witness.read() {
            isCopy = !witness.current(progress: progress).continues(last)
        } else {
            isCopy = hadWitness
        }
        if !hadWitness { try setMeta("witnessed", to: "1") }
        if isCopy { try setMeta("recovered", to: "1") }
    }

    func isRecovered() throws -> Bool {
        try read { () throws(StoreError) in try meta("recovered") != nil }
    }

    func confirmRecovery() throws {
        try write { () throws(StoreError) in try setMeta("recovered", to: nil) }
    }

    private func meta(_ key: String) throws(StoreError) -> String? {
        defer { fileSQL.meta.reset() }
        return try fileSQL.meta.bind(1, key).step() ? fileSQL.meta.text(0) : nil
    }

    private func setMeta(_ key: String, to value: String?) throws(StoreError) {
        if let value {
            try fileSQL.setMeta.bind(1, key).bind(2, value).run()
        } else {
            try fileSQL.dropMeta.bind(1, key).run()
        }
    }
}
