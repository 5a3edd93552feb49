import DripCore
import DripStore
import GRDB

// Promises of owners that run, so that what is overdue is counted without a look at the leads.
//
// The rule: `promises` has a row for every lead whose attributes say that somebody is to answer by an instant, and no other, and none for
// who is a customer or disqualified: nobody is to turn to them; it is
// written in the commit that writes the attributes. `quarter` is the quarter of an hour in which the lead was given, since 1970. To count
// what is overdue walks one index in its order: it costs by the promises that run, and by nothing else.

struct PromiseStatements {
    let set: SQLStatement
    let drop: SQLStatement
    let overdue: SQLStatement
    let running: SQLStatement
    let all: SQLStatement
    let attributes: SQLStatement

    init(_ db: Database) {
        set = SQLStatement(
            db,
            """
            INSERT INTO promises (lead, owner, is_follow_up, due_at, quarter) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (lead) DO UPDATE SET owner = excluded.owner, is_follow_up = excluded.is_follow_up,
            due_at = excluded.due_at, quarter = excluded.quarter
            """)
        drop = SQLStatement(db, "DELETE FROM promises WHERE lead = ?")
        overdue = SQLStatement(
            db,
            """
            SELECT owner, is_follow_up, quarter, count(*) FROM promises INDEXED BY promises_by_owner
            WHERE due_at < ? GROUP BY 1, 2, 3
            """)
        running = SQLStatement(db, "SELECT lead FROM promises WHERE lead > ? ORDER BY lead LIMIT ?")
        all = SQLStatement(db, "SELECT lead, owner, is_follow_up, due_at, quarter FROM promises")
        attributes = SQLStatement(db, "SELECT id, attributes, stage FROM leads WHERE attributes IS NOT NULL")
    }
}

extension Session {
    func overduePromises(at now: Instant) throws -> [OverduePromises] {
        try read { () throws(StoreError) in
            let row = promiseSQL.overdue.bind(1, now.milliseconds)
            defer { row.reset() }
            var promises: [OverduePromises] = []
            while try row.step() {
                promises.append(
                    OverduePromises(
                        owner: row.text(0), isFollowUp: row.int(1) != 0,
                        since: Instant(milliseconds: row.int(2) * Self.quarter), n: Int(row.int(3))))
            }
            return promises
        }
    }

    func promisedLeads(after: LeadID?, limit: Int) throws -> [Lead] {
        try read { () throws(StoreError) in
            let row = promiseSQL.running.bind(1, after?.rawValue ?? 0).bind(2, Int64(limit))
            defer { row.reset() }
            var leads: [Lead] = []
            while try row.step() { leads.append(try storedLead(LeadID(rawValue: row.int(0))).lead) }
            return leads
        }
    }

    /// In milliseconds: every clock is ahead of another by whole ones.
    private static let quarter: Int64 = 900_000

    /// Writes what is promised for a lead now, where that is another than before.
    func notePromise(of lead: LeadID, _ promise: OpenPromise?, was: OpenPromise?) throws(StoreError) {
        guard promise != was else { return }
        guard let promise else {
            try promiseSQL.drop.bind(1, lead.rawValue).run()
            return
        }
        promiseSQL.set.bind(1, lead.rawValue).bind(2, promise.owner).bind(3, promise.isFollowUp ? 1 : 0)
        try promiseSQL.set.bind(4, promise.by.milliseconds)
            .bind(5, promise.since.milliseconds.floorDivided(by: Self.quarter)).run()
    }

    /// What the attributes of all leads say; for an upgrade and for the audit, since it reads every lead.
    private func promisedByLeads() throws(StoreError) -> [Int64: OpenPromise] {
        var promises: [Int64: OpenPromise] = [:]
        let row = promiseSQL.attributes
        defer { row.reset() }
        while try row.step() {
            let id = row.int(0)
            let attributes = try row.withBytes(1) { bytes throws(StoreError) in
                try unpackAttributes(bytes, word: names.word)
            }
            var lead = Lead(id: LeadID(rawValue: id), key: "", address: nil, attributes: attributes)
            lead.stage.stage = try stage(numbered: row.optionalInt(2) ?? 0)
            promises[id] = lead.openPromise
        }
        return promises
    }

    /// Finds the promises of a database that kept none, where its migration asked for that.
    func findPromisesIfAsked(_ db: Database) throws {
        guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'promises')") ?? false else {
            return
        }
        try db.execute(sql: "DELETE FROM meta WHERE key = 'promises'; DELETE FROM promises")
        for (lead, promise) in try promisedByLeads() {
            try notePromise(of: LeadID(rawValue: lead), promise, was: nil)
        }
    }

    /// Whether the promises are those that the leads have.
    func promiseProblems() throws(StoreError) -> [String] {
        var stored: [Int64: OpenPromise] = [:]
        let row = promiseSQL.all
        defer { row.reset() }
        while try row.step() {
            stored[row.int(0)] = OpenPromise(
                owner: row.text(1), isFollowUp: row.int(2) != 0, by: Instant(milliseconds: row.int(3)),
                since: Instant(milliseconds: row.int(4) * Self.quarter))
        }
        let promised = try promisedByLeads().mapValues { promise in
            var promise = promise
            let quarter = promise.since.milliseconds.floorDivided(by: Self.quarter)
            promise.since = Instant(milliseconds: quarter * Self.quarter)
            return promise
        }
        let wrong = Set(stored.keys).union(promised.keys).filter { stored[$0] != promised[$0] }
        return wrong.isEmpty ? [] : ["\(wrong.count) promises of owners that are not those of their leads"]
    }
}
