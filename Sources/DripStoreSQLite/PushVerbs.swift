import DripCore
import DripStore
import GRDB

// Changes of leads on their way to CRMs.
//
// The rule: of each lead and CRM the oldest that waits is due at some instant, and those behind it at none until it is taken or given
// up: one look at an index finds what may go, in order for every lead, however many wait. What there is of each CRM is counted as it
// comes and goes.
//
// Edge cases: what is under way has the due instant that it had, so that a kill leaves nothing to be put right. Of a lead that is
// merged into another or erased nothing stays.

struct PushStatements {
    static let columns =
        "id, transport, lead, key, address, at, changed, facts, history, due_at, attempts, tried_at, said, died_at"

    let insert: SQLStatement
    let next: SQLStatement
    let due: SQLStatement
    let byID: SQLStatement
    let putOff: SQLStatement
    let bury: SQLStatement
    let remove: SQLStatement
    let following: SQLStatement
    let setDue: SQLStatement
    let bringForward: SQLStatement
    let transports: SQLStatement
    let mark: SQLStatement
    let setMark: SQLStatement
    let dead: SQLStatement
    let waiting: SQLStatement
    let count: SQLStatement
    let figures: SQLStatement
    let ofLead: SQLStatement
    let wholeOfLead: SQLStatement
    let forgetMarks: SQLStatement
    let noteFirstNumber: SQLStatement
    let leapNumbers: SQLStatement

    init(_ db: Database) {
        let columns = Self.columns
        insert = SQLStatement(
            db,
            """
            INSERT INTO pushes (transport, lead, key, address, at, changed, facts, history, due_at, attempts, said)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')
            """)
        next = SQLStatement(
            db, "SELECT due_at FROM pushes WHERE transport = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT 1")
        due = SQLStatement(
            db,
            "SELECT \(columns) FROM pushes WHERE transport = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?")
        byID = SQLStatement(db, "SELECT \(columns) FROM pushes WHERE id = ?")
        putOff = SQLStatement(
            db,
            """
            UPDATE pushes SET due_at = ?2, attempts = attempts + ?3, said = ?4,
            tried_at = CASE WHEN ?3 = 1 THEN coalesce(tried_at, ?5) ELSE tried_at END WHERE id = ?1 AND due_at IS NOT NULL
            """)
        bury = SQLStatement(
            db,
            """
            UPDATE pushes SET due_at = NULL, died_at = ?2, attempts = attempts + 1, said = ?3
            WHERE id = ?1 AND due_at IS NOT NULL
            """)
        remove = SQLStatement(db, "DELETE FROM pushes WHERE id = ?")
        following = SQLStatement(
            db,
            "SELECT min(id) FROM pushes INDEXED BY pushes_following WHERE lead = ? AND transport = ? AND died_at IS NULL"
        )
        setDue = SQLStatement(db, "UPDATE pushes SET due_at = ?2 WHERE id = ?1")
        bringForward = SQLStatement(
            db, "UPDATE pushes SET due_at = ?2 WHERE transport = ?1 AND due_at > ?2")
        transports = SQLStatement(db, "SELECT transport FROM push_counts")
        mark = SQLStatement(db, "SELECT mark FROM told WHERE lead = ? AND transport = ?")
        setMark = SQLStatement(
            db,
            """
            INSERT INTO told (lead, transport, mark) VALUES (?, ?, ?)
            ON CONFLICT (lead, transport) DO UPDATE SET mark = excluded.mark
            """)
        dead = SQLStatement(
            db,
            """
            SELECT \(columns) FROM pushes WHERE died_at IS NOT NULL AND id > ?1 AND (?2 IS NULL OR transport = ?2)
            ORDER BY id LIMIT ?3
            """)
        waiting = SQLStatement(
            db, "SELECT id FROM pushes WHERE transport = ? AND died_at IS NULL ORDER BY id LIMIT ?")
        count = SQLStatement(
            db,
            """
            INSERT INTO push_counts (transport, waiting, dead) VALUES (?1, ?2, ?3)
            ON CONFLICT (transport) DO UPDATE SET waiting = waiting + ?2, dead = dead + ?3
            """)
        figures = SQLStatement(
            db,
            """
            SELECT transport, waiting, dead,
            (SELECT at FROM pushes p WHERE p.transport = c.transport AND p.died_at IS NULL ORDER BY p.id LIMIT 1)
            FROM push_counts c ORDER BY transport
            """)
        wholeOfLead = SQLStatement(
            db, "SELECT \(columns) FROM pushes WHERE lead = ? ORDER BY died_at IS NOT NULL, id LIMIT ?")
        ofLead = SQLStatement(db, "SELECT id, transport, died_at FROM pushes WHERE lead = ?")
        forgetMarks = SQLStatement(db, "DELETE FROM told WHERE lead = ?")
        // There is no row before the first push.
        noteFirstNumber = SQLStatement(
            db,
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'pushes', 0 WHERE 'pushes' NOT IN (SELECT name FROM sqlite_sequence)"
        )
        leapNumbers = SQLStatement(
            db,
            "UPDATE sqlite_sequence SET seq = CASE WHEN ?1 > seq THEN ?1 ELSE seq + ?2 END WHERE name = 'pushes'")
    }
}

extension Session {
    func nextPushAt(_ transport: String) throws -> Instant? {
        try read { () throws(StoreError) in
            let row = pushSQL.next.bind(1, transport)
            defer { row.reset() }
            return try row.step() ? Instant(milliseconds: row.int(0)) : nil
        }
    }

    func pushes(to transport: String, dueBy now: Instant, limit: Int) throws -> [Push] {
        try read { () throws(StoreError) in
            try pushes(pushSQL.due.bind(1, transport).bind(2, now.milliseconds).bind(3, limit))
        }
    }

    func push(_ id: PushID) throws -> Push? {
        try read { () throws(StoreError) in try stored(id) }
    }

    func pushes(of lead: LeadID, limit: Int) throws -> [Push] {
        try read { () throws(StoreError) in
            try pushes(pushSQL.wholeOfLead.bind(1, lead.rawValue).bind(2, limit))
        }
    }

    func told(_ lead: LeadID, to transport: String) throws -> Int64? {
        try read { () throws(StoreError) in
            let row = pushSQL.mark.bind(1, lead.rawValue).bind(2, transport)
            defer { row.reset() }
            return try row.step() ? row.int(0) : nil
        }
    }

    func deadLetters(to transport: String?, after: PushID?, limit: Int) throws -> [Push] {
        try read { () throws(StoreError) in
            try pushes(pushSQL.dead.bind(1, after?.rawValue ?? 0).bind(2, transport).bind(3, limit))
        }
    }

    func pushFigures() throws -> [PushFigures] {
        try read { () throws(StoreError) in
            let row = pushSQL.figures
            defer { row.reset() }
            var figures: [PushFigures] = []
            while try row.step() {
                figures.append(
                    PushFigures(
                        transport: row.text(0), waiting: Int(row.int(1)), dead: Int(row.int(2)),
                        oldestAt: row.optionalInt(3).map(Instant.init(milliseconds:))))
            }
            return figures
        }
    }

    func tell(
        _ content: PushContent, of lead: LeadID, to transport: String, mark: Int64, at: Instant
    ) throws -> PushID {
        try write { () throws(StoreError) in
            let isFirst = try following(of: lead, to: transport) == nil
            let row = pushSQL.insert.bind(1, transport).bind(2, lead.rawValue).bind(3, content.key)
            row.bind(4, content.address?.text).bind(5, at.milliseconds).bind(6, content.changed)
            row.bind(7, try pack(attributes: content.facts, number: names.number(ofWord:))).bind(8, content.history)
            try row.bind(9, isFirst ? at.milliseconds : nil).run()
            let id = PushID(rawValue: database.lastInsertedRowID)
            try pushSQL.setMark.bind(1, lead.rawValue).bind(2, transport).bind(3, mark).run()
            try count(transport, waiting: 1)
            return id
        }
    }

    func retry(_ push: PushID, at due: Instant, counts: Bool, saying said: String, now: Instant) throws -> Bool {
        try write { () throws(StoreError) in
            let row = pushSQL.putOff.bind(1, push.rawValue).bind(2, due.milliseconds).bind(3, counts ? 1 : 0)
            try row.bind(4, said).bind(5, now.milliseconds).run()
            return row.changes > 0
        }
    }

    func took(_ push: PushID, now: Instant) throws -> Bool {
        try write { () throws(StoreError) in
            guard let stored = try stored(push), stored.dueAt != nil else { return false }
            try pushSQL.remove.bind(1, push.rawValue).run()
            try count(stored.transport, waiting: -1)
            try letNextGo(behind: stored, now: now)
            return true
        }
    }

    func bury(_ push: PushID, saying said: String, now: Instant) throws -> Bool {
        try write { () throws(StoreError) in
            guard let stored = try stored(push), stored.dueAt != nil else { return false }
            try pushSQL.bury.bind(1, push.rawValue).bind(2, now.milliseconds).bind(3, said).run()
            try count(stored.transport, waiting: -1, dead: 1)
            try letNextGo(behind: stored, now: now)
            return true
        }
    }

    func bringForward(pushesTo transport: String?, to instant: Instant) throws {
        try write { () throws(StoreError) in
            var all = transport.map { [$0] } ?? []
            if transport == nil {
                while try pushSQL.transports.step() { all.append(pushSQL.transports.text(0)) }
            }
            for transport in all { try pushSQL.bringForward.bind(1, transport).bind(2, instant.milliseconds).run() }
        }
    }

    func discard(_ push: PushID) throws -> Bool {
        try write { () throws(StoreError) in
            guard let stored = try stored(push), stored.diedAt != nil else { return false }
            try pushSQL.remove.bind(1, push.rawValue).run()
            try count(stored.transport, dead: -1)
            return true
        }
    }

    func discardWaiting(for transport: String, limit: Int) throws -> Int {
        try write { () throws(StoreError) in
            let row = pushSQL.waiting.bind(1, transport).bind(2, limit)
            var ids: [Int64] = []
            while try row.step() { ids.append(row.int(0)) }
            for id in ids {
                guard let stored = try stored(PushID(rawValue: id)) else { continue }
                try pushSQL.remove.bind(1, id).run()
                if stored.dueAt != nil { try letNextGo(behind: stored, now: now) }
            }
            try count(transport, waiting: -Int64(ids.count))
            return ids.count
        }
    }

    /// Leaves nothing of what CRMs were to be told of a lead, nor of what they were told.
    func forgetPushes(of lead: LeadID) throws(StoreError) {
        let row = pushSQL.ofLead.bind(1, lead.rawValue)
        var found: [(id: Int64, transport: String, isDead: Bool)] = []
        while try row.step() { found.append((row.int(0), row.text(1), !row.isNull(2))) }
        for push in found {
            try pushSQL.remove.bind(1, push.id).run()
            try count(push.transport, waiting: push.isDead ? 0 : -1, dead: push.isDead ? -1 : 0)
        }
        try pushSQL.forgetMarks.bind(1, lead.rawValue).run()
    }

    // MARK: Rows

    private func count(_ transport: String, waiting: Int64 = 0, dead: Int64 = 0) throws(StoreError) {
        try pushSQL.count.bind(1, transport).bind(2, waiting).bind(3, dead).run()
    }

    /// The oldest that waits of a lead; nil where none does.
    private func following(of lead: LeadID, to transport: String) throws(StoreError) -> Int64? {
        let row = pushSQL.following.bind(1, lead.rawValue).bind(2, transport)
        defer { row.reset() }
        return try row.step() ? row.optionalInt(0) : nil
    }

    private func letNextGo(behind push: Push, now: Instant) throws(StoreError) {
        guard let next = try following(of: push.lead, to: push.transport) else { return }
        try pushSQL.setDue.bind(1, next).bind(2, now.milliseconds).run()
    }

    private func stored(_ id: PushID) throws(StoreError) -> Push? {
        try pushes(pushSQL.byID.bind(1, id.rawValue)).first
    }

    private func pushes(_ row: SQLStatement) throws(StoreError) -> [Push] {
        defer { row.reset() }
        var pushes: [Push] = []
        while try row.step() {
            let content = PushContent(
                key: row.text(3), address: row.optionalText(4).flatMap { try? EmailAddress($0) },
                facts: try row.withBytes(7) { bytes throws(StoreError) in
                    try unpackAttributes(bytes, word: names.word)
                }, changed: row.text(6), history: row.text(8))
            pushes.append(
                Push(
                    id: PushID(rawValue: row.int(0)), transport: row.text(1), lead: LeadID(rawValue: row.int(2)),
                    content: content, at: Instant(milliseconds: row.int(5)),
                    dueAt: row.optionalInt(9).map(Instant.init(milliseconds:)), attempts: Int(row.int(10)),
                    triedAt: row.optionalInt(11).map(Instant.init(milliseconds:)), said: row.text(12),
                    diedAt: row.optionalInt(13).map(Instant.init(milliseconds:))))
        }
        return pushes
    }
}
