import DripCore
import DripStore
import GRDB

struct EnrollmentStatements {
    /// Columns of `Session.enrollment`, for a query that calls the enrollment `e`.
    static let columns = """
        e.id, e.campaign, e.enrolled_at, e.status, e.step, e.channel, e.planned_at, e.due_at, e.waiting_for, \
        e.deferred, e.late, e.last_sent_at, e.last_sent_planned_at, e.finished, e.last_ended_at, e.permitted_at, \
        e.needs_slot, e.rested, e.doubted_at, e.choices, e.run_key, e.data, e.version
        """
    static let columnCount: Int32 = 23

    let byID: SQLStatement
    let ofLead: SQLStatement
    let facts: SQLStatement
    let waiting: SQLStatement
    let ongoing: SQLStatement
    let insert: SQLStatement
    let update: SQLStatement
    let deliveries: SQLStatement
    let inDoubt: SQLStatement
    let resolve: SQLStatement
    let takeLetter: SQLStatement
    let hasLetter: SQLStatement
    let forgetLetters: SQLStatement

    init(_ db: Database) {
        byID = SQLStatement(db, "SELECT \(Self.columns) FROM enrollments e WHERE e.id = ?")
        ofLead = SQLStatement(
            db, "SELECT \(Self.columns) FROM enrollments e WHERE e.id BETWEEN ? AND ? ORDER BY e.id")
        facts = SQLStatement(
            db,
            """
            SELECT \(Self.columns), \(LeadStatements.columns), e.journal_head,
            \(RivalStatements.hasRivals)
            FROM enrollments e CROSS JOIN leads l ON l.id = e.id >> 10 LEFT JOIN mailboxes m ON m.id = l.mailbox
            WHERE e.id = ?
            """)
        waiting = SQLStatement(
            db,
            """
            SELECT \(Self.columns), \(LeadStatements.columns)
            FROM enrollments e CROSS JOIN leads l ON l.id = e.id >> 10 LEFT JOIN mailboxes m ON m.id = l.mailbox
            WHERE e.id > ? AND e.campaign = ? AND e.status = ? ORDER BY e.id
            """)
        ongoing = SQLStatement(
            db,
            """
            SELECT count(*) FROM (
                SELECT 1 FROM enrollments WHERE campaign = ? AND version = ? AND status < 2 LIMIT ?)
            """)
        insert = SQLStatement(
            db,
            """
            INSERT INTO enrollments (id, status, step, channel, planned_at, due_at, waiting_for, deferred, late,
            last_sent_at, last_sent_planned_at, finished, journal_head, last_ended_at, permitted_at, needs_slot, rested,
            doubted_at, choices, campaign, enrolled_at, run_key, data, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        update = SQLStatement(
            db,
            """
            UPDATE enrollments SET status = ?2, step = ?3, channel = ?4, planned_at = ?5, due_at = ?6,
            waiting_for = ?7, deferred = ?8, late = ?9, last_sent_at = ?10, last_sent_planned_at = ?11,
            finished = ?12, journal_head = coalesce(?13, journal_head), last_ended_at = ?14, permitted_at = ?15,
            needs_slot = ?16, rested = ?17, doubted_at = ?18, choices = ?19 WHERE id = ?1
            """)
        deliveries = SQLStatement(
            db, "SELECT id, step, state, attempts, marked_at FROM deliveries WHERE enrollment = ? ORDER BY id")
        hasLetter = SQLStatement(db, "SELECT 1 FROM letters WHERE id = ?")
        takeLetter = SQLStatement(db, "INSERT OR IGNORE INTO letters (id) VALUES (?)")
        forgetLetters = SQLStatement(db, "DELETE FROM letters WHERE n <= (SELECT max(n) FROM letters) - 10000")
        resolve = SQLStatement(db, "DELETE FROM deliveries WHERE enrollment = ? AND id = ? AND state = 4")
        inDoubt = SQLStatement(
            db,
            "SELECT id, step, state, attempts, marked_at, enrollment FROM deliveries WHERE state = 4 AND id > ? ORDER BY id LIMIT ?"
        )
    }
}

extension EnrollmentID {
    /// How many enrollments one lead may have in its life; the low bits of an enrollment's number.
    static let perLead: Int64 = 1_024

    var lead: LeadID { LeadID(rawValue: rawValue / Self.perLead) }
}

/// How an enrollment's row is read and written.
extension Session {
    /// Reads an enrollment from `EnrollmentStatements.columns`, which come first in their query.
    func enrollment(_ row: SQLStatement) throws(StoreError) -> Enrollment {
        let id = EnrollmentID(rawValue: row.int(0))
        guard let status = Enrollment.Status(rawValue: Int(row.int(3))) else {
            throw .corrupt("enrollment \(id.rawValue) has status \(row.int(3))")
        }
        var enrollment = Enrollment(
            id: id, lead: id.lead, campaign: try names.campaign(row.int(1)),
            enrolledAt: Instant(milliseconds: row.int(2)), status: status, current: try pendingStep(row))
        for step in try row.withBytes(13, unpackFinished) { enrollment.finished.append(try names.step(step)) }
        if let sentAt = row.optionalInt(11) {
            enrollment.lastSent = SentStep(
                sentAt: Instant(milliseconds: sentAt), plannedAt: Instant(milliseconds: row.int(12)))
        }
        enrollment.lastEndedAt = row.optionalInt(14).map(Instant.init(milliseconds:))
        if let choices = row.optionalText(19) { enrollment.choices = try unpack(choices: choices, step: names.step) }
        enrollment.key = row.optionalText(20)
        enrollment.data = try row.withBytes(21) { bytes throws(StoreError) in
            try unpackAttributes(bytes, word: names.word)
        }
        enrollment.version = try names.text(row, 22)
        return enrollment
    }

    private func pendingStep(_ row: SQLStatement) throws(StoreError) -> PendingStep? {
        guard let step = row.optionalInt(4) else { return nil }
        var waitingFor: Reason?
        if let text = row.optionalText(8) {
            waitingFor = Reason(rawValue: text)
            if waitingFor == nil { throw .corrupt("enrollment \(row.int(0)) waits for \"\(text)\"") }
        }
        let plannedAt = row.int(6)
        return PendingStep(
            step: try names.step(step), route: try names.route(row.int(5)), plannedAt: Instant(milliseconds: plannedAt),
            dueAt: Instant(milliseconds: row.optionalInt(7) ?? plannedAt), waitingFor: waitingFor,
            permittedAt: row.optionalInt(15).map(Instant.init(milliseconds:)), deferred: .milliseconds(row.int(9)),
            late: .milliseconds(row.int(10)), rested: .milliseconds(row.int(17)), needsSlot: row.int(16) != 0,
            doubtedAt: row.optionalInt(18).map(Instant.init(milliseconds:)))
    }

    func enrollment(id: EnrollmentID) throws(StoreError) -> Enrollment {
        defer { enrollmentSQL.byID.reset() }
        guard try enrollmentSQL.byID.bind(1, id.rawValue).step() else {
            throw StoreError(.misuse, "there is no enrollment \(id.rawValue)")
        }
        return try enrollment(enrollmentSQL.byID)
    }

    func enrollments(ofLead lead: LeadID) throws(StoreError) -> [Enrollment] {
        let statement = enrollmentSQL.ofLead
        let first = lead.rawValue * EnrollmentID.perLead
        statement.bind(1, first).bind(2, first + EnrollmentID.perLead - 1)
        var enrollments: [Enrollment] = []
        while try statement.step() { enrollments.append(try enrollment(statement)) }
        return enrollments
    }

    /// Writes the row; `head` nil leaves its newest journal entry as it is.
    func update(_ enrollment: Enrollment, head: Int64?) throws(StoreError) {
        try write(enrollment, head: head, with: enrollmentSQL.update)
        guard enrollmentSQL.update.changes == 1 else {
            throw StoreError(.misuse, "there is no enrollment \(enrollment.id.rawValue)")
        }
        if let head { headChanged(enrollment.id, to: head) }
    }

    func insert(_ enrollment: Enrollment, head: Int64) throws(StoreError) {
        enrollmentSQL.insert.bind(20, try names.number(of: enrollment.campaign))
        enrollmentSQL.insert.bind(21, enrollment.enrolledAt.milliseconds).bind(22, enrollment.key)
        enrollmentSQL.insert.bind(23, try pack(attributes: enrollment.data, number: names.number(ofWord:)))
        try names.bind(enrollment.version, to: 24, of: enrollmentSQL.insert)
        try write(enrollment, head: head, with: enrollmentSQL.insert)
    }

    private func write(_ enrollment: Enrollment, head: Int64?, with statement: SQLStatement) throws(StoreError) {
        moved(enrollment.id.lead)
        let campaign = try names.number(of: enrollment.campaign)
        statement.bind(1, enrollment.id.rawValue).bind(2, enrollment.status.rawValue)
        if let step = enrollment.current, enrollment.isOngoing {
            statement.bind(3, try names.number(of: step.step, in: campaign)).bind(4, try names.number(of: step.route))
            statement.bind(5, step.plannedAt.milliseconds)
            statement.bind(6, step.dueAt == step.plannedAt ? nil : step.dueAt.milliseconds)
            statement.bind(7, step.waitingFor?.rawValue).bind(8, step.deferred.milliseconds)
            statement.bind(9, step.late.milliseconds).bind(15, step.permittedAt?.milliseconds)
            statement.bind(16, step.needsSlot ? Int64(1) : nil)
            statement.bind(17, step.rested == .zero ? nil : step.rested.milliseconds)
            statement.bind(18, step.doubtedAt?.milliseconds)
        } else {
            for column: Int32 in 3...9 { statement.bindNull(column) }
            statement.bindNull(15)
            statement.bindNull(16)
            statement.bindNull(17)
            statement.bindNull(18)
        }
        statement.bind(10, enrollment.lastSent?.sentAt.milliseconds)
        statement.bind(11, enrollment.lastSent?.plannedAt.milliseconds)
        var finished: [Int64] = []
        finished.reserveCapacity(enrollment.finished.count)
        for step in enrollment.finished { finished.append(try names.number(of: step, in: campaign)) }
        try statement.bind(12, pack(finished: finished)).bind(13, head)
            .bind(14, enrollment.lastEndedAt?.milliseconds)
            .bind(
                19,
                pack(choices: enrollment.choices) { step throws(StoreError) in try names.number(of: step, in: campaign)
                }
            )
            .run()
    }
}

extension [Enrollment] {
    /// The one of a campaign that goes on, else the last to begin: a merge gives an older one a higher number.
    func last(in campaign: CampaignID) -> Enrollment? {
        let runs = filter { $0.campaign == campaign }
        return runs.last(where: \.isOngoing) ?? runs.max { ($0.enrolledAt, $0.id) < ($1.enrolledAt, $1.id) }
    }
}

extension Enrollment {
    var waitsForCap: Bool { status == .active && current?.waitsForCap == true }
}

extension PendingStep {
    /// Whether the end of a delivery of its mailbox is news for it: it waits for a cap, or gives way under one.
    var waitsForCap: Bool { waitingFor == .capped || waitingFor == .priority }
}
