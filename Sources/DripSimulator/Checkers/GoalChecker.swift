import DripCore

/// That a goal which leads on does so: once, when it is reached, and never back in front of its step.
///
/// Judged at the marks, where nothing in front of that step goes any more, and in the end by the ledger: a run is led on once at
/// most, and by an event that was its goal; one that was not over when its goal came was led on, and ends that step.
package struct GoalChecker: Checker, Sendable {
    package static let guarantee = "goal"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private var counts = Judged("behind", "once", "earned", "led on")

    private var plans = RunPlans()
    private var people = People()
    private var ledOn: [Run: Instant] = [:]
    /// By the engine's clock: what came before that, where it was set back, is not of that run.
    private var beganAt: [Run: Instant] = [:]
    /// When events came that may have led it on.
    private var perhaps: [Run: [Instant]] = [:]
    /// What each lead did, for runs of which nobody could say whether they were there.
    private var heard: [String: [(event: String, at: Instant)]] = [:]
    /// When each step was first marked.
    private var marked: [Run: [String: Instant]] = [:]
    private var resent: Set<Run> = []
    private var clock = ShownClock()

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        clock.hear(fact)
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .enrolled(let run, _, _): beganAt[run] = max(beganAt[run] ?? .epoch, fact.shown)
        case .ledOn(let run, let isCertain):
            perhaps[run, default: []].append(fact.shown)
            if isCertain, ledOn[run] == nil, beganAt[run].map({ $0 <= fact.shown }) ?? true { ledOn[run] = fact.shown }
        // What either did, counts for both.
        case .merged(let from, let into): heard[into, default: []] += heard[from] ?? []
        case .happened(let lead, let event, _, _): heard[lead, default: []].append((event, fact.shown))
        case .resent(let run, _):
            resent.insert(run)
            ledOn[run] = nil
        case .marked(let mark):
            if marked[mark.run]?[mark.step] == nil { marked[mark.run, default: [:]][mark.step] = fact.shown }
            return judge(mark)
        case .ledger(let ledger): return ledger.lines.flatMap { judge($0) }
        default: break
        }
        return []
    }

    private mutating func judge(_ mark: Mark) -> [String] {
        guard let at = ledOn[mark.run], let campaign = plans.plan(of: mark.run),
            !resent.contains(mark.run), !clock.wasSetBack, !people.isTouched(mark.run),
            let target = campaign.steps.firstIndex(where: { $0.id == campaign.jumpTo }),
            let place = campaign.steps.firstIndex(where: { $0.id == mark.step })
        else { return [] }
        counts.note("behind")
        return place >= target
            ? [] : ["\(mark.name) was marked, and the goal led on to \(campaign.jumpTo ?? "") at \(at)"]
    }

    private mutating func judge(_ line: Ledger.Line) -> [String] {
        guard let campaign = plans.plan(of: line.run), let target = campaign.jumpTo else { return [] }
        let jumps = line.entries.filter { $0.kind == "jumped" }
        var complaints: [String] = []
        counts.note("once")
        if jumps.count > 1 { complaints.append("\(line.run) was led on \(jumps.count) times") }
        for jump in jumps where !clock.wasSetBack {
            counts.note("earned")
            let isHeard = heard[people.now(line.run), default: []].contains {
                $0.event == campaign.goal && $0.at <= jump.at
            }
            if !isHeard, !perhaps[line.run, default: []].contains(where: { $0 <= jump.at }) {
                complaints.append("\(line.run) was led on at \(jump.at), and had not reached its goal")
            }
        }
        guard let at = ledOn[line.run], !clock.wasSetBack, !clock.showedTwice(at), !resent.contains(line.run),
            !people.isTouched(line.run)
        else { return complaints }
        let turns = line.entries.filter { ["enrolled", "reopened", "completed", "exited"].contains($0.kind) }
        let before = turns.last { $0.at < at }?.kind
        guard before == "enrolled" || before == "reopened",
            !turns.contains(where: { $0.at == at || $0.kind == "exited" })
        else { return complaints }
        counts.note("led on")
        let ended = line.entries.contains {
            $0.step == target && ["accepted", "skipped", "failed", "inDoubt", "performed"].contains($0.kind)
        }
        // What was under way to that very step when its goal came is there already.
        let wasUnderWay = marked[line.run, default: [:]][target].map { $0 <= at } ?? false
        // And where the last step was under way, the run was over with it.
        let wasLastUnderWay = line.entries.contains { entry in
            guard let step = entry.step, let marked = marked[line.run]?[step] else { return false }
            return marked <= at && entry.at >= at && turns.contains { $0.kind == "completed" && $0.at == entry.at }
        }
        if jumps.isEmpty, !wasUnderWay, !wasLastUnderWay {
            complaints.append("\(line.run) reached its goal at \(at), and was not led on")
        }
        if line.status == "completed", !ended {
            complaints.append("\(line.run) was led on to \(target), which never ended")
        }
        return complaints
    }
}
