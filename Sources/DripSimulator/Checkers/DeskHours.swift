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
        guard let wall = clock.wallSeconds(at: instant), let day = clock.day(at: instant) else { return nil }
        func isWorked(_ day: Int64) -> Bool {
            !away.contains { $0.holds(WallDate(day: day)) } && window?.opens(onDay: day, policy) ?? true
        }
        guard let window else { return isWorked(day) }
        return window.hours.holds(Int(wall - day * 86_400), ofDay: day, where: isWorked)
    }

    /// When so much of it has passed; nil where this judge abstains.
    func end(of span: TimeSpan, from start: Instant) -> Instant? {
        var (left, at) = (span, start)
        while at - start < .days(Int64(Self.patienceDays)) {
            guard let isAtWork = isAtWork(at: at) else { return nil }
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
