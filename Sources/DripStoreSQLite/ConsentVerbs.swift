import Crypto
import DripCore
import DripStore
import GRDB

// What leads agreed to in sign-up forms.
//
// The rule: a row for each submission that counts, at most `Consent.limit` of one lead. Beyond that those go first that nobody
// has confirmed, then those that nobody was asked about, then the oldest, so that no stranger can push out what the owner of the
// mailbox has said; the newest stays, and what was asked in the last thirty days, by which `SubmissionLimit` counts. The words stand among the
// files by their hash, once for all who read them. A merge gives them to the lead that stays, an erasure takes them away.

struct ConsentStatements {
    let add: SQLStatement
    let prune: SQLStatement
    let confirm: SQLStatement
    let ofLead: SQLStatement
    let move: SQLStatement
    let forget: SQLStatement
    let oldest: SQLStatement

    init(_ db: Database) {
        add = SQLStatement(
            db,
            """
            INSERT INTO consents (lead, form, text, state, asked_at, asked_from, page, holds, given)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        prune = SQLStatement(
            db,
            """
            DELETE FROM consents WHERE NOT (state = 'asked' AND asked_at > ?3) AND id IN (
            SELECT id FROM consents WHERE lead = ?1 ORDER BY id = ?2 DESC,
            CASE state WHEN 'confirmed' THEN 0 WHEN 'given' THEN 1 ELSE 2 END, id DESC LIMIT -1 OFFSET \(Consent.limit))
            """)
        confirm = SQLStatement(
            db,
            """
            UPDATE consents SET state = 'confirmed', confirmed_at = ?3, confirmed_from = ?4,
            given = NULL WHERE id = ?1 AND lead = ?2 AND state = 'asked'
            """)
        ofLead = SQLStatement(
            db,
            """
            SELECT c.id, c.form, f.bytes, c.state, c.asked_at, c.asked_from, c.page, c.confirmed_at, c.confirmed_from,
            c.holds, c.given FROM consents c LEFT JOIN files f ON f.hash = c.text WHERE c.lead = ? ORDER BY c.id DESC
            """)
        move = SQLStatement(db, "UPDATE consents SET lead = ?2 WHERE lead = ?1")
        forget = SQLStatement(db, "DELETE FROM consents WHERE lead = ?")
        oldest = SQLStatement(
            db,
            """
            SELECT c.id, c.lead, c.asked_at, c.state = 'asked' AND c.holds
            AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.merged_into = c.lead)
            FROM consents c WHERE c.id > ? ORDER BY c.id LIMIT ?
            """)
    }
}

extension Session {
    func consents(of lead: LeadID) throws -> [Consent] {
        try read { () throws(StoreError) in
            let row = consentSQL.ofLead.bind(1, lead.rawValue)
            var consents: [Consent] = []
            while try row.step() { consents.append(try consent(row)) }
            return consents
        }
    }

    /// Consents have their numbers in the order in which they were asked for: the old ones are the first.
    func unanswered(after: Int64?, before: Instant, limit: Int) throws -> UnansweredPage {
        try read { () throws(StoreError) in
            var page = UnansweredPage()
            var found: [LeadID] = []
            let row = consentSQL.oldest.bind(1, after ?? 0).bind(2, Int64(limit))
            while try row.step(), row.int(2) < before.milliseconds {
                page.last = row.int(0)
                page.count += 1
                let lead = LeadID(rawValue: row.int(1))
                if row.int(3) != 0, !found.contains(lead) { found.append(lead) }
            }
            row.reset()
            for lead in found { page.leads.append(try storedLead(lead).lead) }
            return page
        }
    }

    private func consent(_ row: SQLStatement) throws(StoreError) -> Consent {
        guard let state = Consent.State(rawValue: row.text(3)), !row.isNull(2) else {
            throw .corrupt("consent \(row.int(0)) has lost its words, or its state")
        }
        return Consent(
            number: row.int(0), form: FormID(rawValue: row.text(1)),
            text: String(decoding: try row.bytes(2), as: UTF8.self),
            state: state, askedAt: Instant(milliseconds: row.int(4)), askedFrom: row.text(5), page: row.text(6),
            confirmedAt: row.optionalInt(7).map(Instant.init(milliseconds:)), confirmedFrom: row.optionalText(8) ?? "",
            holds: row.int(9) != 0,
            values: try row.withBytes(10) { bytes throws(StoreError) in
                try unpackAttributes(bytes, word: names.word)
            })
    }

    func add(_ consent: Consent, to lead: LeadID) throws -> Int64 {
        try write { () throws(StoreError) in
            try require(lead)
            let bytes = Array(consent.text.utf8)
            let hash = Array(SHA256.hash(data: bytes))
            try fileSQL.add.bind(1, hash).bind(2, bytes).run()
            let row = consentSQL.add.bind(1, lead.rawValue).bind(2, consent.form.rawValue).bind(3, hash)
            row.bind(4, consent.state.rawValue).bind(5, consent.askedAt.milliseconds).bind(6, consent.askedFrom)
            row.bind(7, consent.page).bind(8, consent.holds ? 1 : 0)
            try row.bind(9, try pack(attributes: consent.values, number: names.number(ofWord:))).run()
            let number = database.lastInsertedRowID
            try consentSQL.prune.bind(1, lead.rawValue).bind(2, number)
                .bind(3, (consent.askedAt - .days(30)).milliseconds).run()
            return number
        }
    }

    func confirm(_ consent: Int64, of lead: LeadID, at: Instant, from: String) throws -> Bool {
        try write { () throws(StoreError) in
            let row = consentSQL.confirm.bind(1, consent).bind(2, lead.rawValue).bind(3, at.milliseconds)
            try row.bind(4, from).run()
            return row.changes > 0
        }
    }

    /// Gives what one lead agreed to to another.
    func moveConsents(from: LeadID, to lead: LeadID) throws(StoreError) {
        try consentSQL.move.bind(1, from.rawValue).bind(2, lead.rawValue).run()
        try consentSQL.prune.bind(1, lead.rawValue).bind(2, 0).bind(3, (now - .days(30)).milliseconds).run()
    }
}
