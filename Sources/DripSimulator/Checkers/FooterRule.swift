/// What the last line of a zone file says about the years behind its list (POSIX TZ), leafed through year by year.
///
/// `CET-1CEST,M3.5.0,M10.5.0/3`: an hour ahead of Greenwich, two from the last Sunday of March at 02:00 to the last Sunday
/// of October at 03:00. Offsets count west of Greenwich, and a time of day may be negative or beyond its day.
struct FooterRule {
    /// The last year that is leafed through.
    static let lastYear = 2040

    private struct Change {
        /// `M3.5.0`, `J60` or `59`.
        var day: Substring
        var seconds: Int
    }

    private let offset: Int
    private let daylightOffset: Int
    private let starts: Change
    private let ends: Change

    /// Nil where the clocks never change again.
    init?(_ text: String) {
        let parts = text.split(separator: ",")
        guard parts.count == 3 else { return nil }
        // Names stand in angle brackets or are letters; what is left are one or two offsets.
        var clocks: [String] = []
        var isName = false
        var isInside = false
        for character in parts[0] {
            if character == "<" || character == ">" {
                isInside = character == "<"
                isName = true
            } else if isInside || character.isLetter {
                isName = true
            } else {
                if isName { clocks.append("") }
                isName = false
                clocks[clocks.count - 1].append(character)
            }
        }
        guard let west = clocks.first.flatMap(FooterRule.seconds),
            let starts = FooterRule.change(parts[1]), let ends = FooterRule.change(parts[2])
        else { return nil }
        offset = -west
        daylightOffset = clocks.count > 1 ? -(FooterRule.seconds(clocks[1]) ?? 0) : 3_600 - west
        (self.starts, self.ends) = (starts, ends)
    }

    /// Every change after a second, with the offset that it brings, in order.
    func changes(after second: Int64) -> [(at: Int64, offset: Int)] {
        let first = max(1970, WallDate(day: second / 86_400).year - 1)
        guard first <= FooterRule.lastYear else { return [] }
        // The end of a year first: where it is the start of the next one, daylight time goes on.
        let ofYears = (first...FooterRule.lastYear).flatMap { year in
            [
                (at: FooterRule.second(of: ends, year) - Int64(daylightOffset), offset: offset, place: 0),
                (at: FooterRule.second(of: starts, year) - Int64(offset), offset: daylightOffset, place: 1),
            ]
        }
        return ofYears.filter { $0.at > second }.sorted { ($0.at, $0.place) < ($1.at, $1.place) }
            .map { ($0.at, $0.offset) }
    }

    /// On the wall that the change ends.
    private static func second(of change: Change, _ year: Int) -> Int64 {
        var day = WallDate.firstDay(ofYear: year)
        if change.day.first == "M" {
            let numbers = change.day.dropFirst().split(separator: ".").compactMap { Int($0) }
            let (month, week, weekday) = (numbers[0], numbers[1], numbers[2])
            day = WallDate.firstDay(ofMonth: month, year)
            let end = day + Int64(WallDate.length(ofMonth: month, year))
            // 0 is Sunday here.
            while (WallDate.weekday(ofDay: day) + 1) % 7 != weekday { day += 1 }
            day += Int64(7 * (week - 1))
            while day >= end { day -= 7 }
        } else if change.day.first == "J" {
            let number = Int(change.day.dropFirst()) ?? 1
            day += Int64(number - 1 + (number > 59 && WallDate.length(ofMonth: 2, year) == 29 ? 1 : 0))
        } else {
            day += Int64(change.day) ?? 0
        }
        return day * 86_400 + Int64(change.seconds)
    }

    private static func change(_ text: Substring) -> Change? {
        let parts = text.split(separator: "/")
        guard let day = parts.first else { return nil }
        if day.first == "M", day.dropFirst().split(separator: ".").compactMap({ Int($0) }).count != 3 { return nil }
        return Change(day: day, seconds: parts.count > 1 ? seconds(String(parts[1])) ?? 7_200 : 7_200)
    }

    /// `[+-]h[:mm[:ss]]`.
    private static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":").map { $0.filter { $0 != "-" && $0 != "+" } }.compactMap { Int($0) }
        guard !parts.isEmpty else { return nil }
        let size = zip(parts, [3_600, 60, 1]).map { $0 * $1 }.reduce(0, +)
        return text.hasPrefix("-") ? -size : size
    }
}
