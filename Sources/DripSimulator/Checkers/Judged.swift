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
    private var shownTwice: [ClosedRange<Instant>] = []

    mutating func hear(_ fact: Fact) {
        // Where nothing else was told in between, everything but those instants can be judged.
        if case .setBack(let instant) = fact.what { return shownTwice.append(instant...max(instant, fact.shown)) }
        if fact.shown < last { wasSetBack = true }
        last = fact.shown
    }

    /// Whether the clock showed that instant more than once, though nothing may have been told in between.
    func showedTwice(_ instant: Instant) -> Bool { shownTwice.contains { $0.contains(instant) } }
}
