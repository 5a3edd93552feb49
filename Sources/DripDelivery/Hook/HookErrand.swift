package import DripCore

// What an event of a proved request makes of the engine's time.
//
// The rule: a letter is handed in as one from the mailbox is; a lead is stored as a program's is, and what it did by that is noted
// behind it, by the name that the lead then has. One command goes after the other, and nothing is noted of a lead that was refused.
// What the engine cannot do now ends the whole request, so that the provider sends it again: all that was done before is known then,
// by the provider's own name of the event.
//
// Edge cases: a lead's event without such a name is named by its content, so that it fires once however often it comes; the lead itself
// is then simply stored again, since the same words may be said anew after others. Who only hands in is nobody's operator: a post takes
// no mailbox off the do-not-send list.
//
// Worked example: `crm Ab` says `email: budi@example.com` and `demo_booked`: the lead is stored under the request's name `hook crm Ab`,
// then the event is noted under the same; sent again, both are known.

/// One event on its way through the engine.
package struct HookErrand: Sendable {
    /// What to ask next; nil where all is asked.
    package private(set) var next: Command?
    /// What became of it so far.
    package private(set) var answer: HookAnswer.Event
    /// What a log may say of what was not taken; nil where nothing is to be said.
    package private(set) var complaint: String?
    /// What is asked only once the lead is there.
    private var behind: Command?

    /// In bytes: what `Idempotency-Key` may be.
    private static let longestName = 150

    package init(_ event: HookEvent, of transport: String) {
        func answer(_ meaning: String, _ done: HookAnswer.Done, _ detail: String = "") -> HookAnswer.Event {
            HookAnswer.Event(id: event.id, meaning: meaning, done: done, detail: detail)
        }
        switch event.content {
        case .ignored: self.answer = answer("", .ignored)
        case .foreign(let meaning): self.answer = answer(meaning.name, .unproved, "it carries no token")
        case .unreadable(let why):
            self.answer = answer("", .unreadable, why)
            complaint = why
        case .letter(let letter):
            self.answer = answer(letter.meaning.name, .unproved)
            next = .returned(letter)
        case .lead(let lead):
            self.answer = answer("lead", .acted, lead.event?.rawValue ?? "")
            let name = Self.name(of: event, transport)
            var request = LeadsRequest(leads: [lead.body])
            request.isOperators = false
            request.id = lead.hasName ? name : nil
            next = .putLeads(request)
            if let happened = lead.event, let who = lead.body.key ?? lead.body.email {
                behind = .event(lead: who, name: happened, id: name)
            }
        }
    }

    /// As the engine knows it from every other sender's.
    private static func name(of event: HookEvent, _ transport: String) -> String {
        let name = "hook \(transport) \(event.id)"
        return name.utf8.count <= longestName ? name : "hook " + HookProof.fingerprint(of: .text(name))
    }

    /// Takes the answer to what was asked.
    ///
    /// - Throws: what the engine cannot do now.
    package mutating func take(_ result: Result<Reply, ControlError>) throws(ControlError) {
        guard let asked = next else { return }
        next = nil
        switch result {
        case .failure(let error): try refuse(asked, error)
        case .success(.returned(let returned)): settle(returned, asked)
        case .success(.imported(let summary)):
            if let refusal = summary.refused.first {
                let words = [refusal.column, refusal.reason].filter { !$0.isEmpty }.joined(separator: ": ")
                refuse(words, logged: refusal.isPrivate ? nil : words)
            } else {
                if summary.repeated > 0 { answer.done = .known }
                (next, behind) = (behind, nil)
            }
        case .success(.event(let event)):
            if !event.isRepeat { answer.done = .acted }
        default: throw ControlError(.unavailable, "the engine gave an answer of another kind")
        }
    }

    private mutating func refuse(_ asked: Command, _ error: ControlError) throws(ControlError) {
        if case .returned = asked { throw error }
        switch error.kind {
        case .busy, .unavailable: throw error
        // By whose key they speak, only whoever handed it in may read.
        case .invalid, .notFound, .conflict: refuse(error.message, logged: nil)
        }
    }

    private mutating func refuse(_ words: String, logged: String?) {
        (answer.done, answer.detail) = (.refused, words)
        complaint = logged ?? "the engine did not take it; `dripd hook` with what was posted says why"
    }

    private mutating func settle(_ returned: ReturnAnswer, _ asked: Command) {
        guard case .returned(let letter) = asked else { return }
        answer.detail = letter.meaning.text
        switch (returned.isNew, returned.isProved) {
        case (false, _): answer.done = .known
        case (true, true): answer.done = .acted
        case (true, false):
            (answer.done, answer.detail) = (.unproved, "its token is no delivery's of this installation")
        }
    }
}

extension ReturnedLetter.Meaning {
    fileprivate var text: String {
        switch self {
        case .hardBounce(let text), .softBounce(let text), .complaint(let text), .failure(let text): text
        case .arrival, .unsubscribe, .reply: ""
        }
    }
}
