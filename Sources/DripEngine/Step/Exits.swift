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
            let isDoubtful = enrollment.current?.mayHaveArrived ?? false
            if isDoubtful {
                var doubt = entry
                (doubt.kind, doubt.reason) = (.inDoubt, .unknownOutcome)
                try transaction.settle(waiting.id, as: .inDoubt, enrollment: ended, entry: doubt)
                try countMessage(waiting.step, of: ended, as: .inDoubt, in: transaction)
                try transaction.journal(entry)
            } else {
                try transaction.settle(waiting.id, as: .failed, enrollment: ended, entry: entry)
            }
        } else {
            try transaction.advance(ended, was: enrollment.current, entry: entry)
        }
    }

    /// Puts a mailbox on the do-not-send list and ends what its leads are enrolled in (G5).
    func suppress(
        _ address: EmailAddress, _ suppression: Suppression, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Refused {
        let isNew = try transaction.suppress(address, suppression)
        // Another entry that says more may stand there already.
        let said = DoNotSend(suppression: try transaction.suppression(of: address) ?? suppression)
        return try refuse(
            address, said, journal: isNew ? (nil, "\(suppression.cause.rawValue): \(suppression.note)") : nil, now: now,
            in: transaction, draft: &draft
        ) { _, step in !(step.isTransactional && suppression.cause.sparesTransactional) }
    }

    /// The no of a lead without a mailbox that could stand on the list: what it is enrolled in ends (G5), and because its
    /// history tells of it, nothing is entered from then on (`doNotSend`).
    func refuse(
        _ lead: Lead, _ suppression: Suppression, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws -> [CampaignID] {
        let said = DoNotSend(suppression: suppression)
        var exited: [CampaignID] = []
        for enrollment in try transaction.enrollments(of: lead.id) where enrollment.isOngoing {
            guard let reason = ending(of: enrollment, for: said) else { continue }
            try exit(enrollment, reason: reason, now: now, in: transaction, draft: &draft)
            exited.append(enrollment.campaign)
        }
        return exited
    }

    /// Notes that a mailbox wants nothing of a topic, and ends what its leads are enrolled in for that.
    func optOut(
        _ address: EmailAddress, _ optOut: OptOut, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws -> Refused {
        let isNew = try transaction.optOut(address, optOut)
        let said = DoNotSend(suppression: nil, optOuts: [optOut])
        return try refuse(
            address, said, journal: isNew ? (.optedOut, optOut.detail) : nil, now: now, in: transaction, draft: &draft
        ) { campaign, step in !step.isTransactional && campaign.touch(of: step).topic == optOut.topic }
    }

    /// What came of a mailbox's no.
    struct Refused {
        var isNew: Bool
        var exitedFrom: [CampaignID] = []
        /// What it does not want and was marked before.
        var underWay = 0
    }

    /// Ends what a mailbox's no ends; `concerns` tells which messages under way it came too late for.
    private func refuse(
        _ address: EmailAddress, _ said: DoNotSend, journal: (reason: Reason?, detail: String)?, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft, concerns: (Campaign, Step) -> Bool
    ) throws -> Refused {
        var refused = Refused(isNew: journal != nil)
        for lead in try transaction.leads(address: address) {
            if let journal {
                try transaction.journal(
                    JournalEntry(
                        at: now, kind: .suppressed, lead: lead.id, reason: journal.reason, detail: journal.detail))
            }
            for enrollment in try transaction.enrollments(of: lead.id)
            where enrollment.status == .active || enrollment.status == .paused {
                if let id = flightOfEnrollment[enrollment.id], !draft.landed.contains(id), let flight = flights[id],
                    concerns(flight.campaign, flight.step)
                {
                    refused.underWay += 1
                }
                guard let reason = ending(of: enrollment, for: said) else { continue }
                try exit(enrollment, reason: reason, now: now, in: transaction, draft: &draft)
                refused.exitedFrom.append(enrollment.campaign)
            }
        }
        draft.charged.insert(address.normalised)
        return refused
    }

    /// Why a mailbox's no ends an enrollment; nil where it goes on.
    private func ending(of enrollment: Enrollment, for said: DoNotSend) -> Reason? {
        if let campaign = programme.entry(of: enrollment)?.campaign {
            return said.ending(at: enrollment.current?.step, of: campaign)
        }
        // Nobody knows what a campaign that cannot run is about, or what it has still to send.
        guard let suppression = said.suppression else { return nil }
        return suppression.cause == .erased ? .erased : .suppressed
    }
}

extension OptOut {
    /// As the journal and answers tell it.
    var detail: String { note.isEmpty ? "topic \(topic)" : "topic \(topic): \(note)" }
}
