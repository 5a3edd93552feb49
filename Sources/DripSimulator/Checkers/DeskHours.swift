import DripCore

/// When somebody works: by a clock and a calendar on the wall, a quarter of an hour after the other.
///
/// Files of the simulator open and close on quarters of an hour, and clocks change on them, so that nothing turns inside of one.
struct DeskHours {
    let clock: WallClock
    /// Nil is always.
    let window: CampaignPlan.Window?
    let policy: PolicyPlan
    var away: [Holidays.Entry] = []

    /// Beyond this nobody works who has not worked before.
    private static let patienceDays = 400
    private static let quarter = TimeSpan.minutes(15)

    /// Whether that day is one of those on which they are away; nil where this judge abstains.
    func isAway(at instant: Instant) -> Bool? {
        clock.day(at: instant).map { day in away.contains { $0.holds(WallDate(day: day)) } }
    }

    func isAtWork(at instant: Instant) -> Bool? {
        var days: [Int64: Bool] = [:]
        return isAtWork(at: instant, &days)
    }

    /// `days` remembers which days are worked.
    private func isAtWork(at instant: Instant, _ days: inout [Int64: Bool]) -> Bool? {
        guard let wall = clock.wallSeconds(at: instant) else { return nil }
        let day = wall / 86_400
        for day in [day - 1, day] where days[day] == nil {
            let isOff = away.contains { $0.holds(WallDate(day: day)) }
            days[day] = !isOff && window?.opens(onDay: day, policy) ?? true
        }
        guard let window else { return days[day] }
        return window.hours.holds(Int(wall - day * 86_400), ofDay: day) { days[$0] ?? false }
    }

    /// When so much of it has passed; nil where this judge abstains.
    func end(of span: TimeSpan, from start: Instant) -> Instant? {
        var (left, at) = (span, start)
        var days: [Int64: Bool] = [:]
        while at - start < .days(Int64(Self.patienceDays)) {
            guard let isAtWork = isAtWork(at: at, &days) else { return nil }
            let length = Self.quarter.milliseconds
            let next = Instant(milliseconds: (at.milliseconds / length + 1) * length)
            if isAtWork {
                if left <= next - at { return at + left }
                left = left - (next - at)
            }
            at = next
        }
        return nil
    }
}
