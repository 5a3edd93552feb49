import DripCore

/// When the engine could not look at anybody, by the clock that it sees: dead, asleep, or with a disk that fails.
struct StageTroubles: Sendable {
    private var spans: [(from: Instant, until: Instant)] = []
    private var last = (at: Instant.epoch, shown: Instant.epoch)
    private var beforeDeath = Instant.epoch
    private var downSince: Instant?
    private var restoredSince: Instant?
    /// Whether the clock went back: which midnight was the first one then, nobody can tell.
    private(set) var wasSetBack = false

    /// How late an alarm may be heard.
    private static let latency = TimeSpan.minutes(2)
    /// How long a clock that leapt is not believed.
    private static let disbelief = TimeSpan.hours(1)
    /// What a disk that failed leaves behind: a restart, another attempt, boots that fail.
    private static let recovery = TimeSpan.minutes(15)

    mutating func hear(_ fact: Fact) {
        // Told of by what comes before and behind it.
        if case .setBack = fact.what { return }
        if fact.shown < last.shown, fact.at >= last.at { wasSetBack = true }
        if (fact.shown - last.shown) - (fact.at - last.at) > .days(1), last.at > .epoch {
            spans.append((last.shown, fact.shown + Self.disbelief))
        }
        switch fact.what {
        case .died:
            if downSince == nil {
                beforeDeath = last.shown
                downSince = fact.shown
            }
        // What came since the backup is forgotten, and nobody is looked at before somebody confirms it.
        case .restored:
            downSince = min(downSince ?? fact.shown, beforeDeath)
            restoredSince = downSince
        case .confirmed:
            if let since = restoredSince { spans.append((since, fact.shown)) }
            restoredSince = nil
        case .booted:
            // Who boots knows of nothing behind the last turn, which may be long before the death.
            if let since = downSince {
                let isLong = fact.shown - min(since, beforeDeath) > .days(1)
                spans.append((since, isLong ? fact.shown + Self.disbelief : fact.shown))
            }
            downSince = nil
        case .interrupted: spans.append((last.shown, max(fact.shown, last.shown) + Self.disbelief))
        case .diskFails(let until): spans.append((fact.shown, fact.shown + (until - fact.at) + Self.recovery))
        default: break
        }
        last = (fact.at, fact.shown)
    }

    /// By when whoever is to be looked at then must have been.
    func lookedBy(_ instant: Instant) -> Instant {
        var by = instant
        var isLater = true
        while isLater {
            isLater = false
            for span in spans where span.from <= by + Self.latency && span.until > by {
                by = span.until
                isLater = true
            }
        }
        return by + Self.latency
    }
}
