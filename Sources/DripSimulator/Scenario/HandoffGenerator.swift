import DripCore

/// What handing leads to sales adds to a scenario: owners, campaigns that give leads to them and wait for their answers, and what
/// those answer, by events and by the links in their notes.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files has the
/// same steps; who takes leads over changes from version to version.
struct HandoffGenerator {
    var dice: Dice
    let zones: Zones
    private var holidays: [Holidays.Entry] = []
    private var today = 0

    init(seed: UInt64, zones: Zones) {
        dice = Dice(seed: seed ^ 0x4A2D_0000_5EED_0001)
        self.zones = zones
    }

    /// Tests and the table of mutants know seeds of before by number: those draw no handoffs.
    private static let firstFree: UInt64 = 2_000
    /// The first in which people give leads to somebody.
    private static let firstByHand: UInt64 = 5_000
    /// The first in which campaigns hear of that.
    private static let firstHeard: UInt64 = 15_000
    /// Of three seeds this one does, so that what only others have is found as soon as before.
    private static func mayDraw(_ seed: UInt64) -> Bool { seed >= firstFree && seed % 3 == 1 }

    private static let names = ["Rini", "Budi", "Sari", "Made", "Joko"]

    mutating func enrich(_ scenario: inout Scenario) {
        guard Self.mayDraw(scenario.seed), !scenario.isPlain, !scenario.isCalm, dice.chance(80) else { return }
        today = Int(scenario.startsAt.seconds / 86_400)
        holidays = scenario.folders[0].policy.holidays
        if !scenario.hasStages {
            var stages = StageGenerator(seed: scenario.seed)
            let scoring = stages.scoring()
            for index in scenario.folders.indices { scenario.folders[index].scoring = scoring }
        }
        let (moves, gives) = (dice.chance(50), dice.chance(40))
        for index in scenario.folders.indices {
            if moves { scenario.folders[index].scoring?.events["sql"] = "sales_accepted" }
            if gives { scenario.folders[index].scoring?.events["recycled"] = "sales_rejected" }
        }
        addOwners(to: &scenario)
        for id in scenario.folders[0].campaigns.keys.sorted() where dice.chance(75) { addSteps(to: id, in: &scenario) }
        answer(in: &scenario)
        importOwners(in: &scenario)
        erase(in: &scenario)
        if scenario.seed >= Self.firstByHand { giveByHand(in: &scenario) }
    }

    // MARK: Owners

    private mutating func addOwners(to scenario: inout Scenario) {
        var plan = HandoffPlan(
            owners: (0..<dice.number(1, 4)).map { owner(Self.names[$0]) },
            acceptWithin: dice.chance(85) ? dice.pick(.hours(1), .hours(4), .minutes(90), .hours(20)) : nil,
            followUpWithin: dice.chance(85) ? dice.pick(.hours(2), .hours(8), .hours(30)) : nil)
        if dice.chance(75) { plan.owners[dice.below(plan.owners.count)].tiers = [] }
        if scenario.folders.count == 1, dice.chance(50) {
            var folder = scenario.folders[0]
            folder.broken = []
            scenario.folders.append(folder)
            scenario.add(.edit(folder: 1, reloads: true), &dice)
        }
        for index in scenario.folders.indices {
            if index > 0, dice.chance(70) { change(&plan) }
            scenario.folders[index].scoring?.handoff = plan
        }
    }

    private mutating func owner(_ name: String) -> HandoffPlan.Owner {
        var owner = HandoffPlan.Owner(name: name)
        if dice.chance(35) { owner.tiers = dice.pick(["gold"], ["silver"], ["gold", "silver"]) }
        // Parts of a turn that are whole numbers: what is rounded is nobody's to judge.
        owner.weight = dice.pick(1, 1, 1, 2, 4, 5)
        if dice.chance(60) { owner.zone = zones.pick(&dice) }
        if dice.chance(75) { owner.window = window() }
        if dice.chance(40) { owner.away = (0..<dice.number(1, 2)).map { _ in daysOff() } }
        return owner
    }

    /// Quarters of an hour, as in the files of the rest.
    private mutating func window() -> CampaignPlan.Window {
        let opens = 900 * dice.below(96)
        let closes = (opens + 900 * dice.number(4, 60)) % 86_400
        let days: [Weekday] =
            dice.chance(60)
            ? Array(Weekday.allCases.prefix(5)) : dice.chance(50) ? Weekday.allCases : [.tuesday, .saturday, .sunday]
        return CampaignPlan.Window(
            days: days,
            hours: .init(opens: LocalTime(secondOfDay: opens), closes: LocalTime(secondOfDay: closes)),
            keepsHolidays: !holidays.isEmpty && dice.chance(50))
    }

    private mutating func daysOff() -> Holidays.Entry {
        let first = LocalDate(daysSinceEpoch: today + dice.number(-1, 20))
        if dice.chance(20) { return Holidays.Entry(.yearly(month: first.month, day: first.day)) }
        return Holidays.Entry(.dates(first, first.adding(days: dice.pick(0, 1, 4, 12))))
    }

    /// What somebody edits: who is there, when, and for whom.
    private mutating func change(_ plan: inout HandoffPlan) {
        let index = dice.below(plan.owners.count)
        switch dice.below(7) {
        case 0 where plan.owners.count > 1: plan.owners.remove(at: index)
        case 1:
            if let name = Self.names.first(where: { name in plan.owners.allSatisfy { $0.name != name } }) {
                plan.owners.insert(owner(name), at: dice.below(plan.owners.count + 1))
            }
        case 2: plan.owners[index].window = window()
        case 3: plan.owners[index].away.append(daysOff())
        case 4: plan.owners[index].tiers = dice.pick([], ["gold"], ["silver"])
        case 5: plan.owners[index].weight = dice.pick(1, 2, 5)
        default: plan.acceptWithin = dice.pick(.hours(2), .hours(9))
        }
    }

    // MARK: Steps

    /// In front of all others, or behind them: what counts from the enrollment may not stand behind what counts from another step's
    /// end.
    private mutating func addSteps(to id: String, in scenario: inout Scenario) {
        let first = block("\(id)h0", isFirst: true)
        let last = dice.chance(45) ? block("\(id)h1", isFirst: false) : []
        let goesFirst = dice.chance(60)
        for index in scenario.folders.indices {
            guard var campaign = scenario.folders[index].campaigns[id] else { continue }
            // In front of what an edit brings, and has brought back to by, those who had come to the end.
            let end = campaign.steps.firstIndex(where: \.reopens) ?? campaign.steps.endIndex
            campaign.steps.insert(contentsOf: goesFirst ? last : first + last, at: end)
            if goesFirst { campaign.steps.insert(contentsOf: first, at: 0) }
            scenario.folders[index].campaigns[id] = campaign
        }
    }

    /// Somebody is given the lead, is told, and is waited for; then somebody else.
    private mutating func block(_ id: String, isFirst: Bool) -> [StepPlan] {
        func step(_ name: String, after: TimeSpan = .zero, _ inner: StepPlan.InnerPlan?, in arms: [Arm] = [])
            -> StepPlan
        {
            var step = StepPlan(id: id + name, timing: .after(after), anchor: .previous)
            (step.inner, step.arms) = (inner, arms)
            guard inner == nil else { return step }
            (step.isNotice, step.isForOwner, step.isTransactional, step.counts) = (true, true, true, false)
            return step
        }
        let another = isFirst ? dice.chance(10) : dice.chance(50)
        var steps = [
            step("a", after: isFirst ? .zero : dice.pick(.zero, .hours(3), .days(2)), .handoff(another: another))
        ]
        if dice.chance(80) { steps.append(step("b", nil)) }
        guard dice.chance(75) else { return steps }
        steps.append(step("c", .answer(upTo: dice.pick(.hours(1), .hours(4), .minutes(90), .hours(16)))))
        let arm = Arm(of: StepID(rawValue: id + "c"), name: "otherwise")
        if dice.chance(70) {
            steps.append(step("d", .handoff(another: dice.chance(75)), in: [arm]))
            steps.append(step("e", nil, in: [arm]))
        }
        if dice.chance(30) { steps.append(step("f", nil, in: [Arm(of: arm.of, name: "then")])) }
        return steps
    }

    // MARK: What they say

    private mutating func answer(in scenario: inout Scenario) {
        let keys = Set(scenario.leads.map(\.key)).sorted()
        for _ in 0..<dice.number(2, 3 * keys.count + 6) {
            guard let lead = dice.pick(from: keys) else { return }
            let name = dice.pick("sales_accepted", "sales_accepted", "sales_rejected", "followed_up", "followed_up")
            let at = scenario.startsAt + dice.span(.zero, scenario.faultsEndAt - scenario.startsAt)
            if dice.chance(20) {
                // Two programs say it of two leads, or one says it twice.
                let other = dice.chance(40) ? lead : dice.pick(from: keys) ?? lead
                let second = dice.chance(50) ? name : dice.pick("sales_accepted", "sales_rejected", "followed_up")
                scenario.add(
                    .eventsAtOnce([.init(lead: lead, event: name), .init(lead: other, event: second)]), at: at)
            } else {
                scenario.add(.event(lead: lead, name: name), at: at)
            }
            if dice.chance(35) {
                let later = min(at + dice.span(.zero, .hours(20)), scenario.faultsEndAt)
                scenario.add(
                    .event(lead: lead, name: dice.pick("followed_up", "sales_accepted", "sales_rejected")), at: later)
            }
        }
        for _ in 0..<dice.number(2, 3 * keys.count + 8) {
            let deed = dice.pick(PressPlan.Deed.accept, .accept, .reject, .followUp, .followUp, .look)
            scenario.add(
                .pressOfSome(PressPlan(deed: deed, pick: dice.below(1_000), comesTwice: dice.chance(15))), &dice)
        }
    }

    /// Lists that say whose leads are: now and then somebody's whom nobody knows.
    private mutating func importOwners(in scenario: inout Scenario) {
        for _ in 0..<dice.pick(0, 1, 2, 4) {
            guard var lead = dice.pick(from: scenario.leads) else { return }
            // Only the owner is news: its other facts may have changed meanwhile.
            (lead.email, lead.zone, lead.endsOn, lead.tier) = (nil, nil, nil, nil)
            lead.owner = dice.chance(15) ? "Nobody" : dice.pick(from: Self.names)
            if dice.chance(20) { lead.owner = lead.owner?.uppercased() }
            scenario.leads.append(lead)
            scenario.add(.importLeads([scenario.leads.count - 1], campaign: nil), &dice)
        }
    }

    /// Somebody is ill, or knows the lead: now and then one who is in the file no more.
    private mutating func giveByHand(in scenario: inout Scenario) {
        let keys = Set(scenario.leads.map(\.key)).sorted()
        for _ in 0..<dice.pick(0, 1, 3, 6) {
            guard let lead = dice.pick(from: keys), let owner = dice.pick(from: Self.names) else { return }
            scenario.add(.handOff(lead: lead, to: owner), &dice)
            // Said once more by somebody else.
            if dice.chance(30) { scenario.add(.handOff(lead: lead, to: owner), &dice) }
        }
        if scenario.seed >= Self.firstHeard { hearOfIt(in: &scenario) }
    }

    /// Campaigns that begin, or end, with a lead that a person gave to somebody; not where each value has a run of its own, since
    /// nothing comes along.
    private mutating func hearOfIt(in scenario: inout Scenario) {
        for id in scenario.folders[0].campaigns.keys.sorted() {
            let all = scenario.folders.compactMap { $0.campaigns[id] }
            let begins = dice.chance(50) && all.allSatisfy { $0.again != Again.byOrder }
            // What a fact of the lead begins, or a step of another campaign, may begin without an end.
            let isRepeated = dice.chance(70) && all.allSatisfy { $0.enrollWhen == nil } && !isBegun(id, in: scenario)
            let ends = !begins && dice.chance(50) && all.allSatisfy { $0.exitOn == nil && $0.exitStages.isEmpty }
            for index in scenario.folders.indices {
                if begins { scenario.folders[index].campaigns[id]?.enrollOn = HandoffPlan.byHand }
                if begins, isRepeated { scenario.folders[index].campaigns[id]?.again = .afterExit }
                if ends { scenario.folders[index].campaigns[id]?.exitOn = HandoffPlan.byHand }
            }
        }
    }

    /// Whether a step of any campaign begins that one.
    private func isBegun(_ id: String, in scenario: Scenario) -> Bool {
        scenario.folders.flatMap(\.campaigns.values).flatMap(\.steps).contains { step in
            if case .enrollIn(id)? = step.inner { true } else { false }
        }
    }

    /// Somebody is forgotten whom somebody in sales has; not where one person has several keys.
    private mutating func erase(in scenario: inout Scenario) {
        guard !scenario.hasMerges, !scenario.hasErasures, dice.chance(25) else { return }
        for key in Set(scenario.leads.map(\.key)).sorted() where dice.chance(30) {
            scenario.add(.erase(lead: key), &dice)
        }
    }
}
