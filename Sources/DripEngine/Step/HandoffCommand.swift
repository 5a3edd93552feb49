import DripCampaigns
import DripCore
import DripStore

// A lead that a person gives to somebody in sales, by `dripd handoff`: what a step `handoff: next` does, without a choice.
//
// The rule: whoever is named gets it, away or not, whatever territory it is in; nobody's turn changes. What they have promised for it
// already stands: the same command given twice does nothing the second time, and where a list has called the lead somebody else's
// meanwhile it is theirs again. Who is won or out for good is given to nobody: no promise runs for such a lead.
//
// A lead that is given is so first, with all that follows from whose it is; then the event `given_by_hand` has happened to it, so that
// a campaign can tell whoever has it now.

extension Engine {
    func handOff(_ request: HandoffRequest, now: Instant, effects: inout [Effect]) throws -> HandoffAnswer {
        let because = Self.line(request.because, 200)
        guard !because.allSatisfy(\.isWhitespace) else {
            throw ControlError(.invalid, "say why, in one line: it is kept in the history")
        }
        guard let handoff = programme.policy.scoring?.handoff else {
            throw ControlError(
                .invalid, "nobody takes leads over: write `handoff: { owners: [...] }` into scoring.yaml")
        }
        guard let owner = handoff.owners.first(where: { $0.name.lowercased() == request.owner.lowercased() }) else {
            let names = handoff.owners.map(\.name).joined(separator: ", ")
            throw ControlError(
                .notFound, "nobody called \"\(Self.line(request.owner, 100))\" takes leads over; there are \(names)")
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let lead = try find(request.lead, in: transaction)
            if let refusal = Forgotten.refusal(try doNotSend(lead, in: transaction).suppression) {
                throw ControlError(.invalid, "not given to anybody: \(refusal)")
            }
            guard ![.customer, .disqualified].contains(lead.stage.stage) else {
                throw ControlError(
                    .invalid,
                    "\(lead.key) is \(lead.stage.stage.rawValue): nobody is to turn to it. `dripd stage` puts it at another stage"
                )
            }
            let isPromised = handoff.promiser(of: lead)?.name == owner.name && lead.isWithSomebody
            var answer = HandoffAnswer(
                lead: lead.key, owner: owner.name, was: lead.attributes[Handoff.Fact.owner]?.text, isGiven: !isPromised)
            var given = lead
            if !isPromised || handoff.owner(of: lead)?.name != owner.name {
                if isPromised {
                    given = try call(lead, owner.name, in: transaction)
                } else {
                    try takeAway(lead, byHand: true, now: now, in: transaction)
                    given = try give(lead, to: owner, by: handoff, now: now, in: transaction)
                }
                let words = "\(isPromised ? "stays with" : "given to") \(owner.name): \(because)"
                try transaction.journal(JournalEntry(at: now, kind: .handedOff, lead: lead.id, detail: words))
                let came = try attributesChanged(from: lead, to: given, now: now, in: transaction, draft: &draft)
                (answer.enrolledIn, answer.exitedFrom) = (came.enrolledIn, came.exitedFrom)
            }
            if !isPromised {
                let event = Happening(event: EventName(rawValue: BuiltInEvents.givenByHand))
                let told = try take(
                    event, of: [find(lead.key, in: transaction)], called: lead.key, now: now, in: transaction,
                    draft: &draft)
                answer.enrolledIn += told.enrolledIn
                answer.exitedFrom += told.exitedFrom
            }
            answer.acceptBy = given.attributes[Handoff.Fact.acceptBy].flatMap { Instant($0.text) }
            answer.acceptByLocal = answer.acceptBy.map(programme.zone(of: owner).wallMinute(at:))
            return answer
        }
    }
}
