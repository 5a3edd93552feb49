import DripCore

/// What comes back is acted upon once, and only where a seal proves what it is about.
///
/// What it then brings about (a mailbox shut, a run over) the other checkers hear as facts of their own.
package struct ReturnsChecker: Checker, Sendable {
    package static let guarantee = "returns"
    package private(set) var judged = 0
    package private(set) var judgedByRule = ["forged": 0, "again": 0]

    private var known: Set<String> = []

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        guard case .letter(let id, let isForged, let answer) = fact.what else { return [] }
        judged += 1
        var complaints: [String] = []
        if isForged {
            judgedByRule["forged", default: 0] += 1
            if answer.isProved { complaints.append("\(id) is forged, and was believed") }
        }
        if !known.insert(id).inserted {
            judgedByRule["again", default: 0] += 1
            if answer.isNew { complaints.append("\(id) was acted upon again") }
        }
        return complaints
    }
}
