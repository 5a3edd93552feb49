import DripCampaigns
import DripCore
import DripStore

// Leads come in by lists, whose cells are all text, and from programs, which know numbers from texts. Both come through the one
// door (`LeadDoor.swift`), and from there on are the same.

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
        return try take(rows, into: entry, now: now, effects: &effects)
    }

    /// The same of typed leads; `line` is where one stands among them, from 1.
    func put(_ request: LeadsRequest, now: Instant, effects: inout [Effect]) throws -> ImportSummary {
        try requireRoom(for: request.leads.count)
        let entry = try request.campaign.map { try runnable($0) }
        let rows = request.leads.enumerated().map { index, body in
            (index + 1, LeadDoor.admit(body) { programme.zones[$0] != nil })
        }
        return try take(rows, into: entry, now: now, effects: &effects)
    }

    private func requireRoom(for count: Int) throws(ControlError) {
        guard count <= ImportBatch.limit else {
            throw ControlError(.invalid, "at most \(ImportBatch.limit) rows at a time; this batch has \(count)")
        }
    }

    private func take(
        _ rows: [(line: Int, verdict: LeadDoor.Verdict)], into entry: Programme.Entry?, now: Instant,
        effects: inout [Effect]
    ) throws -> ImportSummary {
        let summary = try change(now: now, effects: &effects) { transaction, draft in
            var summary = ImportSummary()
            var keys = RepeatedKeys()
            for (line, verdict) in rows {
                switch verdict {
                case .refused(let complaints):
                    summary.refused += complaints.map { .init(line: line, column: $0.column, reason: $0.reason) }
                case .admitted(let draftOfRow, let warnings):
                    if let refusal = try forgotten(draftOfRow, in: transaction) {
                        summary.refused.append(.init(line: line, column: "email", reason: refusal))
                        continue
                    }
                    let lead: LeadDraft
                    let whose: LeadDoor.Complaint?
                    switch try meant(by: draftOfRow, in: transaction) {
                    case .success(let meant): (lead, whose) = meant
                    case .failure(let refusal):
                        summary.refused.append(.init(line: line, column: refusal.column, reason: refusal.reason))
                        continue
                    }
                    let known = [whose, keys.take(lead.key, line: line)].compactMap(\.self)
                    let all = warnings + known + LeadDoor.undated(lead, readers: programme.dateReaders)
                    summary.warnings += all.map { .init(line: line, column: $0.column, reason: $0.reason) }
                    try admit(lead, into: entry, now: now, in: transaction, draft: &draft, summary: &summary)
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

    private func admit(
        _ lead: LeadDraft, into entry: Programme.Entry?, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft, summary: inout ImportSummary
    ) throws {
        let before = try programme.watchesFacts ? transaction.lead(key: lead.key) : nil
        let stored = try transaction.upsert(lead)
        if stored.isNew {
            summary.created += 1
            try transaction.journal(JournalEntry(at: now, kind: .imported, lead: stored.lead.id))
            _ = try factsChanged(from: nil, to: stored.lead, now: now, in: transaction, draft: &draft)
        } else {
            summary.updated += 1
            if let was = stored.was { try addressChanged(from: was, to: stored.lead, now: now, in: transaction) }
            try attributesChanged(from: before, to: stored.lead, now: now, in: transaction, draft: &draft)
        }
        guard let entry else { return }
        let said = DoNotSend(suppression: stored.suppression ?? stored.lead.ownRefusal, optOuts: stored.optOuts)
        guard said.ending(at: nil, of: entry.campaign) == nil else {
            summary.suppressed += 1
            return
        }
        // With no campaign that watches facts, nobody else can have enrolled a new lead by now.
        let isNew = stored.isNew && programme.watchers.isEmpty
        switch try start(stored.lead, in: entry, isNew: isNew, now: now, transaction: transaction) {
        case .started: summary.enrolled += 1
        case .refused: summary.alreadyEnrolled += 1
        }
    }
}
