import DripCore

/// What a careful client of dripd knows from its answers alone: which leads, runs and do-not-send entries there are.
struct Roster {
    /// As last stored for certain.
    private(set) var leads: [String: LeadPlan] = [:]
    /// Runs that an answer said exist, and those of which an answer is missing.
    private(set) var enrolled: Set<Run> = []
    private(set) var perhapsEnrolled: Set<Run> = []
    /// Mailboxes that nothing may go to, and those that unsubscribed from all but what is transactional.
    private(set) var suppressed: Set<String> = []
    private(set) var unsubscribed: Set<String> = []
    private(set) var optedOut: [String: Set<String>] = [:]
    private(set) var perhapsSuppressed: Set<String> = []
    /// Leads of which nobody knows whether their last change was stored.
    private(set) var perhapsChanged: Set<String> = []
    var live: FolderPlan?

    /// What follows from an import that was answered, or not (`isCertain` false).
    mutating func took(_ plans: [LeadPlan], into campaign: String?, isCertain: Bool) -> [Fact.What] {
        var facts: [Fact.What] = []
        for plan in plans.map({ $0.over(leads[$0.key]) }) {
            if isCertain {
                leads[plan.key] = plan
                perhapsChanged.remove(plan.key)
            } else {
                perhapsChanged.insert(plan.key)
            }
            facts.append(.lead(plan, isCertain: isCertain))
            if let campaign { facts += enrol(Run(lead: plan.key, campaign: campaign), plan, isCertain: isCertain) }
        }
        return facts
    }

    mutating func enrol(_ run: Run, _ lead: LeadPlan? = nil, isCertain: Bool) -> [Fact.What] {
        guard let lead = lead ?? leads[run.lead], !enrolled.contains(run) else { return [] }
        if let mailbox = lead.mailbox, isRefused(mailbox, run.campaign) { return [] }
        let isSure =
            isCertain && !perhapsChanged.contains(run.lead)
            && !(lead.mailbox.map { perhapsSuppressed.contains($0) } ?? false)
        if isSure { enrolled.insert(run) }
        let isNew = !perhapsEnrolled.contains(run)
        if !isSure { perhapsEnrolled.insert(run) }
        return [.enrolled(run, isCertain: isSure, isNew: isNew)]
    }

    /// Whether a new run is refused: a mailbox that said no to marketing still gets what is transactional.
    private func isRefused(_ mailbox: String, _ id: String) -> Bool {
        if suppressed.contains(mailbox) { return true }
        guard let campaign = live?.campaigns[id], !campaign.steps.contains(where: \.isTransactional) else {
            return false
        }
        return unsubscribed.contains(mailbox)
            || campaign.topic.map { optedOut[mailbox, default: []].contains($0) } ?? false
    }

    /// `isTotal`: not even what is transactional.
    mutating func suppress(_ mailbox: String, isTotal: Bool = true, isCertain: Bool) -> [Fact.What] {
        guard isCertain else {
            perhapsSuppressed.insert(mailbox)
            return []
        }
        if isTotal { suppressed.insert(mailbox) } else { unsubscribed.insert(mailbox) }
        return [.suppressed(mailbox: mailbox, isTotal: isTotal)]
    }

    mutating func optOut(_ mailbox: String, of topic: String, isCertain: Bool) -> [Fact.What] {
        guard isCertain else {
            perhapsSuppressed.insert(mailbox)
            return []
        }
        optedOut[mailbox, default: []].insert(topic)
        return [.optedOut(mailbox: mailbox, topic: topic)]
    }

    /// Takes back an entry, or the opt-out of a topic.
    mutating func unsuppress(_ mailbox: String, _ topic: String?, isCertain: Bool) -> [Fact.What] {
        if !isCertain { perhapsSuppressed.insert(mailbox) }
        if let topic {
            optedOut[mailbox]?.remove(topic)
        } else {
            suppressed.remove(mailbox)
            unsubscribed.remove(mailbox)
        }
        return [.unsuppressed(mailbox: mailbox, topic: topic)]
    }

    /// What an event of a known lead brings about.
    mutating func heard(_ event: String, of key: String, isCertain: Bool) -> [Fact.What] {
        guard let lead = leads[key], !perhapsChanged.contains(key) else { return [] }
        var facts: [Fact.What] = []
        for (id, campaign) in (live?.campaigns ?? [:]).sorted(by: { $0.key < $1.key })
        where isCertain && (campaign.goal == event || campaign.exitOn == event) {
            let run = Run(lead: key, campaign: id)
            if enrolled.contains(run) { facts.append(.over(run)) }
        }
        if ["unsubscribed", "bounced", "complained"].contains(event), let mailbox = lead.mailbox {
            facts += suppress(mailbox, isTotal: event != "unsubscribed", isCertain: isCertain)
        }
        for (id, campaign) in (live?.campaigns ?? [:]).sorted(by: { $0.key < $1.key }) where campaign.enrollOn == event
        {
            facts += enrol(Run(lead: key, campaign: id), isCertain: isCertain)
        }
        return facts
    }
}
