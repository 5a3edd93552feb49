/// A point on the UTC time line, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Integers, because equal instants must compare equal after a trip through a database, a file and another machine.
/// Leap seconds do not exist here, as in POSIX time.
package struct Instant: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int64) {
        self.milliseconds = seconds * 1_000
    }

    package static let epoch = Instant(milliseconds: 0)
    /// Later than anything that will ever be due: the end of year 9999.
    package static let distantFuture = Instant(milliseconds: 253_402_300_799_999)

    /// Whole seconds since the epoch, rounded down (so −1 ms is second −1).
    package var seconds: Int64 { milliseconds.floorDivided(by: 1_000) }

    package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: Instant, b: TimeSpan) -> Instant {
        Instant(milliseconds: a.milliseconds + b.milliseconds)
    }
    package static func - (a: Instant, b: TimeSpan) -> Instant {
        Instant(milliseconds: a.milliseconds - b.milliseconds)
    }
    package static func - (a: Instant, b: Instant) -> TimeSpan {
        TimeSpan(milliseconds: a.milliseconds - b.milliseconds)
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds, the form of every instant in files and answers: `2026-11-23T06:19:48.123Z`.
    package var description: String {
        let day = LocalDate(daysSinceEpoch: Int(milliseconds.floorDivided(by: 86_400_000)))
        // No product with the day's number: before the first whole day that fits it would not.
        let inDay = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        let time = LocalTime(secondOfDay: Int(inDay / 1_000))
        return "\(day)T\(time.withSeconds).\(padded(Int(inDay % 1_000), to: 3))Z"
    }

    /// Reads RFC 3339: `2026-11-23T06:19:48Z`, with or without a fraction, with `Z` or a `±hh:mm` offset.
    package init?(_ text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let date = LocalDate(String(parts[0])) else { return nil }
        var clock = parts[1]
        var offsetSeconds = 0
        if clock.last == "Z" || clock.last == "z" {
            clock = clock.dropLast()
        } else {
            guard let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return nil }
            guard let offset = LocalTime(String(clock[clock.index(after: sign)...])) else { return nil }
            offsetSeconds = (clock[sign] == "-" ? -1 : 1) * offset.secondOfDay
            clock = clock[..<sign]
        }
        let pieces = clock.split(separator: ".", omittingEmptySubsequences: false)
        guard pieces.count <= 2, let time = LocalTime(String(pieces[0])) else { return nil }
        var fraction = 0
        if pieces.count == 2 {
            let digits = pieces[1].prefix(3)
            guard !digits.isEmpty, pieces[1].allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(digits) else {
                return nil
            }
            fraction = digits.count == 1 ? value * 100 : digits.count == 2 ? value * 10 : value
        }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(time.secondOfDay - offsetSeconds)
        self.init(milliseconds: seconds * 1_000 + Int64(fraction))
    }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let instant = Instant(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not an RFC 3339 instant"))
        }
        self = instant
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension FixedWidthInteger where Self: SignedInteger {
    /// Division that rounds towards minus infinity, so that days before 1970 come out right.
    package func floorDivided(by divisor: Self) -> Self {
        let quotient = self / divisor
        return (self % divisor != 0) && ((self < 0) != (divisor < 0)) ? quotient - 1 : quotient
    }
}

/// `number` in decimal, with zeros in front up to `width` digits.
func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
}
