import DripCampaigns
import DripCore
import DripStore

// How leads come to somebody in sales, and what those say of them.
//
// The rule: `OwnerChoice.swift` says whose turn it is, `SalesPromise.swift` until when they promise what; here it is written, in
// the commit of the step or the event. Whose a lead is stands in its attributes, so that what waits for them goes on at once.
//
// Edge cases: a lead that nobody takes stays whose it was, and the status file says so. A link in a note speaks for the owner to whom the
// note was written, until the lead is given to somebody again, or given back: the next handoff has notes of its own. Who presses a
// button twice has pressed it once.

extension Engine {
    private static let historyLines = 20
    private static let briefFacts = 40
    /// Two follow-ups within that time are one that was pressed twice.
    private static let pressedTwice = TimeSpan.minutes(1)

    /// Gives a lead to somebody; answers it as it is then, and what its history says.
    func handOver(
        _ lead: Lead, _ rule: HandoffRule, by step: StepID, of run: Enrollment, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> (lead: Lead, detail: String) {
        guard let handoff = programme.policy.scoring?.handoff else {
            return (lead, "given to nobody: scoring.yaml names nobody who takes leads over")
        }
        var turns = try transaction.ownerTurns()
        let facts = programme.stageFacts(of: lead, now: now)
        let choice = handoff.choose(rule, for: facts, turns: turns, at: now, zone: programme.zone(of:))
        guard let owner = choice.owner else {
            draft.problems.append(
                .init(
                    at: now, what: "\(run.campaign)/\(step) gave a lead to nobody: \(choice.why)",
                    // Here alone: it is one problem, however many leads have it.
                    mend:
                        "Look at `handoff` in scoring.yaml, then give it to somebody: the last one with "
                        + "`dripd handoff id:\(run.id.rawValue) --to NAME --because …`."
                ))
            return (lead, "given to nobody: \(choice.why)")
        }
        if lead.attributes[Handoff.Fact.givenTo]?.text == owner.name, lead.isWithSomebody {
            // What was promised stands: a lead that comes back by its score buys nobody time. An import may have called it somebody
            // else's meanwhile.
            guard handoff.owner(of: lead)?.name != owner.name else {
                return (lead, "stays with \(owner.name): \(choice.why)")
            }
            return (try call(lead, owner.name, in: transaction), "stays with \(owner.name): \(choice.why)")
        }
        if let pool = choice.pool {
            turns.give(to: owner, of: pool)
            try transaction.setOwnerTurns(turns)
        }
        try takeAway(lead, now: now, in: transaction)
        let stored = try give(lead, to: owner, by: handoff, now: now, in: transaction)
        return (stored, "given to \(owner.name): \(choice.why)")
    }

    /// Says again whose a lead is that somebody has promised for.
    func call(_ lead: Lead, _ owner: String, in transaction: any StoreTransaction) throws -> Lead {
        let owned = LeadDraft(key: lead.key, address: nil, attributes: [Handoff.Fact.owner: .text(owner)])
        return try transaction.upsert(owned).lead
    }

    /// Writes and counts that a lead is somebody's from now on.
    func give(
        _ lead: Lead, to owner: Owner, by handoff: Handoff, now: Instant, in transaction: any StoreTransaction
    ) throws -> Lead {
        let given = handoff.given(to: owner, at: now, in: programme.zone(of: owner))
        let stored = try transaction.upsert(LeadDraft(key: lead.key, address: nil, attributes: given)).lead
        try transaction.count(.given, of: owner.name, on: givenDay(of: stored, now: now), by: 1)
        return stored
    }

    /// Counts a handoff that ends because the lead is given to somebody else.
    ///
    /// Whoever moves a lead by hand, or finds that it is one with another, while there is time to accept it, blames nobody: as if it had
    /// never been given there.
    func takeAway(
        _ lead: Lead, byHand: Bool = false, now: Instant, in transaction: any StoreTransaction
    ) throws {
        guard lead.isWithSomebody, let name = lead.attributes[Handoff.Fact.givenTo]?.text else { return }
        let day = givenDay(of: lead, now: now)
        if lead.handoffState == .accepted {
            try transaction.count(.givenBack, of: name, on: day, by: 1)
        } else if byHand, !lead.isLate(Handoff.Fact.acceptBy, at: now) {
            try transaction.count(.given, of: name, on: day, by: -1)
        } else {
            try transaction.count(.takenAway, of: name, on: day, by: 1)
        }
    }

    /// What an event of sales changes of the lead and of the figures; the lead as it is then.
    func answered(
        _ lead: Lead, by event: EventName, now: Instant, in transaction: any StoreTransaction
    ) throws -> Lead {
        guard BuiltInEvents.ofSales.contains(event.rawValue), let handoff = programme.policy.scoring?.handoff,
            let name = lead.attributes[Handoff.Fact.givenTo]?.text
        else { return lead }
        let answer =
            switch event.rawValue {
            case BuiltInEvents.salesAccepted: handoff.accepted(lead, at: now, zone: programme.zone(of:))
            case BuiltInEvents.salesRejected: handoff.rejected(lead)
            default: handoff.followedUp(lead, at: now)
            }
        guard let answer else { return lead }
        if let tally = answer.tally { try transaction.count(tally, of: name, on: givenDay(of: lead, now: now), by: 1) }
        return try transaction.upsert(LeadDraft(key: lead.key, address: nil, attributes: answer.facts)).lead
    }

    /// The day on which the lead was given to whoever has it.
    private func givenDay(of lead: Lead, now: Instant) -> LocalDate {
        today(at: lead.ownedSince ?? now)
    }

    // MARK: Notes and their links

    /// The lead in short, for a note to a colleague.
    func brief(of lead: Lead, now: Instant, in reader: any StoreReader) throws -> HandoverBrief {
        let owner = programme.policy.scoring?.handoff?.owner(of: lead)
        let clock = try owner.map(programme.zone(of:)) ?? zone(of: lead, in: reader)
        let score = programme.policy.scoring.map { $0.score(of: programme.stageFacts(of: lead, now: now)) }
        func local(_ fact: String) -> String {
            lead.attributes[fact].flatMap { Instant($0.text) }.map { clock.wallMinute(at: $0) } ?? ""
        }
        let names = ["first_name", "last_name", "name"].compactMap { lead.attributes[$0]?.text }
        let shown = [names.joined(separator: " "), lead.address?.text ?? lead.key].filter { !$0.isEmpty }
        let own = Set(Handoff.Fact.ofHandoff + [Handoff.Fact.owner])
        return HandoverBrief(
            owner: owner?.name ?? "", since: lead.attributes[Handoff.Fact.since]?.text ?? "",
            lead: Self.line(shown.joined(separator: ", "), 300),
            stage: lead.stage.stage.rawValue,
            score: score.map { "\($0.total) (fit \($0.fit), engagement \($0.engagement))" } ?? "",
            acceptBy: local(Handoff.Fact.acceptBy), followUpBy: local(Handoff.Fact.followUpBy),
            facts: lead.attributes.filter { !own.contains($0.key) }.sorted { $0.key < $1.key }.prefix(Self.briefFacts)
                .map { name, value in
                    let shown = Instant(value.text).map { clock.wallMinute(at: $0) } ?? value.text
                    return .init(name: name.replacing("_", with: " "), value: Self.line(shown, 300))
                },
            history: try history(of: lead, on: clock, in: reader))
    }

    /// The last things that the lead did or got, newest first, a line each.
    ///
    /// Without a clock they stand on the lead's own.
    func history(of lead: Lead, on clock: Zone? = nil, in reader: any StoreReader) throws -> [String] {
        let told: Set<JournalEntry.Kind> = [.event, .accepted, .stageMoved, .enrolled, .handedOff]
        let isNote = { (entry: JournalEntry) in
            guard let campaign = entry.campaign, let step = entry.step, entry.kind == .accepted else { return false }
            return self.programme.campaigns[campaign]?.campaign.step(step)?.notice != nil
        }
        let clock = try clock ?? zone(of: lead, in: reader)
        return try reader.timeline(of: lead.id, limit: 200).filter { told.contains($0.kind) && !isNote($0) }
            .prefix(Self.historyLines).map { Self.told($0, on: clock) }
    }

    /// `2026-11-02 09:00  sent ebook-nurture/welcome`.
    private static func told(_ entry: JournalEntry, on clock: Zone) -> String {
        let local = clock.local(at: entry.at)
        let about = [entry.campaign?.rawValue, entry.step?.rawValue].compactMap(\.self).joined(separator: "/")
        let what =
            switch entry.kind {
            case .accepted: "sent"
            case .enrolled: "enrolled in"
            case .stageMoved: "stage"
            default: ""
            }
        // What a server answered to a message is nothing to sales.
        let words = [what, about, entry.kind == .accepted ? "" : entry.detail].filter { !$0.isEmpty }
        return line("\(local.date) \("\(local.time)".prefix(5))  \(words.joined(separator: " "))", 300)
    }

    /// What whoever holds the link in a note asks.
    func handover(_ request: HandoverRequest, now: Instant, effects: inout [Effect]) throws -> HandoverView {
        if request.action != .look {
            try change(now: now, effects: &effects) { transaction, draft in
                guard let lead = try transaction.enrolled(request.enrollment)?.lead, isAbout(request, lead),
                    let happening = try happening(request, lead, now, transaction)
                else { return }
                _ = try take(happening, of: [lead], called: lead.key, now: now, in: transaction, draft: &draft)
            }
        }
        return try ask { reader in
            guard let lead = try reader.enrolled(request.enrollment)?.lead, lead.erasedAt == nil else {
                return HandoverView()
            }
            guard isAbout(request, lead) else {
                // Who has it no more is told whose it is, and nothing else of it.
                return HandoverView(isOf: lead.attributes[Handoff.Fact.owner]?.text ?? "")
            }
            // Who gave it back is done with it.
            guard lead.handoffState != .rejected else { return HandoverView(state: .rejected) }
            return HandoverView(brief: try brief(of: lead, now: now, in: reader), state: lead.handoffState)
        }
    }

    /// Whether a link speaks for the lead: it is still that owner's, by the very handoff that the note was about.
    private func isAbout(_ request: HandoverRequest, _ lead: Lead) -> Bool {
        let owner = programme.policy.scoring?.handoff?.owner(of: lead)
        return lead.erasedAt == nil && owner?.name.lowercased() == request.owner.lowercased()
            && lead.attributes[Handoff.Fact.since]?.text == request.since
    }

    /// The event of a button; nil where it was pressed before, or is not to be pressed now.
    private func happening(
        _ request: HandoverRequest, _ lead: Lead, _ now: Instant, _ transaction: any StoreTransaction
    ) throws -> Happening? {
        let state = lead.handoffState
        func event(_ name: String, _ words: String = "") -> Happening {
            Happening(event: EventName(rawValue: name), place: " by \(request.owner), by the link in a note\(words)")
        }
        switch request.action {
        case .look: return nil
        case .accept: return state == .given ? event(BuiltInEvents.salesAccepted) : nil
        case .reject(let reason):
            let reason = Self.line(reason, 200)
            guard !reason.allSatisfy(\.isWhitespace) else {
                throw ControlError(.invalid, "say why, in one line: it is kept in the history")
            }
            return state == nil || state == .rejected ? nil : event(BuiltInEvents.salesRejected, ": \(reason)")
        case .followUp:
            let name = EventName(rawValue: BuiltInEvents.followedUp)
            let last = lead.history.occurrences[name]?.last?.at
            let isNew = last.map { now - $0 >= Self.pressedTwice } ?? true
            return (state == .accepted || state == .followedUp) && isNew ? event(BuiltInEvents.followedUp) : nil
        }
    }
}
