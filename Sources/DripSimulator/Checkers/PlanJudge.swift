import DripCore

/// Judges what marks say of their plans by the `PlanOracle`: it knows what the files say, what is stored of the lead, when
/// it was enrolled and when its steps ended.
///
/// A run is judged until its campaign or its lead's zone or date changes. What counts from the end of a step that nobody
/// saw end (it was skipped, or in doubt) is judged in the end, by the ledger.
struct PlanJudge: Sendable {
    private(set) var judgedByRule = [
        "wall": 0, "after": 0, "window": 0, "quiet hours": 0, "holiday": 0, "attribute": 0, "previous": 0, "spread": 0,
        "before enrollment": 0, "behind": 0, "clock change": 0,
    ]

    fileprivate struct Track: Sendable {
        var campaign: CampaignPlan
        var policy: PolicyPlan
        var lead: LeadPlan
        var zone: String
        var enrolledAt: Instant
        var planned: [String: Instant] = [:]
        var ended: [String: Instant] = [:]
        /// Steps whose plan could not be judged yet.
        var open: Set<String> = []
    }

    private let clocks: [String: WallClock]
    private var plans = RunPlans()
    private var people = People()
    private var leads: [String: LeadPlan] = [:]
    private var unclear = UnclearFacts()
    private var tracks: [Run: Track] = [:]
    private var marks: [Int: Mark] = [:]
    private var outcomes: [Int: Outcome] = [:]
    /// How far leads were moved by a spread that nothing cut off, by step.
    private var moved: [String: [String: TimeSpan]] = [:]

    init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    mutating func hear(_ fact: Fact) -> [String] {
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live(let folder):
            tracks = tracks.filter { run, track in
                plans.plan(of: run).map { track.isSame($0, folder.policy) } ?? false
            }
        case .merged: tracks = tracks.filter { run, _ in !people.isTouched(run) }
        case .lead(let plan, _):
            unclear.hear(fact)
            leads[plan.key] = plan
            tracks = tracks.filter { run, track in
                run.lead != plan.key || (track.lead.zone == plan.zone && track.lead.endsOn == plan.endsOn)
            }
        case .enrolled(let run, let isCertain, let isNew):
            let isKnown = isCertain && isNew && !unclear.holds(run, in: fact)
            tracks[run] = isKnown ? track(run, at: fact.shown) : nil
        case .resent(let run, _), .ledOn(let run, _): tracks[run] = nil
        case .marked(let mark):
            marks[mark.number] = mark
            return judge(mark)
        case .answered(let number, let outcome, _): outcomes[number] = outcome
        case .recorded(let number):
            guard let mark = marks[number], let outcome = outcomes[number], outcome != .transientFailure else { break }
            // What goes again has not ended; where it then ends without another attempt, the journal says when.
            let step = tracks[mark.run]?.campaign.steps.first { $0.id == mark.step }
            if outcome == .unknown, step?.resends == true { break }
            tracks[mark.run]?.ended[mark.step] = fact.shown
        case .ledger(let ledger): return ledger.lines.flatMap { judge($0) }
        default: break
        }
        return []
    }

    private func track(_ run: Run, at now: Instant) -> Track? {
        // What decides its own way is judged by `ArmsChecker`.
        guard let live = plans.live, let campaign = plans.plan(of: run), !campaign.hasFlow, let lead = leads[run.lead],
            let zone = [lead.zone, campaign.zone, live.policy.zone].compactMap({ $0 }).first(where: {
                clocks[$0] != nil
            })
        else { return nil }
        return Track(campaign: campaign, policy: live.policy, lead: lead, zone: zone, enrolledAt: now)
    }

    private mutating func judge(_ mark: Mark) -> [String] {
        guard let track = tracks[mark.run], let clock = clocks[track.zone] else { return [] }
        tracks[mark.run]?.planned[mark.step] = mark.plannedAt
        let oracle = track.oracle(clock)
        guard let answer = oracle.plan(of: mark.step, planned: track.planned, ended: track.ended) else {
            tracks[mark.run]?.open.insert(mark.step)
            return []
        }
        return judge(mark.step, of: mark.run, planned: mark.plannedAt, answer, oracle, track)
    }

    private mutating func judge(
        _ id: String, of run: Run, planned: Instant, _ answer: PlanOracle.Answer, _ oracle: PlanOracle, _ track: Track
    ) -> [String] {
        guard let step = track.campaign.steps.first(where: { $0.id == id }) else { return [] }
        count(step, answer, oracle, track)
        switch answer {
        case .between(let first, let last):
            guard first <= planned, planned <= last else {
                let right = first == last ? "\(first)" : "\(first) to \(last)"
                return [
                    "\(run)/\(id) is planned for \(planned), and `\(step.yaml)` is \(right) in \(track.zone), "
                        + "enrolled at \(track.enrolledAt)"
                ]
            }
            return judgeSpread(step, of: run, planned - first, oracle, from: first, until: last)
        case .beforeEnrollment: return ["\(run)/\(id) lies before the enrollment, and was marked"]
        case .missingDate: return ["\(run)/\(id) has no date, and was marked"]
        }
    }

    /// The leads of a step, or the steps of a lead, are not all moved alike.
    private mutating func judgeSpread(
        _ step: StepPlan, of run: Run, _ by: TimeSpan, _ oracle: PlanOracle, from first: Instant, until last: Instant
    ) -> [String] {
        guard step.spread >= .minutes(30), last - first == step.spread - .milliseconds(1) else { return [] }
        moved["\(run.campaign)/\(step.id)", default: [:]][run.lead] = by
        moved["\(run)", default: [:]][step.id] = by
        for (name, least) in [("\(run.campaign)/\(step.id)", 4), ("\(run)", 3)] {
            let all = moved[name] ?? [:]
            if all.count >= least, Set(all.values).count == 1 { return ["\(name): all are moved by \(by)"] }
        }
        return []
    }

    /// What was judged by an answer: a rule counts where it made a difference.
    private mutating func count(
        _ step: StepPlan, _ answer: PlanOracle.Answer, _ oracle: PlanOracle, _ track: Track
    ) {
        func add(_ rule: String, _ isJudged: Bool = true) { if isJudged { judgedByRule[rule, default: 0] += 1 } }
        if case .after = step.timing { add("after") } else { add("wall") }
        add("spread", step.spread > .zero && !step.isTransactional)
        switch step.anchor {
        case .enrollment: break
        case .previous: add("previous")
        case .attribute: add("attribute")
        }
        let own = oracle.plan(of: step, previousEndedAt: track.ended[track.before(step.id) ?? ""])
        guard let own, case .between(let first, _) = own else { return }
        add("behind", own != answer)
        func differs(_ change: (inout Track) -> Void) -> Bool {
            var other = track
            change(&other)
            return other.oracle(oracle.clock).plan(
                of: step, previousEndedAt: track.ended[track.before(step.id) ?? ""]) != own
        }
        add("window", track.campaign.window != nil && differs { $0.campaign.window = nil })
        add("quiet hours", track.policy.quietHours != nil && differs { $0.policy.quietHours = nil })
        add("holiday", !track.policy.holidays.isEmpty && differs { $0.policy.holidays = [] })
        add("clock change", oracle.clock.changes(from: first.seconds - 7_200, to: first.seconds + 7_200).count > 0)
    }

    /// In the end: what could not be judged before, and what was skipped because it would have been too early.
    private mutating func judge(_ line: Ledger.Line) -> [String] {
        guard var track = tracks[line.run], let clock = clocks[track.zone] else { return [] }
        var reasons: [String: String] = [:]
        for entry in line.entries where ["accepted", "skipped", "failed", "inDoubt"].contains(entry.kind) {
            guard let step = entry.step else { continue }
            track.ended[step] = entry.at
            reasons[step] = entry.reason ?? entry.kind
        }
        let oracle = track.oracle(clock)
        var complaints: [String] = []
        for step in track.campaign.steps {
            guard reasons[step.id] != nil || track.planned[step.id] != nil,
                let answer = oracle.plan(of: step.id, planned: track.planned, ended: track.ended)
            else { continue }
            if track.open.contains(step.id), let planned = track.planned[step.id] {
                complaints += judge(step.id, of: line.run, planned: planned, answer, oracle, track)
            }
            guard case .attribute = step.anchor, let reason = reasons[step.id] else { continue }
            judgedByRule["before enrollment", default: 0] += 1
            let isSkipped = reason == "beforeEnrollment"
            if isSkipped, answer != .beforeEnrollment {
                complaints.append("\(line.run)/\(step.id) was skipped as beforeEnrollment, and is due \(answer)")
            } else if !isSkipped, answer == .beforeEnrollment, ["accepted", "unknownOutcome"].contains(reason) {
                complaints.append("\(line.run)/\(step.id) lies before the enrollment, and ended as \(reason)")
            }
        }
        return complaints
    }
}

extension PlanJudge.Track {
    fileprivate func oracle(_ clock: WallClock) -> PlanOracle {
        PlanOracle(clock: clock, campaign: campaign, policy: policy, lead: lead, enrolledAt: enrolledAt)
    }

    /// Whether its steps are planned as before in another version of the files.
    fileprivate func isSame(_ other: CampaignPlan, _ policy: PolicyPlan) -> Bool {
        campaign.steps == other.steps && campaign.window == other.window && campaign.zone == other.zone
            && self.policy.hasTimes(of: policy)
    }

    /// The step in front; nil for the first one.
    fileprivate func before(_ id: String) -> String? {
        campaign.steps.firstIndex { $0.id == id }.flatMap { $0 > 0 ? campaign.steps[$0 - 1].id : nil }
    }
}
