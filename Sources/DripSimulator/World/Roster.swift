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
    /// Leads of which nobody knows how they are stored, each with all that they may be; nil for not at all.
    private var perhaps: [String: [LeadPlan?]] = [:]
    /// What leads did, and what they may have done: an answer was missing.
    private var did: [String: Set<String>] = [:]
    private var perhapsDid: [String: Set<String>] = [:]
    var live: FolderPlan?
    /// By which files each run goes.
    var plans = RunPlans()
    /// Leads that were erased: what still comes of them is refused, or is nobody's.
    private(set) var erased: Set<String> = []
    private var erasedMailboxes: Set<String> = []
    /// Every mailbox that a lead has, had or may have had: one that it left is forgotten with it.
    private var everHad: [String: Set<String>] = [:]
    /// Who is whom.
    var people = People()
    /// Whether the state says which runs there are, of every campaign.
    var findsRuns = false

    /// What follows from an import that was answered, or not (`isCertain` false).
    mutating func took(_ plans: [LeadPlan], into campaign: String?, isCertain: Bool) -> [Fact.What] {
        var facts: [Fact.What] = []
        // A row with the mailbox of somebody who was erased is refused, whoever has it by now.
        for row in plans
        where !erased.contains(row.key) && !(row.mailbox.map { erasedMailboxes.contains($0) } ?? false) {
            var plan = row
            plan.key = people.now(row.key)
            let before = perhaps[plan.key] ?? [leads[plan.key]]
            let after = before.map { stored in
                // By the key of one that was merged, a list gives nobody another address.
                var facts = plan
                if row.key != plan.key, stored?.email != nil { facts.email = nil }
                return facts.over(stored)
            }
            everHad[plan.key, default: []].formUnion(after.compactMap(\.mailbox))
            // What was not known before may be known now: an import fills every cell that it has.
            if isCertain, Set(after).count == 1 {
                leads[plan.key] = after[0]
                perhaps[plan.key] = nil
                facts.append(.lead(after[0], isCertain: true))
            } else {
                let all = Set(isCertain ? after : before + after)
                perhaps[plan.key] = Array(all)
                facts += all.compactMap(\.self).sorted { $0.cells.lexicographicallyPrecedes($1.cells) }
                    .map { .lead($0, isCertain: false) }
            }
            facts += becameTier(before, after, of: plan.key, isCertain: isCertain)
            if let campaign { facts += enrol(Run(lead: plan.key, campaign: campaign), isCertain: isCertain) }
        }
        return facts
    }

    /// Two leads are one: INTO's facts win and the other's fill the gaps, and what either did, both did.
    ///
    /// Nobody is enrolled by it.
    mutating func merge(_ from: String, into: String) -> [Fact.What] {
        let gaps = (perhaps[from] ?? [leads[from]]).compactMap(\.self)
        let own = (perhaps[into] ?? [leads[into]]).compactMap(\.self)
        let all = Set(own.flatMap { own in gaps.map { own.over($0) } })
        (leads[from], perhaps[from]) = (nil, nil)
        if all.count == 1 { (leads[into], perhaps[into]) = (all.first, nil) } else { perhaps[into] = Array(all) }
        did[into, default: []].formUnion(did.removeValue(forKey: from) ?? [])
        perhapsDid[into, default: []].formUnion(perhapsDid.removeValue(forKey: from) ?? [])
        return [.merged(from: from, into: into)]
            + all.sorted { $0.cells.lexicographicallyPrecedes($1.cells) }.map { .lead($0, isCertain: all.count == 1) }
    }

    /// `order` came along with what asks for the run.
    mutating func enrol(_ asked: Run, _ order: String? = nil, isCertain: Bool) -> [Fact.What] {
        let run = Run(lead: people.now(asked), campaign: asked.campaign)
        let possible = (perhaps[run.lead] ?? [leads[run.lead]]).compactMap(\.self)
        let open = possible.filter { !isRefused($0, run.campaign) }
        guard !open.isEmpty else { return [] }
        let isSure =
            isCertain && perhaps[run.lead] == nil
            && !(open[0].mailbox.map { perhapsSuppressed.contains($0) } ?? perhapsSaidNo(run.lead))
        let isByOrder = live?.campaigns[run.campaign]?.again == Again.byOrder
        let ask = Ask(
            lead: run.lead, campaign: run.campaign, key: isByOrder ? order ?? open[0].order : nil, isCertain: isSure)
        return [.asked(ask)] + enrolOnce(run, isSure: isSure)
    }

    /// Where a lead goes through a campaign more than once, the state says which runs came of it.
    private mutating func enrolOnce(_ run: Run, isSure: Bool) -> [Fact.What] {
        guard !findsRuns, !enrolled.contains(run), !(live?.mayRunAgain(run.campaign) ?? false) else { return [] }
        if isSure { enrolled.insert(run) }
        let isNew = !perhapsEnrolled.contains(run)
        if !isSure { perhapsEnrolled.insert(run) }
        return [.enrolled(run, isCertain: isSure, isNew: isNew)]
    }

    /// A lead is forgotten: nothing of it is known any more, and nothing is left that tells who it was.
    mutating func erase(_ lead: String) -> [Fact.What] {
        guard erased.insert(lead).inserted else { return [] }
        let mailboxes = everHad[lead] ?? []
        (leads[lead], perhaps[lead]) = (nil, nil)
        let others = leads.values.compactMap(\.mailbox) + perhaps.values.joined().compactMap { $0?.mailbox }
        erasedMailboxes.formUnion(mailboxes.subtracting(others))
        return [.erased(lead: lead, mailboxes: mailboxes.subtracting(others))]
    }

    /// Every mailbox that a lead has, had or may have had, but for those that others who are not forgotten have or had.
    ///
    /// Of who was erased nothing else is known to the state as theirs: an address that somebody had entered by hand, and that a
    /// row of the lead has which never came or was lost with a restore, is nobody's.
    func ownMailboxes(of lead: String) -> Set<String> {
        let others = everHad.filter { $0.key != lead && !erased.contains($0.key) }
        return (everHad[lead] ?? []).subtracting(others.values.joined())
    }

    /// A run that the state has.
    mutating func found(_ run: Run) { enrolled.insert(run) }

    /// Whether a new run is refused.
    ///
    /// A mailbox that said no to marketing still gets what is transactional; who has none says no by what it did.
    private func isRefused(_ lead: LeadPlan, _ id: String) -> Bool {
        let saidNo = did[lead.key, default: []]
        if lead.mailbox.map({ suppressed.contains($0) }) ?? saidNo.contains("complained") { return true }
        guard let campaign = live?.campaigns[id], !campaign.steps.contains(where: \.isTransactional) else {
            return false
        }
        guard let mailbox = lead.mailbox else { return saidNo.contains("unsubscribed") }
        return unsubscribed.contains(mailbox)
            || campaign.topic.map { optedOut[mailbox, default: []].contains($0) } ?? false
    }

    /// Which mailbox a lead has, or all that it may have; whether it is known.
    func mailboxes(of lead: String) -> (all: [String], isKnown: Bool) {
        let all = Set((perhaps[lead] ?? [leads[lead]]).compactMap { $0?.mailbox })
        return (all.sorted(), perhaps[lead] == nil)
    }

    private func perhapsSaidNo(_ lead: String) -> Bool {
        !perhapsDid[lead, default: []].isDisjoint(with: ["complained", "unsubscribed"])
    }

    /// `isTotal`: not even what is transactional.
    mutating func suppress(_ mailbox: String, isTotal: Bool = true, isCertain: Bool) -> [Fact.What] {
        // Its entry is there already, by another name.
        guard !erasedMailboxes.contains(mailbox) else { return [] }
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
    ///
    /// With an `order`, only runs of that one hear it, where runs have a key.
    mutating func heard(_ event: String, of name: String, _ order: String? = nil, isCertain: Bool) -> [Fact.What] {
        let key = people.now(name)
        if let possible = perhaps[key] { return perhapsHeard(event, of: key, order, possible.compactMap(\.self)) }
        guard let lead = leads[key] else { return [] }
        var facts: [Fact.What] = []
        let runs = (isCertain ? enrolled : enrolled.union(perhapsEnrolled)).filter {
            people.now($0) == key && ($0.key == nil || order == nil || $0.key == order)
        }.sorted()
        for run in runs {
            guard let campaign = plans.plan(of: run) else {
                // By which files it goes, nobody knows: it may be led on.
                facts.append(.ledOn(run, isCertain: false))
                continue
            }
            guard campaign.goal == event || campaign.exitOn == event else { continue }
            let isGoal = campaign.goal == event
            if isGoal, let tier = campaign.goalTier, lead.tier != tier { continue }
            if isGoal, campaign.jumpTo != nil {
                facts.append(.ledOn(run, isCertain: isCertain))
            } else if isCertain {
                facts.append(.over(run))
            }
        }
        // A run that the event itself begins is not one that it ends.
        facts += becameDoer(of: event, key, isCertain: isCertain)
        if ["unsubscribed", "bounced", "complained"].contains(event), let mailbox = lead.mailbox {
            facts += suppress(mailbox, isTotal: event != "unsubscribed", isCertain: isCertain)
        }
        for (id, campaign) in (live?.campaigns ?? [:]).sorted(by: { $0.key < $1.key }) where campaign.enrollOn == event
        {
            facts += enrol(Run(lead: key, campaign: id), order, isCertain: isCertain)
        }
        return facts
    }

    // MARK: What becomes true

    /// Campaigns that enrol whoever comes to be of a tier.
    private mutating func becameTier(
        _ before: [LeadPlan?], _ after: [LeadPlan], of key: String, isCertain: Bool
    ) -> [Fact.What] {
        let isKnown = isCertain && before.count == 1 && Set(after).count == 1
        return (live?.campaigns ?? [:]).sorted { $0.key < $1.key }.flatMap { id, campaign -> [Fact.What] in
            guard case .tier(let tier)? = campaign.enrollWhen, after.contains(where: { $0.tier == tier }),
                before.contains(where: { $0?.tier != tier })
            else { return [] }
            return enrol(Run(lead: key, campaign: id), isCertain: isKnown)
        }
    }

    /// Campaigns that enrol whoever does something for the first time.
    private mutating func becameDoer(of event: String, _ key: String, isCertain: Bool) -> [Fact.What] {
        guard !did[key, default: []].contains(event) else { return [] }
        let isFirst = isCertain && !perhapsDid[key, default: []].contains(event)
        if isCertain { did[key, default: []].insert(event) } else { perhapsDid[key, default: []].insert(event) }
        return (live?.campaigns ?? [:]).sorted { $0.key < $1.key }.flatMap { id, campaign -> [Fact.What] in
            guard campaign.enrollWhen == .did(event) else { return [] }
            return enrol(Run(lead: key, campaign: id), isCertain: isFirst)
        }
    }

    /// An event of a lead that may be stored in several ways, or not at all: what it brings about is held against nobody.
    private mutating func perhapsHeard(
        _ event: String, of key: String, _ order: String?, _ possible: [LeadPlan]
    ) -> [Fact.What] {
        if ["unsubscribed", "bounced", "complained"].contains(event) {
            perhapsSuppressed.formUnion(possible.compactMap(\.mailbox))
        }
        let jumps = enrolled.union(perhapsEnrolled).filter { run in
            guard people.now(run) == key else { return false }
            guard let campaign = plans.plan(of: run) else { return true }
            return campaign.goal == event && campaign.jumpTo != nil
        }.sorted()
        return jumps.map { .ledOn($0, isCertain: false) } + becameDoer(of: event, key, isCertain: false)
            + (live?.campaigns ?? [:]).sorted { $0.key < $1.key }.filter { $0.value.enrollOn == event }
            .flatMap { enrol(Run(lead: key, campaign: $0.key), order, isCertain: false) }
    }
}
