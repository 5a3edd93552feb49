import Synchronization

/// How many requests in a second each token may make: evenly, with a second's worth at once.
///
/// The rule (a leaky bucket, kept as the instant at which it is empty): a request adds `1 / perSecond` to it, and is refused where
/// that lies more than a second ahead. Refused requests add nothing.
final class RequestRate: Sendable {
    let perSecond: Int
    private let emptyAt = Mutex<[String: ContinuousClock.Instant]>([:])

    init(perSecond: Int) {
        self.perSecond = perSecond
    }

    func take(_ name: String, at now: ContinuousClock.Instant) -> Bool {
        emptyAt.withLock { emptyAt in
            // Whose bucket is empty need not be known.
            if emptyAt.count > 1_000 { emptyAt = emptyAt.filter { $0.value > now } }
            let next = max(emptyAt[name] ?? now, now) + .seconds(1) / perSecond
            guard next <= now + .seconds(1) else { return false }
            emptyAt[name] = next
            return true
        }
    }
}
