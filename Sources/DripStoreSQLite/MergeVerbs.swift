import DripCore
import DripStore
import GRDB

// How one lead becomes another name of another one.
//
// The rule: FROM's row stays for its key, which finds INTO (`leads.merged_into`), for its own part of the journal and for
// the mailbox that it had; it is no lead any more, and no mailbox lists it. A name never stands for a name: what was merged
// into FROM before is INTO's from then on. FROM's enrollments get INTO's next numbers, and `moves` knows their old ones, by which
// returned letters find them. The newest entry of a moved enrollment names the newest of the old number, so that its chain
// goes on; who reads it sees the present lead and number.
//
// Edge cases: an enrollment with a delivery that has not ended, or is in doubt, is not moved: it is known to the other side
// by its number. INTO without an address takes FROM's, and its place in that mailbox's list.

struct MergeStatements {
    let alias: SQLStatement
    let redirect: SQLStatement
    let heads: SQLStatement
    let ofMailbox: SQLStatement
    let dropEnrollment: SQLStatement
    let move: SQLStatement
    let moveAgain: SQLStatement
    let movedTo: SQLStatement
    let former: SQLStatement

    init(_ db: Database) {
        alias = SQLStatement(
            db,
            """
            UPDATE leads SET key = ?2, merged_into = ?3, next_lead = NULL, written = NULL, zone = NULL, locale = NULL,
            attributes = NULL, events = NULL, paused_until = NULL, paused_since = NULL, pause_note = NULL,
            stage = NULL, stage_since = NULL, stage_armed = NULL, look_at = NULL WHERE id = ?1
            """)
        redirect = SQLStatement(db, "UPDATE leads SET merged_into = ?2 WHERE merged_into = ?1")
        heads = SQLStatement(
            db, "SELECT journal_head FROM leads WHERE merged_into = ? AND journal_head IS NOT NULL ORDER BY id")
        ofMailbox = SQLStatement(
            db,
            """
            SELECT DISTINCT merged_into FROM leads WHERE mailbox = ? AND merged_into IS NOT NULL
            ORDER BY merged_into LIMIT ?
            """)
        dropEnrollment = SQLStatement(db, "DELETE FROM enrollments WHERE id = ?")
        move = SQLStatement(db, "INSERT INTO moves (enrollment, now_is) VALUES (?, ?)")
        moveAgain = SQLStatement(db, "UPDATE moves SET now_is = ?2 WHERE now_is = ?1")
        movedTo = SQLStatement(db, "SELECT now_is FROM moves WHERE enrollment = ?")
        former = SQLStatement(db, "SELECT enrollment FROM moves WHERE now_is = ? ORDER BY enrollment")
    }
}

extension Session {
    func merge(_ from: LeadID, into merged: Lead, at: Instant) throws -> [EnrollmentID: EnrollmentID] {
        try write { () throws(StoreError) in
            guard from != merged.id else { throw StoreError(.misuse, "a lead cannot be merged into itself") }
            let (old, kept) = (try storedLead(from), try storedLead(merged.id))
            let counted = (try self.counted(from), try self.counted(merged.id))
            // What was claimed of either, or read of its mailbox, is no longer as it was.
            forgetClaims()
            pages.forget()
            if let mailbox = old.mailbox {
                try unlink(from, from: try self.mailbox(id: mailbox), next: try nextLead(from))
            }
            try mergeSQL.alias.bind(1, from.rawValue).bind(2, old.lead.key).bind(3, merged.id.rawValue).run()
            try mergeSQL.redirect.bind(1, from.rawValue).bind(2, merged.id.rawValue).run()
            books[.leads] -= 1
            try moveConsents(from: from, to: merged.id)
            // The lead that it is now is told of, with all that it is.
            try forgetPushes(of: from)
            try notePromise(of: from, nil, was: old.lead.openPromise)
            try notePromise(of: merged.id, merged.openPromise, was: kept.lead.openPromise)
            try write(merged, over: kept, addressOf: old)
            let moves = try moveEnrollments(from: from, to: merged.id, at: at)
            try countMerged(counted.0, counted.1, names: (from, merged.id))
            return moves
        }
    }

    private func write(_ merged: Lead, over kept: StoredLead, addressOf old: StoredLead) throws(StoreError) {
        var (mailbox, keyIsAddress, next) = (kept.mailbox, kept.keyIsAddress, try nextLead(merged.id))
        if kept.mailbox == nil, merged.address != nil, let id = old.mailbox {
            next = try self.mailbox(id: id).lead
            try mailboxSQL.setLead.bind(1, id).bind(2, merged.id.rawValue).run()
            (mailbox, keyIsAddress) = (id, false)
            if try enrollments(ofLead: merged.id).contains(where: \.waitsForCap) { try setWaiting(id) }
        }
        try write(merged, with: leadSQL.update, keyIsAddress: keyIsAddress, mailbox: mailbox, next: next)
        if let pause = merged.pause { try write(pause, of: merged.id) }
        try write(merged.stage, of: merged.id)
        try write(merged.history, of: merged.id)
    }

    private func moveEnrollments(
        from: LeadID, to lead: LeadID, at: Instant
    ) throws(StoreError) -> [EnrollmentID: EnrollmentID] {
        var next = try enrollments(ofLead: lead).last.map { $0.id.rawValue + 1 } ?? lead.rawValue * EnrollmentID.perLead
        var moves: [EnrollmentID: EnrollmentID] = [:]
        for run in try enrollments(ofLead: from) {
            var moved = run
            (moved.id, moved.lead) = (EnrollmentID(rawValue: next), lead)
            next += 1
            guard moved.id.lead == lead else {
                throw StoreError(.misuse, "lead \(lead.rawValue) has \(EnrollmentID.perLead) enrollments already")
            }
            guard try !hasDelivery(run.id) else {
                throw StoreError(.misuse, "enrollment \(run.id.rawValue) has a delivery, so it cannot be moved")
            }
            _ = try removeTimer(of: run, was: run.current)
            let head = try head(journalSQL.enrollmentHead.bind(1, run.id.rawValue))
            let facts = try runFacts(run.id)
            try mergeSQL.dropEnrollment.bind(1, run.id.rawValue).run()
            let entry = JournalEntry(
                at: at, kind: .merged, lead: lead, enrollment: moved.id, campaign: moved.campaign)
            try insert(moved, head: try append(entry, after: head))
            try reportSQL.setRunFacts.bind(1, moved.id.rawValue).bind(2, facts).run()
            try setTimer(of: moved)
            try mergeSQL.moveAgain.bind(1, run.id.rawValue).bind(2, moved.id.rawValue).run()
            try mergeSQL.move.bind(1, run.id.rawValue).bind(2, moved.id.rawValue).run()
            moves[run.id] = moved.id
        }
        return moves
    }

    private func hasDelivery(_ enrollment: EnrollmentID) throws(StoreError) -> Bool {
        defer { enrollmentSQL.deliveries.reset() }
        return try enrollmentSQL.deliveries.bind(1, enrollment.rawValue).step()
    }

    /// The present number of an enrollment that was moved; nil where it was not.
    func movedTo(_ enrollment: EnrollmentID) throws(StoreError) -> EnrollmentID? {
        defer { mergeSQL.movedTo.reset() }
        guard try mergeSQL.movedTo.bind(1, enrollment.rawValue).step() else { return nil }
        return EnrollmentID(rawValue: mergeSQL.movedTo.int(0))
    }

    func formerNumbers(of enrollment: EnrollmentID) throws -> [EnrollmentID] {
        try read { () throws(StoreError) in
            let row = mergeSQL.former.bind(1, enrollment.rawValue)
            var numbers: [EnrollmentID] = []
            while try row.step() { numbers.append(EnrollmentID(rawValue: row.int(0))) }
            return numbers
        }
    }

    func leadsMerged(from address: EmailAddress, limit: Int) throws -> [Lead] {
        try read { () throws(StoreError) in
            guard let mailbox = try mailbox(address: address) else { return [] }
            let row = mergeSQL.ofMailbox.bind(1, mailbox.id).bind(2, max(0, limit))
            var ids: [LeadID] = []
            while try row.step() { ids.append(LeadID(rawValue: row.int(0))) }
            var leads: [Lead] = []
            for id in ids { leads.append(try storedLead(id).lead) }
            return leads
        }
    }
}
