import DripCampaigns
import DripCore
import DripStore

// What comes of the link by which the owner of a mailbox confirms a sign-up form.
//
// The rule: whoever holds the link reads the mailbox that the form named, and says that it was them. In one commit the consent
// is confirmed, with when and from where; the entry `unconfirmed` of the do-not-send list goes, and `unsubscribed` with it,
// since this is a later and explicit yes; bounces, complaints, erasures and what support entered stay. What was filled in is
// written, over what was known. Then come the event `confirmed`, and what the form is for. Twice is once.
//
// Edge cases: the lead has another mailbox by now (an import, a merge): the do-not-send list is that of the mailbox which was
// asked, and is left alone. The form is gone from the folder: the consent counts, and begins nothing. A lead that was erased,
// or a consent that made room for fifty others: the link is one that does not work.
//
// Worked example: budi unsubscribed in May and asks for the e-book in June. The mail that asks is transactional and goes; he
// presses the button, is on the list no more, and gets the e-book's series.

extension Engine {
    /// What a run asks about.
    struct Confirmation {
        var lead: Lead
        var run: Enrollment
        var consent: Consent
        var view: ConfirmationView

        var answer: FormAnswer { .confirmation(view) }
    }

    /// Which mailbox was asked.
    static let mailboxFact = "mailbox"

    static func seal(of lead: Lead) -> String? {
        lead.address.map { String(StableHash($0.normalised).value, radix: 16) }
    }

    /// Nil where there is nothing to confirm.
    func confirmation(of run: EnrollmentID, in reader: any StoreReader) throws -> Confirmation? {
        guard let (run, lead) = try reader.enrolled(run), lead.erasedAt == nil,
            Forgotten.refusal(try doNotSend(lead, in: reader).suppression) == nil,
            let number = run.data[SignUpForm.runKey].flatMap({ Int64($0.text) }),
            let consent = try reader.consents(of: lead.id).first(where: { $0.number == number }),
            consent.state != .given
        else { return nil }
        return Confirmation(
            lead: lead, run: run, consent: consent,
            view: ConfirmationView(
                form: consent.form, current: programme.forms[consent.form], sender: programme.policy.sender.name,
                address: lead.address?.masked ?? "", locale: lead.locale, consent: consent.text,
                values: consent.values, isConfirmed: consent.state == .confirmed))
    }

    func confirm(
        _ run: EnrollmentID, from: String, now: Instant, effects: inout [Effect]
    ) throws -> FormAnswer {
        let answer = try change(now: now, effects: &effects) { transaction, draft -> FormAnswer in
            guard var asked = try confirmation(of: run, in: transaction) else { return .gone }
            let isNew = try transaction.confirm(
                asked.consent.number, of: asked.lead.id, at: now, from: Self.line(from, 64))
            guard isNew else { return asked.answer }
            try take(asked, now: now, in: transaction, draft: &draft)
            (asked.view.isConfirmed, asked.view.isNew) = (true, true)
            return asked.answer
        }
        if case .confirmation(let view) = answer, view.isNew {
            effects.append(.log(LogLine(.info, "form", ["form": view.form.rawValue, "outcome": "confirmed"])))
        }
        return answer
    }

    private func take(
        _ asked: Confirmation, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        var consent = asked.consent
        consent.state = .confirmed
        try journal(consent, of: asked.lead, now: now, in: transaction)
        try welcome(asked, now: now, in: transaction, draft: &draft)
        let row = LeadDraft(key: asked.lead.key, address: nil, attributes: consent.values)
        let lead = try transaction.upsert(row).lead
        // Of a lead that was held until now nothing has begun yet.
        try attributesChanged(
            from: consent.holds ? nil : asked.lead, to: lead, now: now, in: transaction, draft: &draft)
        let confirmed = Happening(
            event: EventName(rawValue: BuiltInEvents.confirmed), data: [SignUpForm.runKey: .text("\(consent.number)")],
            place: " by the form \(consent.form)")
        _ = try take(confirmed, of: [lead], called: lead.key, now: now, in: transaction, draft: &draft)
        guard let form = asked.view.current, let lead = try transaction.lead(key: lead.key) else { return }
        try begin(form, lead, now: now, in: transaction, draft: &draft)
    }

    /// Takes the mailbox that was asked off the do-not-send list, as far as its owner may.
    private func welcome(
        _ asked: Confirmation, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        guard let address = asked.lead.address, asked.run.data[Self.mailboxFact]?.text == Self.seal(of: asked.lead),
            let entry = try transaction.suppression(of: address), entry.cause.sparesTransactional
        else { return }
        _ = try transaction.unsuppress(address)
        try journalAll(
            of: address, "no longer \(entry.cause.rawValue): confirmed by the form \(asked.consent.form)", now: now,
            in: transaction, draft: &draft)
    }

    /// Puts a mailbox that takes an unsubscribe back on hold again, where a form still waits for its confirmation.
    func holdUnconfirmed(
        _ lead: Lead, at address: EmailAddress, now: Instant, in transaction: any StoreTransaction
    ) throws {
        let consents = try transaction.consents(of: lead.id)
        guard let held = consents.first(where: { $0.holds && $0.state == .asked }),
            !consents.contains(where: { $0.state == .confirmed })
        else { return }
        _ = try transaction.suppress(
            address, Suppression(cause: .unconfirmed, note: "form \(held.form)", since: now))
    }
}
