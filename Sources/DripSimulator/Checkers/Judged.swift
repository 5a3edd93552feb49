import DripCore

/// How much a checker judged, by the rules that it holds.
struct Judged: Sendable {
    private(set) var byRule: [String: Int]
    private(set) var all = 0

    init(_ rules: String...) {
        byRule = Dictionary(uniqueKeysWithValues: rules.map { ($0, 0) })
    }

    mutating func note(_ rule: String) {
        all += 1
        byRule[rule, default: 0] += 1
    }
}

/// Whether the clock that the engine sees was ever set back: which of two things came first is not told by it then.
struct ShownClock: Sendable {
    private(set) var wasSetBack = false
    private var last = Instant.epoch

    mutating func hear(_ fact: Fact) {
        if fact.shown < last { wasSetBack = true }
        last = fact.shown
    }
}
