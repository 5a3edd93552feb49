import DripCore

/// G10: from the answer to an erase on, no run of that lead goes on, none begins, and no table holds its key or its address.
package struct ForgottenChecker: Checker, Sendable {
    package static let guarantee = "G10"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private var counts = Judged("traces", "marks", "ended")
    /// Since which step, by key.
    private var erased: [String: Int] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .erased(let lead, _): erased[lead] = erased[lead] ?? fact.step
        case .kept(let lead, let traces):
            guard erased[lead] != nil else { return [] }
            counts.note("traces")
            return traces.map { "of \(lead), who was erased, there is still \($0)" }
        case .marked(let mark):
            guard !erased.isEmpty else { return [] }
            counts.note("marks")
            if let step = erased[mark.run.lead] {
                return ["\(mark.name) was marked in step \(fact.step), its lead is erased since step \(step)"]
            }
        case .enrolled(let run, true, true):
            if let step = erased[run.lead] { return ["\(run) began, its lead is erased since step \(step)"] }
        case .ledger(let ledger):
            return ledger.lines.filter { erased[$0.run.lead] != nil }.flatMap { line -> [String] in
                counts.note("ended")
                return line.isOngoing ? ["\(line.run) is \(line.status), its lead is erased"] : []
            }
        default: break
        }
        return []
    }
}
