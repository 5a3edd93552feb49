/// How fast a transport may send: at most `count` messages per `period`, with bursts of no more than a second's worth.
///
/// The rule is a token bucket in the engine's own time. A token costs `period` and fills at `count` a millisecond, so that
/// the arithmetic is exact for every rate. The bucket holds what fills in a second, and never less than one token.
///
/// Edge cases: a bucket begins with one token, so that a restart is no burst; a clock that steps back fills nothing and
/// takes nothing, and the bucket goes on from there (`clockStepped`). What has no token stays due in the store: there is no queue (`Engine`, `Lane.credit`).
///
/// Worked example: 300 per 1m: five at once, and then one every 200 ms.
package struct SendRate: Hashable, Sendable {
    package var count: Int
    package var period: TimeSpan

    package init(count: Int, period: TimeSpan) {
        self.count = count
        self.period = period
    }

    /// The instant from which a slot after one at `slot` is free, where each slot is one message; rounded up to the
    /// millisecond, so that no more than `count` fit into a period.
    package func nextSlot(after slot: Instant) -> Instant {
        slot + .milliseconds((period.milliseconds + Int64(count) - 1) / Int64(count))
    }
}

extension SendRate: CustomStringConvertible {
    /// `300 messages per 1m`.
    package var description: String { "\(count) \(count == 1 ? "message" : "messages") per \(period)" }
}

/// What may still be sent at a rate.
package struct TokenBucket: Hashable, Sendable {
    package let rate: SendRate
    /// In parts of a token, of which `rate.period.milliseconds` make one.
    private var level: Int64
    private var filledAt: Instant

    package init(_ rate: SendRate, at now: Instant) {
        self.rate = rate
        level = rate.period.milliseconds
        filledAt = now
    }

    /// How many messages may go now.
    package func tokens(at now: Instant) -> Int { Int(filled(at: now) / rate.period.milliseconds) }

    /// When there is a token again, `now` where there is one.
    package func nextTokenAt(_ now: Instant) -> Instant {
        let missing = rate.period.milliseconds - filled(at: now)
        guard missing > 0 else { return now }
        return now + .milliseconds((missing + Int64(rate.count) - 1) / Int64(rate.count))
    }

    /// Takes the token of one message, which may be owed.
    package mutating func take(at now: Instant) {
        level = filled(at: now) - rate.period.milliseconds
        filledAt = now
    }

    /// Goes on from `now`, behind which the clock has stepped back; what it holds stays.
    package mutating func clockStepped(to now: Instant) {
        filledAt = min(filledAt, now)
    }

    /// Whether nothing was taken that has not filled up again.
    package func isFull(at now: Instant) -> Bool { filled(at: now) == capacity }

    private var capacity: Int64 { max(rate.period.milliseconds, Int64(rate.count) * 1_000) }

    private func filled(at now: Instant) -> Int64 {
        let passed = max(0, (now - filledAt).milliseconds)
        // Full long before the product could overflow.
        guard passed < rate.period.milliseconds + 1_000 || level < 0 else { return capacity }
        let (gained, overflow) = passed.multipliedReportingOverflow(by: Int64(rate.count))
        return overflow ? capacity : min(capacity, level + gained)
    }
}
