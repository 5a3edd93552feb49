// How a restored or moved copy of the state is told from the state itself.
//
// The rule: a small file beside the database, which is no part of it, says which database it stood beside last (the
// installation's id and the file's inode number) and how far that one had come. A database that is another file, or has
// come less far, is a copy: nothing may go out of it until a person says that it goes on (`dripd resume --recovered`),
// because what was sent after the copy was made would be sent again. While it is an unconfirmed copy the witness stays
// as it is, so that the same backup put back once more is a copy once more.
//
// A second witness lies in the runtime directory, out of the way of whoever restores the whole state directory, the
// witness with it. A reboot takes it away, so its absence proves nothing; nor does what it says of another installation.
//
// Edge cases: a database that has never had a witness (a new one, or one from before this file existed) gets one, which
// is on disk before the database says that it has one. From then on a witness that is gone or empty means that the
// database was restored alone. Later it is rewritten in place after every commit and never synced: after a power cut it
// may be older than the database, never newer, and never half a line. A whole directory put back in place after a
// reboot, and a snapshot of the whole machine, cannot be recognised.
//
// Worked example: backed up at 100, sent on to 105. The backup is copied over the database: 100 is less than the
// witness's 105, a copy. Before anybody confirms it, it is copied over once more: the witness still says 105.

import DripCore
import DripStore

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

extension Session {
    /// How far this database has come.
    var progress: Int64 { books[.lastEntry] + books[.lastDelivery] }

    /// Whether it is a copy that nobody has confirmed.
    var isMarkedCopy: Bool {
        get throws(StoreError) { try meta("recovered") != nil }
    }

    /// Compares the database with its witnesses, notes in it where it is a copy, and answers whether it is one.
    ///
    /// - Throws: `StoreError` (`io`, `full`) where the first witness cannot be put on disk.
    func check(_ witnesses: Witnesses, now: Instant) throws(StoreError) -> Bool {
        let hadWitness = try meta("witnessed") != nil
        if witnesses.tellCopy(progress: progress, hadWitness: hadWitness) {
            // At each start, because what is marked already may be the copy of a copy.
            try leapNumbers(now)
            if try !isMarkedCopy { try setMeta("recovered", to: "1") }
        }
        guard try !isMarkedCopy else { return true }
        if !hadWitness {
            try witnesses.settle(progress: progress)
            try setMeta("witnessed", to: "1")
        }
        return false
    }

    /// Leaves out the numbers that leads, and changes on their way to CRMs, may have got that are not in this copy.
    ///
    /// What they named is out there: links, bounces and Message-IDs must not become somebody else's, and a CRM is told numbers that
    /// grow.
    private func leapNumbers(_ now: Instant) throws(StoreError) {
        let next = Self.numberOfCopies(at: now)
        books[.lastLead] = next > books[.lastLead] ? next : books[.lastLead] + Self.leapWithoutClock
        try pushSQL.noteFirstNumber.run()
        try pushSQL.leapNumbers.bind(1, next).bind(2, Self.leapWithoutClock).run()
        try books.flush(today: LocalDate(daysSinceEpoch: 0))
        books.committed()
    }

    /// How many are left out where the clock stands before the last number, as one does that was never set.
    static let leapWithoutClock: Int64 = 10_000_000

    /// The number that those of a copy follow which is seen at that instant: 100,000 for each second since 2020.
    ///
    /// The instant is in it because one backup may be restored again and again, and nobody stores leads faster than that for as
    /// long as it takes to restore one.
    static func numberOfCopies(at instant: Instant) -> Int64 {
        (instant - Instant(seconds: 1_577_836_800)).milliseconds * 100
    }

    func isRecovered() throws -> Bool {
        try read { () throws(StoreError) in try isMarkedCopy }
    }

    func confirmRecovery() throws {
        try write { () throws(StoreError) in try setMeta("recovered", to: nil) }
    }

    func meta(_ key: String) throws(StoreError) -> String? {
        defer { fileSQL.meta.reset() }
        return try fileSQL.meta.bind(1, key).step() ? fileSQL.meta.text(0) : nil
    }

    func setMeta(_ key: String, to value: String?) throws(StoreError) {
        if let value {
            try fileSQL.setMeta.bind(1, key).bind(2, value).run()
        } else {
            try fileSQL.dropMeta.bind(1, key).run()
        }
    }
}
