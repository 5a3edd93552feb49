/// When a campaign may send: weekdays and half-open local hours, judged in the lead's zone.
///
/// The rule: it is open at an instant if the lead's wall clock then shows a time inside the hours of a listed day:
/// `opens <= time < closes`. Nothing else counts, so DST needs no rule of its own: what a clock skips is never open, and
/// hours that it shows twice are open twice.
///
/// Edge cases: `opens > closes` wraps midnight, and the part after midnight belongs to the day on which it opened (so
/// `mon-fri 22:00-06:00` is open on Saturday at 02:00 and closed on Monday at 02:00); equal times mean all day; an
/// opening that falls into a DST gap is at the gap's end, if that is still inside the hours; a day that a zone skips
/// (Pacific/Apia, 2011-12-30) never opens. Waiting for a window burns nothing (see `Lateness.swift`).
///
/// Worked example: `mon-fri 08:00-17:00` in Asia/Jakarta (UTC+7): on Friday 2026-11-20 it closes at 10:00 UTC (at
/// 09:59:59.999 UTC it is open, a millisecond later it is not) and next opens on Monday 2026-11-23 at 01:00 UTC.
package struct SendWindow: Hashable, Sendable {
    /// Empty never happens: a window without a day is a load error.
    package var days: Set<Weekday> {
        didSet { dayBits = SendWindow.bits(days) }
    }
    /// `opens <= local time < closes`; `opens > closes` wraps midnight, and the part after midnight belongs to the day
    /// on which it opened; equal means all day.
    package var opens: LocalTime
    package var closes: LocalTime
    /// `days` again, bit 0 for Monday: no set is searched while deciding.
    private var dayBits: UInt8

    package init(days: Set<Weekday>, opens: LocalTime, closes: LocalTime) {
        self.days = days
        self.opens = opens
        self.closes = closes
        self.dayBits = SendWindow.bits(days)
    }

    package static let always = SendWindow(days: Set(Weekday.allCases), opens: .midnight, closes: .endOfDay)

    private static func bits(_ days: Set<Weekday>) -> UInt8 { days.reduce(0) { $0 | 1 << UInt8($1.index) } }
}

extension SendWindow {
    /// Whether a send may start at `instant`, as far as the window goes.
    package func isOpen(at instant: Instant, in zone: Zone) -> Bool {
        SendTimes(window: self).isOpen(at: instant, in: zone)
    }

    /// The first instant at or after `instant` at which the window is open; see `SendTimes`.
    package func nextOpening(atOrAfter instant: Instant, in zone: Zone) -> Instant {
        SendTimes(window: self).nextOpening(atOrAfter: instant, in: zone)
    }

    /// Whether it opens on that day at all; what lasts from the day before past midnight is not that day's.
    package func opens(on date: LocalDate) -> Bool { dayBits & 1 << UInt8(date.weekdayIndex) != 0 }

    /// Whether that time of day is inside the hours, on whatever day.
    package func contains(_ time: LocalTime) -> Bool {
        let second = time.secondOfDay
        return hours.contains(second) || hours.contains(second + 86_400)
    }

    /// The day to which that time on `date` belongs: with hours that wrap midnight, an early `time` belongs to the day
    /// before.
    package func openingDay(of date: LocalDate, at time: LocalTime) -> LocalDate {
        hours.contains(time.secondOfDay + 86_400) ? date.adding(days: -1) : date
    }

    /// Whether it is open on the day to which that time on `date` belongs.
    package func opens(on date: LocalDate, for time: LocalTime) -> Bool { opens(on: openingDay(of: date, at: time)) }

    /// The longest run of days on which it does not open: 2 for `mon-fri`, 0 for every day, 7 for none.
    package var longestClosedRunDays: Int {
        var (run, longest) = (0, 0)
        // Twice round, for a run that crosses the week's end.
        for day in 0..<14 {
            run = dayBits & 1 << UInt8(day % 7) != 0 ? 0 : run + 1
            longest = max(longest, run)
        }
        return min(longest, 7)
    }

    /// Seconds from the midnight of the day on which it opens; beyond 86,400 on the next day.
    var hours: Range<Int> {
        let (start, end) = (opens.secondOfDay, closes.secondOfDay)
        if start == end { return 0..<86_400 }
        return start < end ? start..<end : start..<end + 86_400
    }
}

extension SendWindow: CustomStringConvertible {
    /// As files write it: `mon-fri 08:00-17:00`.
    package var description: String { "\(daysText) \(opens)-\(closes)" }

    private var daysText: String {
        var runs: [(first: Weekday, last: Weekday)] = []
        for day in Weekday.mondayFirst where days.contains(day) {
            if let last = runs.last, last.last.index == day.index - 1 {
                runs[runs.count - 1].last = day
            } else {
                runs.append((day, day))
            }
        }
        return runs.map { $0.first == $0.last ? $0.first.rawValue : "\($0.first.rawValue)-\($0.last.rawValue)" }
            .joined(separator: ",")
    }
}
