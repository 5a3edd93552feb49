// A date of a lead, as its reader writes dates.
//
// The rule: what is a date for a step that counts from it (`AnchorPoint`) is one here, and nothing else: `2026-12-01`,
// or an instant such as `2026-12-01T09:00:00Z`, which is shown on the lead's own clock and calendar. The day stands before
// the month in every language, so that no reader can take the one for the other.
// Edge cases: `2027-02-29` exists nowhere and is no date; a date without a time has none to show; midnight UTC is the
// next morning in Jakarta, and another day in New York.
// Worked example: 2026-12-01 is `1 December 2026`, `Selasa, 1 Desember 2026` (full), `1 Des 2026` (short); the instant
// 2026-12-01T09:00:00Z is `16:00` in Jakarta in English and `16.00` in Indonesian.

import DripCore

/// How much of a date is shown.
enum DateForm: String, Hashable, Sendable, CaseIterable {
    /// `1 December 2026`.
    case long
    /// `Tuesday, 1 December 2026`.
    case full
    /// `1 Dec 2026`.
    case short
    /// `1 December`.
    case day
    /// `Tuesday`.
    case weekday
    /// `16:00`.
    case time

    /// Nil where the value is no date, or has no time to show.
    func text(of value: AttributeValue, in language: Language, _ zone: Zone) -> String? {
        guard let point = AnchorPoint(value, in: zone) else { return nil }
        let (year, month, day) = point.date.civil
        let weekday = language.weekdays[point.date.weekday.index]
        let name = language.months[month - 1]
        switch self {
        case .long: return "\(day) \(name) \(year)"
        case .full: return "\(weekday), \(day) \(name) \(year)"
        case .short: return "\(day) \(language.shortMonths[month - 1]) \(year)"
        case .day: return "\(day) \(name)"
        case .weekday: return weekday
        case .time:
            guard LocalDate(value.text.trimmed) == nil else { return nil }
            let parts = zone.local(at: point.instant).time.withSeconds.split(separator: ":")
            return "\(parts[0])\(language.signs.clock)\(parts[1])"
        }
    }
}
