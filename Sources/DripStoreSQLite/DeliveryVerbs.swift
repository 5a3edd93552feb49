import DripCore
import DripStore

// MARK: - Asking

extension Session {
    func delivery(_ open: OpenDelivery) throws(StoreError) -> Delivery {
        Delivery(
            id: open.id, enrollment: open.enrollment, step: try names.step(open.step),
            sealedAs: try names.firstName(of: open.step), state: open.state, attempts: open.attempts,
            markedAt: open.markedAt)
    }

    func deliveries(of enrollment: EnrollmentID) throws -> [Delivery] {
        try read { () throws(StoreError) in
            let row = enrollmentSQL.deliveries.bind(1, enrollment.rawValue)
            var deliveries: [Delivery] = []
            while try row.step() { deliveries.append(try delivery(row, of: enrollment)) }
            return deliveries
        }
    }

    /// Reads a delivery from the columns id, step, state, attempts, marked_at.
    private func delivery(_ row: SQLStatement, of enrollment: EnrollmentID) throws(StoreError) -> Delivery {
        guard let state = Delivery.State(rawValue: Int(row.int(2))) else {
            throw .corrupt("delivery \(row.int(0)) has state \(row.int(2))")
        }
        return Delivery(
            id: DeliveryID(rawValue: row.int(0)), enrollment: enrollment, step: try names.step(row.int(1)),
            sealedAs: try names.firstName(of: row.int(1)), state: state, attempts: Int(row.int(3)),
            markedAt: Instant(milliseconds: row.int(4)))
    }

    func unresolved() throws -> [UnresolvedDelivery] {
        try read { () throws(StoreError) in
            var unresolved: [UnresolvedDelivery] = []
            for open in open.inOrder { unresolved.append(try withFacts(try delivery(open))) }
            return unresolved
        }
    }

    func inDoubt(after: DeliveryID?, limit: Int) throws -> [UnresolvedDelivery] {
        try read { () throws(StoreError) in
            let row = enrollmentSQL.inDoubt.bind(1, after?.rawValue ?? 0).bind(2, max(0, limit))
            var deliveries: [Delivery] = []
            while try row.step() { deliveries.append(try delivery(row, of: EnrollmentID(rawValue: row.int(5)))) }
            var doubtful: [UnresolvedDelivery] = []
            for delivery in deliveries { doubtful.append(try withFacts(delivery)) }
            return doubtful
        }
    }

    private func withFacts(_ delivery: Delivery) throws(StoreError) -> UnresolvedDelivery {
        let row = enrollmentSQL.facts.bind(1, delivery.enrollment.rawValue)
        defer { row.reset() }
        guard try row.step() else { throw .corrupt("delivery \(delivery.id.rawValue) has no enrollment or lead") }
        return UnresolvedDelivery(
            delivery: delivery, enrollment: try enrollment(row),
            lead: try lead(row, at: EnrollmentStatements.columnCount).lead)
    }
}

// MARK: - Sending

extension Session {
    func mark(_ claim: Claim, at: Instant, charging touch: Touch?) throws -> Delivery {
        try write { () throws(StoreError) in
            let enrollment = claim.enrollment
            guard try removeTimer(of: enrollment, was: claim.pending) else {
                throw StoreError(.misuse, "enrollment \(enrollment.id.rawValue) was marked, but it is not waiting")
            }
            moved(enrollment.lead)
            let facts = claimed[enrollment.id.rawValue]
            let mailbox: Int64?
            if let facts { mailbox = facts.mailbox } else { mailbox = try self.mailbox(ofLead: enrollment.lead) }
            let isCurrent = mailbox.map { !changedMailboxes.contains($0) } ?? false
            let campaign = try names.number(of: enrollment.campaign)
            let step = try names.number(of: claim.pending.step, in: campaign)
            guard var delivery = open[enrollment.id] else {
                let first = OpenDelivery(
                    id: DeliveryID(rawValue: books.next(.lastDelivery)), enrollment: enrollment.id, step: step,
                    state: .sending, attempts: 1, markedAt: at, mailbox: mailbox, touch: touch, counts: touch != nil,
                    head: facts.map(\.head), charges: isCurrent ? facts?.charges : nil)
                try open.add(first)
                return Delivery(
                    id: first.id, enrollment: enrollment.id, step: claim.pending.step,
                    sealedAs: try names.firstName(of: step), state: .sending, attempts: 1, markedAt: at)
            }
            guard delivery.state == .reserved, delivery.step == step else {
                throw StoreError(.misuse, "delivery \(delivery.id.rawValue) is open for another attempt or step")
            }
            // What may have arrived stays charged beside the attempt that is made now.
            if claim.pending.doubtedAt == delivery.markedAt { try keepCharge(of: delivery) }
            delivery.state = .sending
            delivery.attempts += 1
            delivery.markedAt = at
            delivery.mailbox = mailbox
            (delivery.touch, delivery.counts) = (touch, touch != nil)
            delivery.head = facts.map(\.head)
            delivery.charges = nil
            try open.change(delivery)
            return try self.delivery(delivery)
        }
    }

    func retry(
        _ delivery: DeliveryID, countsAttempt: Bool, enrollment: Enrollment, entry: JournalEntry?
    ) throws {
        try write { () throws(StoreError) in
            try check(enrollment)
            var open = try opened(delivery, of: enrollment)
            guard open.state == .sending else {
                throw StoreError(.misuse, "delivery \(delivery.rawValue) is not being sent, so it cannot be retried")
            }
            guard enrollment.isOngoing, let current = enrollment.current,
                try names.number(of: current.step, in: try names.number(of: enrollment.campaign)) == open.step
            else {
                throw StoreError(.misuse, "delivery \(delivery.rawValue) would be retried for a step that was left")
            }
            open.state = .reserved
            if !countsAttempt { open.attempts -= 1 }
            try self.open.change(open)
            try update(enrollment, head: try append(entry, of: enrollment.id))
            try setTimer(of: enrollment)
        }
    }

    func settle(
        _ delivery: DeliveryID, as end: Delivery.State, enrollment: Enrollment, entry: JournalEntry
    ) throws {
        try write { () throws(StoreError) in
            guard end == .accepted || end == .failed || end == .inDoubt else {
                throw StoreError(.misuse, "a delivery cannot end as \(end.name)")
            }
            try check(enrollment)
            let open = try opened(delivery, of: enrollment)
            if open.state == .reserved { _ = try removeTimer(of: enrollment, was: nil) }
            try self.open.end(open, inDoubt: end == .inDoubt)
            if end == .inDoubt { books[.inDoubt] += 1 }
            try update(enrollment, head: try append(entry, of: enrollment.id))
            try setTimer(of: enrollment)
            try release(open, keeping: end != .failed, at: entry.at)
        }
    }

    func hasTaken(letter id: String) throws -> Bool {
        try read { () throws(StoreError) in
            defer { enrollmentSQL.hasLetter.reset() }
            return try enrollmentSQL.hasLetter.bind(1, id).step()
        }
    }

    func takeLetter(_ id: String) throws -> Bool {
        try write { () throws(StoreError) in
            try enrollmentSQL.takeLetter.bind(1, id).run()
            guard enrollmentSQL.takeLetter.changes > 0 else { return false }
            try enrollmentSQL.forgetLetters.run()
            return true
        }
    }

    func resolve(_ delivery: DeliveryID, of enrollment: EnrollmentID) throws -> Bool {
        try write { () throws(StoreError) in
            try enrollmentSQL.resolve.bind(1, enrollment.rawValue).bind(2, delivery.rawValue).run()
            guard enrollmentSQL.resolve.changes > 0 else { return false }
            books[.inDoubt] -= 1
            return true
        }
    }

    private func opened(_ delivery: DeliveryID, of enrollment: Enrollment) throws(StoreError) -> OpenDelivery {
        guard let open = open[enrollment.id], open.id == delivery else {
            throw StoreError(
                .misuse, "enrollment \(enrollment.id.rawValue) has no open delivery \(delivery.rawValue)")
        }
        return open
    }
}
