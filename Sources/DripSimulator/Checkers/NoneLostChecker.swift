import DripCore

/// G2: every step of every enrollment ends, with a reason, and the ledger and the other side agree on how.
///
/// Judged at the end, by the tables and by what arrived: whatever was promised is there; a completed run has an end for
/// every step that all versions of its campaign had; what the ledger calls accepted arrived, and what arrived it
/// calls accepted or in doubt.
package struct NoneLostChecker: Checker, Sendable {
    package static let guarantee = "G2"
    package private(set) var judged = 0

    private var promised: Set<Run> = []
    private var suppressed: Set<String> = []
    private var versions: [String: [CampaignPlan]] = [:]
    private var plans = RunPlans()
    private var people = People()
    private var merged: [String: String] = [:]
    package private(set) var judgedByRule = ["merged lead": 0, "merged run": 0, "one of two": 0]
    private var marks: [Int: Mark] = [:]
    private var received: Set<String> = []
    /// Steps that somebody had sent again: they end once more.
    private var resent: Set<String> = []

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .enrolled(let run, true, _): promised.insert(run)
        case .merged(let from, let into): merged[from] = into
        case .suppressed(let mailbox, _): suppressed.insert(mailbox)
        // Their entries are there by a hash, which nobody outside can tell from others.
        case .erased(_, let mailboxes): suppressed.subtract(mailboxes)
        case .unsuppressed(let mailbox, nil): suppressed.remove(mailbox)
        case .live(let folder):
            for (id, campaign) in folder.campaigns where versions[id]?.last != campaign {
                versions[id, default: []].append(campaign)
            }
        case .refused(let why): return ["what is in doubt can be resolved by nobody: \(why)"]
        case .resent(let run, let step): resent.insert("\(run)/\(step)")
        case .marked(let mark): marks[mark.number] = mark
        case .received(let reception):
            if let mark = marks[reception.mark] { received.insert(mark.name) }
        case .ledger(let ledger): return judge(ledger)
        default: break
        }
        return []
    }

    private static let ends: Set<String> = ["accepted", "skipped", "failed", "inDoubt", "performed"]

    private mutating func judge(_ ledger: Ledger) -> [String] {
        var complaints: [String] = []
        let there = Set(ledger.lines.map(\.run))
        judged += promised.count + suppressed.count
        complaints += judgeMerges(ledger)
        for run in promised.subtracting(there) { complaints.append("\(run) was promised and is not there") }
        for mailbox in suppressed.subtracting(ledger.suppressed) {
            complaints.append("\(mailbox) is not on the do-not-send list any more")
        }
        if ledger.open > 0 { complaints.append("\(ledger.open) deliveries have not ended") }
        var accounted: Set<String> = []
        for line in ledger.lines { complaints += judge(line, &accounted) }
        for name in received.subtracting(accounted).sorted() {
            complaints.append("\(name) arrived and the ledger knows nothing of it")
        }
        return complaints.sorted()
    }

    /// Who was merged is so, no run of theirs is there twice, and of two through one campaign one goes on at most.
    private mutating func judgeMerges(_ ledger: Ledger) -> [String] {
        var complaints: [String] = []
        for from in merged.keys.sorted() {
            judgedByRule["merged lead", default: 0] += 1
            if ledger.merged[from] != people.now(from) {
                complaints.append(
                    "\(from) was merged into \(people.now(from)), and is \(ledger.merged[from] ?? "itself")")
            }
        }
        let touched = ledger.lines.filter { people.isTouched($0.run) }
        for (run, lines) in Dictionary(grouping: touched, by: \.run) {
            judgedByRule["merged run", default: 0] += 1
            if lines.count > 1 { complaints.append("\(run) is there \(lines.count) times") }
        }
        let ongoing = ledger.lines.filter { people.isMerged($0.run.lead) && $0.isOngoing }
        let bothOf = Dictionary(grouping: touched) { "\(people.now($0.run))/\($0.run.campaign)/\($0.run.key ?? "")" }
        for (name, lines) in bothOf where Set(lines.map(\.run.lead)).count > 1 {
            judgedByRule["one of two", default: 0] += 1
            let going = ongoing.filter { "\(people.now($0.run))/\($0.run.campaign)/\($0.run.key ?? "")" == name }
            if going.count > 1 { complaints.append("\(name): \(going.map(\.run)) go on, and are one person's") }
        }
        return complaints
    }

    private mutating func judge(_ line: Ledger.Line, _ accounted: inout Set<String>) -> [String] {
        judged += 1
        var complaints: [String] = []
        var ended: [String: String] = [:]
        var mayEndAgain: Set<String> = []
        for entry in line.entries {
            if entry.kind == "resolved", let step = entry.step, resent.contains("\(line.run)/\(step)") {
                mayEndAgain.insert(step)
            }
            if Self.ends.contains(entry.kind), let step = entry.step {
                defer {
                    // A file that takes a renaming back without saying so has deleted one step and brought another.
                    if entry.reason == "stepDeleted" { mayEndAgain.insert(step) }
                }
                if let before = ended.updateValue(entry.kind, forKey: step), mayEndAgain.remove(step) == nil {
                    complaints.append("\(line.run)/\(step) ended twice: \(before), \(entry.kind)")
                }
                let hasArrived = received.contains("\(line.run)/\(step)")
                if entry.kind == "accepted", !hasArrived {
                    complaints.append("\(line.run)/\(step) is accepted and never arrived")
                }
                if entry.kind == "accepted" || entry.kind == "inDoubt" { accounted.insert("\(line.run)/\(step)") }
            }
            if !["accepted", "performed"].contains(entry.kind),
                Self.ends.contains(entry.kind) || entry.kind == "exited", entry.reason == nil
            {
                complaints.append("\(line.run): \(entry.kind) without a reason")
            }
        }
        if line.status == "exited", !line.entries.contains(where: { $0.kind == "exited" }) {
            complaints.append("\(line.run) exited without a word")
        }
        // What the other lead's run had behind it ends in this one no more.
        if line.status == "completed", !people.isTouched(line.run) {
            // Who goes by one version is judged by that, all others by what every version has.
            let own = plans.isPinned(line.run) ? plans.plan(of: line.run) : nil
            let all = own.map { [$0] } ?? versions[line.run.campaign] ?? []
            let hasJumped = line.entries.contains { $0.kind == "jumped" }
            // Who was led on by the goal never comes to what stands in front of that step.
            let jumpTo = hasJumped ? all.first?.jumpTo : nil
            for step in (all.first?.steps ?? []).drop(while: { jumpTo != nil && $0.id != jumpTo })
            where step.arms.isEmpty && ended[step.id] == nil
                && all.allSatisfy({ $0.steps.contains { $0.id == step.id && $0.arms.isEmpty } })
            {
                complaints.append("\(line.run) is completed, and \(step.id) never ended")
            }
        }
        return complaints
    }
}
