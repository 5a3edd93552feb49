import DripCore
import DripStore

extension Engine {
    /// Ends an enrollment from outside (a suppression, a goal, an exit event), whatever it is doing.
    ///
    /// What is already marked may still finish; it is not attempted again. A delivery that waited for another attempt
    /// ends as failed and gives its cap slot back.
    func exit(
        _ enrollment: Enrollment, reason: Reason, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        let ended = enrollment.exited()
        let entry = JournalEntry(
            at: now, kind: .exited, lead: enrollment.lead, enrollment: enrollment.id, campaign: enrollment.campaign,
            step: enrollment.current?.step, reason: reason, plannedAt: enrollment.current?.plannedAt)
        if let id = flightOfEnrollment[enrollment.id], !draft.landed.contains(id) {
            try transaction.advance(ended, was: nil, entry: entry)
            draft.exitedFlights[id] = (ended, reason)
        } else if let waiting = try transaction.deliveries(of: enrollment.id).first(where: { $0.state == .reserved }) {
            try transaction.settle(waiting.id, as: .failed, enrollment: ended, entry: entry)
        } else {
            try transaction.advance(ended, was: enrollment.current, entry: entry)
        }
    }

    /// Puts a mailbox on the do-not-send list and ends what its leads are enrolled in (G5).
    func suppress(
        _ address: EmailAddress, _ suppression: Suppression, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> (isNew: Bool, exitedFrom: [CampaignID], underWay: Int) {
        let isNew = try transaction.suppress(address, suppression)
        var exitedFrom: [CampaignID] = []
        var underWay = 0
        for lead in try transaction.leads(address: address) {
            if isNew {
                try transaction.journal(
                    JournalEntry(
                        at: now, kind: .suppressed, lead: lead.id,
                        detail: "\(suppression.cause.rawValue): \(suppression.note)"))
            }
            for enrollment in try transaction.enrollments(of: lead.id)
            where enrollment.status == .active || enrollment.status == .paused {
                if let id = flightOfEnrollment[enrollment.id], !draft.landed.contains(id) { underWay += 1 }
                try exit(enrollment, reason: .suppressed, now: now, in: transaction, draft: &draft)
                exitedFrom.append(enrollment.campaign)
            }
        }
        draft.charged.insert(address.normalised)
        return (isNew, exitedFrom, underWay)
    }
}
