/// At most `count` counted messages per lead in any rolling `period`.
///
/// The rule: at an instant `t`, the charges in `(t − period, t]` must be fewer than `count` before one more is added.
/// Charges later than `t` (the clock stepped back) count too; unresolved deliveries count at every instant.
///
/// Edge cases: where unresolved deliveries alone fill the cap, nobody can tell when it will permit. A delivery that is
/// attempted again ignores its own charge and counts all others. As it has counted at every instant since its
/// reservation, that lets it pass, except where the clock stepped back or the cap was lowered meanwhile: its charge
/// moves to the new attempt, and there it must not put a period over the cap either.
///
/// Worked example: at most 1 per 24 h, one charge at Monday 09:00:00.000. At Tuesday 08:59:59.999 it still counts;
/// at Tuesday 09:00:00.000 the interval is `(Mon 09:00, Tue 09:00]`, which no longer holds it: the lead may get one.
package struct FrequencyCap: Hashable, Sendable {
    /// The longest period that a policy may name.
    ///
    /// Charges are kept for as long, whatever caps there are now: an edit
    /// may ask for them tomorrow.
    package static let longestPeriod = TimeSpan.days(366)

    package var count: Int
    package var period: TimeSpan

    package init(count: Int, period: TimeSpan) {
        self.count = count
        self.period = period
    }

    /// The first millisecond at or after `instant` at which one more message is allowed; nil where nobody can tell.
    ///
    /// `ignoring` is a delivery whose own charge does not count against it.
    package func earliest(
        atOrAfter instant: Instant, ledger: ChargeLedger, ignoring: DeliveryID? = nil
    ) -> Instant? {
        let unresolved = ledger.open.count { $0.delivery != ignoring }
        let free = count - unresolved
        guard free > 0 else { return nil }
        guard ledger.settled.count >= free else { return instant }
        // All but `free - 1` settled charges must have left the period; the newest of those leaves last.
        return max(instant, ledger.settled[ledger.settled.count - free] + period)
    }
}

extension FrequencyCap: CustomStringConvertible {
    /// `at most 1 message per 24h`.
    package var description: String { "at most \(count) \(count == 1 ? "message" : "messages") per \(period)" }
}
