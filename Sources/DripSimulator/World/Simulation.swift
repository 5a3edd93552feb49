import DripCore
import DripEngine
import DripMessages
import DripStore

/// What became of one scenario.
package struct Verdict: Sendable {
    package var violations: [Violation] = []
    package var figures = Figures()
    /// A hash over everything that was seen: the same for every run of one scenario.
    package var digest: UInt64 = 0
    /// What happened, a line for each, where it was asked for.
    package var history: [String] = []

    package var isGood: Bool { violations.isEmpty }
}

/// What every run shares: zones, and an empty database.
package struct Ground: Sendable {
    package let zones: Zones
    let loader: ProgrammeLoader
    let template: String

    package init() throws {
        zones = try Zones.load()
        loader = ProgrammeLoader(
            zones: zones.table, transports: DeclaredTransports(posts: ["hook", CRMPlan.transport]))
        template = try StateFiles.makeTemplate()
    }

    /// Removes what it keeps on disk.
    package func clear() { StateFiles.removeTemplate(template) }
}

/// Another shell around the engine, with virtual time: the same `step`, store, loader and composing as in the daemon.
///
/// It knows two clocks: true time, in which everything happens, and what the machine's clock shows, which is all that
/// the engine gets. What it sees it tells the checkers, fact by fact; it judges nothing itself.
package final class Simulation {
    let scenario: Scenario
    let ground: Ground
    let loader: ProgrammeLoader
    let transports: [Engine.TransportDescription]
    /// Seals the addresses of what may come back.
    let returnMark: ReturnMark
    let trace = Trace()
    var panel: Panel
    var verdict = Verdict()
    let isVerbose: Bool
    var hash = StableHash()

    var files: StateFiles
    var disk: FolderPlan
    var clock: SkewedClock
    var relay: Relay
    var desk: Desk
    var roster = Roster()
    var ties = Ties()
    /// Which run is which, where a lead may have several of one campaign.
    var runs = RunRegister()
    var machine: Machine?

    var now: Instant
    var steps = 0
    /// It would go round for ever.
    var isStuck = false
    var sleepsUntil = Instant.epoch
    var bootsAt: Instant?
    var agenda = Agenda()
    /// Marks by number, and how often each step was handed out.
    var marks: [Mark] = []
    var attempts: [String: Int] = [:]
    /// What a letter about a mark is sealed for, and which marks have arrived.
    var sealed: [Int: (EnrollmentID, StepID)] = [:]
    var arrived: [Int] = []
    var letters = 0
    /// Leads that asked to be forgotten, by their numbers in the state.
    var toBeErased: [Int: String] = [:]
    /// Who waits for another attempt to do something on the page, in their order.
    var lurking: [PagePlan] = []
    /// When each mark was made, in true time.
    var markedAt: [Int: Instant] = [:]
    /// Mailboxes that were refused for good and whose do-not-send entry may not be written yet.
    var bounces: [String] = []
    /// Folders that were to be applied when the process died, oldest first.
    var perhapsApplied: [FolderPlan] = []
    /// Marks whose answers the engine has and may not have written yet.
    var unrecorded: [Int] = []
    /// The same of pushes and digests.
    var unrecordedAtDesk: [Desk.About] = []
    /// The last backup, with what was known and judged when it was made.
    var backup: Backup?
    /// Up to where the state was read for handoffs, what waited then, and which notes hold which link.
    var watched = 0
    var lastWaits: [Int: HandoffBook.Wait] = [:]
    /// Whether a list said whose leads are, and nobody looked since.
    var mayBeOwned = false
    var links: [Int: HandoverRequest] = [:]
    /// Whether it takes other files at this moment.
    var isLoading = false
    var armedEffect: Int?
    var armedDeath: (after: Int, durable: Bool)?
    var storeFault: (fault: StoreFault, until: Instant)?
    var tickets: UInt64 = 0
    var faults: [String: Int] = [:]

    /// Runs a scenario to its end.
    package static func run(_ scenario: Scenario, on ground: Ground, isVerbose: Bool = false) throws -> Verdict {
        let simulation = try Simulation(scenario, on: ground, isVerbose: isVerbose)
        defer {
            simulation.machine?.close()
            simulation.files.remove()
        }
        try simulation.run()
        return simulation.verdict
    }

    private init(_ scenario: Scenario, on ground: Ground, isVerbose: Bool) throws {
        self.scenario = scenario
        self.ground = ground
        loader = ground.loader.remembering()
        self.isVerbose = isVerbose
        panel = Panel(
            clocks: ground.zones.clocks, transports: scenario.transports, predicts: scenario.isPlain,
            isCalm: scenario.isCalm, faultsEndAt: scenario.faultsEndAt,
            zones: ground.zones.table)
        transports = scenario.transports.map {
            .init(name: $0.name, channel: $0.channel, inFlight: $0.inFlight, traffic: $0.traffic)
        }
        returnMark = try ReturnMark(keys: [.init(id: 1, secret: Array(repeating: 7, count: 32))])
        files = try StateFiles(template: ground.template)
        disk = scenario.folders[0]
        now = scenario.startsAt
        clock = SkewedClock(at: now)
        relay = Relay(seed: scenario.seed, temper: scenario.temper, faultsEndAt: scenario.faultsEndAt)
        desk = Desk(seed: scenario.seed, faultsEndAt: scenario.faultsEndAt)
        for action in scenario.actions { agenda.add(action) }
        bootsAt = now
        roster.findsRuns = scenario.hasMerges || scenario.hasErasures
    }

    /// Beyond this nothing can still be due: the longest plan, and every window's longest closure; two repetitions of four
    /// whose window opens once a week, behind another's, take four months.
    static let patience = TimeSpan.days(240)
    static let stepsAtMost = 20_000
    /// Every commit of one input decides something for good; no history has so much that is due at once.
    static let roundsAtMost = 20

    private func run() throws {
        let deadline = scenario.faultsEndAt + Self.patience
        while let next = nextEvent() {
            guard next.at <= deadline, steps < Self.stepsAtMost else {
                let ongoing = try ledger().lines.filter(\.isOngoing)
                if steps < Self.stepsAtMost, !ongoing.isEmpty, ongoing.allSatisfy(\.waitsForDate) { break }
                tell(.stuck("after \(steps) steps it still goes on at \(next.at), \(now)"))
                break
            }
            now = max(now, next.at)
            try perform(next)
            guard verdict.violations.count < 20, !isStuck else { break }
        }
        try finish()
    }

    /// What comes next, of all that may; ties fall in this order.
    enum Event {
        case taken, boot, action, answers, answersOfDesk, ring
    }

    private func nextEvent() -> (at: Instant, event: Event)? {
        var next: (at: Instant, event: Event)?
        func offer(_ at: Instant?, _ event: Event) {
            guard let at else { return }
            let due = event == .taken ? at : max(at, sleepsUntil)
            if let earliest = next?.at, earliest <= due { return }
            next = (due, event)
        }
        offer(relay.nextTakenAt, .taken)
        offer(bootsAt, .boot)
        offer(agenda.nextAt, .action)
        if let machine {
            offer(relay.nextAnswerAt, .answers)
            offer(desk.nextAnswerAt, .answersOfDesk)
            if let alarm = machine.alarm {
                let latency = scenario.temper.ringLatency.milliseconds
                let late = Fate(seed: scenario.seed, "ring \(steps)").below(Int(latency) + 1, "latency")
                offer(
                    clock.instant(showing: alarm, from: now)
                        + (now < scenario.faultsEndAt ? .milliseconds(Int64(late)) : .zero), .ring)
            }
        }
        return next
    }

    private func perform(_ next: (at: Instant, event: Event)) throws {
        endStoreFaultIfOver()
        switch next.event {
        case .taken: takeIn()
        case .boot: try boot()
        case .action:
            if let action = agenda.next() { try carryOut(action) }
        case .answers:
            takeIn()
            try give(relay.answers(until: now))
        case .answersOfDesk: try giveOfDesk(desk.answers(until: now))
        case .ring: try step(.ring)
        }
    }

    /// Notes what the other side has received.
    func takeIn() {
        for (at, reception) in relay.taken(until: now) {
            receive(reception, at: at)
        }
    }

    func receive(_ reception: Reception, at: Instant) {
        verdict.figures.received += 1
        arrived.append(reception.mark)
        tell(.received(reception), at: at)
    }

    func give(_ answers: [Relay.Attempt]) throws {
        guard !answers.isEmpty else { return }
        for answer in answers {
            let result = answer.result
            let isFault = result.blame == .transport || result.blame == .pace || result.isOutageLike
            tell(.answered(mark: answer.mark.number, result.outcome, isFault: isFault))
            unrecorded.append(answer.mark.number)
            if answer.result.isHardBounce, !answer.mark.isNotice, let mailbox = answer.mark.mailbox {
                bounces.append(mailbox)
            }
        }
        try step(.results(answers.map(\.result)))
        try look()
    }

    /// Tells the checkers, the digest and, where wanted, the history.
    func tell(_ what: Fact.What, at: Instant? = nil) {
        let fact = Fact(step: steps, at: at ?? now, shown: clock.shows(at: max(now, at ?? now)), what: what)
        hash.add(fact.line)
        if isVerbose { verdict.history.append(fact.line) }
        verdict.violations += panel.hear(fact)
        roster.plans.hear(fact)
        roster.people.hear(fact)
        for run in ties.take(fact, roster.plans, roster.people) { tell(.ledOn(run, isCertain: false), at: at) }
    }

    private func finish() throws {
        storeFault = nil
        if let machine {
            machine.store.fault = nil
            try report()
            tell(.audited(try machine.audit()))
        }
        try tellMoods()
        tellTraces()
        try tellStages()
        try tellCRM()
        tell(.ledger(try ledger()))
        verdict.digest = hash.value
        verdict.figures.seeds = 1
        verdict.figures.steps = steps
        verdict.figures.sends = marks.count
        verdict.figures.virtualTime = now - scenario.startsAt
        verdict.figures.judged = panel.judged
        verdict.figures.judgedByRule = panel.judgedByRule
        verdict.figures.faults = faults.merging(relay.faults, uniquingKeysWith: +).merging(
            desk.faults, uniquingKeysWith: +)
        verdict.figures.add(trace.figures)
    }
}

extension Simulation {
    /// Asks for what steps may have set.
    private func tellMoods() throws {
        guard let folder = roster.live, folder.campaigns.values.contains(where: \.setsMoods) else { return }
        for key in Set(scenario.leads.map(\.key)).sorted() where machine != nil {
            guard case .success(.lead(let view))? = try command(.lead(key)) else { continue }
            tell(.mood(lead: key, view.attributes["mood"]?.text))
        }
    }
}

extension CampaignPlan {
    fileprivate var setsMoods: Bool { steps.contains { if case .set? = $0.inner { true } else { false } } }
}

/// A copy of the state, with what was known and judged when it was made.
struct Backup {
    var files: StateFiles.Copy
    var roster: Roster
    var runs: RunRegister
    var panel: Panel
    var sealed: ([Int: (EnrollmentID, StepID)], [Int])
    var watched: Int
}

/// Actions to come, earliest first; of one instant, in the order in which they were put in.
struct Agenda {
    private var items: [(action: Action, tries: Int)] = []
    private(set) var tries = 0

    var nextAt: Instant? { items.first?.action.at }

    mutating func add(_ action: Action, tries: Int = 0) {
        let place = items.firstIndex { $0.action.at > action.at } ?? items.endIndex
        items.insert((action, tries), at: place)
    }

    /// When the last of those comes that are meant.
    func last(where isMeant: (Action.Kind) -> Bool) -> Instant? { items.last { isMeant($0.action.kind) }?.action.at }

    /// Takes the first one; `tries` then says how often it was put off.
    mutating func next() -> Action? {
        guard !items.isEmpty else { return nil }
        let item = items.removeFirst()
        tries = item.tries
        return item.action
    }
}
