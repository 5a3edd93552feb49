import DripCore

/// That whoever entered a pinned campaign goes by the files of that moment to the end, and all others by the latest.
///
/// Judged at the marks, by the step and the wait that the version means, and at what arrives, which says of which edition of
/// the files it is. It counts where the two differ: a run of the version that is the latest shows nothing.
package struct VersionChecker: Checker, Sendable {
    package static let guarantee = "versions"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private var counts = Judged("own steps", "own content", "latest content", "own end")

    private var plans = RunPlans()
    /// The edition that each message must be of: its version's when it was marked.
    private var editions: [Int: Int] = [:]
    private var marks: [Int: Mark] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        plans.hear(fact)
        switch fact.what {
        case .marked(let mark): return judge(mark)
        case .received(let reception): return judge(reception)
        case .ledger(let ledger): return ledger.lines.flatMap { judge($0) }
        default: return []
        }
    }

    private mutating func judge(_ mark: Mark) -> [String] {
        guard let plan = plans.plan(of: mark.run) else { return [] }
        marks[mark.number] = mark
        editions[mark.number] = plan.edition
        guard isEarlier(mark.run, plan) else { return [] }
        counts.note("own steps")
        guard let step = plan.steps.first(where: { $0.id == mark.step }) else {
            return ["\(mark.name) was marked, and the version by which it entered has no such step"]
        }
        return step.channel == mark.channel
            ? [] : ["\(mark.name) goes by \(mark.channel.name), and the version by which it entered says otherwise"]
    }

    private mutating func judge(_ reception: Reception) -> [String] {
        guard let mark = marks[reception.mark], let edition = editions[reception.mark] else { return [] }
        let isTold =
            plans.isPinned(mark.run) || plans.live?.campaigns[mark.run.campaign].map { $0.edition > 0 } ?? false
        guard isTold || edition > 0 else { return [] }
        counts.note(plans.isPinned(mark.run) ? "own content" : "latest content")
        let said = reception.subject.split(separator: "#").dropFirst().last.flatMap { Int($0) } ?? 0
        return said == edition ? [] : ["\(mark.name) is of edition \(said), and it goes by \(edition)"]
    }

    /// In the end: every step of its version has ended, and no step of another one.
    private mutating func judge(_ line: Ledger.Line) -> [String] {
        guard let plan = plans.plan(of: line.run), isEarlier(line.run, plan) else { return [] }
        counts.note("own end")
        let known = Set(plan.steps.map(\.id))
        return line.entries.compactMap(\.step).filter { !known.contains($0) }.map {
            "\(line.run)/\($0) is none of the version by which it entered"
        }
    }

    /// Whether a run goes by a version that is not the latest any more.
    private func isEarlier(_ run: Run, _ plan: CampaignPlan) -> Bool {
        plans.isPinned(run) && plans.live?.campaigns[run.campaign] != plan
    }
}
