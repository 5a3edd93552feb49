import DripCore

/// Whether a transport that answers is nevertheless unwell.
///
/// The rule: it is when at least 16 of the last 20 attempts ended as an outage would end them (`isOutageLike`): without a
/// word, or with one about the other side's own state. What comes 25 minutes after the one before it begins anew: more than
/// a silent server is waited for (ten minutes after the dot), and less than an e-mail waits for its next attempt, so that a
/// single message that kills its connection each time is no outage.
///
/// Edge cases: refused mailboxes and greylisting count as answers, however many: a bad list stops nothing. Fewer than 20 say
/// nothing.
///
/// Worked example: the relay's disk is full and it answers `452 4.3.1` to everybody: after twenty of these nothing more is
/// tried, instead of an attempt and half an hour of every lead's `late_max`.
struct ErrorRate: Hashable, Sendable {
    static let window = 20
    static let most = 16
    static let longestGap = TimeSpan.minutes(25)

    /// The last results, the newest in the lowest bit; a bit is set for what an outage might do.
    private var results: UInt32 = 0
    private var count = 0
    private var heardAt: Instant?

    /// Of the last `window` results, how many were like an outage.
    var failures: Int { (results & (1 << UInt32(ErrorRate.window) - 1)).nonzeroBitCount }

    var isTooHigh: Bool { count >= ErrorRate.window && failures >= ErrorRate.most }

    mutating func hear(_ result: AttemptResult, at now: Instant) {
        if let heardAt, now - heardAt > ErrorRate.longestGap { self = ErrorRate() }
        results = results << 1 | (result.isOutageLike ? 1 : 0)
        count = min(count + 1, ErrorRate.window)
        heardAt = now
    }
}
