import DripCore

/// G7: no edit, pause, outage, clock jump or restore makes a crowd of messages go at once.
///
/// Judged from outside: nothing goes while a person holds it, or out of a copy that nobody confirmed; never more than
/// twice `in_flight` is under way; and where nothing but interruptions can hold a step (no window, no cap, no
/// condition, no failure), what goes later than `catch_up.after` keeps to its rate, and what is later than `late_max` never
/// goes; a lead's own pause is no lateness.
package struct NoBurstsChecker: Checker, Sendable {
    package static let guarantee = "G7"
    package private(set) var judged = 0
    package private(set) var judgedByRule = ["held": 0, "copy": 0, "late_max": 0, "late work": 0]

    /// Slots are exact; an alarm may ring so much later, and the next one less late.
    private static let wakesWithin = TimeSpan.milliseconds(100)

    private let inFlight: [String: Int]
    /// Whether a transport's own limits may hold a message.
    private let isPaced: Bool
    private var plans = RunPlans()
    private var people = People()
    private var held: Set<Pause> = []
    /// The last pause of each lead, by the engine's clock: a rest, which makes nothing late.
    private var rests: [String: (from: Instant, until: Instant)] = [:]
    /// Leads of whose rests not all is known.
    private var unsettled: Set<String> = []
    private var isCopy = false
    private var wasCopy = false
    private var underWay: [Int: String] = [:]
    private var marks: [Int: Mark] = [:]
    private var enrolledAt: [Run: Instant] = [:]
    /// Runs that something else than an interruption has held up.
    private var disturbed: Set<Run> = []
    private var lastSent: [Run: (at: Instant, plannedAt: Instant)] = [:]
    /// When a person had a step sent again, by its name: that makes it due anew, through every gate and with no lateness yet.
    ///
    /// A mark that was on disk when the process died is seen by nobody: what goes behind that doubt may look like the first.
    private var resentAt: [String: Instant] = [:]
    /// Ends of interruptions, and marks of late work, by the engine's clock.
    private var interruptions: [Instant] = []
    private var zones: [String: String] = [:]
    /// Leads that have had two zones.
    private var moved: Set<String> = []
    private var late: [Instant] = []

    package init(transports: [TransportPlan]) {
        inFlight = Dictionary(transports.map { ($0.name, $0.inFlight) }, uniquingKeysWith: max)
        isPaced = transports.contains(where: \.isPaced)
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        let before = plans
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live(let folder):
            // What a cap or a window of the file before has put off is not late by an interruption.
            if let live = before.live {
                disturbed.formUnion(
                    enrolledAt.keys.filter { run in
                        live.policy != folder.policy || before.plan(of: run) != plans.plan(of: run)
                    })
            }
        case .lead(let plan, _):
            if let zone = zones.updateValue(plan.zone ?? "", forKey: plan.key), zone != plan.zone ?? "" {
                moved.insert(plan.key)
            }
        case .enrolled(let run, let isCertain, let isNew):
            enrolledAt[run] = isCertain && isNew ? fact.shown : .distantFuture
        case .merged(let from, let into): merge(from, into)
        case .ledOn(let run, _): disturbed.insert(run)
        case .resent(let run, let step): resentAt["\(run)/\(step)"] = fact.shown
        case .paused(let pause):
            held.insert(pause)
            rest(pause, at: fact.shown)
        case .unsettled(.lead(let key, _)): unsettled.insert(key)
        case .resumed(let pause):
            held = held.filter { $0.target != pause.target }
            if case .lead(let key, _) = pause, let rest = rests[key] {
                rests[key] = (rest.from, min(rest.until, fact.shown))
            }
            interruptions.append(fact.shown)
        case .booted: interruptions.append(fact.shown)
        case .interrupted:
            interruptions.append(fact.shown)
            disturbUnderWay()
        case .restored:
            isCopy = true
            wasCopy = true
        case .confirmed: isCopy = false
        case .died:
            disturbUnderWay()
            underWay = [:]
        case .answered(let number, let outcome, _):
            underWay[number] = nil
            if outcome != .accepted, let mark = marks[number] { disturbed.insert(mark.run) }
        case .marked(let mark): return judge(mark, at: fact.shown)
        default: break
        }
        return []
    }

    /// Of two pauses the longer one holds; what their lateness counts from is not told by either.
    private mutating func merge(_ from: String, _ into: String) {
        held = Set(
            held.map { pause in
                if case .lead(from, let until) = pause { return .lead(into, until: until) }
                return pause
            })
        unsettled.formUnion([from, into])
        disturbed.formUnion(enrolledAt.keys.filter(people.isTouched))
    }

    /// What waited for an answer meanwhile is late by its own series, however long that took.
    private mutating func disturbUnderWay() {
        disturbed.formUnion(underWay.keys.compactMap { marks[$0]?.run })
    }

    private mutating func judge(_ mark: Mark, at now: Instant) -> [String] {
        judged += 1
        marks[mark.number] = mark
        underWay[mark.number] = mark.transport
        var complaints: [String] = []
        // Marks that somebody's pause, or a copy, might have stopped: of another campaign, or later.
        if !held.isEmpty { judgedByRule["held", default: 0] += 1 }
        if wasCopy { judgedByRule["copy", default: 0] += 1 }
        if isCopy { complaints.append("\(mark.name) was marked by a copy that nobody confirmed") }
        for pause in held where holds(pause, mark, now) {
            complaints.append("\(mark.name) was marked while \(pause.target.rawValue) was paused")
        }
        let count = underWay.values.count { $0 == mark.transport }
        if let limit = inFlight[mark.transport], count > 2 * limit {
            complaints.append(
                "\(count) deliveries are under way over \(mark.transport), \(limit) at once are allowed")
        }
        return complaints + judgeLateness(of: mark, at: now)
    }

    private func holds(_ pause: Pause, _ mark: Mark, _ now: Instant) -> Bool {
        switch pause {
        case .everything: true
        case .campaign(let id): mark.run.campaign == id
        case .transport(let name): mark.transport == name
        case .lead(let key, let until): people.now(mark.run) == key && until.map { now < $0 } ?? true
        }
    }

    private mutating func rest(_ pause: Pause, at now: Instant) {
        guard case .lead(let key, let until) = pause else { return }
        if let last = rests[key], last.until > now {
            rests[key] = (last.from, until ?? .distantFuture)
        } else {
            // Of two rests on end the first is forgotten, by the engine too: what lay in it is nobody's to judge.
            if rests[key] != nil { unsettled.insert(key) }
            rests[key] = (now, until ?? .distantFuture)
        }
    }

    /// Where only interruptions can have held it.
    private mutating func judgeLateness(of mark: Mark, at now: Instant) -> [String] {
        defer { if !mark.isNotice { lastSent[mark.run] = (now, mark.plannedAt) } }
        guard !isPaced, let policy = plans.live?.policy, let campaign = plans.plan(of: mark.run),
            policy.caps.isEmpty,
            campaign.caps.isEmpty,
            policy.quietHours == nil, campaign.window == nil, campaign.steps.allSatisfy({ $0.isSimple }),
            let step = campaign.steps.first(where: { $0.id == mark.step }), !disturbed.contains(mark.run),
            !unsettled.contains(people.now(mark.run)), mark.attempt == 1, let enrolled = enrolledAt[mark.run],
            enrolled <= mark.plannedAt
        else { return [] }
        var due = mark.plannedAt
        if let last = lastSent[mark.run] {
            due = max(due, last.at + max(.zero, min(policy.minGap, mark.plannedAt - last.plannedAt)))
        }
        // Whom another zone overtook: what is behind the last one is kept from it by the whole gap.
        if let last = lastSent[mark.run], moved.contains(people.now(mark.run)), mark.plannedAt == last.plannedAt {
            due = max(due, last.at + policy.minGap)
        }
        if let again = resentAt[mark.name] { due = max(due, again) }
        var lateness = now - due
        if let rest = rests[mark.run.lead] {
            lateness = lateness - max(.zero, min(now, rest.until) - max(due, rest.from))
        }
        var complaints: [String] = []
        if !step.sendsLate { judgedByRule["late_max", default: 0] += 1 }
        if !step.sendsLate, lateness > step.lateMax ?? policy.lateMax {
            complaints.append("\(mark.name) goes \(lateness) late, \(step.lateMax ?? policy.lateMax) is the most")
        }
        // Less than a minute is no interruption to the engine.
        if lateness > max(policy.catchUp.after, .minutes(1)), interruptions.contains(where: { $0 > due && $0 <= now }) {
            late.append(now)
            judgedByRule["late work", default: 0] += 1
            let together = late.count { $0 > now - policy.catchUp.period + NoBurstsChecker.wakesWithin }
            if together > policy.catchUp.mostTogether {
                complaints.append("\(mark.name) is the \(together)th late one, at \(now); allowed: \(policy.catchUp)")
            }
        }
        return complaints
    }
}

extension CatchUp {
    /// How many late ones may go within one period: what had its slot and was kept from it for less than `after` goes
    /// when it can, with those whose slot it is by then.
    fileprivate var mostTogether: Int {
        let (period, after) = (Int(period.milliseconds), Int(after.milliseconds))
        return (count * (period + after) + period - 1) / period
    }
}
