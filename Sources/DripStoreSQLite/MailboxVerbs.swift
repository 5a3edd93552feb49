import DripCore
import DripStore
import GRDB

struct MailboxStatements {
    let byAddress: SQLStatement
    let byID: SQLStatement
    let insert: SQLStatement
    let insertHash: SQLStatement
    let setLead: SQLStatement
    let setCharges: SQLStatement
    let setWaiting: SQLStatement
    let setWakesFrom: SQLStatement
    let suppress: SQLStatement
    let setOptOuts: SQLStatement

    init(_ db: Database) {
        let columns =
            "m.id, m.lead, m.waiting, m.charges, m.suppressed, m.suppressed_note, m.suppressed_at, m.address, "
            + "m.opted_out"
        byAddress = SQLStatement(
            db,
            """
            SELECT \(columns) FROM addresses a CROSS JOIN mailboxes m ON m.id = a.mailbox
            WHERE a.hash = ? AND m.address = ?
            """)
        byID = SQLStatement(db, "SELECT \(columns) FROM mailboxes m WHERE m.id = ?")
        insertHash = SQLStatement(db, "INSERT INTO addresses (hash, mailbox) VALUES (?, ?)")
        insert = SQLStatement(db, "INSERT INTO mailboxes (id, address, lead) VALUES (?, ?, ?)")
        setLead = SQLStatement(db, "UPDATE mailboxes SET lead = ?2 WHERE id = ?1")
        setCharges = SQLStatement(db, "UPDATE mailboxes SET charges = ?2 WHERE id = ?1")
        setWaiting = SQLStatement(db, "UPDATE mailboxes SET waiting = 1 WHERE id = ? AND waiting = 0")
        setWakesFrom = SQLStatement(db, "UPDATE mailboxes SET waiting = ?2 WHERE id = ?1")
        suppress = SQLStatement(
            db, "UPDATE mailboxes SET suppressed = ?2, suppressed_note = ?3, suppressed_at = ?4 WHERE id = ?1")
        setOptOuts = SQLStatement(db, "UPDATE mailboxes SET opted_out = ?2 WHERE id = ?1")
    }
}

/// What is kept per normalised address, whoever and however many the leads behind it are.
struct Mailbox {
    var id: Int64
    /// The first of its leads; the others follow by `next_lead`.
    var lead: LeadID?
    /// Whether an enrollment of one of its leads may wait for a cap.
    var isWaiting: Bool
    /// The lead with which the next wake begins, where the last one left some; it may have moved away.
    var wakesFrom: LeadID?
    var settled: [Charge]
    var suppression: Suppression?
    var optOuts: [OptOut]
    var address: String
}

extension Session {
    func mailbox(address: EmailAddress) throws(StoreError) -> Mailbox? {
        let hash = hash(of: address)
        if let known = try mailbox(mailboxSQL.byAddress.bind(1, hash).bind(2, address.normalised)) { return known }
        guard hasErased else { return nil }
        return try mailbox(mailboxSQL.byAddress.bind(1, hash).bind(2, erasedName(of: address.normalised)))
    }

    func mailbox(id: Int64) throws(StoreError) -> Mailbox {
        guard let mailbox = try mailbox(mailboxSQL.byID.bind(1, id)) else {
            throw .corrupt("a row names mailbox \(id), which is not there")
        }
        return mailbox
    }

    private func mailbox(_ row: SQLStatement) throws(StoreError) -> Mailbox? {
        defer { row.reset() }
        guard try row.step() else { return nil }
        return Mailbox(
            id: row.int(0), lead: row.optionalInt(1).map(LeadID.init(rawValue:)), isWaiting: row.int(2) != 0,
            wakesFrom: row.int(2) > 1 ? LeadID(rawValue: row.int(2) - 1) : nil, settled: try charges(row, 3),
            suppression: try suppression(row, at: 4), optOuts: try optOuts(row, 8),
            address: row.text(7))
    }

    func charges(_ row: SQLStatement, _ column: Int32) throws(StoreError) -> [Charge] {
        try row.withBytes(column) { bytes throws(StoreError) in
            try unpackCharges(bytes, campaign: names.campaign, word: names.word)
        }
    }

    func optOuts(_ row: SQLStatement, _ column: Int32) throws(StoreError) -> [OptOut] {
        try row.withBytes(column) { bytes throws(StoreError) in try unpackOptOuts(bytes, word: names.word) }
    }

    /// Reads a do-not-send entry from three columns: cause, note, since.
    func suppression(_ row: SQLStatement, at column: Int32) throws(StoreError) -> Suppression? {
        guard let text = row.optionalText(column) else { return nil }
        guard let cause = Suppression.Cause(rawValue: text) else {
            throw .corrupt("a mailbox is suppressed for \"\(text)\", which this version does not know")
        }
        return Suppression(
            cause: cause, note: row.text(column + 1), since: Instant(milliseconds: row.int(column + 2)))
    }

    /// 32 bits of FNV-1a over the seed and the address, mixed once more; stored, so it must never change.
    static func hash(of address: EmailAddress, seed: UInt64) -> Int64 { hash(of: address.normalised, seed: seed) }

    private static func hash(of address: String, seed: UInt64) -> Int64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        for byte in address.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        value = (value ^ (value >> 32) ^ seed) &* 0x9E37_79B9_7F4A_7C15
        return Int64(Int32(truncatingIfNeeded: value >> 32))
    }

    private func hash(of address: EmailAddress) -> Int64 { hash(of: address.normalised) }

    /// Of a normalised address.
    func hash(of address: String) -> Int64 { Self.hash(of: address, seed: addressSeed) }

    func addMailbox(_ address: EmailAddress, lead: LeadID?) throws(StoreError) -> Mailbox {
        let id = books.next(.lastMailbox)
        try mailboxSQL.insert.bind(1, id).bind(2, address.normalised).bind(3, lead?.rawValue).run()
        try mailboxSQL.insertHash.bind(1, hash(of: address)).bind(2, id).run()
        return Mailbox(
            id: id, lead: lead, isWaiting: false, settled: [], suppression: nil, optOuts: [],
            address: address.normalised)
    }

    func ledger(settled: [Charge], mailbox: Int64?) -> ChargeLedger {
        ChargeLedger(settled: settled, open: mailbox.map(open.charges(of:)) ?? [])
    }

    /// Ends a charge, kept or freed, and lets what waited for a cap of this mailbox be decided again at `at`.
    ///
    /// Called when the delivery is open no more and its own enrollment is written: that one is past its step.
    func release(_ delivery: OpenDelivery, keeping: Bool, at: Instant) throws(StoreError) {
        guard let id = delivery.mailbox else { return }
        let known: KnownCharges
        if let charges = delivery.charges {
            known = charges
        } else {
            let mailbox = try mailbox(id: id)
            known = KnownCharges(settled: mailbox.settled, isWaiting: mailbox.isWaiting)
        }
        if keeping { try settle(delivery, beside: known.settled, in: id) }
        if known.isWaiting { try wake(id, atMost: Rival.limit, at: at) }
    }

    /// Settles the charge of an open delivery, which gets another one.
    func keepCharge(of delivery: OpenDelivery) throws(StoreError) {
        guard let id = delivery.mailbox else { return }
        try settle(delivery, beside: try mailbox(id: id).settled, in: id)
    }

    private func settle(_ delivery: OpenDelivery, beside settled: [Charge], in mailbox: Int64) throws(StoreError) {
        guard let charge = delivery.charge else { return }
        var ledger = ChargeLedger(settled: settled, open: [charge])
        ledger.settle(delivery.id, keeping: true)
        ledger.prune(before: chargeHorizon)
        let packed = try pack(charges: ledger.settled, campaign: names.number(of:), word: names.number(ofWord:))
        try mailboxSQL.setCharges.bind(1, mailbox).bind(2, packed).run()
        chargesChanged(of: mailbox)
    }

    /// Keeps what is known of a mailbox's charges true.
    func chargesChanged(of mailbox: Int64) {
        changedMailboxes.insert(mailbox)
        open.chargesChanged(of: mailbox)
    }

    /// Notes that an enrollment of one of its leads waits for a cap.
    func setWaiting(_ mailbox: Int64) throws(StoreError) {
        try mailboxSQL.setWaiting.bind(1, mailbox).run()
        chargesChanged(of: mailbox)
    }
}

extension Session {
    func suppression(of address: EmailAddress) throws -> Suppression? {
        try read { () throws(StoreError) in try mailbox(address: address)?.suppression }
    }

    func ledger(of address: EmailAddress) throws -> ChargeLedger {
        try read { () throws(StoreError) in
            guard let mailbox = try mailbox(address: address) else { return ChargeLedger() }
            return ledger(settled: mailbox.settled, mailbox: mailbox.id)
        }
    }

    func suppress(_ address: EmailAddress, _ suppression: Suppression) throws -> Bool {
        try write { () throws(StoreError) in
            let found = try mailbox(address: address)
            let mailbox = if let found { found } else { try addMailbox(address, lead: nil) }
            if let known = mailbox.suppression, !suppression.cause.outranks(known.cause) { return false }
            mailboxSQL.suppress.bind(1, mailbox.id).bind(2, suppression.cause.rawValue).bind(3, suppression.note)
            try mailboxSQL.suppress.bind(4, suppression.since.milliseconds).run()
            if mailbox.suppression == nil { books[.suppressedMailboxes] += 1 }
            return true
        }
    }

    func unsuppress(_ address: EmailAddress) throws -> Suppression? {
        try write { () throws(StoreError) in
            guard let mailbox = try mailbox(address: address), let suppression = mailbox.suppression else { return nil }
            try mailboxSQL.suppress.bind(1, mailbox.id).bindNull(2).bindNull(3).bindNull(4).run()
            try show(mailbox, as: address)
            books[.suppressedMailboxes] -= 1
            return suppression
        }
    }

    func optOuts(of address: EmailAddress) throws -> [OptOut] {
        try read { () throws(StoreError) in try mailbox(address: address)?.optOuts ?? [] }
    }

    func optOut(_ address: EmailAddress, _ optOut: OptOut) throws -> Bool {
        try write { () throws(StoreError) in
            let found = try mailbox(address: address)
            let mailbox = if let found { found } else { try addMailbox(address, lead: nil) }
            guard !mailbox.optOuts.contains(where: { $0.topic == optOut.topic }) else { return false }
            try set(mailbox.optOuts + [optOut], of: mailbox.id)
            return true
        }
    }

    func optIn(_ address: EmailAddress, to topic: TopicID) throws -> OptOut? {
        try write { () throws(StoreError) in
            guard let mailbox = try mailbox(address: address),
                let optOut = mailbox.optOuts.first(where: { $0.topic == topic })
            else { return nil }
            try set(mailbox.optOuts.filter { $0.topic != topic }, of: mailbox.id)
            return optOut
        }
    }

    private func set(_ optOuts: [OptOut], of mailbox: Int64) throws(StoreError) {
        let packed = try pack(optOuts: optOuts, word: names.number(ofWord:))
        try mailboxSQL.setOptOuts.bind(1, mailbox).bind(2, packed).run()
    }

    func pruneCharges(before horizon: Instant) {
        chargeHorizon = horizon
    }
}
