import DripCore

/// What the machine's clock shows at an instant of true time: a line that drifts, with steps in it.
struct SkewedClock: Sendable {
    private var anchor: Instant
    private var shown: Instant
    private var partsPerMillion: Int64 = 0

    /// A clock that is right.
    init(at instant: Instant) {
        anchor = instant
        shown = instant
    }

    func shows(at instant: Instant) -> Instant {
        let passed = (instant - anchor).milliseconds
        return shown + .milliseconds(passed + passed * partsPerMillion / 1_000_000)
    }

    /// The first instant of true time, not before `earliest`, at which it shows `wanted` or more.
    func instant(showing wanted: Instant, from earliest: Instant) -> Instant {
        var instant = max(earliest, anchor)
        while true {
            let missing = (wanted - shows(at: instant)).milliseconds
            if missing <= 0 { return instant }
            // A clock that runs fast covers the rest sooner; never step over the instant by much.
            instant = instant + .milliseconds(max(1, missing * 1_000_000 / (1_000_000 + max(0, partsPerMillion)) - 1))
        }
    }

    mutating func step(by span: TimeSpan, at instant: Instant) {
        shown = shows(at: instant) + span
        anchor = instant
    }

    mutating func drift(_ partsPerMillion: Int, at instant: Instant) {
        shown = shows(at: instant)
        anchor = instant
        self.partsPerMillion = Int64(partsPerMillion)
    }
}
