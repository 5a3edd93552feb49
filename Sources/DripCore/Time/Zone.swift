/// A time zone: when its wall clock shows what.
///
/// The rule: the intent (date, local time, zone) is resolved **at the target instant**, from the system's own zone
/// files. A local time in a gap (spring forward) is the first valid instant after it, that is the transition; one that
/// comes twice is its first occurrence. Both are one sentence: the first instant at which the wall clock shows that
/// time or a later one.
///
/// Edge cases: a day that does not exist (Pacific/Apia, 2011-12-30) is one long gap; before the first transition of the
/// file its initial type holds; after the last one the footer's rule, else the last type.
///
/// Worked example: Europe/Berlin skips from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC: `02:30` is 01:00 UTC (03:00
/// local). On 2026-10-25 `02:30` comes at 00:30 UTC and again at 01:30 UTC: it is 00:30 UTC.
///
/// Source: RFC 9636 (TZif); the data is the system's tzdata.
package struct Zone: Sendable {
    /// One reference, so that passing a zone about costs one retain, whatever its history.
    private final class Content: Sendable {
        let name: String
        let file: TZif
        /// The rule's standard and daylight types come after the file's own.
        let types: [LocalTimeType]

        init(name: String, file: TZif) {
            self.name = name
            self.file = file
            var types = file.types
            if let rule = file.rule {
                types.append(rule.standard)
                types.append(rule.daylight?.type ?? rule.standard)
            }
            self.types = types
        }
    }

    private let content: Content

    /// Reads a TZif file's bytes; throws for anything that RFC 9636 does not allow, and never traps.
    package init(name: String, tzif: [UInt8]) throws(ZoneError) {
        self.content = Content(name: name, file: try TZif(tzif))
    }

    private init(fixed type: LocalTimeType) {
        self.content = Content(name: type.abbreviation, file: TZif(fixed: type))
    }

    package static let utc = Zone(fixed: LocalTimeType(offsetSeconds: 0, abbreviation: "UTC"))

    /// The IANA name: `Asia/Jakarta`.
    package var name: String { content.name }

    /// How far its clock is ahead of UTC.
    package func offsetSeconds(at instant: Instant) -> Int { stretch(containing: instant.seconds).offsetSeconds }

    /// What its time is then called: `WIB`, `CEST`, `-03`.
    package func abbreviation(at instant: Instant) -> String {
        content.types[stretch(containing: instant.seconds).type].abbreviation
    }

    /// What its wall clock shows; the milliseconds are not part of it.
    package func local(at instant: Instant) -> LocalDateTime {
        LocalDateTime(wallSeconds: instant.seconds + Int64(offsetSeconds(at: instant)))
    }

    /// The first instant at which its wall clock shows `local` or a later time.
    package func instant(of local: LocalDateTime) -> Instant {
        let wall = local.wallSeconds
        // No clock is 26 hours ahead of UTC, so the answer lies after this.
        var stretch = stretch(containing: wall - 26 * 3_600)
        while true {
            let second = wall - Int64(stretch.offsetSeconds)
            if second < stretch.start { return Instant(seconds: stretch.start) }
            if second < stretch.end { return Instant(seconds: second) }
            stretch = self.stretch(containing: stretch.end)
        }
    }

    /// The first instant after `instant` at which the offset or the abbreviation changes; nil where none ever will.
    package func nextTransition(after instant: Instant) -> Instant? {
        var stretch = stretch(containing: instant.seconds)
        // The calendar repeats after 400 years: what has not changed by then never will.
        for _ in 0..<content.file.times.count + 801 where stretch.end < .max {
            let next = self.stretch(containing: stretch.end)
            if content.types[next.type] != content.types[stretch.type] { return Instant(seconds: stretch.end) }
            stretch = next
        }
        return nil
    }

    /// A time in which the clock runs evenly: `start <= second < end`, in seconds of UTC since 1970.
    struct Stretch {
        /// `Int64.min` where it has no start.
        var start: Int64
        /// `Int64.max` where it has no end.
        var end: Int64
        var offsetSeconds: Int
        /// Index into `content.types`.
        fileprivate var type: Int
    }

    /// The stretch around `second`; every other question about a zone is answered from this one.
    func stretch(containing second: Int64) -> Stretch {
        let file = content.file
        // The number of transitions at or before `second`.
        var (low, high) = (0, file.times.count)
        while low < high {
            let middle = (low + high) / 2
            if file.times[middle] <= second { low = middle + 1 } else { high = middle }
        }
        let start = low > 0 ? file.times[low - 1] : .min
        if low == file.times.count, let rule = file.rule {
            let found = rule.stretch(containing: second)
            let type = file.types.count + (found.isDaylight ? 1 : 0)
            return Stretch(
                start: max(start, found.start), end: found.end, offsetSeconds: content.types[type].offsetSeconds,
                type: type)
        }
        let type = low > 0 ? Int(file.kinds[low - 1]) : file.initialKind
        return Stretch(
            start: start, end: low < file.times.count ? file.times[low] : .max,
            offsetSeconds: content.types[type].offsetSeconds, type: type)
    }
}

extension Zone: Hashable {
    /// Equal in name and in every rule.
    package static func == (a: Zone, b: Zone) -> Bool {
        a.content === b.content || (a.content.name == b.content.name && a.content.file == b.content.file)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(content.name) }
}

/// What is wrong with a zone file.
package enum ZoneError: Error, Hashable, Sendable {
    case notTZif
    case truncated
    case countsLeapSeconds
    case corrupt(String)
    case badRule(String)
}

extension ZoneError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notTZif: "not a TZif file"
        case .truncated: "the file ends too early"
        case .countsLeapSeconds: "it counts leap seconds; use the zone of the same name outside of right/"
        case .corrupt(let what): "corrupt: \(what)"
        case .badRule(let text): "its last line is not a POSIX TZ rule: \(text)"
        }
    }
}
