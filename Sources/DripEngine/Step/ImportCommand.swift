import DripCampaigns
import DripCore
import DripStore

// Leads come in by lists, whose cells are all text, and from programs, which know numbers from texts. Both come through the one
// door (`LeadDoor.swift`), and from there on are the same.
//
// A mailbox that stands on the do-not-send list as `unconfirmed` comes off it where those who run dripd hand it in: they have another
// ground to write to it than the form. No other entry does, and none by a token that may only hand in.

extension Engine {
    func importLeads(_ batch: ImportBatch, now: Instant, effects: inout [Effect]) throws -> ImportSummary {
        try requireRoom(for: batch.rows.count)
        let entry = try batch.campaign.map { try runnable($0) }
        let door: LeadDoor
        do {
            door = try LeadDoor(columns: batch.columns)
        } catch {
            throw ControlError(.invalid, "column \"\(error.column)\": \(error.reason)")
        }
        let rows = batch.rows.map { row in
            (row.line, door.admit(row.cells, unreadable: row.unreadable) { programme.zones[$0] != nil })
        }
        return try take(
            rows, Order(into: entry, isOperators: batch.isOperators, id: batch.id), now: now, effects: &effects)
    }

    /// The same of typed leads; `line` is where one stands among them, from 1.
    func put(_ request: LeadsRequest, now: Instant, effects: inout [Effect]) throws -> ImportSummary {
        try requireRoom(for: request.leads.count)
        let entry = try request.campaign.map { try runnable($0) }
        let rows = request.leads.enumerated().map { index, body in
            (index + 1, LeadDoor.admit(body) { programme.zones[$0] != nil })
        }
        return try take(
            rows, Order(into: entry, isOperators: request.isOperators, id: request.id), now: now, effects: &effects)
    }

    private func requireRoom(for count: Int) throws(ControlError) {
        guard count <= ImportBatch.limit else {
            throw ControlError(.invalid, "at most \(ImportBatch.limit) rows at a time; this batch has \(count)")
        }
    }

    /// What holds for all rows.
    private struct Order {
        /// Nil only stores them.
        var entry: Programme.Entry?
        var isOperators: Bool
        /// What the sender calls the request.
        var id: String?

        init(into entry: Programme.Entry?, isOperators: Bool, id: String?) {
            self.entry = entry
            self.isOperators = isOperators
            self.id = id
        }
    }

    private func take(
        _ rows: [(line: Int, verdict: LeadDoor.Verdict)], _ order: Order, now: Instant, effects: inout [Effect]
    ) throws -> ImportSummary {
        let summary = try change(now: now, effects: &effects) { transaction, draft in
            var summary = ImportSummary()
            var keys = RepeatedKeys()
            for (line, verdict) in rows {
                switch verdict {
                case .refused(let complaints):
                    summary.refused += complaints.map { .init(line: line, column: $0.column, reason: $0.reason) }
                case .admitted(let row, var warnings):
                    let taken = try admit(
                        row, at: line, by: order, &keys, now: now, in: transaction, draft: &draft, summary: &summary)
                    warnings = taken.map { warnings + $0 } ?? []
                    summary.warnings += warnings.map {
                        .init(line: line, column: $0.column, reason: $0.reason, isPrivate: $0.isPrivate)
                    }
                }
            }
            return summary
        }
        let fields = [
            "new": "\(summary.created)", "known": "\(summary.updated)", "enrolled": "\(summary.enrolled)",
            "refused": "\(summary.refused.count)",
        ]
        effects.append(.log(LogLine(.info, "imported", fields)))
        return summary
    }

    /// Takes a row, unless something refuses it or it is a repeat; answers what there is to say of one that is taken.
    private func admit(
        _ row: LeadDraft, at line: Int, by order: Order, _ keys: inout RepeatedKeys, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft, summary: inout ImportSummary
    ) throws -> [LeadDoor.Complaint]? {
        if let refusal = try forgotten(row, in: transaction) {
            summary.refused.append(.init(line: line, column: "email", reason: refusal, isPrivate: true))
            return nil
        }
        let lead: LeadDraft
        let whose: LeadDoor.Complaint?
        switch try meant(by: row, in: transaction) {
        case .success(let meant): (lead, whose) = meant
        case .failure(let refusal):
            summary.refused.append(
                .init(line: line, column: refusal.column, reason: refusal.reason, isPrivate: refusal.isPrivate))
            return nil
        }
        let request = RepeatedRequest(
            order.id, part: line, saying: row.spelling(into: order.entry?.campaign.id))
        do {
            if try request.isRepeat(at: now, in: transaction) {
                summary.repeated += 1
                return nil
            }
        } catch let refusal as ControlError {
            summary.refused.append(.init(line: line, column: "", reason: refusal.message))
            return nil
        }
        let warnings = [whose, keys.take(lead.key, line: line)].compactMap(\.self)
        let id = try admit(lead, by: order, now: now, in: transaction, draft: &draft, summary: &summary)
        try request.note(id, at: now, in: transaction)
        return warnings + LeadDoor.undated(lead, readers: programme.dateReaders)
    }

    private func admit(
        _ lead: LeadDraft, by order: Order, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft, summary: inout ImportSummary
    ) throws -> LeadID {
        let before = try programme.watchesFacts || programme.tellsCRMs ? transaction.lead(key: lead.key) : nil
        var stored = try transaction.upsert(lead)
        let isWelcome = try order.isOperators && welcome(&stored, now: now, in: transaction, draft: &draft)
        if isWelcome { summary.nowConfirmed += 1 }
        if stored.isNew {
            summary.created += 1
            try transaction.journal(JournalEntry(at: now, kind: .imported, lead: stored.lead.id))
            _ = try factsChanged(from: nil, to: stored.lead, now: now, in: transaction, draft: &draft)
        } else {
            summary.updated += 1
            if let was = stored.was { try addressChanged(from: was, to: stored.lead, now: now, in: transaction) }
            // Of a lead that was held until now nothing has begun yet.
            try attributesChanged(
                from: isWelcome ? nil : before, to: stored.lead, now: now, in: transaction, draft: &draft)
        }
        guard let entry = order.entry else { return stored.lead.id }
        let said = DoNotSend(suppression: stored.suppression ?? stored.lead.ownRefusal, optOuts: stored.optOuts)
        guard said.ending(at: nil, of: entry.campaign) == nil else {
            summary.suppressed += 1
            return stored.lead.id
        }
        // With no campaign that watches facts, nobody else can have enrolled a new lead by now.
        let isNew = stored.isNew && programme.watchers.isEmpty
        switch try start(stored.lead, in: entry, isNew: isNew, now: now, transaction: transaction) {
        case .started: summary.enrolled += 1
        case .refused: summary.alreadyEnrolled += 1
        }
        return stored.lead.id
    }

    /// Takes the mailbox of a lead off the do-not-send list where only an unanswered question put it there.
    private func welcome(
        _ stored: inout UpsertedLead, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Bool {
        guard stored.suppression?.cause == .unconfirmed, let address = stored.lead.address else { return false }
        _ = try transaction.unsuppress(address)
        stored.suppression = nil
        try journalAll(of: address, "no longer unconfirmed: imported", now: now, in: transaction, draft: &draft)
        return true
    }
}
