package import DripCore
package import DripMessages
package import DripStore

/// The one synchronous decider: `step(input, now)` gives effects, and nothing else happens here.
///
/// It owns what lives through a reload (the store, the flights, the breakers); the `Programme` is what a reload swaps.
/// Confined to one serial queue by its shell. No clock, thread, timer, file or socket is touched in here, apart from
/// the store's blocking calls, so the simulator runs this very code with virtual time.
package final class Engine {
    /// How many decisions one commit takes at most: enough to make the sync cheap, few enough to stay answerable.
    static let decisionsPerCommit = 1_000

    let store: any DripStore
    let identity: Identity
    var programme: Programme
    /// Since when it runs.
    var programmeSince: Instant
    /// Edits that wait for consent: see `HeldEdits.swift`.
    var heldEdits: [CampaignID: HeldEdit] = [:]
    /// What is still to be done for reloads, and for questions about edits.
    var editWork: [EditWork] = []
    /// The transports, in the order of the configuration.
    var outlets: [Outlet]
    /// One for every route that has a transport.
    var lanes: [Lane]
    /// Marked and not yet recorded, with what is needed to record them without reading.
    var flights: [DeliveryID: Flight] = [:]
    var flightOfEnrollment: [EnrollmentID: DeliveryID] = [:]
    /// What CRMs are being told at this moment.
    var pushFlights: [PushID: PushFlight] = [:]
    var digests = DigestBook()
    /// Whether the clock was set back so far that what CRMs are told would wait for a time that comes again.
    var bringsPushesForward = false
    /// Results that arrived and are not in the store yet.
    var unrecorded: [AttemptResult] = []
    var state: StatusReport.State = .starting
    var storeFailure: StoreError?
    var storeFailedSince: Instant?
    var problems = ProblemList()
    var nextWakeAt: Instant?
    /// When the alarm was to ring at the earliest; nil where it is not set.
    var alarmAt: Instant?
    var lastTurnAt: Instant?
    /// Before that, nobody's stage is looked at: see `Stages.swift`.
    var looksFrom = Instant(milliseconds: .min)
    var release = Release()
    /// What people paused, as the store has it.
    var holds: [Hold.Target: Hold] = [:]
    /// What the status said last, for when the store cannot be read.
    var lastFigures: (StoreStatus, [UnresolvedDelivery]) = (StoreStatus(), [])
    /// The same of how many go on by earlier versions.
    var lastEarlier: [CampaignVersion: Int] = [:]
    /// The same of what waits for CRMs.
    var lastPushes: [PushFigures] = []
    var outageSince: Instant?
    /// Proves returned letters by their tokens; nil where messages carry none.
    package var returnMark: ReturnMark?
    /// How long lines of the history stay; nil for ever.
    package var journalIsKept: TimeSpan?
    /// When it was last looked for older ones, or the engine was last at work before it began.
    var prunedAt: Instant?
    /// When it is looked next for older ones.
    var pruneAt = Instant(milliseconds: .min)
    /// The last consent of which it is settled that its lead stays, or has gone.
    var lastUnanswered: Int64?
    /// How many confirmations each form asked for of late; a restart forgets it.
    var formCeilings: [FormID: FormCeiling] = [:]

    /// What never changes while it runs.
    package struct Identity: Sendable {
        package var version: String
        package var node: String
        package var startedAt: Instant
        /// The names that `dripd.yaml` gives, for a command that runs without any of them.
        package var transports: Set<String>

        package init(version: String, node: String, startedAt: Instant, transports: Set<String> = []) {
            self.version = version
            self.node = node
            self.startedAt = startedAt
            self.transports = transports
        }
    }

    /// What the engine knows of a transport: its name and how much may go through it.
    package struct TransportDescription: Sendable {
        package var name: String
        package var channel: Channel
        package var inFlight: Int
        package var traffic: TransportTraffic

        package init(name: String, channel: Channel, inFlight: Int, traffic: TransportTraffic = TransportTraffic()) {
            self.name = name
            self.channel = channel
            self.inFlight = inFlight
            self.traffic = traffic
        }
    }

    package init(
        store: any DripStore, identity: Identity, programme: Programme, transports: [TransportDescription]
    ) {
        self.store = store
        self.identity = identity
        self.programme = programme
        self.programmeSince = identity.startedAt
        self.outlets = transports.map { Outlet(transport: $0, now: identity.startedAt) }
        self.lanes = Lane.all(of: transports)
    }

    /// Whether something is still to be done about edits of the files.
    package var hasEditWork: Bool { !editWork.isEmpty }
    package var isStoreSound: Bool { storeFailure == nil }

    /// Whether anything is under way: a scaled clock stands still meanwhile.
    package var isBusy: Bool { isUnderWay || !unrecorded.isEmpty }

    /// Whether any transport works on something.
    private var isUnderWay: Bool { !flights.isEmpty || !pushFlights.isEmpty || !digests.flights.isEmpty }

    /// Takes one input at an instant and says what is to be done.
    package func step(_ input: Input, now: Instant) -> [Effect] {
        var effects: [Effect] = []
        switch input {
        case .ring:
            turn(now: now, effects: &effects)
            if !editWork.isEmpty, state != .draining, state != .stopped { workOnEdits(now: now, effects: &effects) }
            if !effects.contains(where: \.isAgain) { tidy(now: now, effects: &effects) }
        case .results(let results):
            unrecorded += results
            turn(now: now, effects: &effects)
        case .command(let command, let ticket):
            if let answer = answer(command, ticket, now: now, effects: &effects) {
                effects.append(.answer(ticket, answer))
            }
            // While the store fails, the alarm tries it again; whoever only asks must not wait for that, and what anybody may ask
            // must cost no commit.
            if storeFailure == nil, !command.onlyLooks { turn(now: now, effects: &effects) }
        case .events(let asked):
            take(asked, now: now, effects: &effects)
            if storeFailure == nil { turn(now: now, effects: &effects) }
        case .load(let update, let ticket):
            load(update, ticket, now: now, effects: &effects)
            turn(now: now, effects: &effects)
        case .statusWanted:
            effects.append(.publish(statusReport(now: now, effects: &effects)))
        case .stop:
            if state != .stopped { state = .draining }
            turn(now: now, effects: &effects)
        case .abandon:
            flights = [:]
            pushFlights = [:]
            digests.flights = [:]
        }
        if state == .draining, !isUnderWay {
            state = .stopped
            effects.append(.publish(statusReport(now: now, effects: &effects)))
            effects.append(.drained)
        }
        return effects
    }

    /// The policy's calendar day at `now`, on which the counters of the day turn.
    func today(at now: Instant) -> LocalDate {
        programme.zones.resolve(lead: nil, campaign: nil, policy: programme.policy.zoneName).local(at: now).date
    }

    /// The midnight of the policy's zone at which the next day begins.
    func tomorrow(at now: Instant) -> Instant {
        let zone = programme.zones.resolve(lead: nil, campaign: nil, policy: programme.policy.zoneName)
        return zone.instant(of: LocalDateTime(date: zone.local(at: now).date.adding(days: 1), time: .midnight))
    }

    /// What the plans of a lead in a campaign depend on.
    func planFacts(of lead: Lead, in campaign: Campaign) -> PlanFacts { programme.planFacts(of: lead, in: campaign) }

    /// Takes note that the store failed: sending stops, reading goes on, and the status says what to do.
    func storeFailed(_ error: StoreError, now: Instant, effects: inout [Effect]) {
        if storeFailure == nil {
            storeFailedSince = now
            effects.append(.log(LogLine(.error, "store failed: sending stops", ["error": error.description])))
        }
        // A failed sync stays one, whatever fails after it: only a restart ends it.
        if storeFailure?.kind.isPassing ?? true { storeFailure = error }
        problems.add(.init(at: now, what: error.description, mend: mend(for: error.kind)))
    }
}

extension Engine {
    private func mend(for kind: StoreError.Kind) -> String {
        switch kind {
        case .full: "Free space on the disk of the state directory; dripd tries again by itself every ten seconds."
        case .io, .corrupt: "Check the disk, then restart dripd; nothing is sent until then."
        case .locked: "End what holds the database; dripd tries again by itself every ten seconds."
        case .newerSchema, .misuse: "Report this with the log; nothing is sent until dripd is restarted."
        }
    }
}

/// A marked delivery and all that recording its outcome needs.
struct Flight: Sendable {
    var delivery: Delivery
    /// As it was at the mark: a bounce is said of the mailbox that was written to.
    var lead: Lead
    /// As it is stored: an import may have changed it since, and what comes next is planned by it.
    var leadNow: Lead
    /// Changed in place when an event or a suppression exits it meanwhile.
    var enrollment: Enrollment
    /// Why it was exited; nil while it is not.
    var exitReason: Reason?
    /// As claimed for this attempt.
    var pending: PendingStep
    var step: Step
    var campaign: Campaign
    /// The transport it went to, by its number.
    var outlet: Int
    var markedAt: Instant
    /// Whether something came back that proves that this step has arrived, by this attempt or one before.
    var isProved = false
}

/// The last problems, newest first, each once.
struct ProblemList: Sendable {
    static let limit = 20
    private(set) var items: [StatusReport.Problem] = []

    /// Forgets a problem that is over: every one whose text begins so.
    mutating func end(_ what: String) { items.removeAll { $0.what.hasPrefix(what) } }

    mutating func add(_ problem: StatusReport.Problem) {
        end(problem.what)
        items.insert(problem, at: 0)
        if items.count > ProblemList.limit { items.removeLast() }
    }
}

extension Engine {
    /// The hashes of the campaigns that run, so that a reload can say what changed.
    package var runningHashes: [CampaignID: String] { programme.campaigns.mapValues(\.hash) }

    /// The edits that are held, with what they would have done when they were read.
    package var heldPlans: [EditPlan] { heldEdits.values.map(\.plan).sorted { $0.campaign < $1.campaign } }

    /// One line for `systemctl status`.
    package var summary: String {
        let name = storeFailure == nil ? state.rawValue : "store failed"
        return
            "\(name), \(programme.campaigns.count) campaigns, \(flights.count + pushFlights.count + digests.flights.count) under way"
    }
}
