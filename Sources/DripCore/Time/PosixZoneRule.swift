/// What a zone does after the last transition of its file: the POSIX TZ string of the TZif footer.
///
/// The rule: `std offset [dst [offset] , start [/time] , end [/time]]`. Offsets count **west** of Greenwich
/// (`WIB-7` is UTC+7); a name that is not three or more letters stands in `<…>`; a day is `Jn` (1–365, 29 February
/// never counts), `n` (0–365, it does) or `Mm.w.d` (the w-th weekday d of month m, 5 = the last); a time of day is in
/// the clock that the change ends and may be −167…167 hours.
///
/// Edge cases: Ireland's `IST-1GMT0,M10.5.0,M3.5.0/1` has its "daylight" in winter, an hour **behind**; Nuuk's start is
/// at −1 h, so on the Saturday; Gaza's `/50` is two days after its Thursday; where the end and the next start are one
/// instant, daylight time never stops.
///
/// Worked example: `CET-1CEST,M3.5.0,M10.5.0/3` in 2026: summer starts on Sunday 29 March at 02:00 CET = 01:00 UTC and
/// ends on Sunday 25 October at 03:00 CEST = 01:00 UTC.
///
/// Source: POSIX.1-2024 XBD 8.3 (`TZ`), RFC 9636 §3.3 and §3.3.1 (the wider hours).
struct PosixZoneRule: Hashable, Sendable {
    enum Day: Hashable, Sendable {
        /// `Jn`.
        case julian(Int)
        /// `n`, from 0.
        case ofYear(Int)
        /// `Mm.w.d`, where weekday 0 is Sunday.
        case ofMonth(Int, week: Int, weekday: Int)
    }

    struct Change: Hashable, Sendable {
        var day: Day
        /// From midnight of that day, on the clock that this change ends.
        var seconds: Int
    }

    struct Daylight: Hashable, Sendable {
        var type: LocalTimeType
        var starts: Change
        var ends: Change
    }

    var standard: LocalTimeType
    var daylight: Daylight?

    /// The longest time around `second` (UTC, since 1970) in which the clock does not change: `start <= second < end`.
    ///
    /// `Int64.min` and `.max` stand for "since ever" and "for ever".
    func stretch(containing second: Int64) -> (start: Int64, end: Int64, isDaylight: Bool) {
        guard let daylight else { return (.min, .max, false) }
        let day = (second + Int64(standard.offsetSeconds)).floorDivided(by: 86_400)
        let year = LocalDate(daysSinceEpoch: Int(day)).civil.year
        var (start, end, isDaylight) = (Int64.min, Int64.max, false)
        func look(at change: Change, of year: Int, after before: LocalTimeType, isStart: Bool) {
            let at = PosixZoneRule.second(of: change, year: year) - Int64(before.offsetSeconds)
            if at <= second, at >= start { (start, isDaylight) = (at, isStart) }
            if at > second, at < end { end = at }
        }
        for year in year - 1...year + 1 {
            // The end first: where it coincides with a start, daylight time goes on.
            look(at: daylight.ends, of: year, after: daylight.type, isStart: false)
            look(at: daylight.starts, of: year, after: standard, isStart: true)
        }
        return (start, end, isDaylight)
    }

    /// The wall-clock second (since 1970) of a change in that year.
    private static func second(of change: Change, year: Int) -> Int64 {
        let day: Int
        switch change.day {
        case .julian(let number):
            let leap = LocalDate.isLeap(year: year) && number >= 60 ? 1 : 0
            day = LocalDate.daysSinceEpoch(year: year, month: 1, day: 1) + number - 1 + leap
        case .ofYear(let number):
            day = LocalDate.daysSinceEpoch(year: year, month: 1, day: 1) + number
        case .ofMonth(let month, let week, let weekday):
            let first = LocalDate.daysSinceEpoch(year: year, month: month, day: 1)
            // 0 is Sunday here, and Monday in `weekdayIndex`.
            let firstWeekday = (LocalDate(daysSinceEpoch: first).weekdayIndex + 1) % 7
            let candidate = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            let beyond = candidate >= first + LocalDate.length(ofMonth: month, year: year)
            day = beyond ? candidate - 7 : candidate
        }
        return Int64(day) * 86_400 + Int64(change.seconds)
    }
}

// MARK: - Reading

extension PosixZoneRule {
    /// Reads a TZ string; anything that is not exactly one is `ZoneError.badRule`.
    init(_ text: [UInt8]) throws(ZoneError) {
        var reader = Reader(text: text)
        guard let rule = reader.rule() else { throw .badRule(String(decoding: text.prefix(80), as: UTF8.self)) }
        self = rule
    }

    /// Goes through a TZ string from left to right; nil means that it is none.
    private struct Reader {
        let text: [UInt8]
        var index = 0

        init(text: [UInt8]) {
            self.text = text
        }

        var next: UInt8? { index < text.count ? text[index] : nil }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func rule() -> PosixZoneRule? {
            guard let name = name(), let west = clock(hours: 24) else { return nil }
            let standard = LocalTimeType(offsetSeconds: -west, abbreviation: name)
            if next == nil { return PosixZoneRule(standard: standard, daylight: nil) }
            guard let daylightName = self.name() else { return nil }
            var daylightOffset = standard.offsetSeconds + 3_600
            if next != UInt8(ascii: ",") {
                guard let west = clock(hours: 24) else { return nil }
                daylightOffset = -west
            }
            guard take(","), let starts = change(), take(","), let ends = change(), next == nil else { return nil }
            let type = LocalTimeType(offsetSeconds: daylightOffset, abbreviation: daylightName)
            return PosixZoneRule(standard: standard, daylight: Daylight(type: type, starts: starts, ends: ends))
        }

        private mutating func name() -> String? {
            let quoted = take("<")
            let start = index
            while let character = next {
                let isLetter = (character | 0x20) >= UInt8(ascii: "a") && (character | 0x20) <= UInt8(ascii: "z")
                let isInner = PosixZoneRule.isDigit(character) || character == UInt8(ascii: "+")
                guard isLetter || (quoted && (isInner || character == UInt8(ascii: "-"))) else { break }
                index += 1
            }
            let name = String(decoding: text[start..<index], as: UTF8.self)
            guard index - start >= 3, !quoted || take(">") else { return nil }
            return name
        }

        private mutating func change() -> Change? {
            guard let day = day() else { return nil }
            guard take("/") else { return Change(day: day, seconds: 2 * 3_600) }
            guard let seconds = clock(hours: 167) else { return nil }
            return Change(day: day, seconds: seconds)
        }

        private mutating func day() -> Day? {
            if take("J") { return number(1...365).map { .julian($0) } }
            guard take("M") else { return number(0...365).map { .ofYear($0) } }
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            return .ofMonth(month, week: week, weekday: weekday)
        }

        /// `[+-]h[:mm[:ss]]` in seconds.
        private mutating func clock(hours limit: Int) -> Int? {
            let negative = take("-")
            if !negative { _ = take("+") }
            guard var seconds = number(0...limit).map({ $0 * 3_600 }) else { return nil }
            for unit in [60, 1] where take(":") {
                guard let count = number(0...59) else { return nil }
                seconds += count * unit
                if next != UInt8(ascii: ":") { break }
            }
            return negative ? -seconds : seconds
        }

        private mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let start = index
            var value = 0
            while let character = next, PosixZoneRule.isDigit(character), index - start < 4 {
                value = value * 10 + Int(character - UInt8(ascii: "0"))
                index += 1
            }
            return index > start && range.contains(value) ? value : nil
        }
    }

    private static func isDigit(_ character: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
    }
}
