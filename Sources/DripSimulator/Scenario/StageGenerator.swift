import DripCore

/// What scores and stages add to a scenario: a `scoring.yaml`, campaigns that enrol and end by stages, and things that leads do.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files has the
/// same scoring, and points that sink within days.
struct StageGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x57A6_0000_5EED_0001)
    }

    /// Tests and the table of mutants know seeds up to here by number: those draw no stages.
    private static let firstFree: UInt64 = 1_000

    mutating func enrich(_ scenario: inout Scenario) {
        guard scenario.seed >= Self.firstFree else { return }
        guard !scenario.isPlain, !scenario.isCalm, let first = scenario.folders.first, dice.chance(30) else { return }
        let scoring = scoring()
        for index in scenario.folders.indices { scenario.folders[index].scoring = scoring }
        // Points below zero that sink lift the score again: who is enrolled by that, and loses points by it, never comes to rest.
        let mayRepeat = !scenario.folders.contains { $0.deeds.values.contains { $0.takesPoints } }
        for (id, campaign) in first.campaigns.sorted(by: { $0.key < $1.key }) {
            let enrols = dice.chance(50) && (mayRepeat || campaign.again == .never)
            let repeats = mayRepeat && dice.chance(60)
            let exits = dice.chance(40) ? dice.pick(["sql", "customer"], ["lead"], ["sql", "recycled"]) : []
            let isFree = scenario.folders.allSatisfy { $0.campaigns[id]?.exitOn == nil }
            for index in scenario.folders.indices {
                if enrols, campaign.enrollWhen == nil {
                    scenario.folders[index].campaigns[id]?.enrollWhen = .stage("mql")
                    if repeats, campaign.again == .never { scenario.folders[index].campaigns[id]?.again = .afterExit }
                }
                if isFree { scenario.folders[index].campaigns[id]?.exitStages = exits }
            }
        }
        let keys = Set(scenario.leads.map(\.key)).sorted()
        for _ in 0..<dice.number(4, 4 * keys.count + 8) { happen(scoring, to: keys, in: &scenario) }
        for _ in 0..<dice.below(min(keys.count, 8) + 1) {
            guard let lead = dice.pick(from: keys) else { return }
            let stage = dice.pick("lead", "mql", "sql", "recycled", "recycled", "disqualified")
            scenario.add(.stage(lead: lead, to: stage), &dice)
        }
    }

    mutating func scoring() -> ScoringPlan {
        var rules: [ScoringPlan.Rule] = []
        for event in ["signed_up", "booked", "clicked", "replied", "lost"] where dice.chance(70) || event == "clicked" {
            rules.append(
                ScoringPlan.Rule(
                    event: event, points: event == "lost" ? dice.pick(-10, 5) : dice.pick(5, 8, 10, 20),
                    countsOnce: dice.chance(20), cap: dice.chance(40) ? dice.pick(12, 25) : nil,
                    halfLife: dice.chance(70) ? dice.number(1, 10) : nil, isOfGroup: dice.chance(30)))
        }
        let atLeast = dice.pick(10, 15, 20, 30)
        let fit = [
            "gold": dice.pick(5, 10), "silver": dice.pick(-5, 3),
        ]
        let events: [String: String?] = [
            "mql": dice.chance(20) ? "signed_up" : nil, "sql": dice.chance(50) ? "booked" : nil,
            "recycled": dice.chance(60) ? "lost" : nil, "customer": dice.chance(25) ? "replied" : nil,
            "disqualified": dice.chance(15) ? "lost" : nil,
        ]
        return ScoringPlan(
            fit: fit, rules: rules, halfLife: dice.chance(60) ? dice.number(1, 10) : nil, groupCap: dice.pick(15, 30),
            threshold: ScoringPlan.Threshold(
                isOfEngagement: dice.chance(25), atLeast: atLeast, fitAtLeast: dice.chance(25) ? 3 : nil,
                until: dice.chance(85) ? dice.pick(atLeast / 2, atLeast - 3, atLeast, atLeast + 4) : nil),
            events: events.compactMapValues(\.self))
    }

    /// An event of a lead, now and then at the midnight at which points sink.
    private mutating func happen(_ scoring: ScoringPlan, to keys: [String], in scenario: inout Scenario) {
        let names = scoring.rules.map(\.event)
        let moving = scoring.events.values.sorted()
        let name = dice.chance(80) ? dice.pick(from: names) : dice.pick(from: moving.isEmpty ? names : moving)
        guard let lead = dice.pick(from: keys), let name else { return }
        var at = scenario.startsAt + dice.span(.zero, scenario.faultsEndAt - scenario.startsAt)
        if dice.chance(15) {
            let midnight = Instant(seconds: at.seconds - at.seconds % 86_400)
            at = max(scenario.startsAt, midnight + dice.pick(.zero, .milliseconds(-1), .milliseconds(1)))
        }
        scenario.add(.event(lead: lead, name: name), at: at)
        // More of it soon, so that some come to a threshold.
        for _ in 0..<dice.pick(0, 0, 1, 2) {
            let more = dice.pick(from: names) ?? name
            scenario.add(
                .event(lead: lead, name: more), at: min(at + dice.span(.zero, .hours(20)), scenario.faultsEndAt))
        }
    }
}

extension StepPlan.InnerPlan {
    fileprivate var takesPoints: Bool {
        switch self {
        case .score(let points): points < 0
        case .wait, .branch, .split, .repetition, .set, .enrollIn, .exitFrom, .handoff, .answer: false
        }
    }
}
