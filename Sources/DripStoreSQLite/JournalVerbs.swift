import DripCore
import DripStore
import GRDB

struct JournalStatements {
    let insert: SQLStatement
    let byID: SQLStatement
    let leadHead: SQLStatement
    let enrollmentHead: SQLStatement
    let enrollmentHeads: SQLStatement
    let setLeadHead: SQLStatement
    let setEnrollmentHead: SQLStatement

    init(_ db: Database) {
        insert = SQLStatement(
            db,
            """
            INSERT INTO journal (id, prev, at, lead, enrollment, campaign, step, kind, reason, planned_at, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        byID = SQLStatement(
            db,
            """
            SELECT prev, at, lead, enrollment, campaign, step, kind, reason, planned_at, detail FROM journal WHERE id = ?
            """)
        leadHead = SQLStatement(db, "SELECT journal_head FROM leads WHERE id = ?")
        enrollmentHead = SQLStatement(db, "SELECT journal_head FROM enrollments WHERE id = ?")
        enrollmentHeads = SQLStatement(
            db, "SELECT journal_head, id FROM enrollments WHERE id BETWEEN ? AND ? AND journal_head IS NOT NULL")
        setLeadHead = SQLStatement(db, "UPDATE leads SET journal_head = ?2 WHERE id = ?1")
        setEnrollmentHead = SQLStatement(db, "UPDATE enrollments SET journal_head = ?2 WHERE id = ?1")
    }
}

/// The chains of the journal: every entry names the one before it of its enrollment, or of its lead where it has none.
extension Session {
    /// Appends an entry behind `previous` and counts it; the caller writes its number where the chain begins.
    func append(_ entry: JournalEntry, after previous: Int64?) throws(StoreError) -> Int64 {
        let id = books.next(.lastEntry)
        var campaign: Int64?
        var step: Int64?
        if let name = entry.campaign {
            let number = try names.number(of: name)
            campaign = number
            if let name = entry.step { step = try names.number(of: name, in: number) }
        } else if entry.step != nil {
            throw StoreError(.misuse, "a journal entry names a step but not its campaign")
        }
        let statement = journalSQL.insert
        statement.bind(1, id).bind(2, previous).bind(3, entry.at.milliseconds).bind(4, entry.lead.rawValue)
        statement.bind(5, entry.enrollment?.rawValue).bind(6, campaign).bind(7, step).bind(8, entry.kind.rawValue)
        statement.bind(9, entry.reason?.rawValue).bind(10, entry.plannedAt?.milliseconds)
        try statement.bind(11, entry.detail.isEmpty ? nil : entry.detail).run()
        books.tally(entry.kind, campaign: campaign, reason: entry.reason)
        return id
    }

    /// Appends an entry of an enrollment whose row the caller is about to write with the returned head.
    func append(_ entry: JournalEntry?, of enrollment: EnrollmentID) throws(StoreError) -> Int64? {
        guard let entry else { return nil }
        guard entry.enrollment == enrollment, entry.lead == enrollment.lead else {
            throw StoreError(
                .misuse, "a journal entry is not of enrollment \(enrollment.rawValue), which it ends or moves")
        }
        if entry.reason == .goalReached, entry.kind == .exited || entry.kind == .jumped, let campaign = entry.campaign {
            let number = try names.number(of: campaign)
            for (step, arm) in try arms.reachedGoal(enrollment, of: number) {
                try count(.goals, ofArm: arm, at: step, of: number, in: enrollment)
            }
            try countGoal(of: enrollment)
        }
        if let known = open[enrollment]?.head ?? claimed[enrollment.rawValue].map(\.head) {
            return try append(entry, after: known)
        }
        return try append(entry, after: try head(journalSQL.enrollmentHead.bind(1, enrollment.rawValue)))
    }

    /// Keeps what is known of an enrollment's newest entry true.
    func headChanged(_ enrollment: EnrollmentID, to head: Int64) {
        claimed[enrollment.rawValue]?.head = head
        open.headChanged(enrollment, to: head)
    }

    func head(_ statement: SQLStatement) throws(StoreError) -> Int64? {
        defer { statement.reset() }
        guard try statement.step() else {
            throw StoreError(.misuse, "a journal entry is of a lead or enrollment that is not there")
        }
        return statement.optionalInt(0)
    }

    func journal(_ entry: JournalEntry) throws {
        try write { () throws(StoreError) in
            if let enrollment = entry.enrollment {
                guard let id = try append(entry, of: enrollment) else { return }
                try journalSQL.setEnrollmentHead.bind(1, enrollment.rawValue).bind(2, id).run()
                headChanged(enrollment, to: id)
            } else {
                let head = try head(journalSQL.leadHead.bind(1, entry.lead.rawValue))
                let id = try append(entry, after: head)
                try journalSQL.setLeadHead.bind(1, entry.lead.rawValue).bind(2, id).run()
            }
        }
    }

    /// Merges the lead's own chain and those of its enrollments, newest first by the order in which they were written
    /// (a clock that stepped back does not reorder what happened).
    func timeline(of lead: LeadID, limit: Int) throws -> [JournalEntry] {
        try read { () throws(StoreError) in try walkTimeline(of: lead, limit: limit).map(\.entry) }
    }

    func timeline(of lead: LeadID, after: Int64?, limit: Int) throws -> [(number: Int64, entry: JournalEntry)] {
        try read { () throws(StoreError) in
            guard let after else { return try walkTimeline(of: lead, limit: limit, isPage: true) }
            let place = Chains.Place(lead: lead, entry: after)
            if let chains = pages[place] { return try walk(chains, of: lead, limit: limit, isPage: true) }
            return try walkTimeline(of: lead, after: after, limit: limit, isPage: true)
        }
    }

    /// The numbers of all its entries.
    func timelineNumbers(of lead: LeadID) throws(StoreError) -> [Int64] {
        try walkTimeline(of: lead, limit: .max).map(\.number)
    }

    private func walkTimeline(
        of lead: LeadID, after: Int64 = .max, limit: Int, isPage: Bool = false
    ) throws(StoreError) -> [(number: Int64, entry: JournalEntry)] {
        var chains = Chains()
        if let own = try head(journalSQL.leadHead.bind(1, lead.rawValue)) { chains.heads.append(own) }
        let merged = mergeSQL.heads.bind(1, lead.rawValue)
        while try merged.step() { chains.heads.append(merged.int(0)) }
        chains.owners = chains.heads.map { _ in nil }
        let first = lead.rawValue * EnrollmentID.perLead
        let ofEnrollments = journalSQL.enrollmentHeads
        ofEnrollments.bind(1, first).bind(2, first + EnrollmentID.perLead - 1)
        while try ofEnrollments.step() {
            chains.heads.append(ofEnrollments.int(0))
            chains.owners.append(EnrollmentID(rawValue: ofEnrollments.int(1)))
        }
        return try walk(chains, of: lead, after: after, limit: limit, isPage: isPage)
    }

    private func walk(
        _ chains: Chains, of lead: LeadID, after: Int64 = .max, limit: Int, isPage: Bool
    ) throws(StoreError) -> [(number: Int64, entry: JournalEntry)] {
        var chains = chains
        var entries: [(Int64, JournalEntry)] = []
        while entries.count < limit, let chain = chains.heads.indices.max(by: { chains.heads[$0] < chains.heads[$1] }) {
            let number = chains.heads[chain]
            let row = journalSQL.byID.bind(1, number)
            defer { row.reset() }
            entriesWalked += 1
            // An entry that is not there was pruned, with all before it.
            guard try row.step() else {
                chains.end(chain)
                continue
            }
            if number < after {
                var entry = try entry(row)
                (entry.lead, entry.enrollment) = (lead, chains.owners[chain])
                entries.append((number, entry))
            }
            if let previous = row.optionalInt(0) {
                guard previous < number else { throw .corrupt("journal entry \(number) follows a later one") }
                chains.heads[chain] = previous
            } else {
                chains.end(chain)
            }
            // Whoever asks for one more than a page goes on behind the last but one.
            if isPage, phase == .reading, entries.last?.0 == number, entries.count >= limit - 1 {
                pages.note(chains, at: Chains.Place(lead: lead, entry: number))
            }
        }
        return entries
    }

    private func entry(_ row: SQLStatement) throws(StoreError) -> JournalEntry {
        guard let kind = JournalEntry.Kind(rawValue: Int(row.int(6))) else {
            throw .corrupt("a journal entry is of kind \(row.int(6))")
        }
        var entry = JournalEntry(
            at: Instant(milliseconds: row.int(1)), kind: kind, lead: LeadID(rawValue: row.int(2)),
            enrollment: row.optionalInt(3).map(EnrollmentID.init(rawValue:)),
            plannedAt: row.optionalInt(8).map(Instant.init(milliseconds:)), detail: row.text(9))
        if let campaign = row.optionalInt(4) { entry.campaign = try names.campaign(campaign) }
        if let step = row.optionalInt(5) { entry.step = try names.step(step) }
        if let reason = row.optionalText(7) {
            entry.reason = Reason(rawValue: reason)
            if entry.reason == nil { throw .corrupt("a journal entry has the reason \"\(reason)\"") }
        }
        return entry
    }
}
