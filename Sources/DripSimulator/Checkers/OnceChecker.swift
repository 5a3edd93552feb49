import DripCore

/// G1: a step goes at most once per enrollment.
///
/// Judged twice: by what the other side received, and by what was handed out, where a step may go again only after a
/// definite failure; or after a doubt, where the file asks for that (`on_doubt: resend`) or somebody did. Two steps never
/// share an identity, and what arrives is what was marked.
package struct OnceChecker: Checker, Sendable {
    package static let guarantee = "G1"
    package private(set) var judged = 0

    private enum State {
        case underWay, ended, mayGoAgain
    }

    private var received: [String: Int] = [:]
    private var identities: [String: String] = [:]
    private var states: [String: State] = [:]
    private var marks: [Int: Mark] = [:]
    private var plans = RunPlans()
    private var people = People()
    private var runs: Set<Run> = []
    /// Steps that a letter proved to have arrived: whatever comes behind it, they go no more.
    private var arrived: Set<String> = []
    /// Marks whose ends the state may not know.
    private var unrecorded: Set<Int> = []
    /// How often each step may go again although it may have arrived, and the attempts in doubt that this comes from.
    private var repeats: [String: Int] = [:]
    private var doubted: Set<Int> = []
    package private(set) var judgedByRule = ["repeats": 0, "proved": 0, "merged": 0]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        // Before it hears of a merge itself, the two are still two.
        if case .merged(let from, let into) = fact.what { unite(from, into) }
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .enrolled(let run, _, _): runs.insert(run)
        case .letter(_, let about, isForged: false, let answer) where answer.isProved && about.provesArrival:
            judgedByRule["proved"]? += 1
            arrived.insert("\(about.run)/\(about.step)")
            if states["\(about.run)/\(about.step)"] == .mayGoAgain { states["\(about.run)/\(about.step)"] = .ended }
        case .resent(let run, let step):
            arrived.remove("\(run)/\(step)")
            states["\(run)/\(step)"] = .mayGoAgain
            repeats["\(run)/\(step)", default: 0] += 1
        case .marked(let mark): return hear(mark)
        case .received(let reception): return hear(reception)
        case .answered(let number, let outcome, _):
            guard let mark = marks[number] else { return [] }
            states[mark.name] = outcome == .transientFailure && !arrived.contains(mark.name) ? .mayGoAgain : .ended
            if outcome == .unknown { doubt(mark) }
        case .died:
            // What was under way may have left: it is in doubt for ever; so is, to the engine, what it has not written.
            for mark in unrecorded.sorted().compactMap({ marks[$0] }) {
                if states[mark.name] == .underWay { states[mark.name] = .ended }
                doubt(mark)
            }
            unrecorded = []
        case .recorded(let number): unrecorded.remove(number)
        default: break
        }
        return []
    }

    /// What either has had of a campaign that is gone through once, goes to neither any more.
    private mutating func unite(_ from: String, _ into: String) {
        for run in runs where people.now(run) == from {
            for other in runs where people.now(other) == into && other.campaign == run.campaign && other.key == run.key
            {
                switch plans.live?.campaigns[run.campaign]?.again {
                case .never?, .key?: share(run, other)
                case .afterExit?, .every?, nil: break
                }
            }
        }
    }

    private mutating func share(_ run: Run, _ other: Run) {
        for step in plans.plan(of: run)?.steps ?? [] {
            let names = ["\(run)/\(step.id)", "\(other)/\(step.id)"]
            guard names.contains(where: { states[$0] == .ended }) else { continue }
            for name in names where states[name] == nil || states[name] == .mayGoAgain {
                states[name] = .ended
                judgedByRule["merged", default: 0] += 1
            }
        }
    }

    private mutating func doubt(_ mark: Mark) {
        // Where nobody knows by which files it goes, it may.
        guard plans.plan(of: mark.run) == nil || plans.step(of: mark)?.resends == true, !arrived.contains(mark.name)
        else { return }
        states[mark.name] = .mayGoAgain
        if doubted.insert(mark.number).inserted { repeats[mark.name, default: 0] += 1 }
    }

    private mutating func hear(_ mark: Mark) -> [String] {
        judged += 1
        marks[mark.number] = mark
        unrecorded.insert(mark.number)
        let before = states.updateValue(.underWay, forKey: mark.name)
        switch before {
        case nil, .mayGoAgain: return []
        case .underWay: return ["\(mark.name) was marked while it was under way"]
        case .ended: return ["\(mark.name) was marked again after it had ended"]
        }
    }

    private mutating func hear(_ reception: Reception) -> [String] {
        judged += 1
        guard let mark = marks[reception.mark] else { return ["a message arrived that nobody marked: \(reception)"] }
        var complaints: [String] = []
        let count = received[mark.name, default: 0] + 1
        received[mark.name] = count
        let repeats = repeats[mark.name] ?? 0
        if count > 1 { judgedByRule["repeats", default: 0] += repeats }
        if count > 1 + repeats { complaints.append("\(mark.name) arrived \(count) times") }
        let other = identities.updateValue(mark.name, forKey: reception.identity)
        if let other, other != mark.name {
            complaints.append("\(mark.name) and \(other) are both \(reception.identity)")
        }
        if reception.campaign != mark.run.campaign || reception.step != mark.step || reception.mailbox != mark.recipient
            || reception.plannedAt != mark.plannedAt
        {
            complaints.append("what arrived is not what was marked: \(reception), \(mark)")
        }
        return complaints
    }
}

extension Mark {
    /// The step of that run, whatever the attempt.
    var name: String { "\(run)/\(step)" }
}
