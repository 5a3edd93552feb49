/// Which of two campaigns a mailbox hears from when its caps have room for one.
///
/// The rule: what is due at once is decided by campaign priority, high first. A step that may go now gives way to a step
/// of a campaign of higher priority that is planned within `look_ahead` after now, if a message sent now would cap that
/// one at its planned instant and it would not be capped without. It is then put off to that instant as `priority`,
/// which burns `defer_max`; where that does not reach so far, it goes. So it does to one that is due and was not decided
/// yet, which is judged at now: channels are decided one after the other, and the lesser one's may come first. There it
/// looks again a minute later, or as soon as that message has ended: it is enough that the other channel is decided in
/// between, and a wait that ends after now can never go round at one instant.
///
/// Edge cases: equal priorities do not give way. Conditions are not predicted: a rival may turn out to be skipped. A
/// rival that was planned before and put off waits for something else and is none; neither is one whose lead is paused
/// then, nor a due one whose transport is closed: nobody knows for how long. Whatever holds a due rival up, the minutes
/// burn `defer_max` and end with it. What does not count caps nobody and gives way to nobody; a transactional step
/// neither gives way nor is given way to; a delivery that is attempted again holds its place already. Among several
/// rivals, the one planned first: the others are looked at again then. The rival's caps are judged in its own lead's
/// zone.
///
/// Worked example: cap 1 per 24 h, `look_ahead` 24 h. A newsletter (priority 10) is due on Monday at 08:00, a demo
/// offer (priority 50) is planned for 14:00: sent now, the newsletter would hold the offer until Tuesday 08:00. So it
/// is put off to 14:00; there the offer goes first, and the newsletter is capped until Tuesday 14:00.
package struct RivalStep: Hashable, Sendable {
    package var campaign: Campaign
    package var step: Step
    package var plannedAt: Instant
    /// When it is decided (again).
    package var dueAt: Instant
    /// Of its own lead, which may be another one of the same mailbox.
    package var zone: Zone
    /// Of its own lead; nil where it is not paused.
    package var pausedUntil: Instant?
    /// Whether its transport is paused, broken or not there.
    package var isTransportClosed: Bool

    package init(
        campaign: Campaign, step: Step, plannedAt: Instant, dueAt: Instant, zone: Zone, pausedUntil: Instant? = nil,
        isTransportClosed: Bool = false
    ) {
        self.campaign = campaign
        self.step = step
        self.plannedAt = plannedAt
        self.dueAt = dueAt
        self.zone = zone
        self.pausedUntil = pausedUntil
        self.isTransportClosed = isTransportClosed
    }

    /// When it would go for all that is known; nil where that is nothing to wait for.
    fileprivate func expectedAt(now: Instant, lookAhead: TimeSpan) -> Instant? {
        let isAhead = now < plannedAt
        guard isAhead ? plannedAt - now <= lookAhead : dueAt <= now && !isTransportClosed else { return nil }
        let instant = max(now, plannedAt)
        return (pausedUntil ?? instant) <= instant ? instant : nil
    }

    fileprivate func isCapped(at instant: Instant, under policy: Policy, _ ledger: ChargeLedger) -> Bool {
        let touch = campaign.touch(of: step)
        return (policy.caps + campaign.caps).contains { cap in
            cap.earliest(atOrAfter: instant, for: touch, ledger: ledger, in: zone) != instant
        }
    }
}

/// Whom a step gives way to, and until when.
struct GivenWay: Hashable, Sendable {
    var rival: RivalStep
    var until: Instant
}

extension Situation {
    private static let recheck = TimeSpan.minutes(1)

    /// The rival to which the step gives way, if it were to go now; nil where there is none.
    func givesWay(now: Instant) -> GivenWay? {
        guard !rivals.isEmpty, delivery == nil, step.counts, !step.isTransactional else { return nil }
        var charged = ledger
        charged.keep(Charge(at: now, touch: campaign.touch(of: step)))
        let limit = DeferLimit(self)
        let ways = rivals.compactMap { rival -> GivenWay? in
            guard rival.campaign.priority > campaign.priority, !rival.step.isTransactional,
                let instant = rival.expectedAt(now: now, lookAhead: policy.lookAhead)
            else { return nil }
            let until = now < instant ? instant : now + Self.recheck
            return limit.allows(permittedAt: until, until: until, now: now) ? GivenWay(rival: rival, until: until) : nil
        }
        return ways.sorted { ($0.rival.plannedAt, $0.rival.campaign.id) < ($1.rival.plannedAt, $1.rival.campaign.id) }
            .first { way in
                let instant = max(now, way.rival.plannedAt)
                return !way.rival.isCapped(at: instant, under: policy, ledger)
                    && way.rival.isCapped(at: instant, under: policy, charged)
            }
    }
}
