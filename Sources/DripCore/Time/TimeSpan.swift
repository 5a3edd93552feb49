/// An exact length of elapsed time in milliseconds; never a number of calendar days.
///
/// Written in files as a number and a unit: `90s`, `30m`, `72h`, `3d` (72 hours), `2w`.
package struct TimeSpan: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static let zero = TimeSpan(milliseconds: 0)
    package static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count) }
    package static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count * 1_000) }
    package static func minutes(_ count: Int64) -> TimeSpan { seconds(count * 60) }
    package static func hours(_ count: Int64) -> TimeSpan { minutes(count * 60) }
    package static func days(_ count: Int64) -> TimeSpan { hours(count * 24) }

    package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan { .milliseconds(a.milliseconds + b.milliseconds) }
    package static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan { .milliseconds(a.milliseconds - b.milliseconds) }
}

extension TimeSpan: CustomStringConvertible {
    private static let units: [(suffix: Character, milliseconds: Int64)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]
    /// No span in a file is longer than a hundred years: beyond it lies a slip of the finger.
    private static let longest = 36_525 * Int64(86_400_000)

    /// The shortest exact form in one unit; milliseconds only when nothing larger divides it: `36h`, `1500ms`.
    package var description: String {
        // A week is written in days: "14d" is easier to compare with "10d" than "2w".
        for unit in TimeSpan.units.dropFirst() where milliseconds % unit.milliseconds == 0 && milliseconds != 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    /// For people: the two largest units of it, `1d 10m`, `2h 5m`, `3s`; exact below a second.
    package var roughly: String {
        guard milliseconds.magnitude >= 1_000 else { return description }
        var (rest, parts) = (milliseconds, [String]())
        for unit in TimeSpan.units.dropFirst() where parts.count < 2 && rest / unit.milliseconds != 0 {
            parts.append("\(rest / unit.milliseconds)\(unit.suffix)")
            rest %= unit.milliseconds
        }
        return parts.joined(separator: " ")
    }

    /// Reads `90s`, `30m`, `72h`, `3d`, `2w`; nothing else (no sign, no fraction, no blank between).
    package init?(_ text: String) {
        guard let suffix = text.last, let unit = TimeSpan.units.first(where: { $0.suffix == suffix }),
            !text.dropLast().isEmpty, text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            let count = Int64(text.dropLast())
        else { return nil }
        let (value, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, value <= TimeSpan.longest else { return nil }
        self.init(milliseconds: value)
    }
}
