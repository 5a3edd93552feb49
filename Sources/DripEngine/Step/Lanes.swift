import DripCore
import DripStore

// Which transport a message goes by, and when one has room for it.
//
// The rule: a transport works unless a person holds it or its breaker is open. While it does not, its stand-in (`fallback`)
// takes its place; while it is probed, both do. Among those that work and have credit, `Turns` decides by weight. Where
// none works, the lane is closed: nothing of it is claimed, and all of it stays due. Where they work and have no credit
// (in flight, rate, the day's volume while warming up), it stays due as well.
//
// Edge cases: a limit of a recipient's domain is no closed lane: those it holds get a slot each (`DomainPace`), by the
// transport that would take them first. A stand-in that has work of its own keeps its own limits.
//
// Worked example: relay (weight 3) and backup (its fallback, weight 0). The relay refuses the password: its breaker opens,
// and the very next message goes by the backup. Half a minute later one message probes the relay.

/// The transports that one message may go by now.
struct OutletChoice: Hashable, Sendable {
    /// By number, with their weights; empty where the lane is closed or full.
    var candidates: [Candidate] = []
    /// The recipient's domain, where it is an e-mail.
    var domain: String?
    /// When one of them may write to that domain: now, or later.
    var slot: Instant

    struct Candidate: Hashable, Sendable {
        var outlet: Int
        var weight: Int
    }
}

extension Engine {
    /// The transports of a lane that work, each with the weight of all that it stands for.
    func working(_ lane: Lane, _ outlets: [Outlet], at now: Instant) -> [OutletChoice.Candidate] {
        var working: [OutletChoice.Candidate] = []
        func add(_ number: Int, _ weight: Int) {
            guard !isHeld(outlets[number]), outlets[number].breaker.state(at: now) != .paused else { return }
            if let index = working.firstIndex(where: { $0.outlet == number }) {
                working[index].weight += weight
            } else {
                working.append(.init(outlet: number, weight: weight))
            }
        }
        for member in lane.members {
            let own = outlets[member.outlet]
            add(member.outlet, member.weight)
            if let fallback = member.fallback, isHeld(own) || own.breaker.state(at: now) != .open {
                add(fallback, member.weight)
            }
        }
        return working
    }

    /// Whether nothing of a lane can go, whatever credit there is.
    func isClosed(_ lane: Lane, _ outlets: [Outlet], at now: Instant) -> Bool {
        !lane.members.isEmpty && working(lane, outlets, at: now).isEmpty
    }

    /// Until when a closed lane is closed, `distantFuture` where a person must open it; nil while it is open.
    func pausedUntil(_ lane: Lane, _ outlets: [Outlet], at now: Instant) -> Instant? {
        guard isClosed(lane, outlets, at: now) else { return nil }
        return lane.outlets.filter { !isHeld(outlets[$0]) }.compactMap { outlets[$0].breaker.pausedUntil(at: now) }
            .min() ?? .distantFuture
    }

    /// Whose hold closes a lane; nil where none does.
    func hold(of lane: Lane, _ outlets: [Outlet]) -> Hold? {
        let holds = lane.outlets.compactMap { self.holds[.transport(outlets[$0].transport.name)] }
        return holds.count == lane.outlets.count ? holds.first : nil
    }

    /// How many messages of a lane may be marked now.
    func credit(of lane: Lane, _ outlets: [Outlet], at now: Instant, _ today: LocalDate) -> Int {
        guard !lane.members.isEmpty else { return Engine.decisionsPerCommit }
        return working(lane, outlets, at: now).reduce(0) { $0 + outlets[$1.outlet].credit(at: now, today: today) }
    }

    /// When a lane may have credit without any outcome coming in; nil where only one, or a person, brings it.
    func creditAt(of lane: Lane, at now: Instant) -> Instant? {
        guard !lane.members.isEmpty else { return now }
        let (today, tomorrow) = (today(at: now), tomorrow(at: now))
        let open = working(lane, outlets, at: now).compactMap {
            outlets[$0.outlet].creditAt(now, today: today, tomorrow: tomorrow)
        }
        let paused = lane.outlets.filter { !isHeld(outlets[$0]) }.compactMap {
            outlets[$0].breaker.pausedUntil(at: now)
        }
        return (open + paused).min()
    }

    /// By what a claim may go, and when.
    func choice(for claim: Claim, _ step: Step, in lane: Lane?, _ outlets: [Outlet], at now: Instant) -> OutletChoice {
        var choice = OutletChoice(slot: now)
        guard let lane else { return choice }
        if lane.route.channel == .email { choice.domain = step.recipient(for: claim.lead).map { String($0.domain) } }
        let today = today(at: now)
        let hasSlot = claim.pending.waitingFor == .rateLimited
        let slots = working(lane, outlets, at: now).compactMap { candidate -> (OutletChoice.Candidate, Instant)? in
            guard outlets[candidate.outlet].credit(at: now, today: today) > 0 else { return nil }
            return (candidate, outlets[candidate.outlet].slot(for: choice.domain, hasSlot: hasSlot, at: now))
        }
        guard let earliest = slots.map(\.1).min() else { return choice }
        choice.slot = max(now, earliest)
        choice.candidates = slots.filter { $0.1 <= choice.slot }.map(\.0)
        return choice
    }

    /// Notes that a slot is taken, by what goes now or by what waits for it.
    func keep(
        _ slot: Instant, for situation: Situation, _ choice: OutletChoice, goes: Bool, now: Instant,
        draft: inout TurnDraft
    ) {
        // From its own line of slots, however long the recipient's domain makes it wait.
        if situation.pending.needsSlot {
            draft.release.nextSlot = programme.policy.catchUp.nextSlot(after: max(now, draft.release.nextSlot))
        }
        guard !goes, situation.isSlotOfDomain, let domain = choice.domain, let first = choice.candidates.first else {
            return
        }
        draft.outlets[first.outlet].reserve(slot, for: domain, at: now)
    }

    /// Takes the transport whose turn it is for a message that goes now, and answers its number.
    func take(_ choice: OutletChoice, lane: Int, now: Instant, draft: inout TurnDraft) -> Int {
        let turn = draft.lanes[lane].turns.next(among: choice.candidates.map { ($0.outlet, $0.weight) })
        // A lane is asked only while it has credit, so that there is somebody.
        let outlet = turn ?? draft.lanes[lane].members[0].outlet
        draft.outlets[outlet].take(choice.domain, at: now, today: today(at: now))
        return outlet
    }

    /// Writes how much the transports that warm up have sent today.
    func writeDays(of changed: [Outlet], to transaction: any StoreTransaction) throws {
        let days = changed.compactMap(\.day)
        guard days != outlets.compactMap(\.day) else { return }
        try transaction.setTransportDays(days)
    }
}
