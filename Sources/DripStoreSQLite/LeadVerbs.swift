import DripCore
import DripStore
import GRDB

struct LeadStatements {
    /// Columns of `Session.lead`, for a query that calls the lead `l` and its mailbox `m`.
    static let columns = """
        l.id, l.key, l.written, l.zone, l.locale, l.attributes, l.mailbox, m.address, m.charges, m.suppressed, \
        m.suppressed_note, m.suppressed_at, m.waiting, l.paused_until, m.opted_out, \
        l.paused_since, l.pause_note, l.events, l.erased_at, \
        l.stage, l.stage_since, l.stage_armed, l.look_at
        """
    static let columnCount: Int32 = 23

    let byID: SQLStatement
    let idByKey: SQLStatement
    let next: SQLStatement
    let exists: SQLStatement
    let mailboxOf: SQLStatement
    let insert: SQLStatement
    let update: SQLStatement
    let setNext: SQLStatement
    let setPaused: SQLStatement
    let setEvents: SQLStatement
    let countPaused: SQLStatement

    init(_ db: Database) {
        byID = SQLStatement(
            db, "SELECT \(Self.columns) FROM leads l LEFT JOIN mailboxes m ON m.id = l.mailbox WHERE l.id = ?")
        idByKey = SQLStatement(db, "SELECT coalesce(merged_into, id) FROM leads WHERE key = ?")
        next = SQLStatement(
            db, "SELECT next_lead, key IS NULL, zone, paused_until FROM leads WHERE id = ?")
        exists = SQLStatement(db, "SELECT 1 FROM leads WHERE id = ?")
        mailboxOf = SQLStatement(db, "SELECT mailbox FROM leads WHERE id = ?")
        insert = SQLStatement(
            db,
            """
            INSERT INTO leads (id, key, mailbox, next_lead, written, zone, locale, attributes, figures)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        update = SQLStatement(
            db,
            """
            UPDATE leads SET key = ?2, mailbox = ?3, next_lead = ?4, written = ?5, zone = ?6, locale = ?7,
            attributes = ?8 WHERE id = ?1
            """)
        setPaused = SQLStatement(
            db, "UPDATE leads SET paused_until = ?2, paused_since = ?3, pause_note = ?4 WHERE id = ?1")
        setEvents = SQLStatement(db, "UPDATE leads SET events = ?2 WHERE id = ?1")
        countPaused = SQLStatement(
            db, "SELECT count(*) FROM leads WHERE paused_until IS NOT NULL AND paused_until > ?")
        setNext = SQLStatement(db, "UPDATE leads SET next_lead = ?2 WHERE id = ?1")
    }
}

/// A lead as the list of its mailbox's leads shows it.
struct Member {
    var id: LeadID
    var keyIsAddress: Bool
    var zoneName: String?
    var pausedUntil: Instant?
}

/// A lead as its rows hold it.
struct StoredLead {
    var lead: Lead
    var mailbox: Int64?
    /// Whether `leads.key` is NULL: the key is the mailbox's address.
    var keyIsAddress: Bool
    var settled: [Charge]
    /// See `Mailbox.isWaiting`.
    var isWaiting: Bool
    var suppression: Suppression?
    var optOuts: [OptOut]
}

// MARK: - Reading

extension Session {
    /// Reads a lead from `LeadStatements.columns` that begin at `base`.
    func lead(_ row: SQLStatement, at base: Int32) throws(StoreError) -> StoredLead {
        let id = LeadID(rawValue: row.int(base))
        let mailbox = row.optionalInt(base + 6)
        var address: EmailAddress?
        if mailbox != nil {
            address = EmailAddress(stored: row.optionalText(base + 2), normalised: row.text(base + 7))
            if address == nil { throw .corrupt("the address of lead \(id.rawValue) is none") }
        }
        let key = row.optionalText(base + 1)
        guard let shownKey = key ?? address?.normalised else { throw .corrupt("lead \(id.rawValue) has no key") }
        let lead = Lead(
            id: id, key: shownKey, address: address, zoneName: try names.text(row, base + 3),
            locale: try names.text(row, base + 4),
            attributes: try row.withBytes(base + 5) { bytes throws(StoreError) in
                try unpackAttributes(bytes, word: names.word)
            }, pause: pause(row, at: base),
            history: try row.withBytes(base + 17) { bytes throws(StoreError) in
                try unpackHistory(bytes, word: names.word, campaign: names.campaign, step: names.step)
            }, erasedAt: row.optionalInt(base + 18).map(Instant.init(milliseconds:)),
            stage: try stage(row, at: base + 19))
        return StoredLead(
            lead: lead, mailbox: mailbox, keyIsAddress: key == nil,
            settled: try charges(row, base + 8), isWaiting: row.int(base + 12) != 0,
            suppression: try suppression(row, at: base + 9), optOuts: try optOuts(row, base + 14))
    }

    private func pause(_ row: SQLStatement, at base: Int32) -> LeadPause? {
        guard let end = row.optionalInt(base + 13) else { return nil }
        let until = Instant(milliseconds: end)
        return LeadPause(
            since: row.optionalInt(base + 15).map(Instant.init(milliseconds:)) ?? until,
            until: until < .distantFuture ? until : nil,
            note: row.optionalText(base + 16) ?? "")
    }

    func storedLead(_ id: LeadID) throws(StoreError) -> StoredLead {
        defer { leadSQL.byID.reset() }
        guard try leadSQL.byID.bind(1, id.rawValue).step() else {
            throw StoreError(.misuse, "there is no lead \(id.rawValue)")
        }
        return try lead(leadSQL.byID, at: 0)
    }

    func mailbox(ofLead id: LeadID) throws(StoreError) -> Int64? {
        defer { leadSQL.mailboxOf.reset() }
        guard try leadSQL.mailboxOf.bind(1, id.rawValue).step() else {
            throw StoreError(.misuse, "there is no lead \(id.rawValue)")
        }
        return leadSQL.mailboxOf.optionalInt(0)
    }

    func require(_ id: LeadID) throws(StoreError) {
        defer { leadSQL.exists.reset() }
        guard try leadSQL.exists.bind(1, id.rawValue).step() else {
            throw StoreError(.misuse, "there is no lead \(id.rawValue)")
        }
    }

    /// Goes through the leads of a mailbox, the last to come first, from `first` or the very first of them on, for as long
    /// as `wantsMore`.
    func walk(
        _ mailbox: Mailbox, from first: LeadID? = nil, _ wantsMore: (Member) throws(StoreError) -> Bool
    ) throws(StoreError) {
        var next = first ?? mailbox.lead
        var visited = 0
        while let id = next {
            let member = try member(id, next: &next)
            visited += 1
            guard let member, visited <= books[.leads] else {
                throw .corrupt("the leads of mailbox \(mailbox.id) are not a list")
            }
            guard try wantsMore(member) else { return }
        }
    }

    private func member(_ id: LeadID, next: inout LeadID?) throws(StoreError) -> Member? {
        let row = leadSQL.next.bind(1, id.rawValue)
        defer { row.reset() }
        guard try row.step() else { return nil }
        next = row.optionalInt(0).map(LeadID.init(rawValue:))
        return Member(
            id: id, keyIsAddress: row.int(1) != 0, zoneName: try names.text(row, 2),
            pausedUntil: row.optionalInt(3).map(Instant.init(milliseconds:)))
    }

    /// The leads of a mailbox, oldest first.
    private func members(of mailbox: Mailbox) throws(StoreError) -> [Member] {
        var members: [Member] = []
        try walk(mailbox) { member throws(StoreError) in
            members.append(member)
            return true
        }
        return members.sorted { $0.id < $1.id }
    }

    func leadIDs(of mailbox: Mailbox) throws(StoreError) -> [LeadID] {
        try members(of: mailbox).map(\.id)
    }

    /// Finds a lead by its key; `mailbox` is the key's own, where the caller has read it already.
    private func leadID(key: String, mailbox known: Mailbox??) throws(StoreError) -> LeadID? {
        if try leadSQL.idByKey.bind(1, key).step() {
            defer { leadSQL.idByKey.reset() }
            return LeadID(rawValue: leadSQL.idByKey.int(0))
        }
        var mailbox: Mailbox?
        if let known {
            mailbox = known
        } else if key.utf8.contains(UInt8(ascii: "@")), let address = EmailAddress(stored: nil, normalised: key) {
            mailbox = try self.mailbox(address: address)
        }
        guard let mailbox else { return nil }
        return try members(of: mailbox).first(where: \.keyIsAddress)?.id
    }

    func lead(key: String) throws -> Lead? {
        try read { () throws(StoreError) in
            guard let id = try leadID(key: key, mailbox: nil) else { return nil }
            return try storedLead(id).lead
        }
    }

    func leads(address: EmailAddress) throws -> [Lead] {
        try read { () throws(StoreError) in
            guard let mailbox = try mailbox(address: address) else { return [] }
            var leads: [Lead] = []
            for id in try leadIDs(of: mailbox) { leads.append(try storedLead(id).lead) }
            return leads
        }
    }
}

// MARK: - Writing

extension Session {
    func upsert(_ draft: LeadDraft) throws -> UpsertedLead {
        try write { () throws(StoreError) in
            var mailbox: Mailbox?
            var known: Mailbox??
            if let address = draft.address {
                mailbox = try self.mailbox(address: address)
                if draft.key == address.normalised { known = .some(mailbox) }
            }
            if let id = try leadID(key: draft.key, mailbox: known) {
                let stored = try storedLead(id)
                guard stored.lead.key != draft.key, stored.mailbox != nil else {
                    return try update(stored, with: draft, mailbox: mailbox)
                }
                // The key of one that was merged: its list has not heard of it, and does not give this one its address.
                var facts = draft
                facts.address = nil
                return try update(stored, with: facts, mailbox: nil)
            }
            return try insert(draft, mailbox: mailbox)
        }
    }

    private func insert(_ draft: LeadDraft, mailbox found: Mailbox?) throws(StoreError) -> UpsertedLead {
        let id = LeadID(rawValue: books.next(.lastLead))
        var mailbox = found
        if let address = draft.address, mailbox == nil {
            mailbox = try addMailbox(address, lead: id)
        } else if let mailbox {
            try mailboxSQL.setLead.bind(1, mailbox.id).bind(2, id.rawValue).run()
            waitingOf[mailbox.id] = nil
        }
        let lead = Lead(
            id: id, key: draft.key, address: draft.address, zoneName: draft.zoneName, locale: draft.locale,
            attributes: draft.attributes.filter { !$0.value.isBlank })
        let keyIsAddress = draft.key == draft.address?.normalised
        let next = found?.lead
        leadSQL.insert.bind(9, countNewLead())
        try write(lead, with: leadSQL.insert, keyIsAddress: keyIsAddress, mailbox: mailbox?.id, next: next)
        try notePromise(of: id, lead.openPromise, was: nil)
        books[.leads] += 1
        return UpsertedLead(
            lead: lead, isNew: true, suppression: mailbox?.suppression, optOuts: mailbox?.optOuts ?? [])
    }

    private func update(
        _ stored: StoredLead, with draft: LeadDraft, mailbox found: Mailbox?
    ) throws(StoreError) -> UpsertedLead {
        var lead = stored.lead
        lead.zoneName = draft.zoneName ?? lead.zoneName
        lead.locale = draft.locale ?? lead.locale
        lead.address = draft.address ?? lead.address
        for (name, value) in draft.attributes { lead.attributes[name] = value.isBlank ? nil : value }

        var (mailboxID, keyIsAddress) = (stored.mailbox, stored.keyIsAddress)
        var (suppression, optOuts) = (stored.suppression, stored.optOuts)
        var next = try nextLead(lead.id)
        var was: EmailAddress?
        if let address = draft.address, address.normalised != stored.lead.address?.normalised {
            // Its charges and suppression stay with the old mailbox: they are that mailbox's, not the person's.
            was = stored.lead.address
            if let old = stored.mailbox {
                try unlink(lead.id, from: try mailbox(id: old), next: next)
                try eraseSQL.setFormer.bind(1, old).bind(2, lead.id.rawValue).run()
            }
            let mailbox = if let found { found } else { try addMailbox(address, lead: nil) }
            next = mailbox.lead
            try mailboxSQL.setLead.bind(1, mailbox.id).bind(2, lead.id.rawValue).run()
            waitingOf[mailbox.id] = nil
            (mailboxID, suppression, optOuts) = (mailbox.id, mailbox.suppression, mailbox.optOuts)
            keyIsAddress = false
            claimed = claimed.filter { EnrollmentID(rawValue: $0.key).lead != lead.id }
            if try enrollments(ofLead: lead.id).contains(where: \.waitsForCap) { try setWaiting(mailbox.id) }
        }
        if lead != stored.lead {
            moved(lead.id)
            try notePromise(of: lead.id, lead.openPromise, was: stored.lead.openPromise)
            try write(lead, with: leadSQL.update, keyIsAddress: keyIsAddress, mailbox: mailboxID, next: next)
        }
        return UpsertedLead(lead: lead, isNew: false, was: was, suppression: suppression, optOuts: optOuts)
    }

    func write(
        _ lead: Lead, with statement: SQLStatement, keyIsAddress: Bool, mailbox: Int64?, next: LeadID?
    ) throws(StoreError) {
        let written = lead.address.flatMap { $0.text == $0.normalised ? nil : $0.text }
        statement.bind(1, lead.id.rawValue).bind(2, keyIsAddress ? nil : lead.key).bind(3, mailbox)
        statement.bind(4, next?.rawValue).bind(5, written)
        try names.bind(lead.zoneName, to: 6, of: statement)
        try names.bind(lead.locale, to: 7, of: statement)
        let packed = try pack(attributes: lead.attributes, number: names.number(ofWord:))
        try statement.bind(8, packed).run()
    }

    func add(_ event: EventName, _ occurrence: EventHistory.Occurrence, to lead: LeadID) throws {
        try write { () throws(StoreError) in
            moved(lead)
            var history = try storedLead(lead).lead.history
            history.add(event, occurrence)
            try write(history, of: lead)
        }
    }

    func write(_ history: EventHistory, of lead: LeadID) throws(StoreError) {
        let packed = try pack(
            history: history, word: names.number(ofWord:), campaign: names.number(of:),
            step: { step, campaign throws(StoreError) in try names.number(of: step, in: campaign) })
        try leadSQL.setEvents.bind(1, lead.rawValue).bind(2, packed).run()
    }

    func nextLead(_ id: LeadID) throws(StoreError) -> LeadID? {
        defer { leadSQL.next.reset() }
        guard try leadSQL.next.bind(1, id.rawValue).step() else { return nil }
        return leadSQL.next.optionalInt(0).map(LeadID.init(rawValue:))
    }

    func unlink(_ id: LeadID, from mailbox: Mailbox, next: LeadID?) throws(StoreError) {
        if mailbox.lead == id {
            try mailboxSQL.setLead.bind(1, mailbox.id).bind(2, next?.rawValue).run()
            return
        }
        for other in try leadIDs(of: mailbox) where try nextLead(other) == id {
            try leadSQL.setNext.bind(1, other.rawValue).bind(2, next?.rawValue).run()
        }
    }
}
