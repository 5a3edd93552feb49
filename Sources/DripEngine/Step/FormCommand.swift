import DripCampaigns
import DripCore
import DripStore

// What comes of a sign-up form that somebody sends.
//
// The rule: everything in one commit, through the checks of a lead list (`FormCheck.swift`). Anybody can type anybody's
// address, so a form changes nothing that is known of a lead: it adds what is not there yet, and takes nobody off the
// do-not-send list. What the mailbox's owner has confirmed may do both (`ConfirmCommand.swift`).
//
//   without `confirm`   the lead, its consent, the form's event, its enrollment
//   with `confirm`      a new lead with nothing but its address and language, on the do-not-send list as `unconfirmed`, below every
//                       entry that stands there; its consent with what was filled in, put by; the event `confirmation_asked`; and
//                       a run of the campaign that asks, of its own for each submission
//
// The answer is the same for everybody: who is known, has said no or asked to be forgotten is told by none of it. Of whoever
// asked to be forgotten nothing is noted; of a mailbox that nothing may be sent to, nobody is asked. How often one mailbox may
// be meant, and how many by one form, `SubmissionLimit.swift` says; a submission with the trap filled in is a program's.
//
// Edge cases: several leads that share the mailbox: the one whose key it is, else the oldest. A key of a lead that has another
// mailbox by now, or was merged: that lead, which keeps its mailbox, and is asked there.
//
// Worked example: a stranger types budi@example.com, whom the CRM knows. Without `confirm` Budi's facts stay, and he gets
// the series that he gets once in his life anyway; with it he gets one mail that asks, and nothing if he does not answer.

extension Engine {
    func form(_ request: FormRequest, now: Instant, effects: inout [Effect]) throws -> FormAnswer {
        switch request {
        case .look(let id): return .form(try known(id), sender: programme.policy.sender.name)
        case .submit(let submission): return try take(submission, now: now, effects: &effects)
        case .question(let run):
            let asked: Confirmation? = try ask { reader in try confirmation(of: run, in: reader) }
            return asked?.answer ?? .gone
        case .confirm(let run, let from): return try confirm(run, from: from, now: now, effects: &effects)
        }
    }

    private func known(_ id: FormID) throws(ControlError) -> SignUpForm {
        guard let form = programme.forms[id] else { throw ControlError(.notFound, "no form is called \"\(id)\"") }
        return form
    }

    private func take(
        _ submission: FormSubmission, now: Instant, effects: inout [Effect]
    ) throws -> FormAnswer {
        let form = try known(submission.form)
        let sender = programme.policy.sender.name
        guard !submission.isTrapped else {
            effects.append(.log(LogLine(.debug, "a program filled in a form", ["form": form.id.rawValue])))
            return .taken(form, sender: sender, .trapped)
        }
        let filled: FilledForm
        switch form.judge(submission) {
        case .failure(let mistakes): return .mistaken(form, sender: sender, mistakes.all)
        case .success(let sound): filled = sound
        }
        let asking = try form.confirm.map { id in try self.asking(id) }
        let outcome = try change(now: now, effects: &effects) { transaction, draft in
            try take(submission, filled, of: form, asking, now: now, in: transaction, draft: &draft)
        }
        if outcome == .taken, asking != nil { formCeilings[form.id, default: FormCeiling()].note(now) }
        let fields = ["form": form.id.rawValue, "outcome": outcome.rawValue]
        effects.append(.log(LogLine(.info, "form", fields)))
        return .taken(form, sender: sender, outcome)
    }

    /// The campaign that asks for confirmations: where it cannot, nothing of the form is taken.
    private func asking(_ id: CampaignID) throws(ControlError) -> Programme.Entry {
        let entry = try runnable(id)
        // A held edit may keep a version that runs and that the form does not fit yet.
        if let fault = FormJudge.fault(of: entry) { throw ControlError(.unavailable, "not taken: \(fault.message)") }
        return entry
    }

    private func take(
        _ submission: FormSubmission, _ filled: FilledForm, of form: SignUpForm, _ asking: Programme.Entry?,
        now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> FormOutcome {
        let address = filled.address
        let row = LeadDraft(key: address.normalised, address: address)
        guard try forgotten(row, in: transaction) == nil else { return .refused }
        let known = try owner(of: address, in: transaction)
        let entry =
            try known.map { try doNotSend($0, in: transaction).suppression } ?? transaction.suppression(of: address)
        if asking != nil, let entry, !entry.cause.sparesTransactional { return .refused }
        let before = try known.map { try transaction.consents(of: $0.id) } ?? []
        let hasSaidNo = entry?.cause == .unsubscribed
        guard SubmissionLimit.permits(form.id, asks: asking != nil, hasSaidNo: hasSaidNo, after: before, now: now)
        else { return .limited }
        guard asking == nil || formCeilings[form.id, default: FormCeiling()].permits(form.perHour, now: now) else {
            return .limited
        }
        let values = asking == nil ? filled.values : [:]
        let lead =
            try known.map { known in
                guard asking == nil else { return known }
                return try fill(in: known, values, submission, now: now, in: transaction, draft: &draft)
            }
            ?? create(row, values, submission, isHeld: asking != nil, now: now, in: transaction, draft: &draft)
        var consent = Consent(
            form: form.id, text: form.consent.text(for: submission.language), state: asking == nil ? .given : .asked,
            askedAt: now, askedFrom: Self.line(submission.client, 64), page: Self.line(submission.page, 500),
            values: asking == nil ? [:] : filled.values)
        if asking != nil, known == nil || entry?.cause == .unconfirmed {
            consent.holds = try transaction.suppression(of: address)?.cause == .unconfirmed
        }
        let number = try transaction.add(consent, to: lead.id)
        try journal(consent, of: lead, now: now, in: transaction)
        guard let asking else {
            try begin(form, lead, now: now, in: transaction, draft: &draft)
            return .taken
        }
        try askOwner(lead, number, form, submission.language, by: asking, now: now, in: transaction, draft: &draft)
        return .taken
    }

    /// The lead that a mailbox means; nil for a new one.
    private func owner(of address: EmailAddress, in reader: any StoreReader) throws -> Lead? {
        let sharing = try reader.leads(address: address)
        return try sharing.first { $0.key == address.normalised } ?? sharing.first
            ?? reader.lead(key: address.normalised)
    }

    private func create(
        _ row: LeadDraft, _ values: [String: AttributeValue], _ submission: FormSubmission, isHeld: Bool, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Lead {
        var row = row
        (row.attributes, row.locale) = (values, submission.language)
        let stored = try transaction.upsert(row)
        guard isHeld else {
            _ = try factsChanged(from: nil, to: stored.lead, now: now, in: transaction, draft: &draft)
            return stored.lead
        }
        // What its facts begin, they begin once they are confirmed.
        if let address = row.address {
            let entry = Suppression(cause: .unconfirmed, note: "form \(submission.form)", since: now)
            _ = try suppress(address, entry, now: now, in: transaction, draft: &draft)
        }
        return stored.lead
    }

    /// Adds what is not known yet.
    private func fill(
        in lead: Lead, _ values: [String: AttributeValue], _ submission: FormSubmission, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Lead {
        var row = LeadDraft(key: lead.key, address: nil)
        row.attributes = values.filter { lead.attributes[$0.key]?.isBlank ?? true }
        if lead.locale == nil { row.locale = submission.language }
        guard !row.attributes.isEmpty || row.locale != nil else { return lead }
        let stored = try transaction.upsert(row).lead
        try attributesChanged(from: lead, to: stored, now: now, in: transaction, draft: &draft)
        return stored
    }

    private func askOwner(
        _ lead: Lead, _ number: Int64, _ form: SignUpForm, _ language: String, by asking: Programme.Entry, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        var data: [String: AttributeValue] = [
            SignUpForm.runKey: .text("\(number)"), "form": .text(form.id.rawValue),
            "form_title": .text(form.title.text(for: lead.locale ?? language)),
        ]
        data[Self.mailboxFact] = Self.seal(of: lead).map(AttributeValue.text)
        let asked = Happening(
            event: EventName(rawValue: BuiltInEvents.confirmationAsked), data: data, place: " by the form \(form.id)")
        _ = try take(asked, of: [lead], called: lead.key, now: now, in: transaction, draft: &draft)
        let said = try doNotSend(lead, in: transaction)
        guard said.ending(at: nil, of: asking.campaign) == nil else { return }
        // Where the event has enrolled it already, this is a repeat, and none.
        _ = try start(lead, in: asking, data: data, now: now, transaction: transaction)
    }

    /// What a form is for, once it counts: its event, and its enrollment.
    func begin(
        _ form: SignUpForm, _ lead: Lead, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        if let event = form.event {
            let happening = Happening(
                event: event, data: ["form": .text(form.id.rawValue)], place: " by the form \(form.id)")
            _ = try take(happening, of: [lead], called: lead.key, now: now, in: transaction, draft: &draft)
        }
        guard let id = form.enroll else { return }
        guard let entry = programme.campaigns[id] else {
            draft.logs.append(
                LogLine(.warning, "a form enrols in a campaign that cannot run", ["form": form.id.rawValue]))
            return
        }
        guard let stored = try transaction.lead(key: lead.key),
            try doNotSend(stored, in: transaction).ending(at: nil, of: entry.campaign) == nil
        else { return }
        _ = try start(stored, in: entry, now: now, transaction: transaction)
    }

    func journal(
        _ consent: Consent, of lead: Lead, now: Instant, in transaction: any StoreTransaction
    ) throws {
        try transaction.journal(
            JournalEntry(
                at: now, kind: .consented, lead: lead.id, detail: "form \(consent.form): \(consent.state.rawValue)"))
    }

    /// What a browser says, as one line that a person can read.
    static func line(_ text: String, _ longest: Int) -> String {
        let scalars = text.unicodeScalars.map { $0.value >= 0x20 && $0.value != 0x7F ? $0 : " " }
        return String(String.UnicodeScalarView(scalars.prefix(longest)))
    }
}
