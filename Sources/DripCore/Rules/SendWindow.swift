/// When a campaign may send: weekdays and half-open local hours, judged in the lead's zone.
package struct SendWindow: Hashable, Sendable {
    /// Empty never happens: a window without a day is a load error.
    package var days: Set<Weekday>
    /// `opens <= local time < closes`; `opens > closes` wraps midnight, and the part after midnight belongs to the day
    /// on which it opened; equal means all day.
    package var opens: LocalTime
    package var closes: LocalTime

    package init(days: Set<Weekday>, opens: LocalTime, closes: LocalTime) {
        self.days = days
        self.opens = opens
        self.closes = closes
    }

    package static let always = SendWindow(days: Set(Weekday.allCases), opens: .midnight, closes: .endOfDay)
}
