import Crypto
import DripCore
import DripStore
import GRDB

struct FileStatements {
    let add: SQLStatement
    let clear: SQLStatement
    let apply: SQLStatement
    let applied: SQLStatement
    let meta: SQLStatement
    let setMeta: SQLStatement
    let dropMeta: SQLStatement

    init(_ db: Database) {
        add = SQLStatement(db, "INSERT OR IGNORE INTO files (hash, bytes) VALUES (?, ?)")
        clear = SQLStatement(db, "DELETE FROM applied")
        apply = SQLStatement(db, "INSERT INTO applied (path, hash, at) VALUES (?, ?, ?)")
        applied = SQLStatement(db, "SELECT a.path, f.bytes FROM applied a LEFT JOIN files f ON f.hash = a.hash")
        meta = SQLStatement(db, "SELECT value FROM meta WHERE key = ?")
        setMeta = SQLStatement(
            db, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        dropMeta = SQLStatement(db, "DELETE FROM meta WHERE key = ?")
    }
}

// MARK: - The status file

extension Session {
    func statusSnapshot(now: Instant, today: LocalDate) throws -> StoreStatus {
        try read { () throws(StoreError) in
            var status = StoreStatus()
            status.leads = Int(books[.leads])
            status.pausedLeads = try pausedLeads(at: now)
            status.suppressedMailboxes = Int(books[.suppressedMailboxes])
            status.reserved = open.reservedCount
            status.sending = open.sendingCount
            status.inDoubt = Int(books[.inDoubt])
            for (index, campaign) in names.campaigns.enumerated() {
                let figures = try waiting(in: Int64(index + 1), now: now)
                status.campaigns[campaign] = figures
                // What is held is due and yet not late: it waits for a person.
                guard !heldNow.isEverything, !heldNow.campaigns.contains(Int64(index + 1)) else { continue }
                if let due = figures.nextDueAt, due <= now { status.oldestDueAt = min(status.oldestDueAt ?? due, due) }
            }
            for (key, count) in try books.counters(day: Books.allDays, today: self.today) where key.campaign != 0 {
                let campaign = try names.campaign(key.campaign)
                status.campaigns[campaign, default: StoreStatus.CampaignFigures()].add(Int(count), of: key)
            }
            for (key, figures) in try arms.figures() {
                let (campaign, step) = (try names.campaign(key.campaign), try names.step(key.step))
                status.campaigns[campaign]?.arms[step, default: [:]][key.arm] = figures
            }
            for (key, count) in try books.counters(day: today.description, today: self.today) where key.campaign != 0 {
                let campaign = try names.campaign(key.campaign)
                status.campaigns[campaign]?.today[key.kind, default: 0] += Int(count)
            }
            return status
        }
    }

    private func pausedLeads(at now: Instant) throws(StoreError) -> Int {
        defer { leadSQL.countPaused.reset() }
        return try leadSQL.countPaused.bind(1, now.milliseconds).step() ? Int(leadSQL.countPaused.int(0)) : 0
    }

    private func waiting(in campaign: Int64, now: Instant) throws(StoreError) -> StoreStatus.CampaignFigures {
        var figures = StoreStatus.CampaignFigures()
        for line in timers.lines(of: campaign) {
            guard let head = try timers.head(of: line) else { continue }
            figures.nextDueAt = min(figures.nextDueAt ?? head.dueAt, head.dueAt)
            guard head.dueAt <= now else { continue }
            figures.dueNow += try timers.countDue(line, now: now, limit: StoreStatus.countLimit - figures.dueNow)
        }
        return figures
    }
}

extension StoreStatus.CampaignFigures {
    fileprivate mutating func add(_ count: Int, of key: Books.CounterKey) {
        total[key.kind, default: 0] += count
        guard let reason = key.reason else { return }
        switch key.kind {
        case .deferred: deferredByReason[reason, default: 0] += count
        case .skipped: skippedByReason[reason, default: 0] += count
        case .failed: failedByReason[reason, default: 0] += count
        case .exited: exitedByReason[reason, default: 0] += count
        default: break
        }
    }
}

// MARK: - Applied files

extension Session {
    func apply(files: [String: [UInt8]], at: Instant) throws {
        try write { () throws(StoreError) in
            try fileSQL.clear.run()
            for (path, bytes) in files {
                let hash = Array(SHA256.hash(data: bytes))
                try fileSQL.add.bind(1, hash).bind(2, bytes).run()
                try fileSQL.apply.bind(1, path).bind(2, hash).bind(3, at.milliseconds).run()
            }
        }
    }

    func appliedFiles() throws -> [String: [UInt8]] {
        try read { () throws(StoreError) in
            var files: [String: [UInt8]] = [:]
            while try fileSQL.applied.step() {
                guard !fileSQL.applied.isNull(1) else {
                    throw .corrupt("the bytes of \(fileSQL.applied.text(0)) are not kept")
                }
                files[fileSQL.applied.text(0)] = try fileSQL.applied.bytes(1)
            }
            return files
        }
    }
}
