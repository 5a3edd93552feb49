/// When a step may go: inside the campaign's window, on no holiday, outside of the quiet hours.
///
/// It is the one answer to "is it open, and when does it open next", so that every wait ends at the first instant that
/// satisfies all three.
///
/// The rule: a day opens if the window lists its weekday and the campaign's calendar does not hold its date. It is open at
/// an instant if the lead's wall clock shows a time inside the hours of a day that opens, and no quiet hour. Nothing else
/// counts, so DST needs no rule of its own (see `SendWindow.swift`).
///
/// Edge cases: hours that wrap midnight belong to the day on which they opened, so the night of 24 December lasts into a
/// Christmas Day that is a holiday, and the night of Christmas Day does not begin. Quiet hours may cut an opening in two.
/// A calendar that closes ten years on end never opens (`Instant.distantFuture`). Waiting for any of the three burns
/// nothing (see `Lateness.swift`).
///
/// Worked example: `mon-fri 08:00-22:00`, quiet `21:00-07:00`, holiday Friday 2026-12-25. On Thursday 2026-12-24 at 20:59
/// it is open; at 21:00 it is quiet, and it opens next on Monday 2026-12-28 at 08:00.
package struct SendTimes: Hashable, Sendable {
    package var window: SendWindow
    package var holidays: Holidays
    package var quietHours: QuietHours?

    package init(window: SendWindow, holidays: Holidays = .none, quietHours: QuietHours? = nil) {
        self.window = window
        self.holidays = holidays
        self.quietHours = quietHours
    }

    /// How far ahead an opening is looked for where holidays may close any number of days.
    private static let horizonDays = 3_660

    /// Whether a send may start at `instant`.
    package func isOpen(at instant: Instant, in zone: Zone) -> Bool {
        let wall = instant.seconds + Int64(zone.offsetSeconds(at: instant))
        return openWall(atOrAfter: wall) == wall
    }

    /// The first instant at or after `instant` at which it is open: `instant` itself, or a whole second.
    ///
    /// `Instant.distantFuture` where it never opens (a load error, but no reason to hang).
    package func nextOpening(atOrAfter instant: Instant, in zone: Zone) -> Instant {
        var second = instant.seconds
        while true {
            // Inside a stretch the wall clock runs evenly; an opening beyond its end is looked for in the next one.
            let stretch = zone.stretch(containing: second)
            let offset = Int64(stretch.offsetSeconds)
            guard let wall = openWall(atOrAfter: second + offset) else { return .distantFuture }
            if wall - offset < stretch.end {
                return wall - offset <= instant.seconds ? instant : Instant(seconds: wall - offset)
            }
            second = stretch.end
        }
    }

    /// The first instant after `instant`, at which it is open, that is closed; nil where none lies before `limit`.
    func closing(after instant: Instant, before limit: Instant, in zone: Zone) -> Instant? {
        var second = instant.seconds
        while Instant(seconds: second) < limit {
            let stretch = zone.stretch(containing: second)
            let wall = second + Int64(stretch.offsetSeconds)
            guard openWall(atOrAfter: wall) == wall else { return Instant(seconds: second) }
            if let closed = closedWall(after: wall), closed - Int64(stretch.offsetSeconds) < stretch.end {
                let closing = Instant(seconds: closed - Int64(stretch.offsetSeconds))
                return closing < limit ? closing : nil
            }
            guard stretch.end < .max else { return nil }
            second = stretch.end
        }
        return nil
    }

    /// Whether it opens on the day to which that time on `date` belongs; quiet hours only cut what is open.
    package func opens(on date: LocalDate, for time: LocalTime) -> Bool {
        let day = window.openingDay(of: date, at: time)
        return window.opens(on: day) && !holidays.contains(day)
    }

    /// The first date at or after `date` on which it opens for that time of day; `date` itself where none is near.
    package func firstOpenDate(atOrAfter date: LocalDate, for time: LocalTime) -> LocalDate {
        let days = holidays.isEmpty ? 7 : SendTimes.horizonDays
        return (0..<days).lazy.map { date.adding(days: $0) }.first { opens(on: $0, for: time) } ?? date
    }

    /// The longest run of days on which it does not open: 2 for `mon-fri`, more around holidays, 7 for never.
    package var longestClosedRunDays: Int {
        var longest = window.longestClosedRunDays
        guard !holidays.isEmpty, longest < 7 else { return longest }
        // Every weekday meets every date within 28 years; dates of one year only lie where they lie.
        let first = holidays.firstDate.map { min($0.daysSinceEpoch, 20_454) } ?? 20_454
        let last = max(first + 28 * 366, holidays.lastDate?.daysSinceEpoch ?? 0)
        func isClosed(_ day: Int) -> Bool {
            let date = LocalDate(daysSinceEpoch: day)
            return !window.opens(on: date) || holidays.contains(date)
        }
        // A run that is longer than the window's own has a holiday in it.
        var end = Int.min
        for holiday in holidays.days(in: first...last) where holiday > end {
            var begin = holiday
            while begin > first - 8, isClosed(begin - 1) { begin -= 1 }
            end = holiday
            while end < last + 8, isClosed(end + 1) { end += 1 }
            longest = max(longest, end - begin + 1)
        }
        return longest
    }

    /// The first wall-clock second (since 1970) at or after `wall` that is open; nil where there is none.
    package func openWall(atOrAfter wall: Int64) -> Int64? {
        let hours = window.hours
        guard !hours.isEmpty else { return nil }
        let today = Int(wall.floorDivided(by: 86_400))
        // From yesterday, whose hours may last past midnight, to the same day next week, or far beyond all holidays.
        for day in today - 1...today + (holidays.isEmpty ? 7 : SendTimes.horizonDays) {
            let date = LocalDate(daysSinceEpoch: day)
            guard window.opens(on: date), !holidays.contains(date) else { continue }
            let midnight = Int64(day) * 86_400
            var second = max(wall, midnight + Int64(hours.lowerBound))
            while second < midnight + Int64(hours.upperBound) {
                guard let quietEnd = quietHours?.end(around: second) else { return second }
                second = quietEnd
            }
        }
        return nil
    }

    /// The first wall-clock second after `wall`, which is open, that is closed; nil where it is open for a week.
    private func closedWall(after wall: Int64) -> Int64? {
        var second = wall
        while second < wall + 7 * 86_400 {
            let time = LocalDateTime(wallSeconds: second)
            let day = window.openingDay(of: time.date, at: time.time)
            let end = Int64(day.daysSinceEpoch) * 86_400 + Int64(window.hours.upperBound)
            second = min(end, quietHours?.begin(after: second) ?? end)
            if openWall(atOrAfter: second) != second { return second }
        }
        return nil
    }
}

extension Campaign {
    /// When it may send under that policy.
    package func times(under policy: Policy) -> SendTimes {
        SendTimes(window: window, holidays: holidays, quietHours: policy.quietHours)
    }
}
