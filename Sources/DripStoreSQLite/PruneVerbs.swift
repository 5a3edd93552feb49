import DripCore
import DripStore
import GRDB

// What becomes of the journal when it is old.
//
// The rule: entries go from the front, in the order in which they were written, so that a chain that names one that is gone ends
// there, with all before it. What they added to the counters is added up in `pruned`, so that the books can still be checked.
//
// Edge cases: a clock that was set back wrote an old instant behind a young one: it goes once that one does. Freed pages are
// used again; the file does not shrink.

struct PruneStatements {
    let oldest: SQLStatement
    let addUp: SQLStatement
    let remove: SQLStatement

    init(_ db: Database) {
        oldest = SQLStatement(db, "SELECT id, at FROM journal ORDER BY id LIMIT ?")
        addUp = SQLStatement(
            db,
            """
            INSERT INTO pruned (campaign, kind, reason, n)
            SELECT coalesce(campaign, 0), kind, coalesce(reason, ''), count(*) FROM journal WHERE id <= ? GROUP BY 1, 2, 3
            ON CONFLICT (campaign, kind, reason) DO UPDATE SET n = n + excluded.n
            """)
        remove = SQLStatement(db, "DELETE FROM journal WHERE id <= ?")
    }
}

extension Session {
    func pruneJournal(before horizon: Instant, limit: Int) throws -> Int {
        try write { () throws(StoreError) in
            var last: Int64?
            var count = 0
            let row = pruneSQL.oldest.bind(1, limit)
            while try row.step(), row.int(1) < horizon.milliseconds {
                last = row.int(0)
                count += 1
            }
            row.reset()
            guard let last else { return 0 }
            try pruneSQL.addUp.bind(1, last).run()
            try pruneSQL.remove.bind(1, last).run()
            books[.lastPruned] = last
            return count
        }
    }
}
