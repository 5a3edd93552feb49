/// Which of two campaigns a mailbox hears from when its caps have room for one.
///
/// The rule: what is due at once is decided by campaign priority, high first. A step that may go now gives way to a step
/// of a campaign of higher priority that is planned within `look_ahead` after now, if a message sent now would cap that
/// one at its planned instant and it would not be capped without. It is then put off to that instant as `priority`,
/// which burns `defer_max`; where that does not reach so far, it goes.
///
/// Edge cases: equal priorities do not give way. Conditions are not predicted: a rival may turn out to be skipped. A
/// rival that is due already has been decided before and is an ordinary charge, or waits for something else. What does
/// not count caps nobody and gives way to nobody; a transactional step neither gives way nor is given way to; a
/// delivery that is attempted again holds its place already. Among several rivals, the one planned first: the others
/// are looked at again then. The rival's caps are judged in its own lead's zone.
///
/// Worked example: cap 1 per 24 h, `look_ahead` 24 h. A newsletter (priority 10) is due on Monday at 08:00, a demo
/// offer (priority 50) is planned for 14:00: sent now, the newsletter would hold the offer until Tuesday 08:00. So it
/// is put off to 14:00; there the offer goes first, and the newsletter is capped until Tuesday 14:00.
package struct RivalStep: Hashable, Sendable {
    package var campaign: Campaign
    package var step: Step
    package var plannedAt: Instant
    /// Of its own lead, which may be another one of the same mailbox.
    package var zone: Zone

    package init(campaign: Campaign, step: Step, plannedAt: Instant, zone: Zone) {
        self.campaign = campaign
        self.step = step
        self.plannedAt = plannedAt
        self.zone = zone
    }

    fileprivate func isCapped(under policy: Policy, _ ledger: ChargeLedger) -> Bool {
        let touch = campaign.touch(of: step)
        return (policy.caps + campaign.caps).contains { cap in
            let earliest = cap.earliest(atOrAfter: plannedAt, for: touch, ledger: ledger, in: zone)
            return earliest != plannedAt
        }
    }
}

extension Situation {
    /// The rival to which the step gives way, if it were to go now; nil where there is none.
    func givesWay(now: Instant) -> RivalStep? {
        guard !rivals.isEmpty, delivery == nil, step.counts, !step.isTransactional else { return nil }
        var charged = ledger
        charged.keep(Charge(at: now, touch: campaign.touch(of: step)))
        let limit = DeferLimit(self)
        let stronger = rivals.filter { rival in
            rival.campaign.priority > campaign.priority && !rival.step.isTransactional
                && now < rival.plannedAt && rival.plannedAt - now <= policy.lookAhead
                && limit.allows(permittedAt: rival.plannedAt, until: rival.plannedAt, now: now)
        }
        return stronger.sorted { ($0.plannedAt, $0.campaign.id) < ($1.plannedAt, $1.campaign.id) }
            .first { !$0.isCapped(under: policy, ledger) && $0.isCapped(under: policy, charged) }
    }
}
