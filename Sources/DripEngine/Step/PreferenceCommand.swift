import DripCore
import DripStore

// What somebody asks by a sealed link out of a message.
//
// The rule: whoever holds the link speaks for the lead that the message went to, and each request is done before it is
// answered: from its commit on, no mark is made against it (G5).
//
//   unsubscribe    as the event `unsubscribed`: the mailbox comes onto the do-not-send list, campaigns that ask for the event
//                  hear it; once, however often it is asked
//   subscribe      an entry `unsubscribed` goes; a bounce, a complaint or what support entered stays. Where a sign-up form still
//                  waits for its confirmation, that is what the entry becomes again
//   choose         opt-outs of the shown topics come and go; a topic that the page did not show stays as it was
//   pause, resume  as `dripd pause lead`; a pause that support made stays as it is
//
// Edge cases: after a merge the link speaks for the lead that took the other in. A link of an erased lead, or of a copy of the
// state that did not know it yet, changes nothing and is answered like one of a lead that unsubscribed. A lead without a
// mailbox can unsubscribe, and has no topics to choose and no way back: what it said is in its history. One mailbox that
// several leads share says no for all of them; a pause is the one lead's.
//
// Worked example: budi shares a mailbox with siti. His click on `unsubscribe` ends the enrollments of both; only his
// history has the event.

extension Engine {
    func preference(
        _ request: PreferenceRequest, now: Instant, effects: inout [Effect]
    ) throws -> PreferenceView {
        switch request.action {
        case .look: break
        case .unsubscribe, .subscribe, .choose:
            try change(now: now, effects: &effects) { transaction, draft in
                guard let lead = try transaction.enrolled(request.enrollment)?.lead else { return }
                try take(request.action, of: lead, now: now, in: transaction, draft: &draft)
            }
        case .pause(let days):
            guard PreferenceRequest.pauseDays.contains(days) else {
                throw ControlError(.invalid, "a pause has \(PreferenceRequest.pauseDays) days")
            }
            guard let lead = try ask({ try $0.enrolled(request.enrollment)?.lead }), Self.isOwn(lead.pause, now) else {
                break
            }
            _ = try pause(
                .lead(lead.key), until: .instant(now + .days(Int64(days))), note: Self.byThemselves, now: now,
                effects: &effects)
        case .resume:
            guard let lead = try ask({ try $0.enrolled(request.enrollment)?.lead }), Self.isOwn(lead.pause, now) else {
                break
            }
            _ = try resume(.lead(lead.key), now: now, effects: &effects)
        }
        return try ask { try preferenceView(of: request.enrollment, now: now, in: $0) }
    }

    private static let byThemselves = "on the page of preferences"

    /// Whether a pause is the lead's own to change: one that support made stays as it is.
    private static func isOwn(_ pause: LeadPause?, _ now: Instant) -> Bool {
        guard let pause, pause.holds(at: now) else { return true }
        return pause.note == byThemselves
    }

    private func take(
        _ action: PreferenceRequest.Action, of lead: Lead, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        let said = try doNotSend(lead, in: transaction)
        switch action {
        case .unsubscribe:
            guard said.suppression?.cause != .unsubscribed, Forgotten.refusal(said.suppression) == nil else { return }
            let happening = Happening(event: EventName(rawValue: "unsubscribed"), note: "by the link in a message")
            _ = try take(happening, of: [lead], called: lead.key, now: now, in: transaction, draft: &draft)
        case .subscribe:
            guard let address = lead.address, said.suppression?.cause == .unsubscribed else { return }
            _ = try transaction.unsuppress(address)
            try holdUnconfirmed(lead, at: address, now: now, in: transaction)
            try journalAll(
                of: address, "no longer unsubscribed: \(Self.byThemselves)", now: now, in: transaction, draft: &draft)
        case .choose(let shown, let wanted):
            guard let address = lead.address else { return }
            for topic in shown.sorted() where programme.policy.topics[topic] != nil {
                if !wanted.contains(topic) {
                    let optOut = OptOut(topic: topic, note: Self.byThemselves, since: now)
                    _ = try self.optOut(address, optOut, now: now, in: transaction, draft: &draft)
                } else if try transaction.optIn(address, to: topic) != nil {
                    try journalAll(
                        of: address, "topic \(topic): \(Self.byThemselves)", now: now, in: transaction, draft: &draft)
                }
            }
        case .look, .pause, .resume: return
        }
    }

    /// Says of everybody who shares a mailbox that it takes more again.
    func journalAll(
        of address: EmailAddress, _ detail: String, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        for lead in try transaction.leads(address: address) {
            try transaction.journal(JournalEntry(at: now, kind: .unsuppressed, lead: lead.id, detail: detail))
        }
        draft.charged.insert(address.normalised)
    }

    private func preferenceView(
        of enrollment: EnrollmentID, now: Instant, in reader: any StoreReader
    ) throws -> PreferenceView {
        let policy = programme.policy
        let nobody = PreferenceView(sender: policy.sender.name)
        guard let lead = try reader.enrolled(enrollment)?.lead else { return nobody }
        let said = try doNotSend(lead, in: reader)
        guard Forgotten.refusal(said.suppression) == nil else { return nobody }
        let zone = try zone(of: lead, in: reader)
        return PreferenceView(
            locale: lead.locale, sender: policy.sender.name, address: lead.address?.masked ?? "",
            isUnsubscribed: said.suppression.map { $0.cause != .unconfirmed } ?? false,
            maySubscribe: lead.address != nil && said.suppression?.cause == .unsubscribed,
            topics: lead.address == nil
                ? []
                : policy.topics.sorted { $0.key < $1.key }.map { id, about in
                    .init(id: id, about: about, isWanted: !said.isOptedOut(of: id))
                },
            pausedUntil: lead.pause.flatMap { pause in
                pause.holds(at: now) ? pause.until.map { zone.local(at: $0).date } : nil
            })
    }
}
