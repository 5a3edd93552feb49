/// At most `count` counted messages per lead in any rolling `period`.
///
/// The rule: at an instant `t`, the charges in `(t − period, t]` must be fewer than `count` before one more is added.
/// Charges later than `t` (the clock stepped back) count too; unresolved deliveries count at every instant.
///
/// Worked example: at most 1 per 24 h, one charge at Monday 09:00:00.000. At Tuesday 08:59:59.999 it still counts;
/// at Tuesday 09:00:00.000 the interval is `(Mon 09:00, Tue 09:00]`, which no longer holds it: the lead may get one.
package struct FrequencyCap: Hashable, Sendable {
    package var count: Int
    package var period: TimeSpan

    package init(count: Int, period: TimeSpan) {
        self.count = count
        self.period = period
    }
}
