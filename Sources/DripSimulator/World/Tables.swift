package import DripCore
import DripStore
import GRDBSQLite

/// The state's tables by plain SQL, on a connection of its own: none of the store's code stands between.
struct Tables {
    struct Trouble: Error {
        var what: String
    }

    let path: String

    /// Rows as texts; NULL is nil.
    func rows(_ sql: String) throws -> [[String?]] {
        var connection: OpaquePointer?
        defer { sqlite3_close_v2(connection) }
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            throw Trouble(what: "\(path) cannot be opened")
        }
        return try Tables.rows(sql, connection)
    }

    /// Runs several queries in one snapshot.
    func rows(_ queries: [String]) throws -> [[[String?]]] {
        var connection: OpaquePointer?
        defer { sqlite3_close_v2(connection) }
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            throw Trouble(what: "\(path) cannot be opened")
        }
        _ = try Tables.rows("BEGIN", connection)
        defer { _ = try? Tables.rows("COMMIT", connection) }
        return try queries.map { try Tables.rows($0, connection) }
    }

    /// Keys that are another name of a lead, each with the key of that.
    func merged() throws -> [String: String] {
        let sql = """
            SELECT l.key, i.key FROM leads l JOIN readable_leads i ON i.id = l.merged_into
            WHERE l.merged_into IS NOT NULL
            """
        return Dictionary(try rows(sql).map { ($0.text(0), $0.text(1)) }, uniquingKeysWith: { $1 })
    }

    /// Enrollments that were moved to another lead, each with its present number.
    func moves() throws -> [(from: Int, now: Int)] {
        try rows("SELECT enrollment, now_is FROM moves").map { ($0.int(0), $0.int(1)) }
    }

    private static func rows(_ sql: String, _ connection: OpaquePointer?) throws -> [[String?]] {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
            throw Trouble(what: String(cString: sqlite3_errmsg(connection)))
        }
        var rows: [[String?]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                rows.append(
                    (0..<sqlite3_column_count(statement)).map { column in
                        sqlite3_column_text(statement, column).map { String(cString: $0) }
                    })
            case SQLITE_DONE: return rows
            default: throw Trouble(what: String(cString: sqlite3_errmsg(connection)))
            }
        }
    }
}

/// The figures of a status file, counted anew from the tables.
package struct Recount: Hashable, Sendable {
    package struct Campaign: Hashable, Sendable {
        package var byStatus: [Int: Int] = [:]
        /// By journal kind and reason.
        package var entries: [String: [String: Int]] = [:]
        /// Kinds of the policy's present day; nil where the judge of local dates abstains.
        package var today: [String: Int]? = [:]
        package var due = 0
        package var nextDueAt: Instant?

        package init() {}

    }

    package var campaigns: [String: Campaign] = [:]
    package var leads = 0
    package var suppressed = 0
    package var deliveries: [Int: Int] = [:]

    package init() {}

    /// Counts as of `now`, which the engine's clock shows; `clock` is the policy's zone.
    static func make(_ tables: Tables, now: Instant, clock: WallClock?) throws -> Recount {
        let answers = try tables.rows([
            "SELECT c.name, e.status, count(*) FROM enrollments e JOIN campaigns c ON c.id = e.campaign GROUP BY 1, 2",
            """
            SELECT c.name, j.kind, coalesce(j.reason, ''), count(*) FROM journal j JOIN campaigns c ON c.id = j.campaign
            GROUP BY 1, 2, 3
            """,
            "SELECT c.name, j.kind, j.at FROM journal j JOIN campaigns c ON c.id = j.campaign WHERE kind IN (5, 7, 8)",
            """
            SELECT c.name, sum(t.due_at <= \(now.milliseconds)), min(t.due_at) FROM timers t
            JOIN campaigns c ON c.id = t.campaign GROUP BY 1
            """,
            "SELECT count(*), (SELECT count(*) FROM mailboxes WHERE suppressed IS NOT NULL) FROM leads WHERE merged_into IS NULL AND erased_at IS NULL",
            "SELECT state, count(*) FROM deliveries GROUP BY 1",
        ])
        var recount = Recount()
        for row in answers[0] { recount.campaigns[row.text(0), default: Campaign()].byStatus[row.int(1)] = row.int(2) }
        for row in answers[1] {
            recount.campaigns[row.text(0), default: Campaign()].entries[kind(row.int(1)), default: [:]][row.text(2)] =
                row.int(3)
        }
        let today = clock?.day(at: now)
        for row in answers[2] {
            if let today, let day = clock?.day(at: Instant(milliseconds: Int64(row.int(2)))) {
                guard day == today else { continue }
                recount.campaigns[row.text(0), default: Campaign()].today?[kind(row.int(1)), default: 0] += 1
            } else {
                recount.campaigns[row.text(0), default: Campaign()].today = nil
            }
        }
        for row in answers[3] {
            recount.campaigns[row.text(0), default: Campaign()].due = row.int(1)
            recount.campaigns[row.text(0), default: Campaign()].nextDueAt = Instant(milliseconds: Int64(row.int(2)))
        }
        recount.leads = answers[4].first?.int(0) ?? 0
        recount.suppressed = answers[4].first?.int(1) ?? 0
        for row in answers[5] { recount.deliveries[row.int(0)] = row.int(1) }
        return recount
    }

    private static func kind(_ number: Int) -> String { JournalEntry.Kind(rawValue: number)?.name ?? "kind \(number)" }
}

/// What the state says in the end about every enrollment.
package struct Ledger: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var kind: String
        package var step: String?
        package var reason: String?
        package var at: Instant
        /// When the step was planned for; of a deferral, when that wait ends.
        package var plannedAt: Instant?
        /// Entries in the order in which they were written, whatever clocks showed.
        package var number: Int

        package init(
            kind: String, step: String?, reason: String? = nil, at: Instant, plannedAt: Instant? = nil, number: Int = 0
        ) {
            self.number = number
            self.kind = kind
            self.step = step
            self.reason = reason
            self.at = at
            self.plannedAt = plannedAt
        }
    }

    package struct Line: Hashable, Sendable {
        package var run: Run
        /// `active`, `paused`, `completed`, `exited`.
        package var status: String
        package var enrolledAt: Instant
        package var entries: [Entry]

        package init(run: Run, status: String, enrolledAt: Instant, entries: [Entry]) {
            self.run = run
            self.status = status
            self.enrolledAt = enrolledAt
            self.entries = entries
        }
    }

    package var lines: [Line]
    package var suppressed: Set<String>
    /// Deliveries that have not ended.
    package var open: Int
    /// Keys that are another name of a lead, each with that lead's.
    package var merged: [String: String] = [:]

    package init(lines: [Line], suppressed: Set<String> = [], open: Int = 0) {
        self.lines = lines
        self.suppressed = suppressed
        self.open = open
    }

    /// `runs` tells runs of one lead and campaign apart, where there may be several.
    static func make(_ tables: Tables, runs: RunRegister = RunRegister()) throws -> Ledger {
        let answers = try tables.rows([
            """
            SELECT e.id, l.key, c.name, e.status, e.enrolled_at FROM enrollments e
            JOIN readable_leads l ON l.id = e.id >> 10 JOIN campaigns c ON c.id = e.campaign ORDER BY e.id
            """,
            """
            SELECT j.enrollment, j.kind, s.name, j.reason, j.at, j.planned_at, j.id FROM journal j LEFT JOIN steps s ON s.id = j.step
            WHERE j.enrollment IS NOT NULL ORDER BY j.id
            """,
            "SELECT address FROM mailboxes WHERE suppressed IS NOT NULL",
            "SELECT count(*) FROM deliveries WHERE state IN (0, 1)",
        ])
        // What was noted of an enrollment before it was moved, has its old number.
        let moves = Dictionary(try tables.moves().map { ($0.from, $0.now) }, uniquingKeysWith: { $1 })
        var entries: [Int: [Entry]] = [:]
        for row in answers[1] {
            entries[moves[row.int(0)] ?? row.int(0), default: []].append(
                Entry(
                    kind: JournalEntry.Kind(rawValue: row.int(1))?.name ?? "kind \(row.int(1))",
                    step: row[2].map(StepPlan.firstName),
                    reason: row[3], at: Instant(milliseconds: Int64(row.int(4))),
                    plannedAt: row[5].flatMap { Int64($0) }.map { Instant(milliseconds: $0) }, number: row.int(6)))
        }
        var ledger = Ledger(
            lines: answers[0].map { row in
                Line(
                    run: runs[row.int(0)] ?? Run(lead: row.text(1), campaign: row.text(2)),
                    status: Enrollment.Status(rawValue: row.int(3))?.name ?? "status \(row.int(3))",
                    enrolledAt: Instant(milliseconds: Int64(row.int(4))), entries: entries[row.int(0)] ?? [])
            }, suppressed: Set(answers[2].map { $0.text(0) }), open: answers[3].first?.int(0) ?? 0)
        ledger.merged = try tables.merged()
        return ledger
    }
}

extension [String?] {
    fileprivate func text(_ column: Int) -> String { self[column] ?? "" }
    fileprivate func int(_ column: Int) -> Int { Int(self[column] ?? "") ?? 0 }
}
