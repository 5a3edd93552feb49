package import DripCore
import DripStore

// How CRMs hear of leads.
//
// The rule: in the commit that changes a lead, what its CRMs are to be told of it (`PushedFacts.swift`) is put behind what waits for them
// already. From there it goes by the CRM's transport, with its rate, its breaker and its place among what is under way there: of each
// lead one at a time, in the order of the changes. What was under way when dripd ended goes again, under the same key.
//
// Edge cases: a CRM that a new scoring.yaml does not name any more is told nothing, and what waited for it waits, until somebody names
// it again or discards that (`dripd crm`). Of all that a transport may have under way half is for pushes at most, and where steps by it
// are due as well, pushes and steps share what it may take now. Nothing goes while everything, or the transport, is paused. Of whoever
// typed an address into a form that asks its owner, no CRM hears before the owner has said yes.

/// A push under way.
struct PushFlight: Sendable {
    var push: Push
    /// The transport it went to, by its number.
    var outlet: Int
}

/// A push, with all that its message is made from.
package struct PushOrder: Sendable {
    package var push: Push
    package var sender: Policy.Sender

    package init(push: Push, sender: Policy.Sender) {
        self.push = push
        self.sender = sender
    }
}

extension Engine {
    /// Puts what CRMs are to be told of a lead on its way, where there is anything new.
    func tellCRMs(
        of lead: Lead, since before: Lead?, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        guard let targets = programme.policy.scoring?.crm, !targets.isEmpty, lead.erasedAt == nil else { return }
        for target in targets {
            try tell(target, of: lead, since: before, now: now, in: transaction, draft: &draft)
        }
    }

    /// Tells one CRM; `isAnyway` though nothing is new.
    ///
    /// False where there is nothing to tell.
    @discardableResult
    func tell(
        _ target: CRMTarget, of lead: Lead, since before: Lead?, isAnyway: Bool = false, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Bool {
        let facts = programme.stageFacts(of: lead, now: now)
        let last = try transaction.told(lead.id, to: target.transport)
        guard last != nil || target.leads?.holds(for: facts) ?? true else { return false }
        let told = PushedFacts.facts(of: facts, for: target)
        let mark = PushedFacts.mark(of: told, address: lead.address, for: target)
        guard isAnyway || mark != last else { return false }
        if last == nil, try isUnconfirmed(lead, in: transaction) { return false }
        let changes = before.map { before in
            PushedFacts.changes(
                from: PushedFacts.facts(of: programme.stageFacts(of: before, now: now), for: target), to: told,
                hasNewAddress: before.address != lead.address, for: target)
        }
        let content = PushContent(
            key: lead.key, address: lead.address, facts: told,
            changed: last == nil ? "new" : isAnyway ? "told anew" : changes ?? "told anew",
            history: target.tellsHistory ? try history(of: lead, in: transaction).joined(separator: "\n") : "")
        _ = try transaction.tell(content, of: lead.id, to: target.transport, mark: mark, at: now)
        draft.moreIsDue = true
        return true
    }

    /// Whether nobody has said yet that the address, which somebody typed into a form, is theirs.
    private func isUnconfirmed(_ lead: Lead, in reader: any StoreReader) throws -> Bool {
        try lead.address.flatMap { try reader.suppression(of: $0) }?.cause == .unconfirmed
    }

    /// Claims what CRMs are to be told now, as far as their transports have room for it.
    func fillPushes(now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft) throws {
        guard let targets = programme.policy.scoring?.crm, !targets.isEmpty, holds[.everything] == nil else { return }
        let today = today(at: now)
        for target in targets {
            guard let outlet = outlet(of: target, draft.outlets, at: now) else { continue }
            let underWay = pushFlights.values.filter { $0.outlet == outlet && !draft.landedPushes.contains($0.push.id) }
            let busy = Set(underWay.map(\.push.id))
            let most = draft.outlets[outlet].transport.inFlight - busy.count
            var room = min(most, draft.outlets[outlet].credit(at: now, today: today))
            guard room > 0 else { continue }
            let route = Route(.http, transport: target.transport)
            if let due = try transaction.nextDueAt(route), due <= now { room = draft.outlets[outlet].share(of: room) }
            let due = try transaction.pushes(to: target.transport, dueBy: now, limit: room + busy.count)
            for push in due.filter({ !busy.contains($0.id) }).prefix(room) {
                draft.outlets[outlet].take(nil, at: now, today: today)
                draft.startedPushes.append(PushFlight(push: push, outlet: outlet))
            }
        }
    }

    /// When a push could go next; nil where only a result or a person brings that.
    func nextPushAt(now: Instant, in reader: any StoreReader) throws -> Instant? {
        guard let targets = programme.policy.scoring?.crm, holds[.everything] == nil else { return nil }
        let (today, tomorrow) = (today(at: now), tomorrow(at: now))
        var earliest: Instant?
        for target in targets {
            guard let number = outlets.firstIndex(where: { $0.transport.name == target.transport }),
                !isHeld(outlets[number]),
                let opening = outlets[number].creditAt(now, today: today, tomorrow: tomorrow)
            else { continue }
            // What is under way is due as well: behind all that is, the next one stands.
            let busy = pushFlights.values.count { $0.outlet == number }
            guard busy < outlets[number].transport.inFlight else { continue }
            let due =
                busy == 0
                ? try reader.nextPushAt(target.transport)
                : try reader.pushes(to: target.transport, dueBy: .distantFuture, limit: busy + 1)
                    .first { pushFlights[$0.id] == nil }?.dueAt
            guard let due else { continue }
            let candidate = max(due, opening)
            earliest = earliest.map { min($0, candidate) } ?? candidate
        }
        return earliest
    }

    /// The transport of a CRM that works; nil where it is paused, or dripd.yaml does not have it.
    private func outlet(of target: CRMTarget, _ outlets: [Outlet], at now: Instant) -> Int? {
        outlets.firstIndex { $0.transport.name == target.transport }.flatMap { number in
            isHeld(outlets[number]) || outlets[number].breaker.state(at: now) == .paused ? nil : number
        }
    }

    /// Refuses what ends a lead while a CRM is being told of it: what is on the wire would come behind.
    func requireUntold(_ lead: Lead, _ what: String) throws(ControlError) {
        guard let flight = pushFlights.values.first(where: { $0.push.lead == lead.id }) else { return }
        throw ControlError(
            .unavailable, "\(what): \(flight.push.transport) is being told of \(lead.key); try again in a moment")
    }

    /// Records what became of a push.
    func record(
        _ result: AttemptResult, of id: PushID, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        guard let flight = pushFlights[id], draft.landedPushes.insert(id).inserted else {
            draft.logs.append(LogLine(.warning, "a result for no push", ["push": "\(id.rawValue)"]))
            return
        }
        let push = flight.push
        draft.outlets[flight.outlet].sending -= 1
        hear(result, ofOutlet: flight.outlet, now: now, draft: &draft)
        let target = programme.policy.scoring?.crm.first { $0.transport == push.transport }
        let limit = target?.giveUpAfter ?? CRMTarget.standardGiveUp
        switch PushEnd.of(result, push, giveUpAfter: limit, now: now) {
        case .done:
            draft.outlets[flight.outlet].accepted += 1
            // Gone already where the lead was erased or merged meanwhile.
            guard try transaction.took(id, now: now) else { return }
            let named = result.providerMessageID.map { " (its id \($0))" } ?? ""
            try journal(.pushed, push, named, now: now, in: transaction)
        case .again(let due):
            _ = try transaction.retry(id, at: due, counts: true, saying: result.text, now: now)
        case .putBack:
            let until = draft.outlets[flight.outlet].breaker.pausedUntil(at: now) ?? now
            _ = try transaction.retry(
                id, at: max(now, until) + .milliseconds(1), counts: false, saying: result.text, now: now)
        case .dead:
            guard try transaction.bury(id, saying: result.text, now: now) else { return }
            try journal(.notPushed, push, ": \(result.text)", now: now, in: transaction)
            draft.problems.append(
                .init(
                    at: now, what: Engine.notTaken(by: push.transport),
                    mend: "`dripd crm` lists them with what it said; mend the cause, then `dripd crm replay`."))
        }
    }

    /// The problem of a CRM with dead letters; what it said stays with them, because servers repeat what they refuse.
    static func notTaken(by transport: String) -> String { "\(transport) never took some changes of leads" }

    private func journal(
        _ kind: JournalEntry.Kind, _ push: Push, _ words: String, now: Instant, in transaction: any StoreTransaction
    ) throws {
        try transaction.journal(
            JournalEntry(
                at: now, kind: kind, lead: push.lead, detail: "\(push.transport): \(push.content.changed)\(words)"))
    }
}
