import DripCore

extension Scenario {
    /// The scenario of a seed.
    ///
    /// Which features and faults it has at all is thrown first (swarm testing): a history in which everything happens
    /// at once seldom gets anywhere.
    /// `hasSending` false leaves out what `FlowGenerator` and `SendingGenerator` add.
    package init(seed: UInt64, zones: Zones, hasSending: Bool = true) {
        var dice = Dice(seed: seed)
        var generator = ScenarioGenerator(dice: dice.apart(), zones: zones)
        self = generator.scenario(seed: seed)
        guard hasSending else { return }
        var flow = FlowGenerator(seed: seed)
        flow.enrich(&self)
        var edits = EditGenerator(seed: seed)
        edits.enrich(&self)
        var sending = SendingGenerator(seed: seed)
        sending.enrich(&self)
        var runs = RunGenerator(seed: seed)
        runs.enrich(&self)
        var whens = WhenGenerator(seed: seed)
        whens.enrich(&self)
        var goals = GoalGenerator(seed: seed)
        goals.enrich(&self)
        var deeds = DeedGenerator(seed: seed)
        deeds.enrich(&self)
        var pins = PinGenerator(seed: seed)
        pins.enrich(&self)
        var merges = MergeGenerator(seed: seed)
        merges.enrich(&self)
        var pages = PageGenerator(seed: seed)
        pages.enrich(&self)
        var erasures = EraseGenerator(seed: seed)
        erasures.enrich(&self)
        var stages = StageGenerator(seed: seed)
        stages.enrich(&self)
        var handoffs = HandoffGenerator(seed: seed, zones: zones)
        handoffs.enrich(&self)
        var crms = CRMGenerator(seed: seed)
        crms.enrich(&self)
        var digests = DigestGenerator(seed: seed)
        digests.enrich(&self)
    }
}

/// What a scenario may contain.
private struct Features {
    var crashes = false
    var restarts = false
    var storeFaults = false
    var clocks = false
    var suspends = false
    var outages = false
    var edits = false
    var outcomes = false
    var slowness = false
    var pauses = false
    var backups = false

    static func thrown(_ dice: inout Dice) -> Features {
        guard !dice.chance(22) else { return Features() }
        return Features(
            crashes: dice.chance(50), restarts: dice.chance(25), storeFaults: dice.chance(30),
            clocks: dice.chance(25), suspends: dice.chance(20), outages: dice.chance(30), edits: dice.chance(35),
            outcomes: dice.chance(60), slowness: dice.chance(40), pauses: dice.chance(25), backups: dice.chance(12))
    }

    var isCalm: Bool {
        !(crashes || restarts || storeFaults || clocks || suspends || outages || edits || outcomes || slowness
            || pauses || backups)
    }
}

struct ScenarioGenerator {
    var dice: Dice
    let zones: Zones

    mutating func scenario(seed: UInt64) -> Scenario {
        var features = Features.thrown(&dice)
        let isCrowd = dice.chance(12)
        if isCrowd {
            features = Features(
                restarts: true, clocks: dice.chance(30), suspends: dice.chance(50), pauses: dice.chance(50))
        }
        let startsAt = zones.start(&dice)
        let isPlain = features.isCalm && dice.chance(30)
        var folders = FolderGenerator(dice: dice.apart(), zones: zones, isPlain: isPlain, isCrowd: isCrowd)
        folders.startsAt = startsAt
        var versions = [folders.folder()]
        if features.edits {
            for _ in 0..<dice.number(1, 5) { versions.append(folders.edited(versions[versions.count - 1])) }
        }
        var leads = leads(isCrowd: isCrowd, startsAt)
        let length = TimeSpan.days(Int64(dice.number(2, 21)))
        var temper = Temper.calm
        if features.outcomes {
            temper.transient = dice.pick(0, 50, 300, 600)
            temper.permanent = dice.pick(0, 30)
            temper.hardBounce = dice.pick(0, 0, 60)
            temper.unknown = dice.pick(0, 30, 150)
            temper.transportFault = dice.pick(0, 0, 20)
        }
        if features.isCalm, !isPlain { temper.permanent = dice.pick(0, 0, 100) }
        if features.slowness {
            temper.slow = dice.pick(20, 300)
            temper.ringLatency = dice.pick(.zero, .milliseconds(20), .seconds(70))
        }
        var actions = population(leads: leads, campaigns: versions[0].campaigns.keys.sorted(), startsAt, length)
        for folder in versions.indices.dropFirst() {
            actions.append(
                Action(at: startsAt + dice.span(.zero, length), kind: .edit(folder: folder, reloads: dice.chance(85))))
        }
        // Versions come in their order.
        let edits = actions.filter { if case .edit = $0.kind { true } else { false } }.map(\.at).sorted()
        for (index, at) in zip(actions.indices.suffix(edits.count), edits) { actions[index].at = at }
        actions += faults(features, startsAt, length, busyAt: actions.map(\.at))
        if !isPlain, dice.chance(40) { actions += changes(of: &leads, startsAt, length) }
        actions += lastDates(for: &leads, at: startsAt + length + .days(2))
        return Scenario(
            seed: seed, startsAt: startsAt,
            transports: features.isCalm || isCrowd
                ? TransportPlan.pair(email: 100, http: 100)
                : TransportPlan.pair(email: dice.pick(1, 2, 4, 20), http: dice.pick(1, 2, 8)),
            folders: versions, leads: leads, actions: actions.sorted { $0.at < $1.at }, temper: temper,
            isPlain: isPlain, isCalm: features.isCalm, faultsEndAt: startsAt + length)
    }

    private mutating func leads(isCrowd: Bool, _ startsAt: Instant) -> [LeadPlan] {
        let count = isCrowd || dice.chance(10) ? dice.number(20, 60) : dice.number(1, 9)
        var leads: [LeadPlan] = []
        let changing = zones.changing(after: startsAt)
        for index in 0..<count {
            var email: String? = "lead\(index)@example.com"
            if dice.chance(8), let other = dice.pick(from: leads)?.email { email = other.uppercased() }
            if dice.chance(4) { email = nil }
            leads.append(
                LeadPlan(
                    key: "k\(index)", email: email, zone: zone(of: changing),
                    name: dice.chance(50) ? "Name \(index)" : nil, tier: dice.pick("gold", "silver", nil),
                    code: dice.chance(85) ? "C\(index)" : nil,
                    endsOn: dice.chance(80) ? date(startsAt) : nil))
        }
        return leads
    }

    private mutating func zone(of changing: [(name: String, at: Instant)]) -> String? {
        guard dice.chance(80) else { return nil }
        let changing = dice.chance(35) ? dice.pick(from: changing) : nil
        return changing?.name ?? zones.pick(&dice)
    }

    private mutating func date(_ startsAt: Instant) -> LocalDate {
        LocalDate(daysSinceEpoch: Int(startsAt.seconds / 86_400) + dice.number(-2, 20))
    }

    /// Leads that move, change their mailbox or get another date later on: further states of the same keys.
    private mutating func changes(
        of leads: inout [LeadPlan], _ startsAt: Instant, _ length: TimeSpan
    ) -> [Action] {
        var actions: [Action] = []
        for index in leads.indices where dice.chance(15) {
            var lead = leads[index]
            switch dice.below(4) {
            case 0: lead.zone = zones.pick(&dice)
            case 1: lead.email = dice.chance(70) ? "moved\(index)@example.com" : leads[0].email ?? lead.email
            case 2: lead.tier = dice.pick("gold", "silver")
            default: lead.endsOn = date(startsAt)
            }
            leads.append(lead)
            let at = startsAt + dice.span(.milliseconds(length.milliseconds / 3), length)
            actions.append(Action(at: at, kind: .importLeads([leads.count - 1], campaign: nil)))
        }
        return actions
    }

    /// A date for every lead that has none: what waits for one waits for ever, as it should.
    private mutating func lastDates(for leads: inout [LeadPlan], at: Instant) -> [Action] {
        var actions: [Action] = []
        var seen: Set<String> = []
        // By the first state of each: a later one may be lost with a restored backup.
        for lead in leads where seen.insert(lead.key).inserted && lead.endsOn == nil {
            var lead = lead
            lead.endsOn = LocalDate(daysSinceEpoch: Int(at.seconds / 86_400) + dice.number(-5, 5))
            // Only the date is news: its other facts may have changed meanwhile.
            (lead.email, lead.zone, lead.tier) = (nil, nil, nil)
            leads.append(lead)
            actions.append(Action(at: at, kind: .importLeads([leads.count - 1], campaign: nil)))
        }
        return actions
    }

    /// What people do, and leads.
    private mutating func population(
        leads: [LeadPlan], campaigns: [String], _ startsAt: Instant, _ length: TimeSpan
    ) -> [Action] {
        var actions: [Action] = []
        let middle = TimeSpan.milliseconds(length.milliseconds / 2)
        var rest = Array(leads.indices)
        while !rest.isEmpty {
            let size = min(rest.count, dice.number(1, 8))
            let campaign = dice.chance(90) ? dice.pick(from: campaigns) : nil
            let rows = Array(rest.prefix(size))
            var at = startsAt + dice.span(.zero, middle)
            // On a quarter of an hour, where windows open and close.
            if dice.chance(25) { at = Instant(seconds: at.seconds - at.seconds % 900 + 900) }
            actions.append(Action(at: at, kind: .importLeads(rows, campaign: campaign)))
            if dice.chance(20) {
                actions.append(
                    Action(at: at + dice.span(.zero, .hours(30)), kind: .importLeads(rows, campaign: campaign)))
            }
            if dice.chance(35), let other = dice.pick(from: campaigns), other != campaign {
                // Two campaigns that want the same leads at about the same time, or at the very same.
                let later = dice.chance(30) ? .zero : dice.span(.zero, .hours(30))
                actions.append(Action(at: at + later, kind: .importLeads(rows, campaign: other)))
            }
            rest.removeFirst(size)
        }
        for lead in leads where dice.chance(10) {
            guard let mailbox = lead.email else { continue }
            let topic = dice.pick("news", "tips")
            actions.append(
                Action(at: startsAt + dice.span(.zero, length), kind: .suppress(mailbox: mailbox, topic: topic)))
        }
        let events = PolicyPlan.events + ["replied", "clicked", "unsubscribed", "bounced", "complained"]
        for _ in 0..<dice.below(2 * leads.count + 2) {
            guard let lead = dice.pick(from: leads), let campaign = dice.pick(from: campaigns) else { break }
            let roll = dice.below(20)
            let kind: Action.Kind
            if roll < 9 {
                kind = .event(lead: lead.key, name: dice.pick(from: roll < 8 ? Array(events.prefix(5)) : events) ?? "")
            } else if roll < 14 {
                kind = .enroll(lead: lead.key, campaign: campaign)
            } else if roll < 16, let mailbox = lead.email {
                let topic = dice.chance(60) ? dice.pick("news", "tips") : nil
                kind = .suppress(mailbox: mailbox, topic: topic)
                if dice.chance(40) {
                    // Somebody finds that it was a mistake.
                    let at = startsAt + dice.span(.zero, length)
                    actions.append(Action(at: at, kind: .unsuppress(mailbox: mailbox, topic: topic)))
                }
            } else if roll < 17 {
                kind = lead.email.map { .unsuppress(mailbox: $0) } ?? .status
            } else if roll < 18 {
                kind = .audit
            } else {
                kind = .explain(lead: lead.key)
            }
            actions.append(Action(at: startsAt + dice.span(.zero, length), kind: kind))
        }
        return actions
    }

    private mutating func faults(
        _ features: Features, _ startsAt: Instant, _ length: TimeSpan, busyAt: [Instant]
    ) -> [Action] {
        var actions: [Action] = []
        func add(_ isThere: Bool, _ most: Int, _ dice: inout Dice, _ kind: (inout Dice) -> Action.Kind) {
            guard isThere else { return }
            for _ in 0..<dice.number(1, most) {
                // Most of a history nothing is under way: a third of the faults come when something is.
                let busy = dice.chance(30) ? dice.pick(from: busyAt) : nil
                let at = busy.map { $0 + dice.span(.zero, .seconds(2)) } ?? startsAt + dice.span(.zero, length)
                actions.append(Action(at: at, kind: kind(&dice)))
            }
        }
        add(features.crashes, 8, &dice) { .crash(Self.crashPoint(&$0), downtime: Self.downtime(&$0)) }
        add(features.restarts, 3, &dice) { .restart(downtime: Self.downtime(&$0)) }
        add(features.storeFaults, 4, &dice) { .storeFault(Self.storeFault(&$0)) }
        add(features.clocks, 3, &dice) { dice in
            dice.chance(60)
                ? .clockStep(
                    dice.pick(.hours(1), .hours(-1), .hours(-5), .seconds(3), .milliseconds(-40), .minutes(-7)))
                : .clockDrift(dice.pick(200, -200, 5_000))
        }
        add(features.suspends, 2, &dice) { .suspend($0.pick(.days(1), .hours(9), .minutes(10), .days(3))) }
        add(features.outages, 3, &dice) {
            .outage($0.pick(.email, .http), $0.pick(.minutes(2), .hours(3), .hours(30)))
        }
        add(features.backups, 2, &dice) { _ in .backup }
        add(features.backups, 2, &dice) { .restore(downtime: Self.downtime(&$0)) }
        add(true, 3, &dice) { _ in .ring }
        if features.pauses {
            for _ in 0..<dice.number(1, 4) {
                let pause = pause(startsAt, length)
                let at = startsAt + dice.span(.zero, length)
                actions.append(Action(at: at, kind: .pause(pause)))
                actions.append(Action(at: at + dice.span(.minutes(1), .hours(60)), kind: .resume(pause)))
                // Whatever happened to the two: in the end it is resumed.
                actions.append(Action(at: startsAt + length + .hours(30), kind: .resume(pause)))
            }
        }
        return actions
    }

    private mutating func pause(_ startsAt: Instant, _ length: TimeSpan) -> Pause {
        switch dice.below(5) {
        case 0: .everything
        case 1: .campaign("c\(dice.below(2))")
        case 2: .transport(dice.pick(Channel.email, .http).transportName)
        default:
            .lead("k\(dice.below(9))", until: dice.chance(50) ? startsAt + dice.span(.zero, length) : nil)
        }
    }

    private static func crashPoint(_ dice: inout Dice) -> CrashPoint {
        switch dice.below(4) {
        case 0: .idle
        case 1: .effect(dice.below(12))
        default: .commit(dice.below(10), durable: dice.chance(50))
        }
    }

    private static func downtime(_ dice: inout Dice) -> TimeSpan {
        dice.pick(.seconds(1), .seconds(5), .minutes(4), .hours(5), .hours(30))
    }

    private static func storeFault(_ dice: inout Dice) -> StoreFault {
        let kind = dice.pick(from: StoreFault.Kind.allCases) ?? .full
        var place = dice.pick(from: StoreFault.Place.allCases) ?? .before
        if kind != .io, place == .after { place = .during }
        return StoreFault(kind: kind, place: place, lasts: dice.pick(.seconds(1), .minutes(3), .minutes(40), .hours(2)))
    }
}
