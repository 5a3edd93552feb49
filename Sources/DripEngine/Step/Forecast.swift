import DripCore
import DripStore

// What would become of every step of an enrollment if nothing but time happened: the calendar of `dripd plan`.
//
// The rule: from one due instant to the next, each step is decided by the very `decide` that the daemon asks, with the
// facts as they would be then: every message accepted the moment it goes, nothing imported, nobody paused, no other
// campaign sending. So the forecast is what happens, where nothing else does (G9).
//
// A message that is on its way is taken for accepted when it was marked, with its charge kept, and the forecast goes on
// behind it.
//
// Edge cases: what is paused now, a missing date or a missing variable ends the forecast there: nobody can tell when it
// will be over. A lead's pause that has an end is waited for. Lateness is booked as the daemon books it, so that what
// would be dropped as late is said to be. A step that already ended is not in it.

/// What is foretold of one step.
struct ForecastStep: Hashable, Sendable {
    enum End: Hashable, Sendable {
        case goes(Instant)
        /// A step that sends nothing.
        case does(Instant)
        /// It was marked then, and its outcome is not known yet.
        case underWay(Instant)
        case skipped(Instant, Reason)
        case exits(Instant, Reason)
        /// Waits for something that time alone does not bring.
        case waits(Reason)
    }

    var step: StepID
    /// Nil where there is no plan yet.
    var plannedAt: Instant?
    var end: End
    /// Every deferral on the way, in order: until when, and what the gate says.
    var waits: [Wait] = []
    /// What the gate that decided says; empty where it goes.
    var detail = ""

    struct Wait: Hashable, Sendable {
        var until: Instant
        var reason: Reason
        var detail: String
    }
}

struct Forecast {
    /// More decisions than any real enrollment takes: a guard against a calendar without an end.
    private static let limit = 10_000

    /// The facts of a decision at an instant, as the engine gathers them.
    let situate: (Claim, Step, Instant) -> Situation
    let campaign: Campaign
    let facts: PlanFacts

    /// The steps that `claim`'s enrollment has not finished, from `now` on.
    func steps(from claim: Claim, now: Instant) -> [ForecastStep] {
        var (claim, now) = (claim, now)
        var steps: [ForecastStep] = []
        if let sending = takeFlight(of: &claim) { steps.append(sending) }
        var waits: [ForecastStep.Wait] = []
        for _ in 0..<Self.limit {
            guard claim.enrollment.status == .active, let current = claim.enrollment.current else { return steps }
            now = max(now, current.dueAt)
            claim.pending = current
            guard let step = campaign.step(current.step) else {
                claim.enrollment = claim.enrollment.movedOn(after: current.step, in: campaign, by: facts, now: now)
                continue
            }
            let situation = situate(claim, step, now)
            let planned = situation.pending.isUnplanned ? nil : situation.pending.plannedAt
            func note(_ end: ForecastStep.End) {
                let detail = end == .goes(now) ? "" : end == .does(now) ? situation.deed(now) : situation.why(now)
                steps.append(
                    ForecastStep(step: step.id, plannedAt: planned, end: end, waits: waits, detail: detail))
                waits = []
            }
            switch decide(situation, now: now) {
            case .send:
                guard step.isTouch else {
                    note(.does(now))
                    // Who gets the lead, and so who is told what until when, is known when it is given.
                    if case .inner(.handoff) = step.action { return steps }
                    claim.enrollment = claim.enrollment.performed(situation, by: facts, now: now)
                    continue
                }
                note(.goes(now))
                claim.charge(step, of: campaign, at: now)
                let sent = SentStep(sentAt: now, plannedAt: situation.pending.plannedAt)
                claim.enrollment = claim.enrollment.movedOn(
                    after: step.id, sent: sent, in: campaign, by: facts, now: now)
            case .skip(let reason):
                note(.skipped(now, reason))
                claim.enrollment = claim.enrollment.skipped(situation, for: reason, by: facts, now: now)
            case .exit(let reason):
                note(.exits(now, reason))
                guard reason == .goalReached, let target = campaign.goal?.jumpTo,
                    let moved = claim.enrollment.jumped(to: target, in: campaign, by: facts, now: now)
                else { return steps }
                claim.enrollment = moved
            case .defer(let until, let reason):
                guard until < .distantFuture, Self.passesWithTime(reason) || situation.leadPause(at: now) != nil else {
                    note(.waits(reason))
                    return steps
                }
                if reason != .order { waits.append(.init(until: until, reason: reason, detail: situation.why(now))) }
                claim.enrollment.current = situation.deferring(until: until, reason: reason, now: now)
            }
        }
        return steps
    }

    /// Moves a claim behind the message of it that is on its way; nil where none is.
    private func takeFlight(of claim: inout Claim) -> ForecastStep? {
        guard let delivery = claim.delivery, delivery.state == .sending, let markedAt = delivery.markedAt else {
            return nil
        }
        let planned = claim.enrollment.current.flatMap { $0.isUnplanned ? nil : $0.plannedAt }
        claim.ledger.settle(delivery.id, keeping: true)
        claim.delivery = nil
        claim.enrollment = claim.enrollment.movedOn(
            after: delivery.step, sent: SentStep(sentAt: markedAt, plannedAt: planned ?? markedAt), in: campaign,
            by: facts, now: markedAt)
        return ForecastStep(step: delivery.step, plannedAt: planned, end: .underWay(markedAt))
    }

    private static func passesWithTime(_ reason: Reason) -> Bool {
        switch reason {
        case .missingDate, .missingVariable, .paused, .campaignBroken, .transportPaused: false
        default: true
        }
    }
}

extension Claim {
    /// A message that goes at an instant and is accepted at once.
    fileprivate mutating func charge(_ step: Step, of campaign: Campaign, at now: Instant) {
        if let delivery { ledger.settle(delivery.id, keeping: false) }
        if step.counts { ledger.keep(Charge(at: now, touch: campaign.touch(of: step))) }
        delivery = nil
    }
}
