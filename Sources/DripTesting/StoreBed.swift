package import DripCore
package import DripStore

/// A store with what the checks need around it: leads, steps and the engine's usual moves, in one line each.
package final class StoreBed {
    package let store: any DripStore
    package static let day = LocalDate(daysSinceEpoch: 20_780)
    /// 2026-11-23T02:00:00Z.
    package static let start = Instant(seconds: 20_780 * 86_400 + 7_200)
    package static let nurture = CampaignID(rawValue: "ebook-nurture")
    package static let news = CampaignID(rawValue: "newsletter")
    /// What `markDue` charges an e-mail of `nurture` as.
    package static let touch = Touch(channel: .email, campaign: nurture)

    package init(store: any DripStore) {
        self.store = store
    }

    package func commit<Result>(
        at now: Instant = StoreBed.start, today: LocalDate = StoreBed.day,
        _ body: (any StoreTransaction) throws -> Result
    ) throws -> Result {
        try store.commit(at: now, today: today, body)
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result { try store.read(body) }

    package func audit() throws {
        guard let store = store as? any AuditableStore else { return }
        let problems = try store.audit()
        try expect(problems.isEmpty, "the store's own audit found: \(problems.joined(separator: "; "))")
    }

    // MARK: Things

    package static func draft(
        _ name: String, zone: String? = nil, locale: String? = nil, attributes: [String: AttributeValue] = [:]
    ) throws -> LeadDraft {
        let address = try EmailAddress("\(name)@example.com")
        return LeadDraft(
            key: address.normalised, address: address, zoneName: zone, locale: locale, attributes: attributes)
    }

    package static func step(
        _ name: String = "welcome", route: Route = .email, planned: TimeSpan = .zero, due: TimeSpan? = nil,
        waitingFor: Reason? = nil, deferred: TimeSpan = .zero
    ) -> PendingStep {
        PendingStep(
            step: StepID(rawValue: name), route: route, plannedAt: start + planned, dueAt: start + (due ?? planned),
            waitingFor: waitingFor, deferred: deferred)
    }

    static func entry(
        _ kind: JournalEntry.Kind, of enrollment: Enrollment, at: Instant = start, step: StepID? = nil,
        reason: Reason? = nil, plannedAt: Instant? = nil, detail: String = ""
    ) -> JournalEntry {
        JournalEntry(
            at: at, kind: kind, lead: enrollment.lead, enrollment: enrollment.id, campaign: enrollment.campaign,
            step: step, reason: reason, plannedAt: plannedAt, detail: detail)
    }

    // MARK: Moves

    /// Takes in a lead and enrols it.
    @discardableResult
    package func enrol(
        _ name: String, in campaign: CampaignID = nurture, first: PendingStep? = step(), at: Instant = start,
        version: String? = nil
    ) throws -> Enrollment {
        try commit(at: at) { transaction in
            let lead = try transaction.upsert(try Self.draft(name)).lead
            let id = try unwrap(
                try transaction.enroll(
                    lead.id, in: campaign, at: at, first: first, key: nil, data: [:], version: version),
                "the enrollment of \(name)")
            let enrollment = try unwrap(try transaction.enrollment(of: lead.id, in: campaign), "its row")
            try expectEqual(enrollment.id, id, "the number that enroll answered")
            return enrollment
        }
    }

    /// Claims all that is due and marks it.
    func markDue(at now: Instant, route: Route = .email) throws -> [Delivery] {
        try commit(at: now) { transaction in
            try transaction.claimDue(route, now: now, limit: 1_000).map {
                try transaction.mark(
                    $0, at: now, charging: Touch(channel: route.channel, campaign: $0.enrollment.campaign))
            }
        }
    }

    /// A ledger of such messages that ended, or of one that has not.
    static func settled(_ charges: [Instant]) -> ChargeLedger {
        ChargeLedger(settled: charges.map { Charge(at: $0, touch: touch) })
    }

    static func open(_ delivery: DeliveryID, at instant: Instant) -> ChargeLedger {
        ChargeLedger(open: [.init(delivery: delivery, charge: Charge(at: instant, touch: touch))])
    }

    /// Marks the one enrollment that is due.
    func markOne(at now: Instant = start) throws -> Delivery {
        let marked = try markDue(at: now)
        try expectEqual(marked.count, 1, "deliveries marked")
        return marked[0]
    }

    /// Ends a delivery and moves its enrollment on to `next`, or completes it.
    func settle(
        _ delivery: Delivery, as end: Delivery.State, next: PendingStep? = nil, at now: Instant
    ) throws {
        try commit(at: now) { transaction in
            var enrollment = try self.enrollment(delivery.enrollment, in: transaction)
            let plannedAt = enrollment.current?.plannedAt
            enrollment.finished.append(delivery.step)
            enrollment.lastEndedAt = now
            enrollment.current = next
            if next == nil { enrollment.status = .completed }
            if end != .failed { enrollment.lastSent = SentStep(sentAt: now, plannedAt: plannedAt ?? now) }
            let kind: JournalEntry.Kind = end == .accepted ? .accepted : end == .failed ? .failed : .inDoubt
            let entry = Self.entry(kind, of: enrollment, at: now, step: delivery.step, plannedAt: plannedAt)
            try transaction.settle(delivery.id, as: end, enrollment: enrollment, entry: entry)
            if next == nil { try transaction.journal(Self.entry(.completed, of: enrollment, at: now)) }
        }
    }

    /// Puts a marked delivery back for another attempt.
    func putBack(_ delivery: Delivery, until: TimeSpan) throws {
        try commit { transaction in
            var enrollment = try self.enrollment(delivery.enrollment, in: transaction)
            enrollment.current?.dueAt = Self.start + until
            enrollment.current?.waitingFor = .retry
            try transaction.retry(delivery.id, countsAttempt: true, enrollment: enrollment, entry: nil)
        }
    }

    /// Finds an enrollment by its number through the lead that holds it.
    func enrollment(_ id: EnrollmentID, in reader: any StoreReader) throws -> Enrollment {
        for open in try reader.unresolved() where open.enrollment.id == id { return open.enrollment }
        for doubtful in try reader.inDoubt(limit: 1_000) where doubtful.enrollment.id == id {
            return doubtful.enrollment
        }
        throw Unmet(description: "enrollment \(id.rawValue) has no delivery to be found by")
    }

    func enrollment(_ name: String, in campaign: CampaignID = nurture) throws -> Enrollment {
        try read { reader in
            let lead = try unwrap(try reader.lead(key: "\(name)@example.com"), name)
            return try unwrap(try reader.enrollment(of: lead.id, in: campaign), "the enrollment of \(name)")
        }
    }

    func ledger(_ name: String) throws -> ChargeLedger {
        try read { try $0.ledger(of: try EmailAddress("\(name)@example.com")) }
    }

    func nextDueAt(_ route: Route = .email) throws -> Instant? {
        try read { try $0.nextDueAt(route) }
    }

    func status(now: Instant = start, today: LocalDate = day) throws -> StoreStatus {
        try read { try $0.statusSnapshot(now: now, today: today) }
    }

    /// Runs `body` in a commit and answers how the commit failed.
    func failure(of body: (any StoreTransaction) throws -> Void) throws -> StoreError {
        do {
            try store.commit(at: Self.start, today: Self.day, body)
        } catch {
            return error
        }
        throw Unmet(description: "the commit did not fail")
    }
}
