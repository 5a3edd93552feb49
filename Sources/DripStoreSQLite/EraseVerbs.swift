import Crypto
import DripCore
import DripStore
import Foundation
import GRDB

// What is left of somebody who asked to be forgotten.
//
// The rule: the lead's row keeps its number and loses everything else; so do the rows of what was merged into it. Its
// enrollments keep which campaign and steps there were and when, as the figures count them, and lose what tells the run and what
// its event brought. The journal keeps what happened and loses every word of it. Each mailbox that was the lead's, now or before,
// keeps a keyed hash (HMAC-SHA256) in the place of its address, under the do-not-send entry `erased`, so that the address is
// known again when somebody brings it back, and cannot be read. So does each of its keys, in `erased_keys`, with the hash of the address
// that it had last: whoever takes that off the do-not-send list welcomes the keys as well.
//
// Of a lead that only a form knew and nobody confirmed, no hash stays: its mailbox's row goes, and its number is nobody's again.
//
// Edge cases: a mailbox that others still have is theirs, and stays. A former mailbox is known by `mailboxes.former`. What
// SQLite frees it writes over (`secure_delete`); the log still holds the old pages until `scrub` has written it back and cut it.
//
// Worked example: budi@example.com, key crm-17, is lead 17: after it `leads` has the key `erased-17`, `mailboxes` has
// `erased:9f2c…`, and no file of the state holds `budi` or `crm-17`.

struct EraseStatements {
    let blankLead: SQLStatement
    let blankRuns: SQLStatement
    let blankEntry: SQLStatement
    let names: SQLStatement
    let formerMailboxes: SQLStatement
    let setFormer: SQLStatement
    let noteKey: SQLStatement
    let erasedKey: SQLStatement
    let welcomeKeys: SQLStatement
    let hide: SQLStatement
    let show: SQLStatement
    let isErased: SQLStatement
    let removeMailbox: SQLStatement
    let removeHash: SQLStatement

    init(_ db: Database) {
        blankLead = SQLStatement(
            db,
            """
            UPDATE leads SET key = ?2, erased_at = ?3, mailbox = NULL, next_lead = NULL, written = NULL, zone = NULL,
            locale = NULL, attributes = NULL, events = NULL, paused_until = NULL, paused_since = NULL, pause_note = NULL,
            stage = NULL, stage_since = NULL, stage_armed = NULL, look_at = NULL WHERE id = ?1
            """)
        blankRuns = SQLStatement(
            db, "UPDATE enrollments SET run_key = NULL, data = NULL WHERE id BETWEEN ? AND ?")
        blankEntry = SQLStatement(db, "UPDATE journal SET detail = NULL WHERE id = ? AND detail IS NOT NULL")
        names = SQLStatement(db, "SELECT id, mailbox FROM leads WHERE merged_into = ?")
        formerMailboxes = SQLStatement(db, "SELECT id FROM mailboxes WHERE former = ?")
        setFormer = SQLStatement(db, "UPDATE mailboxes SET former = ?2 WHERE id = ?1")
        noteKey = SQLStatement(
            db,
            "INSERT INTO erased_keys (key, address, at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET address = excluded.address, at = excluded.at"
        )
        erasedKey = SQLStatement(db, "SELECT at FROM erased_keys WHERE key = ?")
        welcomeKeys = SQLStatement(db, "DELETE FROM erased_keys WHERE address = ?1 OR key = ?1")
        hide = SQLStatement(
            db,
            """
            UPDATE mailboxes SET address = ?2, former = NULL, charges = NULL, opted_out = NULL, waiting = 0,
            suppressed = 'erased', suppressed_note = '', suppressed_at = ?3 WHERE id = ?1
            """)
        show = SQLStatement(db, "UPDATE mailboxes SET address = ?2 WHERE id = ?1")
        removeMailbox = SQLStatement(db, "DELETE FROM mailboxes WHERE id = ?")
        removeHash = SQLStatement(db, "DELETE FROM addresses WHERE hash = ? AND mailbox = ?")
        isErased = SQLStatement(db, "SELECT EXISTS (SELECT 1 FROM leads WHERE erased_at IS NOT NULL)")
    }
}

extension Session {
    func erase(_ id: LeadID, at: Instant, isRemembered: Bool) throws {
        try write { () throws(StoreError) in
            let stored = try storedLead(id)
            forgetClaims()
            pages.forget()
            for entry in try timelineNumbers(of: id) { try eraseSQL.blankEntry.bind(1, entry).run() }
            var mailboxes: [Int64] = []
            if let mailbox = stored.mailbox {
                try unlink(id, from: try self.mailbox(id: mailbox), next: try nextLead(id))
                mailboxes.append(mailbox)
            }
            let former = eraseSQL.formerMailboxes.bind(1, id.rawValue)
            while try former.step() { mailboxes.append(former.int(0)) }
            try notePromise(of: id, nil, was: stored.lead.openPromise)
            if isRemembered { try forgetSource(of: id) } else { try uncount(id) }
            var names: [LeadID] = [id]
            let merged = eraseSQL.names.bind(1, id.rawValue)
            while try merged.step() {
                names.append(LeadID(rawValue: merged.int(0)))
                if let mailbox = merged.optionalInt(1) { mailboxes.append(mailbox) }
            }
            if isRemembered { try noteErased(names, of: stored.lead.address, at: at) }
            for name in names {
                let formerOfName = eraseSQL.formerMailboxes.bind(1, name.rawValue)
                while try formerOfName.step() { mailboxes.append(formerOfName.int(0)) }
                eraseSQL.blankLead.bind(1, name.rawValue).bind(2, "erased-\(name.rawValue)")
                try eraseSQL.blankLead.bind(3, at.milliseconds).run()
            }
            try consentSQL.forget.bind(1, id.rawValue).run()
            for name in names {
                try programSQL.forgetLead.bind(1, name.rawValue).run()
                try forgetPushes(of: name)
            }
            let first = id.rawValue * EnrollmentID.perLead
            try eraseSQL.blankRuns.bind(1, first).bind(2, first + EnrollmentID.perLead - 1).run()
            for mailbox in Set(mailboxes).sorted() {
                if isRemembered { try hide(mailbox, at: at) } else { try forget(mailbox) }
            }
            if stored.lead.erasedAt == nil { books[.leads] -= 1 }
            hasErased = hasErased || isRemembered
            moved(id)
        }
    }

    /// Leaves the keyed hashes of a lead's keys, so that none of them makes the lead anew.
    private func noteErased(_ names: [LeadID], of address: EmailAddress?, at: Instant) throws(StoreError) {
        for name in names {
            let row = eraseSQL.noteKey.bind(1, erasedName(of: try storedLead(name).lead.key))
            try row.bind(2, address.map { erasedName(of: $0.normalised) }).bind(3, at.milliseconds).run()
        }
    }

    func erasedAt(key: String) throws -> Instant? {
        try read { () throws(StoreError) in
            guard hasErased else { return nil }
            let row = eraseSQL.erasedKey.bind(1, erasedName(of: key))
            defer { row.reset() }
            return try row.step() ? Instant(milliseconds: row.int(0)) : nil
        }
    }

    func welcome(key: String) throws {
        try write { () throws(StoreError) in try eraseSQL.welcomeKeys.bind(1, erasedName(of: key)).run() }
    }

    /// Leaves the keyed hash of a mailbox's address, where nobody has it any more.
    private func hide(_ id: Int64, at: Instant) throws(StoreError) {
        let mailbox = try mailbox(id: id)
        guard mailbox.lead == nil, !Self.isErased(mailbox.address) else { return }
        try eraseSQL.hide.bind(1, id).bind(2, erasedName(of: mailbox.address)).bind(3, at.milliseconds).run()
        if mailbox.suppression == nil { books[.suppressedMailboxes] += 1 }
        waitingOf[id] = nil
        chargesChanged(of: id)
    }

    /// Leaves nothing of a mailbox that nobody has any more.
    private func forget(_ id: Int64) throws(StoreError) {
        let mailbox = try mailbox(id: id)
        guard mailbox.lead == nil, !Self.isErased(mailbox.address) else { return }
        try eraseSQL.removeHash.bind(1, hash(of: mailbox.address)).bind(2, id).run()
        try eraseSQL.removeMailbox.bind(1, id).run()
        if mailbox.suppression != nil { books[.suppressedMailboxes] -= 1 }
        waitingOf[id] = nil
        chargesChanged(of: id)
    }

    /// An address that is welcome again is kept as every other.
    func show(_ mailbox: Mailbox, as address: EmailAddress) throws(StoreError) {
        guard Self.isErased(mailbox.address) else { return }
        try eraseSQL.show.bind(1, mailbox.id).bind(2, address.normalised).run()
        try eraseSQL.welcomeKeys.bind(1, mailbox.address).run()
    }

    static func isErased(_ address: String) -> Bool { address.hasPrefix("erased:") }

    func erasedName(of address: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(address.utf8), using: eraseKey)
        return "erased:" + code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
