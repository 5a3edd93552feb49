import DripCore

/// How far from its anchor a step can be planned, for given send times.
struct Reach {
    /// The first moment of a day at which it can be open.
    let opensFirst: LocalTime
    /// The last such moment over all days on which it opens.
    private let opensLast: LocalTime
    private let isAlwaysOpen: Bool
    /// The longest row of days on which it does not open.
    let closedDays: Int
    private let clockChange = TimeSpan.hours(2)

    init(times: SendTimes) {
        // Any week will do, where holidays are left out: 1970-01-05 was a Monday.
        let weekly = SendTimes(window: times.window, quietHours: times.quietHours)
        let openings = (4..<11).compactMap { day -> Int? in
            let midnight = Int64(day) * 86_400
            let opening = weekly.openWall(atOrAfter: midnight).map { $0 - midnight }
            return opening.flatMap { $0 < 86_400 ? Int($0) : nil }
        }
        opensFirst = LocalTime(secondOfDay: openings.min() ?? times.window.opens.secondOfDay)
        opensLast = LocalTime(secondOfDay: openings.max() ?? times.window.opens.secondOfDay)
        let window = times.window
        let allHours = window.opens == .midnight && window.closes == .endOfDay || window.opens == window.closes
        isAlwaysOpen =
            allHours && window.days.count == Weekday.allCases.count && times.holidays.isEmpty && times.quietHours == nil
        closedDays = min(times.longestClosedRunDays, times.holidays.isEmpty ? 6 : 366)
    }

    /// The least time from the anchor to the planned instant; a floored step never lies before its anchor.
    func earliest(_ timing: Step.Timing, isFloored: Bool) -> TimeSpan {
        switch timing {
        case .after(let span): return span
        case .day(let day, let at):
            guard isFloored else { return days(day) - .days(1) + time(at ?? opensFirst) - clockChange }
            guard day > 1 else { return .zero }
            return max(.zero, days(day) - .days(1) + time(at ?? opensFirst) - clockChange)
        }
    }

    /// The most time from the anchor to the planned instant.
    func latest(_ timing: Step.Timing, isFloored: Bool) -> TimeSpan {
        switch timing {
        case .after(let span): return span
        case .day(let day, let at):
            if isFloored, day == 1, at == nil, isAlwaysOpen { return .zero }
            // Day 1 may be over for this campaign when someone enrols: then the next opening counts.
            let nextOpening: TimeSpan = isFloored && day == 1 && !isAlwaysOpen ? .days(1) : .zero
            let onTheDay = days(day) + time(at ?? opensLast)
            let least = isFloored ? max(onTheDay, nextOpening) : onTheDay
            return least + .days(Int64(closedDays)) + clockChange
        }
    }

    /// The most time between two steps of one anchor that are both kept to their plan; nil where nobody can tell.
    func longest(from step: Step, to later: Step) -> TimeSpan? {
        guard step.anchor == later.anchor, step.anchor != .previous else { return nil }
        switch (step.timing, later.timing) {
        case (.after(let a), .after(let b)): return b - a + later.spread + longestClosure
        case (.day(let a, let aAt), .day(let b, let bAt)):
            let moved: TimeSpan = a == b ? .zero : .days(Int64(closedDays)) + clockChange
            let apart = days(b) - days(a)
            return max(.zero, apart + time(bAt ?? opensLast) - time(aAt ?? opensFirst) + moved) + later.spread
        default: return nil
        }
    }

    /// The most by which waiting for an opening can stretch the time between two `after` steps.
    private var longestClosure: TimeSpan { isAlwaysOpen ? .zero : .days(Int64(closedDays) + 1) + clockChange }

    /// The days between the anchor's own and that one.
    private func days(_ day: Int) -> TimeSpan { .days(Int64(day > 0 ? day - 1 : day)) }

    private func time(_ time: LocalTime) -> TimeSpan { .seconds(Int64(time.secondOfDay)) }
}
