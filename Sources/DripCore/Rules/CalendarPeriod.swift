/// A lead's own day, week or month: what a cap with `calendar: true` counts in.
///
/// The rule: a day begins at the first instant at which the wall clock of the lead's zone shows its midnight or a later
/// time, a week with its Monday (ISO 8601), a month with its first day; each lasts until the next one begins.
///
/// Edge cases: a midnight that DST skips begins at the end of the gap; where it comes twice, the first one counts, and
/// what the clock then shows of the day before belongs to the new day all the same, so that no instant is in two
/// periods. A day that a zone skips (Pacific/Apia, 2011-12-30) has no length.
///
/// Worked example: Europe/Berlin, 2026-10-25 12:00 (the clock went back that night): the day began at 2026-10-24 22:00
/// UTC and ends 25 h later; the week ends at that same instant, the month on 2026-10-31 at 23:00 UTC.
package enum CalendarPeriod: String, CaseIterable, Sendable {
    case day, week, month

    /// When the first of these periods after `instant` begins.
    package func next(after instant: Instant, in zone: Zone) -> Instant {
        let date = zone.local(at: instant).date
        // The clock may show a day that is over already, or be just before one without a length.
        for number in 1...4 {
            let begin = zone.instant(of: LocalDateTime(date: first(number, after: date), time: .midnight))
            if begin > instant { return begin }
        }
        return instant
    }

    /// The first day of the period that comes so many after the one that holds `date`.
    private func first(_ number: Int, after date: LocalDate) -> LocalDate {
        switch self {
        case .day: return date.adding(days: number)
        case .week: return date.adding(days: 7 * number - date.weekdayIndex)
        case .month:
            var (year, month, day) = date.civil
            var first = date.adding(days: 1 - day)
            for _ in 0..<number {
                first = first.adding(days: LocalDate.length(ofMonth: month, year: year))
                (year, month, day) = first.civil
            }
            return first
        }
    }
}
