import DripCore
import DripStore

/// What the release of late work goes by (`CatchUp.swift`).
struct Release: Hashable, Sendable {
    /// More than these are not remembered: what an old one made late has long had its slots.
    private static let limit = 32

    /// The last times in which something could not go, newest last.
    private(set) var interruptions: [Interruption] = []
    /// As the store has them.
    private var stored: [Interruption] = []
    /// The first catch-up slot that no late work has.
    var nextSlot = Instant.epoch

    init() {}

    /// As it was left.
    init(in reader: any StoreReader) throws {
        interruptions = try reader.interruptions()
        stored = interruptions
        nextSlot = try reader.nextSlotAt()
    }

    /// Writes what is new since `before`, in the commit that acts by it.
    mutating func write(to transaction: any StoreTransaction, since before: Release) throws {
        if nextSlot != before.nextSlot { try transaction.setNextSlot(nextSlot) }
        guard interruptions != stored else { return }
        try transaction.setInterruptions(interruptions)
        stored = interruptions
    }

    mutating func note(_ scope: Interruption.Scope, from: Instant, until: Instant) {
        // A transport that is asked for less each minute must not push out what is worth remembering.
        guard until - from >= .minutes(1) else { return }
        interruptions.append(Interruption(scope, from: from, until: until))
        if interruptions.count > Release.limit { interruptions.removeFirst() }
    }

    /// Takes back what was given away under a clock that was far ahead.
    mutating func clockStepped(from before: Instant, to now: Instant) {
        guard before - now > .hours(6) else { return }
        nextSlot = nextSlot - (before - now)
        interruptions = []
    }
}

extension Engine {
    /// Whether a claim is late work, by what is on record and by an outage that is not over: the message that probes a
    /// transport has lost its slot to that outage, if it had one, like all that waits behind it.
    func isLateWork(
        _ claim: Claim, lanes: [Lane], outlets: [Outlet], release: Release, now: Instant
    ) -> Bool {
        let lane = lanes.first { $0.route == claim.pending.route }
        let outage = lane.flatMap { outageBegan($0, outlets, at: now) }.map {
            Interruption(.channel(claim.pending.route.channel), from: $0, until: now)
        }
        return programme.policy.catchUp.isLateWork(
            claim.pending, of: claim.enrollment.campaign,
            interruptions: release.interruptions + [outage].compactMap(\.self), now: now)
    }

    /// The same within a turn.
    func isLateWork(_ claim: Claim, _ draft: TurnDraft, now: Instant) -> Bool {
        isLateWork(claim, lanes: draft.lanes, outlets: draft.outlets, release: draft.release, now: now)
    }

    /// Since when no transport of a lane has worked; nil while one does.
    ///
    /// One that a person holds counts for nothing here: the end of its hold is noted by itself.
    private func outageBegan(_ lane: Lane, _ outlets: [Outlet], at now: Instant) -> Instant? {
        let own = lane.outlets.filter { !isHeld(outlets[$0]) }.map { outlets[$0].breaker }
        guard !own.isEmpty, own.allSatisfy({ $0.state(at: now) != .open }) else { return nil }
        return own.compactMap(\.faultySince).max().flatMap { now - $0 >= .minutes(1) ? $0 : nil }
    }
}
