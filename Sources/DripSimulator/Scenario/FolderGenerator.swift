import DripCore

/// Makes campaigns folders that load, and edits of them.
struct FolderGenerator {
    var dice: Dice
    let zones: Zones
    /// Whether it makes campaigns whose every message goes exactly when it is planned.
    var isPlain = false
    /// Whether it makes campaigns in which many leads are due at once and nothing but interruptions holds them.
    var isCrowd = false

    /// Holidays are drawn around this instant, and times of day around the changes of clocks that follow it.
    var startsAt = Instant.epoch {
        didSet { changes = zones.timesOfChanges(after: startsAt) }
    }
    private var changes: [LocalTime] = []

    init(dice: Dice, zones: Zones, isPlain: Bool = false, isCrowd: Bool = false) {
        self.dice = dice
        self.zones = zones
        self.isPlain = isPlain
        self.isCrowd = isCrowd
    }

    mutating func folder() -> FolderPlan {
        let policy = policy()
        var campaigns: [String: CampaignPlan] = [:]
        for index in 0...dice.below(3) {
            var campaign = campaign("c\(index)", policy)
            // Twins want their leads at the same instants.
            if index > 0, dice.chance(50), let first = campaigns["c0"] { campaign.keepTime(with: first) }
            campaigns["c\(index)"] = campaign
        }
        return FolderPlan(policy: policy, campaigns: campaigns)
    }

    private mutating func policy() -> PolicyPlan {
        PolicyPlan(
            caps: isPlain || isCrowd ? [] : caps(), minGap: gap(),
            lateMax: dice.pick(.hours(24), .hours(24), .hours(2), .days(4)),
            catchUp: isCrowd || dice.chance(30)
                ? CatchUp(
                    count: dice.pick(2, 5, 10), period: dice.pick(.hours(1), .minutes(10)),
                    after: dice.pick(.minutes(15), .minutes(5), .zero)) : .standard,
            quietHours: isPlain || isCrowd || dice.chance(70) ? nil : hours(), quietDays: quietDays(),
            holidays: holidays(), zone: zones.pick(&dice))
    }

    private mutating func quietDays() -> [Weekday] {
        let days = dice.chance(50) ? Weekday.allCases : Weekday.allCases.filter { _ in dice.chance(60) }
        return days.isEmpty ? [.sunday] : days
    }

    private mutating func holidays() -> [Holidays.Entry] {
        guard !isPlain, !isCrowd, dice.chance(60) else { return [] }
        let today = Int(startsAt.seconds / 86_400)
        return (0..<dice.number(1, 4)).map { _ in
            let first = LocalDate(daysSinceEpoch: today + dice.number(-1, 25))
            guard dice.chance(60) else { return Holidays.Entry(.yearly(month: first.month, day: first.day)) }
            return Holidays.Entry(.dates(first, first.adding(days: dice.pick(0, 0, 1, 4))))
        }
    }

    private mutating func hours() -> CampaignPlan.Hours {
        let opens = time()
        var closes = time()
        if closes == opens { closes = LocalTime(secondOfDay: (opens.secondOfDay + 3_600) % 86_400) }
        return CampaignPlan.Hours(opens: opens, closes: closes)
    }

    /// Those of the policy, or those of a campaign, which name none.
    private mutating func caps(isOfCampaign: Bool = false) -> [PolicyPlan.Cap] {
        (0..<dice.pick(0, 1, 1, 2)).map { _ in
            var cap = PolicyPlan.Cap(
                atMost: dice.pick(1, 1, 2, 3), per: dice.pick(.hours(24), .hours(6), .days(3), .days(7), .hours(36)))
            if dice.chance(40) { cap.calendar = dice.pick(.day, .day, .week, .month) }
            switch dice.below(8) {
            case 0: cap.channel = dice.pick(.email, .http)
            case 1: cap.each = isOfCampaign ? dice.pick(.topic, .channel) : dice.pick(.campaign, .channel, .topic)
            case 2: cap.topic = dice.pick("news", "tips")
            case 3 where !isOfCampaign: cap.campaign = "c0"
            default: break
            }
            return cap
        }
    }

    private mutating func gap() -> TimeSpan { dice.pick(.hours(20), .hours(20), .zero, .hours(2), .hours(47)) }

    private mutating func campaign(_ id: String, _ policy: PolicyPlan) -> CampaignPlan {
        var events = PolicyPlan.events + ["replied", "clicked"]
        func draw(_ percent: Int, _ dice: inout Dice) -> String? {
            guard dice.chance(percent) else { return nil }
            return events.remove(at: dice.below(events.count))
        }
        var campaign = CampaignPlan(
            name: "Campaign \(id)", zone: dice.chance(40) ? zones.pick(&dice) : nil,
            window: isPlain || isCrowd || dice.chance(40) ? nil : window(policy), enrollOn: draw(60, &dice),
            goal: draw(40, &dice),
            exitOn: draw(40, &dice), topic: dice.chance(50) ? dice.pick("news", "tips") : nil,
            priority: dice.pick(50, 10, 90),
            caps: isPlain || isCrowd || dice.chance(80) ? [] : caps(isOfCampaign: true), steps: steps(in: id))
        fitTimes(of: &campaign, policy)
        return campaign
    }

    /// Moves every `at` into the window's hours: outside of them, or in quiet ones, it is a mistake that the loader
    /// refuses.
    private mutating func fitTimes(of campaign: inout CampaignPlan, _ policy: PolicyPlan) {
        // Times that are quiet on some days only are no mistake.
        let isQuietDaily = policy.quietDays == Weekday.allCases || dice.chance(50)
        let loud = isQuietDaily ? policy.quietHours.map { CampaignPlan.Hours(opens: $0.closes, closes: $0.opens) } : nil
        guard let hours = loud ?? campaign.window?.hours else { return }
        let (opens, closes) = (hours.opens.secondOfDay, hours.closes.secondOfDay)
        let length = (closes - opens + 86_400) % 86_400
        for index in campaign.steps.indices {
            guard case .day(let day, let at?) = campaign.steps[index].timing,
                (at.secondOfDay - opens + 86_400) % 86_400 >= length
            else { continue }
            let fit = LocalTime(secondOfDay: (opens + 60 * dice.below(length / 60)) % 86_400)
            campaign.steps[index].timing = .day(day, at: dice.chance(80) ? fit : nil)
        }
    }

    private mutating func window(_ policy: PolicyPlan) -> CampaignPlan.Window {
        let days: [Weekday]
        switch dice.below(4) {
        case 0: days = Weekday.allCases
        case 1: days = Array(Weekday.allCases.prefix(5))
        case 2: days = [dice.pick(from: Weekday.allCases) ?? .monday]
        default: days = Weekday.allCases.filter { _ in dice.chance(50) }
        }
        // Quiet hours that leave nothing of the window are a mistake; where there are any, it opens all day long.
        let whole = CampaignPlan.Hours(opens: .midnight, closes: .endOfDay)
        return CampaignPlan.Window(
            days: days.isEmpty ? [.friday] : days, hours: policy.quietHours == nil ? hours() : whole,
            keepsHolidays: !policy.holidays.isEmpty && dice.chance(85))
    }

    /// Quarters of an hour, those around changes of clocks and dates more often.
    private mutating func time() -> LocalTime {
        if dice.chance(12), let change = dice.pick(from: changes) { return change }
        let minutes = dice.chance(30) ? dice.pick(0, 30, 60, 90, 120, 150, 165, 180, 1_425) : 15 * dice.below(96)
        return LocalTime(secondOfDay: 60 * minutes)
    }

    private mutating func steps(in campaign: String) -> [StepPlan] {
        let count = dice.number(1, 5)
        let isElapsed = !isPlain && dice.chance(20)
        let anchor: Anchor =
            isPlain || isCrowd || dice.chance(60) ? .enrollment : dice.pick(.previous, .attribute("ends_on"))
        if anchor != .enrollment { return steps(from: anchor, in: campaign, count) }
        var day = dice.pick(1, 1, 1, 2)
        var elapsed = dice.pick(TimeSpan.zero, .minutes(30), .hours(5))
        var steps: [StepPlan] = []
        for index in 0..<count {
            let timing: Step.Timing
            if isElapsed {
                timing = .after(elapsed)
                elapsed = elapsed + dice.pick(.hours(1), .hours(30), .days(2), .days(3), .minutes(1))
            } else {
                timing = .day(day, at: dice.chance(70) ? time() : nil)
                day += dice.number(1, 4)
            }
            steps.append(step("\(campaign)s\(index)", timing))
        }
        return steps
    }

    /// Steps that count from the one in front, or from a date of the lead.
    private mutating func steps(from anchor: Anchor, in campaign: String, _ count: Int) -> [StepPlan] {
        var day = dice.pick(-4, -1, 1, 2)
        var elapsed = dice.pick(TimeSpan.hours(-100), .hours(-30), .zero, .hours(12))
        let isElapsed = dice.chance(25)
        return (0..<count).map { index in
            var timing: Step.Timing
            if anchor == .previous {
                timing =
                    dice.chance(50)
                    ? .after(dice.pick(.hours(1), .hours(30), .days(2), .zero))
                    : .day(dice.number(1, 4), at: dice.chance(70) ? time() : nil)
                if index == 0 { timing = .day(1, at: dice.chance(50) ? time() : nil) }
            } else if isElapsed {
                timing = .after(elapsed)
                elapsed = elapsed + dice.pick(.hours(1), .hours(30), .days(2))
            } else {
                timing = .day(day, at: dice.chance(70) ? time() : nil)
                day += dice.number(1, 3)
                if day == 0 { day = 1 }
            }
            var step = step("\(campaign)s\(index)", timing)
            step.anchor = anchor == .previous && index == 0 ? .enrollment : anchor
            return step
        }
    }

    private mutating func step(_ id: String, _ timing: Step.Timing) -> StepPlan {
        var step = StepPlan(id: id, timing: timing)
        guard !isPlain, !isCrowd else { return step }
        if dice.chance(25) { step.channel = .http }
        if dice.chance(25) { step.topic = dice.pick("news", "tips") }
        if dice.chance(15) { step.tier = dice.pick("gold", "silver") }
        if dice.chance(25) { step.deferMax = dice.pick(.hours(6), .hours(48), .days(10)) }
        if dice.chance(15) { step.lateMax = dice.pick(.hours(1), .hours(12), .days(3)) }
        step.sendsLate = dice.chance(15)
        step.needsCode = dice.chance(8)
        step.varies = dice.chance(15)
        step.isTransactional = dice.chance(10)
        step.counts = dice.chance(85)
        if dice.chance(20) { step.spread = dice.pick(.minutes(30), .hours(2), .seconds(90)) }
        return step
    }

    /// The folder after somebody edited it.
    mutating func edited(_ folder: FolderPlan) -> FolderPlan {
        var folder = folder
        folder.broken = []
        folder.isPolicyBroken = false
        guard let id = dice.pick(from: folder.campaigns.keys.sorted()), var campaign = folder.campaigns[id] else {
            return folder
        }
        switch dice.below(12) {
        case 0: folder.policy.caps = caps()
        case 1: folder.policy.minGap = gap()
        case 2: folder.isPolicyBroken = true
        case 3: folder.broken = [id]
        case 4: folder.campaigns[id] = nil
        case 5: campaign.window = dice.chance(30) ? nil : window(folder.policy)
        case 6...8 where campaign.steps.count > 1: campaign.steps.remove(at: dice.below(campaign.steps.count))
        case 9: insertStep(into: &campaign, id)
        case 10: retime(&campaign)
        default: campaign.name += "!"
        }
        fitTimes(of: &campaign, folder.policy)
        if folder.campaigns[id] != nil { folder.campaigns[id] = campaign }
        return folder
    }

    private mutating func insertStep(into campaign: inout CampaignPlan, _ id: String) {
        guard campaign.steps.allSatisfy({ $0.anchor == .enrollment }) else { return }
        let index = dice.below(campaign.steps.count + 1)
        let before = index > 0 ? campaign.steps[index - 1] : nil
        let after = index < campaign.steps.count ? campaign.steps[index] : nil
        let timing: Step.Timing
        switch (before?.timing, after?.timing) {
        case (.day(let day, _)?, nil): timing = .day(day + dice.number(1, 3), at: time())
        case (.day(let day, _)?, .day(let next, _)?) where next > day + 1: timing = .day(day + 1, at: time())
        case (.after(let span)?, nil): timing = .after(span + .hours(30))
        case (nil, .day(let next, _)?) where next > 1: timing = .day(1, at: nil)
        default: return
        }
        campaign.steps.insert(step("\(id)x\(dice.below(1_000_000))", timing), at: index)
    }

    private mutating func retime(_ campaign: inout CampaignPlan) {
        for index in campaign.steps.indices {
            guard case .day(let day, let at) = campaign.steps[index].timing else { continue }
            campaign.steps[index].timing = .day(day, at: dice.chance(50) ? time() : at)
        }
    }
}

extension CampaignPlan {
    /// Takes another campaign's hours, another importance than its, and the timing of as many of its steps as it has itself.
    fileprivate mutating func keepTime(with other: CampaignPlan) {
        (zone, window) = (other.zone, other.window)
        if priority == other.priority { priority = other.priority == 90 ? 10 : 90 }
        steps = zip(steps, other.steps).map { own, model in
            var step = own
            (step.timing, step.anchor, step.spread) = (model.timing, model.anchor, model.spread)
            return step
        }
    }
}
