package import DripCore
import DripStore

extension Programme {
    /// The facts of one decision that the files and the store say, with the step's plan worked out anew.
    ///
    /// What the running daemon adds (pauses, transports, late work) is not in it: a forecast knows none of them.
    func situation(
        of claim: Claim, step: Step, entry: Entry, compiled: CompiledStep, by facts: PlanFacts, now: Instant
    ) -> Situation {
        let claimed = claim.pending.claimed(at: now, resting: step.rest(of: claim.lead))
        let step = addressed(step, for: claim.lead)
        let own = claim.enrollment.plan(step, by: facts)
        let isBeingSent = claim.delivery != nil || !claimed.isReplannable
        let plan = isBeingSent ? Plan.at(claimed.plannedAt) : own
        return Situation(
            lead: claim.lead, suppression: claim.suppression ?? claim.lead.ownRefusal, optOuts: claim.optOuts,
            campaign: entry.campaign,
            step: step, enrollment: claim.enrollment, pending: claimed.replanned(step, by: plan, now: now),
            delivery: claim.delivery, ledger: claim.ledger, rivals: claim.rivals.compactMap(rivalStep), policy: policy,
            zone: facts.zone, following: .by(facts),
            missingVariables: compiled.missingVariables(
                lead: claim.lead, campaign: entry.campaign, step: step.id, data: claim.enrollment.data),
            ended: entry.campaign.ending(
                of: claim.enrollment,
                ConditionFacts(
                    lead: claim.lead, of: claim.enrollment, in: entry.campaign, at: now, zone: facts.zone,
                    scoring: policy.scoring))?.reason,
            isOvertaken: claim.enrollment.isOvertaken(step, plannedFor: own, in: entry.campaign, by: facts),
            planObstacle: plan.obstacle,
            officeZone: zones.resolve(lead: nil, campaign: entry.campaign.zoneName, policy: policy.zoneName),
            ownerZone: policy.scoring?.handoff?.owner(of: claim.lead).map(zone(of:)))
    }

    /// The step as it is for this lead: see `Step.addressed`.
    func addressed(_ step: Step, for lead: Lead) -> Step {
        guard step.notice == .owner else { return step }
        return step.addressed(for: lead, by: policy.scoring?.handoff)
    }

    func zone(of owner: Owner) -> Zone {
        zones.resolve(lead: owner.zoneName, campaign: nil, policy: policy.zoneName)
    }

    /// A rival with what its campaign says of it; nil where that cannot run, or has that step no more.
    private func rivalStep(_ rival: Rival) -> RivalStep? {
        guard let campaign = entry(of: rival.campaign, rival.version)?.campaign,
            let step = campaign.step(rival.pending.step)
        else {
            return nil
        }
        let zone = zones.resolve(lead: rival.zoneName, campaign: campaign.zoneName, policy: policy.zoneName)
        return RivalStep(
            campaign: campaign, step: step, plannedAt: rival.pending.plannedAt, dueAt: rival.pending.dueAt, zone: zone,
            pausedUntil: rival.pausedUntil)
    }

    /// What the conditions of a campaign look at; nil for a lead that is not enrolled.
    func conditionFacts(
        of lead: Lead, _ enrollment: Enrollment?, in campaign: Campaign, now: Instant
    ) -> ConditionFacts {
        let zone = zone(of: lead, in: campaign)
        guard let enrollment else {
            return ConditionFacts(lead: lead, campaign: campaign.id, at: now, zone: zone, scoring: policy.scoring)
        }
        return ConditionFacts(
            lead: lead, of: enrollment, in: campaign, at: now, zone: zone, scoring: policy.scoring)
    }

    /// What the stages of a lead look at: no campaign's, in the lead's own zone or the policy's.
    func stageFacts(of lead: Lead, now: Instant) -> ConditionFacts {
        ConditionFacts(
            lead: lead, campaign: CampaignID(rawValue: ""), at: now,
            zone: zones.resolve(lead: lead.zoneName, campaign: nil, policy: policy.zoneName), scoring: policy.scoring)
    }

    /// The zone that judges a lead of a campaign.
    func zone(of lead: Lead, in campaign: Campaign) -> Zone {
        zones.resolve(lead: lead.zoneName, campaign: campaign.zoneName, policy: policy.zoneName)
    }

    /// What the plans of a lead's steps depend on.
    package func planFacts(of lead: Lead, in campaign: Campaign) -> PlanFacts {
        PlanFacts(
            lead: lead, campaign: campaign.id, times: campaign.times(under: policy), zone: zone(of: lead, in: campaign))
    }
}

extension Situation {
    /// What the gate that decided says about it, in words; only built for what goes into the journal or to a person.
    func why(_ now: Instant) -> String { decidingGate(self, now: now)?.detail ?? "" }
}
