import DripCore

/// Keeps a transport that cannot work from being tried with every lead.
///
/// The rule: a fault of the transport itself (wrong password, no TLS, refused connection, refused sender), the other
/// side's wish for fewer at a time, or too many attempts that end as an outage would end them (`ErrorRate`) open the
/// breaker; while it is open nothing is claimed, so what cannot go stays due. After a pause one delivery probes; its
/// success closes the breaker, its failure opens it for longer. What comes in while it is paused belongs to sends that
/// were under way and changes nothing; nor does a message that could not even be made.
///
/// Edge cases: a wish (`Retry-After`) longer than the longest pause is asked again after that. Where the error rate opened
/// it, a probe that ends like an outage is a failure; where a fault did, it shows that the fault is gone.
struct Breaker: Hashable, Sendable {
    /// Pauses after the first, second, … fault in a row; the last one repeats.
    static let pauses: [TimeSpan] = [.seconds(30), .minutes(1), .minutes(2), .minutes(5), .minutes(10)]

    private(set) var openUntil: Instant?
    private(set) var faults = 0
    /// Since when it has not been able to work; nil while it is.
    private(set) var faultySince: Instant?
    private(set) var lastError: String?
    private var rate = ErrorRate()
    /// Whether it was opened by what looked like an outage, and no fault of the transport was heard since.
    private var isOpenedByRate = false

    enum State: String {
        case open, paused, probing
    }

    /// `open` means the transport is: the word of the status file, not of the circuit.
    func state(at now: Instant) -> State {
        guard let openUntil else { return .open }
        // Further ahead than any pause is long: the clock stepped back, and the pause is over.
        return now < openUntil && openUntil - now <= Breaker.pauses[Breaker.pauses.count - 1] ? .paused : .probing
    }

    /// When it is tried again; nil while it may be tried.
    func pausedUntil(at now: Instant) -> Instant? { state(at: now) == .paused ? openUntil : nil }

    /// How many more deliveries may be marked now.
    func credit(limit: Int, sending: Int, at now: Instant) -> Int {
        switch state(at: now) {
        case .open: max(0, limit - sending)
        case .paused: 0
        case .probing: sending == 0 ? 1 : 0
        }
    }

    /// A person says that it works again: it is tried now, and its next fault pauses it for as long as this one would have.
    ///
    /// Answers false where it was not paused.
    mutating func endPause(at now: Instant) -> Bool {
        guard state(at: now) == .paused else { return false }
        openUntil = now
        return true
    }

    mutating func hear(_ result: AttemptResult, at now: Instant) {
        switch result.blame {
        case .composing: return
        case .transport, .pace: lastError = result.text
        case .delivery: if result.isOutageLike { lastError = result.text }
        }
        // While it is paused, every result is of a send that was under way before: it says nothing new.
        guard state(at: now) != .paused else { return }
        switch result.blame {
        case .transport:
            open(at: now)
            isOpenedByRate = false
            rate = ErrorRate()
        // It says nothing of whether an outage is over.
        case .pace: open(for: result.retryAfter, at: now)
        case .delivery, .composing: hearAnswer(result, at: now)
        }
    }

    private mutating func hearAnswer(_ result: AttemptResult, at now: Instant) {
        rate.hear(result, at: now)
        if result.isOutageLike, isOpenedByRate || rate.isTooHigh {
            lastError =
                isOpenedByRate
                ? result.text : "\(rate.failures) of the last \(ErrorRate.window) attempts failed: \(result.text)"
            open(at: now)
            isOpenedByRate = true
            rate = ErrorRate()
        } else if result.outcome != .unknown {
            // The other side was there, even if it refused this one message.
            openUntil = nil
            faultySince = nil
            faults = 0
            isOpenedByRate = false
        }
    }

    private mutating func open(for wish: TimeSpan? = nil, at now: Instant) {
        let pause = wish.map { min($0, Breaker.pauses[Breaker.pauses.count - 1]) }
        faultySince = faultySince ?? now
        openUntil = now + max(pause ?? Breaker.pauses[min(faults, Breaker.pauses.count - 1)], .seconds(1))
        faults += 1
    }
}
