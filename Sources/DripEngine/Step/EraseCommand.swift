import DripCore
import DripStore

// Who asks to be forgotten, and who asks what is kept of them.
//
// The rule (G10): everything that the lead is enrolled in ends as `erased`, and nothing is left that tells who it was but a keyed
// hash of its addresses, by which a list that brings it back is refused. What it added to the figures stays in them. The answer
// comes once no file of the state holds it any more.
//
// Edge cases: a message under way would write its answer into the history afterwards: erasing is refused until it is known. An
// address that other leads share is theirs too: refused, unless all of them are meant. An erased lead is erased already, and
// found by nobody. Backups, the journal of systemd and the mails themselves are not the state's.
//
// Worked example: `dripd erase budi@example.com --yes` ends two campaigns; an import with budi@example.com is refused from then on.

extension Engine {
    func erase(_ request: EraseRequest, now: Instant, effects: inout [Effect]) throws -> EraseAnswer {
        let answer = try change(now: now, effects: &effects) { transaction, draft in
            let leads = try meant(by: request, in: transaction)
            var answer = EraseAnswer(erased: leads.count)
            for lead in leads {
                for enrollment in try transaction.enrollments(of: lead.id) where enrollment.isOngoing {
                    try exit(enrollment, reason: .erased, now: now, in: transaction, draft: &draft)
                    answer.exitedFrom.append(enrollment.campaign)
                }
                try transaction.erase(lead.id, at: now)
                try transaction.journal(JournalEntry(at: now, kind: .suppressed, lead: lead.id, reason: .erased))
            }
            return answer
        }
        try store.scrub()
        return answer
    }

    private func meant(by request: EraseRequest, in reader: any StoreReader) throws -> [Lead] {
        let lead = try find(request.lead, in: reader)
        if lead.erasedAt != nil { throw ControlError(.notFound, "this lead is erased already") }
        var leads = [lead]
        if let address = lead.address {
            let sharing = try reader.leads(address: address)
            guard sharing.count <= 1 || request.everybody else {
                let others = sharing.map(\.key).filter { $0 != lead.key }.sorted().joined(separator: ", ")
                throw ControlError(
                    .invalid,
                    "the address of \(lead.key) is also that of \(others): erase all of them (--everybody), or give the "
                        + "others an address of their own first")
            }
            if request.everybody { leads = sharing }
        }
        for lead in leads where flights.values.contains(where: { $0.lead.id == lead.id }) {
            throw ControlError(
                .unavailable,
                "a message to \(lead.key) is under way, and its answer is not known: try again in a moment")
        }
        for lead in leads { try requireUntold(lead, "not erased") }
        return leads
    }

    func export(_ key: String, now: Instant) throws -> LeadExport {
        let (lead, runs) = try ask { reader in
            let lead = try find(key, in: reader)
            return (lead, try reader.enrollments(of: lead.id))
        }
        let events = lead.history.occurrences.flatMap { name, all in
            all.map {
                LeadExport.Event(name: name, at: $0.at, campaign: $0.step?.campaign, step: $0.step?.step)
            }
        }.sorted { ($0.at, $0.name) < ($1.at, $1.name) }
        var data: [String: [String: AttributeValue]] = [:]
        for run in runs where !run.data.isEmpty { data["\(run.campaign) \(run.enrolledAt)"] = run.data }
        return LeadExport(
            writtenAt: now, lead: try leadView(lead.key, entries: .max, now: now), events: events, runData: data)
    }
}
