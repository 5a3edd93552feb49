/// A time of day on a wall clock, in whole seconds; `24:00` (86,400) is allowed as the end of a day.
package struct LocalTime: Hashable, Comparable, Sendable {
    package let secondOfDay: Int

    package init(secondOfDay: Int) {
        self.secondOfDay = secondOfDay
    }

    package static let midnight = LocalTime(secondOfDay: 0)
    package static let endOfDay = LocalTime(secondOfDay: 86_400)

    package static func < (a: LocalTime, b: LocalTime) -> Bool { a.secondOfDay < b.secondOfDay }
}

extension LocalTime: CustomStringConvertible {
    /// `09:00`, the form that files use; seconds are shown only when there are any.
    package var description: String {
        secondOfDay % 60 == 0 ? String(withSeconds.prefix(5)) : withSeconds
    }

    /// `09:00:00`.
    package var withSeconds: String {
        let hour = secondOfDay / 3_600
        let minute = secondOfDay / 60 % 60
        return "\(padded(hour, to: 2)):\(padded(minute, to: 2)):\(padded(secondOfDay % 60, to: 2))"
    }

    /// Reads `09:00` or `09:00:30`, 24-hour; `24:00` is the end of the day.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), let second = parts.count == 3 ? Int(parts[2]) : 0,
            minute < 60, second < 60, hour < 24 || (hour == 24 && minute == 0 && second == 0)
        else { return nil }
        self.init(secondOfDay: hour * 3_600 + minute * 60 + second)
    }
}

/// A date and a time of day, in no particular zone: what a wall clock and a calendar show.
package struct LocalDateTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var date: LocalDate
    package var time: LocalTime

    package init(date: LocalDate, time: LocalTime) {
        self.date = date
        self.time = time
    }

    /// Seconds from 1970-01-01T00:00 on this wall clock; not an instant, because it has no zone.
    package var wallSeconds: Int64 { Int64(date.daysSinceEpoch) * 86_400 + Int64(time.secondOfDay) }

    package init(wallSeconds: Int64) {
        let day = wallSeconds.floorDivided(by: 86_400)
        self.date = LocalDate(daysSinceEpoch: Int(day))
        self.time = LocalTime(secondOfDay: Int(wallSeconds - day * 86_400))
    }

    package static func < (a: LocalDateTime, b: LocalDateTime) -> Bool { a.wallSeconds < b.wallSeconds }

    package var description: String { "\(date) \(time)" }
}
