import DripCore

/// Liveness: when faults have ended, whatever is due comes to its end, and the engine to rest.
///
/// A step that counts from a date which its lead does not have waits for ever, visibly: that is no lack of life.
package struct LivenessChecker: Checker, Sendable {
    package static let guarantee = "liveness"
    package private(set) var judged = 0

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .stuck(let what): return [what]
        case .ledger(let ledger):
            judged += ledger.lines.count
            return ledger.lines.filter { $0.isOngoing && !$0.waitsForDate }.map {
                "\($0.run) is still \($0.status), and nothing is left to wake it"
            }
        default: return []
        }
    }
}

extension Ledger.Line {
    var isOngoing: Bool { status != "completed" && status != "exited" }

    /// Whether it waits for a date of its lead.
    var waitsForDate: Bool { entries.last.map { $0.kind == "deferred" && $0.reason == "missingDate" } ?? false }
}
