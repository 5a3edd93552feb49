import DripCore
import DripMessages
import DripStore

// What a letter, or an event of a provider's webhook, that came back brings about.
//
// The rule: it is acted upon once, by the server's or the provider's own name for it, and only where it is proved to be
// about a delivery of ours: by a sealed token in an address (VERP) or in what the provider was told to give back, or, a
// reply, by the Message-ID of a message to its sender. Then
//
//   hard bounce   → the mailbox is suppressed (`bounced`)
//   soft bounce   → counted; the fifth within 30 days suppresses
//   complaint     → suppressed (`complained`), and the event `complained`
//   unsubscribe   → suppressed (`unsubscribed`), and the event `unsubscribed`; by mail only by a token of that purpose,
//                   since everybody who gets a bounce knows the other one; by the delivery's token where a provider signed
//   reply         → the event `replied`
//   failure       → noted: an SMS that was not delivered says nothing about the mailbox
//   arrival       → a delivery in doubt is none any more; so do all others but an unsubscribe end a doubt
//
// What a note to a colleague brings back says nothing about the lead: its token has a purpose of its own, so that this holds
// whatever has become of the step. It is noted, a bounce and its like are a problem that names the address, and nothing else
// happens; a reply to one is the lead's only where it comes from the lead.
//
// Edge cases: a letter that is proved by nothing changes nothing (forged, or of another installation); one in the mailbox is
// known all the same, what a provider tells is not. An arrival is not remembered: a doubt ends once, and a provider tells of every one; what is still under way is
// accepted whatever its own answer will be, and what waits to go again goes no more. A bounce that names an address which is
// not the lead's any more suppresses nobody: the old one is not written to.
//
// Worked example: `bounce+aet5…@example.com` gets `550 5.1.1` for budi@example.com: that token is enrollment 7's, step
// `welcome`; budi's mailbox goes onto the do-not-send list, and the letter out of the mailbox.

extension Engine {
    private static let softBounces = (most: 5, within: TimeSpan.days(30))

    func returned(_ letter: ReturnedLetter, now: Instant, effects: inout [Effect]) throws -> ReturnAnswer {
        let answer = try change(now: now, effects: &effects) { transaction, draft in
            let unproved = ReturnAnswer(isNew: true, isProved: false)
            let known = ReturnAnswer(isNew: false, isProved: false)
            let found = try origin(of: letter, in: transaction)
            // A letter stays in the mailbox and would be looked at for ever; what a provider tells comes back only where
            // somebody hands it in again, perhaps because a key was mended.
            guard found != nil || letter.source == .mailbox else { return unproved }
            guard try letter.meaning == .arrival || transaction.takeLetter(letter.id) else { return known }
            // What it says of somebody who was forgotten would be kept with them.
            guard let origin = found, origin.lead.erasedAt == nil else { return unproved }
            try act(upon: letter, of: origin, now: now, in: transaction, draft: &draft)
            return ReturnAnswer(isNew: true, isProved: true)
        }
        var fields = ["meaning": letter.meaning.name, "proved": "\(answer.isProved)", "new": "\(answer.isNew)"]
        if case .provider(let name) = letter.source { fields["provider"] = name }
        effects.append(.log(LogLine(.info, "returned", fields)))
        return answer
    }

    /// The delivery that a letter is about.
    struct Origin {
        var lead: Lead
        var enrollment: Enrollment
        var step: StepID
        /// Whether it is about a note to a colleague.
        var isNotice = false
    }

    private func act(
        upon letter: ReturnedLetter, of origin: Origin, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        if origin.isNotice, letter.meaning != .reply || !letter.names(origin.lead) {
            try actOnNote(letter, of: origin, now: now, in: transaction, draft: &draft)
            return
        }
        let isItsAddress =
            letter.addresses.isEmpty || origin.lead.address.map { letter.addresses.contains($0.normalised) } ?? false
        func event(_ name: String, _ note: String? = nil) throws {
            let happening = Happening(
                event: EventName(rawValue: name), step: .init(origin.enrollment.campaign, origin.step), note: note)
            _ = try take(
                happening, of: [origin.lead], called: origin.lead.key, now: now, in: transaction, draft: &draft)
        }
        switch letter.meaning {
        case .hardBounce(let text):
            if isItsAddress {
                try event("bounced", text)
            } else {
                try note("bounced, another address", text, origin, now, transaction)
            }
            try settleDoubt(origin, "it came back: \(text)", now, transaction, &draft)
        case .softBounce(let text):
            let since = now - Self.softBounces.within
            let before = try transaction.timeline(of: origin.lead.id, limit: 500).count {
                $0.kind == .event && $0.detail.hasPrefix(Self.softBounce) && $0.at > since
            }
            try note(Self.softBounce, text, origin, now, transaction)
            if before + 1 >= Self.softBounces.most, isItsAddress {
                try event("bounced", "\(Self.softBounces.most) soft bounces in \(Self.softBounces.within): \(text)")
            }
            try settleDoubt(origin, "it came back: \(text)", now, transaction, &draft)
        case .arrival: try settleDoubt(origin, "a report says that it arrived", now, transaction, &draft)
        case .complaint(let kind):
            try event("complained", letter.source.says(mail: "feedback report", kind))
            try settleDoubt(origin, "somebody complained of it", now, transaction, &draft)
        case .unsubscribe: try event("unsubscribed", letter.source.says(mail: "a mail to the unsubscribe address"))
        case .failure(let text):
            try note("did not arrive", text, origin, now, transaction)
            try settleDoubt(origin, "it did not arrive: \(text)", now, transaction, &draft)
        case .reply:
            try event("replied")
            try settleDoubt(origin, "it was answered", now, transaction, &draft)
        }
    }

    private func actOnNote(
        _ letter: ReturnedLetter, of origin: Origin, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        let said: String
        switch letter.meaning {
        case .hardBounce(let text), .softBounce(let text), .failure(let text): said = text
        case .complaint: said = "the colleague complained of it"
        case .unsubscribe, .reply: return
        case .arrival:
            try settleDoubt(origin, "a report says that it arrived", now, transaction, &draft)
            return
        }
        let notice = programme.entry(of: origin.enrollment)?.campaign.step(origin.step)?.notice
        let problem = Engine.failed(notice, origin.step, of: origin.enrollment.campaign, said, now: now)
        draft.problems.append(problem)
        try note("did not reach a colleague", said, origin, now, transaction)
        try settleDoubt(origin, "it came back: \(said)", now, transaction, &draft)
    }

    private static let softBounce = "soft bounce"

    private func note(
        _ what: String, _ text: String, _ origin: Origin, _ now: Instant, _ transaction: any StoreTransaction
    ) throws {
        try transaction.journal(
            JournalEntry(
                at: now, kind: .event, lead: origin.lead.id, enrollment: origin.enrollment.id,
                campaign: origin.enrollment.campaign, step: origin.step, detail: "\(what): \(text)"))
    }

    /// A delivery left after all that is in doubt, waits to go again, or has no answer yet.
    private func settleDoubt(
        _ origin: Origin, _ proof: String, _ now: Instant, _ transaction: any StoreTransaction, _ draft: inout TurnDraft
    ) throws {
        for delivery in try transaction.deliveries(of: origin.enrollment.id) where delivery.step == origin.step {
            switch delivery.state {
            case .inDoubt:
                guard try transaction.resolve(delivery.id, of: origin.enrollment.id) else { continue }
                try transaction.journal(entry(.resolved, of: origin, "it was sent: \(proof)", now))
                try countMessage(origin.step, of: origin.enrollment, as: .accepted, in: transaction)
            case .sending:
                _ = try transaction.takeLetter(Engine.proofOfArrival(delivery.id))
                draft.proved.insert(delivery.id)
            case .reserved:
                try accept(delivery, of: origin, proof, now, transaction)
            case .accepted, .failed: continue
            }
        }
        try stopResend(origin, proof, now, transaction)
    }

    /// Ends a step that waits without a delivery of its own, and yet was handed over once.
    ///
    /// Somebody wanted it sent again (`resolve --resend`), or the state is a copy from before that.
    private func stopResend(
        _ origin: Origin, _ proof: String, _ now: Instant, _ transaction: any StoreTransaction
    ) throws {
        guard let enrollment = try transaction.enrolled(origin.enrollment.id)?.enrollment,
            enrollment.status == .active || enrollment.status == .paused,
            let pending = enrollment.current, pending.step == origin.step,
            let campaign = programme.entry(of: enrollment)?.campaign,
            try transaction.deliveries(of: enrollment.id).allSatisfy({ $0.state == .inDoubt })
        else { return }
        let facts = planFacts(of: origin.lead, in: campaign)
        let sent = SentStep(sentAt: min(now, pending.plannedAt), plannedAt: pending.plannedAt)
        let moved = enrollment.movedOn(after: origin.step, sent: sent, in: campaign, by: facts, now: now)
        try transaction.advance(moved, was: pending, entry: entry(.accepted, of: origin, proof, now))
        try journalCompletion(of: moved, at: now, in: transaction)
    }

    /// Under which a proof is remembered that comes before the attempt's own answer: that answer may be lost in a crash.
    static func proofOfArrival(_ delivery: DeliveryID) -> String { "arrived: delivery \(delivery.rawValue)" }

    /// What waited to go again has arrived, whatever was answered: a gateway may say 502 of what its provider took.
    func accept(
        _ delivery: Delivery, of origin: Origin, _ proof: String, _ now: Instant, _ transaction: any StoreTransaction
    ) throws {
        // It may have been ended within this very transaction, by the event that the letter is.
        guard let enrollment = try transaction.enrolled(origin.enrollment.id)?.enrollment,
            let pending = enrollment.current, pending.step == origin.step,
            let campaign = programme.entry(of: enrollment)?.campaign
        else { return }
        let sent = pending.perhapsSent ?? SentStep(sentAt: delivery.markedAt ?? now, plannedAt: pending.plannedAt)
        let facts = planFacts(of: origin.lead, in: campaign)
        let moved = enrollment.movedOn(after: origin.step, sent: sent, in: campaign, by: facts, now: now)
        try transaction.settle(
            delivery.id, as: .accepted, enrollment: moved, entry: entry(.accepted, of: origin, proof, now))
        try countMessage(origin.step, of: moved, as: .accepted, in: transaction)
        try journalCompletion(of: moved, at: now, in: transaction)
    }

    private func entry(_ kind: JournalEntry.Kind, of origin: Origin, _ detail: String, _ now: Instant) -> JournalEntry {
        JournalEntry(
            at: now, kind: kind, lead: origin.lead.id, enrollment: origin.enrollment.id,
            campaign: origin.enrollment.campaign, step: origin.step, detail: detail)
    }

    // MARK: Proof

    private func origin(of letter: ReturnedLetter, in reader: any StoreReader) throws -> Origin? {
        let mustBeSaid = letter.meaning == .unsubscribe && letter.source == .mailbox
        for token in mustBeSaid ? letter.unsubscribeTokens : letter.bounceTokens {
            if let found = try origin(of: token, mustBeSaid ? .unsubscribe : .bounce, in: reader) { return found }
            if !mustBeSaid, let found = try origin(of: token, .notice, in: reader) { return found }
        }
        // Whoever was answered or forwarded the message knows its Message-ID: no proof for anything that shuts a mailbox.
        return letter.meaning == .reply ? try originByMessageID(letter, in: reader) : nil
    }

    private func origin(
        of token: String, _ purpose: ReturnMark.Purpose, in reader: any StoreReader
    ) throws -> Origin? {
        guard let mark = returnMark, let id = mark.enrollment(in: token), let found = try reader.enrolled(id),
            case let steps = try sealed(of: found.enrollment, in: reader),
            let seal = mark.verify(token, purpose: purpose, steps: steps.map(\.seal)),
            let step = steps.first(where: { $0.seal == seal })?.step
        else { return nil }
        return Origin(
            lead: found.lead, enrollment: found.enrollment, step: step, isNotice: purpose == .notice)
    }

    /// By the Message-ID of a message to one of the leads that it names.
    private func originByMessageID(_ letter: ReturnedLetter, in reader: any StoreReader) throws -> Origin? {
        let ids = Set(letter.messageIDs.map { $0.lowercased() })
        guard !ids.isEmpty else { return nil }
        for address in letter.addresses.prefix(20).compactMap({ try? EmailAddress($0) }) {
            let leads = try reader.leads(address: address).prefix(20) + reader.leadsMerged(from: address, limit: 20)
            for lead in leads {
                for enrollment in try reader.enrollments(of: lead.id) {
                    let numbers = try [enrollment.id] + reader.formerNumbers(of: enrollment.id)
                    for (step, seal) in try sealed(of: enrollment, in: reader) {
                        let isIt = numbers.contains { number in
                            let identity = MessageIdentity(
                                instanceID: store.instanceID, enrollment: number, step: seal,
                                domain: String(programme.policy.sender.address.domain))
                            return ids.contains(identity.messageID.lowercased())
                        }
                        if isIt { return Origin(lead: lead, enrollment: enrollment, step: step) }
                    }
                }
            }
        }
        return nil
    }

    /// All that may have gone out of an enrollment, with the names by which it was sealed.
    private func sealed(
        of enrollment: Enrollment, in reader: any StoreReader
    ) throws -> [(step: StepID, seal: StepID)] {
        let known = programme.entry(of: enrollment)?.campaign.steps.map(\.id) ?? []
        return try (known + enrollment.finished.filter { !known.contains($0) }).map { step in
            (step, try reader.firstName(of: step, in: enrollment.campaign))
        }
    }
}

extension ReturnedLetter {
    /// Whether it names the lead's own address.
    fileprivate func names(_ lead: Lead) -> Bool {
        lead.address.map { addresses.contains($0.normalised) } ?? false
    }
}

extension ReturnedLetter.Source {
    /// Where somebody said so, for the lead's timeline.
    fileprivate func says(mail: String, _ detail: String = "") -> String {
        let place =
            switch self {
            case .mailbox: mail
            case .provider(let name): "told by \(name)"
            }
        return detail.isEmpty ? place : "\(place): \(detail)"
    }
}
