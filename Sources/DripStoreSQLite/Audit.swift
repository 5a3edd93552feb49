// Whether the rows agree.
//
// The rule: what is kept in two places for speed must say the same in both. An active enrollment has exactly one timer
// or one delivery that is `sending`, and no other has a timer; counters are sums over the journal, by day and in all;
// gauges are sizes; every journal entry is reached from its enrollment or lead; every lead is reached from its mailbox;
// what is kept in memory is what the tables say. Each check is one query that finds offenders, so that an empty answer
// means something.

import DripCore
package import DripStore

extension SQLiteStore: AuditableStore {
    package func audit() throws(StoreError) -> [String] {
        try inspect { session throws(StoreError) in
            var problems: [String] = []
            for check in Self.checks {
                let statement = SQLStatement(session.database, "SELECT count(*) FROM (\(check.offenders))")
                defer { statement.reset() }
                if try statement.step(), statement.int(0) > 0 {
                    problems.append("\(statement.int(0)) \(check.problem)")
                }
            }
            let integrity = SQLStatement(session.database, "PRAGMA integrity_check(10)")
            while try integrity.step() {
                if integrity.text(0) != "ok" { problems.append("SQLite: \(integrity.text(0))") }
            }
            return try problems + session.figureProblems() + session.promiseProblems() + session.memoryProblems()
        }
    }

    private struct Check {
        var problem: String
        /// A query whose rows are the offenders.
        var offenders: String
    }

    private static let checks: [Check] = [
        Check(
            problem: "active enrollments without exactly one timer or sending delivery",
            offenders: """
                SELECT e.id FROM enrollments e WHERE e.status = 0 AND
                (SELECT count(*) FROM timers t WHERE t.campaign = e.campaign AND t.channel = e.channel
                    AND t.due_at = coalesce(e.due_at, e.planned_at) AND t.enrollment = e.id)
                + (SELECT count(*) FROM deliveries d WHERE d.enrollment = e.id AND d.state = 1) <> 1
                """),
        Check(
            problem: "timers without their active enrollment, step and due instant",
            offenders: """
                SELECT 1 FROM timers t LEFT JOIN enrollments e ON e.id = t.enrollment
                WHERE e.id IS NULL OR e.status <> 0 OR e.campaign <> t.campaign OR e.channel IS NOT t.channel
                OR coalesce(e.due_at, e.planned_at) IS NOT t.due_at
                """),
        Check(
            problem: "enrollments with two timers",
            offenders: "SELECT 1 FROM timers GROUP BY enrollment HAVING count(*) > 1"),
        Check(
            problem: "completed or exited enrollments with a step to come, or ongoing ones without",
            offenders: "SELECT 1 FROM enrollments WHERE (status IN (0, 1)) <> (step IS NOT NULL)"),
        Check(
            problem: "enrollments of a lead that is not there",
            offenders: "SELECT 1 FROM enrollments e WHERE NOT EXISTS (SELECT 1 FROM leads WHERE id = e.id >> 10)"),
        Check(
            problem: "consents of a lead that is not there, was merged or erased, or without their words",
            offenders: """
                SELECT c.id FROM consents c LEFT JOIN leads l ON l.id = c.lead LEFT JOIN files f ON f.hash = c.text
                WHERE l.id IS NULL OR l.merged_into IS NOT NULL OR l.erased_at IS NOT NULL OR f.hash IS NULL
                OR (c.state = 'confirmed') <> (c.confirmed_at IS NOT NULL) OR (c.given IS NOT NULL AND c.state <> 'asked')
                """),
        Check(
            problem: "changes for CRMs of a lead that is not there, or out of their order",
            offenders: """
                SELECT p.id FROM pushes p LEFT JOIN leads l ON l.id = p.lead
                WHERE l.id IS NULL OR l.merged_into IS NOT NULL OR l.erased_at IS NOT NULL
                OR (p.died_at IS NOT NULL AND p.due_at IS NOT NULL)
                OR (p.died_at IS NULL AND (p.due_at IS NOT NULL) <> (p.id = (SELECT min(o.id) FROM pushes o
                    WHERE o.lead = p.lead AND o.transport = p.transport AND o.died_at IS NULL)))
                """),
        Check(
            problem: "CRMs whose changes are not counted as they are",
            offenders: """
                SELECT transport, sum(died_at IS NULL), sum(died_at IS NOT NULL) FROM pushes GROUP BY transport
                EXCEPT SELECT transport, waiting, dead FROM push_counts
                UNION ALL
                SELECT transport, waiting, dead FROM push_counts c WHERE (waiting <> 0 OR dead <> 0)
                AND NOT EXISTS (SELECT 1 FROM pushes p WHERE p.transport = c.transport)
                """),
        Check(
            problem: "enrollments with two open deliveries",
            offenders: "SELECT 1 FROM deliveries WHERE state < 2 GROUP BY enrollment HAVING count(*) > 1"),
        Check(
            problem:
                "deliveries without their enrollment, in no open state, or reserved for a step that is not current",
            offenders: """
                SELECT 1 FROM deliveries d LEFT JOIN enrollments e ON e.id = d.enrollment
                WHERE e.id IS NULL OR d.state NOT IN (0, 1, 4) OR (d.state = 0 AND e.step IS NOT d.step)
                """),
        Check(
            problem: "counters that are not the sum of their journal entries",
            offenders: """
                SELECT campaign, kind, reason, sum(n) FROM (
                    SELECT campaign, kind, reason, n FROM counters WHERE day = 'all'
                    UNION ALL
                    SELECT coalesce(campaign, 0), kind, coalesce(reason, ''), -count(*) FROM journal GROUP BY 1, 2, 3
                    UNION ALL SELECT campaign, kind, reason, -n FROM pruned)
                GROUP BY 1, 2, 3 HAVING sum(n) <> 0
                """),
        Check(
            problem: "counters of days that do not add up to those of all days",
            offenders: """
                SELECT campaign, kind, reason FROM counters GROUP BY 1, 2, 3
                HAVING sum(CASE day WHEN 'all' THEN -n ELSE n END) <> 0
                """),
        Check(
            problem: "campaigns whose journal does not hold their enrolled, completed or exited enrollments",
            offenders: """
                SELECT campaign FROM (
                    SELECT campaign, 2 AS kind, 1 AS n FROM enrollments
                    UNION ALL
                    SELECT campaign, CASE status WHEN 2 THEN 10 ELSE 9 END, 1 FROM enrollments WHERE status IN (2, 3)
                    UNION ALL
                    SELECT campaign, CASE kind WHEN 24 THEN 10 ELSE kind END, CASE kind WHEN 24 THEN n ELSE -n END
                    FROM counters WHERE day = 'all' AND kind IN (2, 9, 10, 24))
                GROUP BY campaign, kind HAVING sum(n) <> 0
                """),
        Check(
            problem: "arms whose months do not add up to all of them",
            offenders: """
                SELECT campaign, step, arm FROM (
                    SELECT f.campaign, f.step, v.text AS arm, CASE WHEN f.measure IN (9, 23) THEN f.n ELSE 0 END AS runs,
                        CASE WHEN f.measure IN (10, 24) THEN f.n ELSE 0 END AS goals
                    FROM figures f JOIN figure_values v ON v.id = f.value WHERE f.basis = 6
                    UNION ALL SELECT campaign, step, arm, -runs, -goals FROM arms)
                WHERE (SELECT count(*) FROM figure_values WHERE dimension = 4) < 200
                GROUP BY 1, 2, 3 HAVING sum(runs) <> 0 OR sum(goals) <> 0
                """),
        Check(
            problem: "gauges that are not the size they name",
            offenders: """
                SELECT name FROM (
                    SELECT 'leads' AS name, count(*) AS n FROM leads WHERE merged_into IS NULL AND erased_at IS NULL
                    UNION ALL SELECT 'suppressedMailboxes', count(*) FROM mailboxes WHERE suppressed IS NOT NULL
                    UNION ALL SELECT 'inDoubt', count(*) FROM deliveries WHERE state = 4) sizes
                WHERE n <> coalesce((SELECT n FROM gauges WHERE gauges.name = sizes.name), 0)
                """),
        Check(
            problem: "numbers beyond the last one that was given",
            offenders: """
                SELECT name FROM (
                    SELECT 'lastLead' AS name, max(id) AS n FROM leads UNION ALL SELECT 'lastMailbox', max(id) FROM mailboxes
                    UNION ALL SELECT 'lastDelivery', max(id) FROM deliveries
                    UNION ALL SELECT 'lastEntry', max(id) FROM journal) highest
                WHERE n > coalesce((SELECT n FROM gauges WHERE gauges.name = highest.name), 0)
                """),
        Check(
            problem: "journal entries that do not name the one before them",
            offenders: """
                SELECT id FROM (SELECT id, prev, lag(id) OVER (PARTITION BY lead, enrollment ORDER BY id) AS before FROM journal)
                WHERE prev IS NOT before AND before IS NOT NULL
                """),
        Check(
            problem: "enrollments or leads that do not name their newest journal entry",
            offenders: """
                SELECT e.id FROM enrollments e LEFT JOIN
                (SELECT enrollment, max(id) AS newest FROM journal GROUP BY enrollment) j ON j.enrollment = e.id
                WHERE e.journal_head IS NOT j.newest AND (j.newest IS NOT NULL OR e.journal_head >
                    coalesce((SELECT n FROM gauges WHERE name = 'lastPruned'), 0))
                UNION ALL
                SELECT l.id FROM leads l LEFT JOIN
                (SELECT lead, max(id) AS newest FROM journal WHERE enrollment IS NULL GROUP BY lead) j ON j.lead = l.id
                WHERE l.journal_head IS NOT j.newest AND (j.newest IS NOT NULL OR l.journal_head >
                    coalesce((SELECT n FROM gauges WHERE name = 'lastPruned'), 0))
                """),
        Check(
            problem: "leads that their mailbox does not list, or lists wrongly",
            offenders: """
                WITH RECURSIVE listed (mailbox, lead) AS (
                    SELECT id, lead FROM mailboxes WHERE lead IS NOT NULL
                    UNION ALL
                    SELECT listed.mailbox, leads.next_lead FROM listed JOIN leads ON leads.id = listed.lead
                    WHERE leads.next_lead IS NOT NULL LIMIT 100000000)
                SELECT * FROM (SELECT id, mailbox FROM leads WHERE mailbox IS NOT NULL AND merged_into IS NULL
                    EXCEPT SELECT lead, mailbox FROM listed)
                UNION ALL
                SELECT * FROM (SELECT lead, mailbox FROM listed EXCEPT SELECT id, mailbox FROM leads WHERE merged_into IS NULL)
                """),
        Check(
            problem: "merged leads without a key, with enrollments, or into none",
            offenders: """
                SELECT l.id FROM leads l LEFT JOIN leads i ON i.id = l.merged_into WHERE l.merged_into IS NOT NULL
                AND (i.id IS NULL OR i.merged_into IS NOT NULL OR l.key IS NULL OR EXISTS (
                    SELECT 1 FROM enrollments WHERE id BETWEEN l.id * 1024 AND l.id * 1024 + 1023))
                """),
        Check(
            problem: "moved enrollments that are still there, or have gone to none",
            offenders: """
                SELECT 1 FROM moves WHERE now_is NOT IN (SELECT id FROM enrollments)
                OR enrollment IN (SELECT id FROM enrollments)
                """),
        Check(
            problem: "journal entries of an enrollment that is neither there nor moved",
            offenders: """
                SELECT enrollment FROM journal WHERE enrollment IS NOT NULL
                EXCEPT SELECT id FROM enrollments EXCEPT SELECT enrollment FROM moves
                """),
        Check(
            problem: "moved enrollments whose journal does not go on under their new number",
            offenders: """
                SELECT m.enrollment FROM moves m
                JOIN (SELECT enrollment, max(id) AS newest FROM journal GROUP BY enrollment) o
                    ON o.enrollment = m.enrollment
                LEFT JOIN (SELECT prev FROM journal WHERE kind = 28) j ON j.prev = o.newest WHERE j.prev IS NULL
                """),
        Check(
            problem: "mailboxes that their address does not find",
            offenders: """
                SELECT id FROM mailboxes m WHERE (SELECT count(*) FROM addresses WHERE mailbox = m.id) <> 1
                """),
        Check(
            problem: "applied files whose bytes are not kept",
            offenders: "SELECT path FROM applied WHERE hash NOT IN (SELECT hash FROM files)"),
    ]
}

extension Session {
    /// Whether memory says what the tables say.
    fileprivate func memoryProblems() throws(StoreError) -> [String] {
        var problems: [String] = []
        let routes = timers.routes.sorted()
        let nextDue = try routes.map { route throws(StoreError) in try timers.nextDueAt(route, except: []) }
        let (open, sending) = (open.inOrder.map(\.summary), open.sendingCount)
        try load()
        if try routes.map({ route throws(StoreError) in try timers.nextDueAt(route, except: []) }) != nextDue {
            problems.append("the earliest timers in memory are not those of the table")
        }
        if self.open.inOrder.map(\.summary) != open || self.open.sendingCount != sending {
            problems.append("the open deliveries in memory are not those of the table")
        }
        return problems
    }
}

extension OpenDelivery {
    fileprivate var summary: [Int64] {
        [
            id.rawValue, enrollment.rawValue, step, Int64(state.rawValue), Int64(attempts), markedAt.milliseconds,
            mailbox ?? 0, counts ? 1 : 0, Int64(touch?.channel.rawValue ?? 0),
        ]
    }
}
