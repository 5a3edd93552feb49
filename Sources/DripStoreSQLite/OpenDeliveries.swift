import DripCore
import DripStore
import GRDB

/// A delivery that has not ended: `reserved` between attempts, or `sending`.
struct OpenDelivery {
    var id: DeliveryID
    var enrollment: EnrollmentID
    var step: Int64
    var state: Delivery.State
    var attempts: Int
    var markedAt: Instant
    /// Whose ledger holds its charge; nil where the lead has no mailbox.
    var mailbox: Int64?
    /// What it is charged as; nil where nobody kept that.
    var touch: Touch?
    /// Whether it is charged at all.
    var counts: Bool
    /// Rows as they are still known from the claim, which `settle` need not read again; nil asks the tables.
    var head: Int64??
    var charges: KnownCharges?

    /// Nil where it does not count.
    var charge: ChargeLedger.Open? {
        counts ? ChargeLedger.Open(delivery: id, charge: Charge(at: markedAt, touch: touch)) : nil
    }
}

/// What a mailbox's row says of its charges.
struct KnownCharges {
    var settled: [Charge]
    var isWaiting: Bool
}

/// Every open delivery, in the table and in memory.
///
/// They are few (what is in flight, and what waits between attempts), asked for at each step, and soon gone: in memory
/// they save two index probes a step and the write of a charge at each mark. An enrollment has one at most.
final class OpenDeliveries {
    private var byEnrollment: [Int64: OpenDelivery] = [:]
    private var byMailbox: [Int64: [Int64]] = [:]
    private(set) var sendingCount = 0

    private let names: Names
    private let insert: SQLStatement
    private let update: SQLStatement
    private let delete: SQLStatement
    private let all: SQLStatement

    init(_ db: Database, names: Names) {
        self.names = names
        insert = SQLStatement(
            db,
            """
            INSERT INTO deliveries
            (enrollment, id, state, attempts, marked_at, mailbox, counts, campaign, channel, topic, step)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        update = SQLStatement(
            db,
            """
            UPDATE deliveries SET state = ?3, attempts = ?4, marked_at = ?5, mailbox = ?6, counts = ?7,
            campaign = ?8, channel = ?9, topic = ?10
            WHERE enrollment = ?1 AND id = ?2
            """)
        delete = SQLStatement(db, "DELETE FROM deliveries WHERE enrollment = ? AND id = ?")
        all = SQLStatement(
            db,
            """
            SELECT enrollment, id, step, state, attempts, marked_at, mailbox, counts, campaign, channel, topic
            FROM deliveries WHERE state IN (0, 1)
            """)
    }

    /// Takes what is committed, and forgets the rest.
    func load() throws(StoreError) {
        byEnrollment = [:]
        byMailbox = [:]
        sendingCount = 0
        while try all.step() {
            let delivery = OpenDelivery(
                id: DeliveryID(rawValue: all.int(1)), enrollment: EnrollmentID(rawValue: all.int(0)), step: all.int(2),
                state: all.int(3) == 0 ? .reserved : .sending, attempts: Int(clamping: all.int(4)),
                markedAt: Instant(milliseconds: all.int(5)), mailbox: all.optionalInt(6), touch: try touch(all),
                counts: all.int(7) != 0)
            guard byEnrollment[delivery.enrollment.rawValue] == nil else {
                throw .corrupt("enrollment \(delivery.enrollment.rawValue) has two open deliveries")
            }
            remember(delivery)
        }
    }

    /// Reads the columns campaign, channel, topic of `all`.
    private func touch(_ row: SQLStatement) throws(StoreError) -> Touch? {
        guard let number = row.optionalInt(9) else { return nil }
        guard let channel = Channel(rawValue: Int(clamping: number)) else {
            throw .corrupt("delivery \(row.int(1)) is charged to channel \(number)")
        }
        return Touch(
            channel: channel, campaign: try names.campaign(row.int(8)),
            topic: try names.text(row, 10).map(TopicID.init(rawValue:)))
    }

    var count: Int { byEnrollment.count }
    var reservedCount: Int { byEnrollment.count - sendingCount }
    /// In the order in which they were reserved.
    var inOrder: [OpenDelivery] { byEnrollment.values.sorted { $0.id < $1.id } }

    subscript(enrollment: EnrollmentID) -> OpenDelivery? { byEnrollment[enrollment.rawValue] }

    func isSending(_ enrollment: EnrollmentID) -> Bool { byEnrollment[enrollment.rawValue]?.state == .sending }

    func charges(of mailbox: Int64) -> [ChargeLedger.Open] {
        guard let enrollments = byMailbox[mailbox] else { return [] }
        return enrollments.compactMap { byEnrollment[$0]?.charge }.sorted { $0.delivery < $1.delivery }
    }

    func add(_ delivery: OpenDelivery) throws(StoreError) {
        try bind(delivery, state: delivery.state, to: insert)
        try insert.bind(11, delivery.step).run()
        remember(delivery)
    }

    func change(_ delivery: OpenDelivery) throws(StoreError) {
        try write(delivery, state: delivery.state)
        forget(delivery)
        remember(delivery)
    }

    /// Takes an ended delivery out: its row goes, or stays listed as in doubt.
    func end(_ delivery: OpenDelivery, inDoubt: Bool) throws(StoreError) {
        if inDoubt {
            try write(delivery, state: .inDoubt)
        } else {
            try delete.bind(1, delivery.enrollment.rawValue).bind(2, delivery.id.rawValue).run()
        }
        forget(delivery)
    }

    /// The newest journal entry of an enrollment changed.
    func headChanged(_ enrollment: EnrollmentID, to head: Int64) {
        byEnrollment[enrollment.rawValue]?.head = .some(head)
    }

    /// A mailbox's settled charges, or what waits for them, changed: the row knows better now.
    func chargesChanged(of mailbox: Int64) {
        for enrollment in byMailbox[mailbox] ?? [] { byEnrollment[enrollment]?.charges = nil }
    }

    private func write(_ delivery: OpenDelivery, state: Delivery.State) throws(StoreError) {
        try bind(delivery, state: state, to: update)
        try update.run()
    }

    /// Binds all but the step, which never changes.
    private func bind(
        _ delivery: OpenDelivery, state: Delivery.State, to statement: SQLStatement
    ) throws(StoreError) {
        statement.bind(1, delivery.enrollment.rawValue).bind(2, delivery.id.rawValue).bind(3, state.rawValue)
        statement.bind(4, delivery.attempts).bind(5, delivery.markedAt.milliseconds).bind(6, delivery.mailbox)
        statement.bind(7, delivery.counts ? 1 : 0)
        if let touch = delivery.touch {
            statement.bind(8, try names.number(of: touch.campaign)).bind(9, touch.channel.rawValue)
            try names.bind(touch.topic?.rawValue, to: 10, of: statement)
        } else {
            statement.bindNull(8).bindNull(9).bindNull(10)
        }
    }

    private func remember(_ delivery: OpenDelivery) {
        byEnrollment[delivery.enrollment.rawValue] = delivery
        if delivery.state == .sending { sendingCount += 1 }
        if let mailbox = delivery.mailbox { byMailbox[mailbox, default: []].append(delivery.enrollment.rawValue) }
    }

    private func forget(_ delivery: OpenDelivery) {
        let enrollment = delivery.enrollment.rawValue
        guard let old = byEnrollment.removeValue(forKey: enrollment) else { return }
        if old.state == .sending { sendingCount -= 1 }
        guard let mailbox = old.mailbox else { return }
        byMailbox[mailbox]?.removeAll { $0 == enrollment }
        if byMailbox[mailbox]?.isEmpty == true { byMailbox[mailbox] = nil }
    }
}
