import DripCore

/// Liveness: when faults have ended, whatever is due comes to its end, and the engine to rest.
package struct LivenessChecker: Checker, Sendable {
    package static let guarantee = "liveness"
    package private(set) var judged = 0

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .stuck(let what): return [what]
        case .ledger(let ledger):
            judged += ledger.lines.count
            return ledger.lines.filter { $0.status != "completed" && $0.status != "exited" }.map {
                "\($0.run) is still \($0.status), and nothing is left to wake it"
            }
        default: return []
        }
    }
}
