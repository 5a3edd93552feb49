import DripCore
import DripStore

// Who never said yes is forgotten, a few at a time (`UnconfirmedLead.swift` says who).
//
// The rule: consents are gone through in the order in which they were asked for, up to those that have their time still; each
// lead among them that only a form knows is erased as one who asked for it, but leaves no do-not-send entry, so that the same form
// works again. The link in the mail that asked works no more.
//
// Edge cases: how far it came is kept in memory; after a restart it begins with the oldest, which costs reading. A lead with a
// message under way waits for the next round. A message in doubt is in doubt no longer: nobody is left to ask.
//
// Worked example: 40,000 addresses that a program typed in on one day go thirty days later, a hundred in a second.

extension Engine {
    private static let consentsAtOnce = 100

    /// Answers whether there is more to do at once.
    func forgetUnconfirmed(now: Instant, effects: inout [Effect]) throws -> Bool {
        let horizon = now - UnconfirmedLead.isKept
        let page = try store.read { reader in
            try reader.unanswered(after: lastUnanswered, before: horizon, limit: Self.consentsAtOnce)
        }
        let flying = Set(flights.values.map(\.lead.id))
        let leads = page.leads.filter { !flying.contains($0.id) }
        let gone = leads.isEmpty ? 0 : try forget(leads, horizon: horizon, now: now, effects: &effects)
        if gone > 0 { effects.append(.log(LogLine(.info, "unconfirmed leads forgotten", ["leads": "\(gone)"]))) }
        guard leads.count == page.leads.count else { return false }
        lastUnanswered = page.last ?? lastUnanswered
        return page.count == Self.consentsAtOnce
    }

    private func forget(
        _ leads: [Lead], horizon: Instant, now: Instant, effects: inout [Effect]
    ) throws -> Int {
        try change(now: now, effects: &effects) { transaction, draft in
            var gone = 0
            for lead in leads where try isForgotten(lead, horizon: horizon, in: transaction) {
                for run in try transaction.enrollments(of: lead.id) {
                    if run.isOngoing { try exit(run, reason: .erased, now: now, in: transaction, draft: &draft) }
                    for delivery in try transaction.deliveries(of: run.id) where delivery.state == .inDoubt {
                        _ = try transaction.resolve(delivery.id, of: run.id)
                    }
                }
                try transaction.erase(lead.id, at: now, isRemembered: false)
                gone += 1
            }
            return gone
        }
    }

    private func isForgotten(_ lead: Lead, horizon: Instant, in reader: any StoreReader) throws -> Bool {
        guard let address = lead.address else { return false }
        return UnconfirmedLead.isForgotten(
            lead, consents: try reader.consents(of: lead.id), runs: try reader.enrollments(of: lead.id),
            entry: try reader.suppression(of: address), optOuts: try reader.optOuts(of: address),
            sharers: try reader.leads(address: address).count, horizon: horizon)
    }
}
