import DripCore

/// A date on a wall calendar, found by leafing through it year by year and month by month from 1970.
struct WallDate: Hashable, Sendable {
    var year = 1970
    var month = 1
    var day: Int

    /// The date of a day since 1970.
    init(day number: Int64) {
        var rest = Int(number)
        while rest < 0 {
            year -= 1
            rest += WallDate.length(ofYear: year)
        }
        while rest >= WallDate.length(ofYear: year) {
            rest -= WallDate.length(ofYear: year)
            year += 1
        }
        while rest >= WallDate.length(ofMonth: month, year) {
            rest -= WallDate.length(ofMonth: month, year)
            month += 1
        }
        day = rest + 1
    }

    /// `2026-11-23`.
    var text: String { "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)" }

    static func isLeap(_ year: Int) -> Bool { year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) }

    static func length(ofYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

    private static let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    static func length(ofMonth month: Int, _ year: Int) -> Int {
        month == 2 && isLeap(year) ? 29 : lengths[month - 1]
    }

    /// 1 January of a year from 1970 on, in days since 1970.
    static func firstDay(ofYear year: Int) -> Int64 {
        (1970..<max(1970, year)).reduce(0) { $0 + Int64(length(ofYear: $1)) }
    }

    static func firstDay(ofMonth month: Int, _ year: Int) -> Int64 {
        (1..<month).reduce(firstDay(ofYear: year)) { $0 + Int64(length(ofMonth: $1, year)) }
    }

    /// 0 is Monday: 1 January 1970 was a Thursday.
    static func weekday(ofDay day: Int64) -> Int { Int(((day + 3) % 7 + 7) % 7) }

    static func isListed(_ day: Int64, in days: [Weekday]) -> Bool {
        days.contains { Weekday.allCases.firstIndex(of: $0) == weekday(ofDay: day) }
    }
}
