// How long leads took from one stage to the next.
//
// The rule: a time is kept as a bucket: its whole hours below fourteen days, its whole days from there on, both rounded down, and
// one bucket for two years and more. So any number of leads needs a thousand rows, and a median or a p90 of buckets is exact to the
// hour, or the day. A percentile is the nearest rank: the smallest time within which at least that share of all came through.
//
// Edge cases: a clock that was set back makes no negative time, but none. Of no times there is no percentile. Of two, the median is
// the smaller: half of them took no longer.
//
// Worked example: 3 h 59 min, 49 h, 20 days 5 h are 3 h, 49 h and 20 days: the median is 49 h, p90 is 20 days.

package struct PassageTime: Hashable, Comparable, Sendable {
    private static let hours = 14 * 24
    private static let days = 730
    /// The bucket of two years and more.
    package static let last = PassageTime(bucket: hours + days - 14)

    /// Below 336 the hours, behind it the days from 14 on.
    package let bucket: Int

    package init(bucket: Int) {
        self.bucket = min(max(bucket, 0), Self.hours + Self.days - 14)
    }

    package init(_ span: TimeSpan) {
        let hours = Int(max(span.milliseconds, 0) / 3_600_000)
        self.init(bucket: hours < Self.hours ? hours : Self.hours + hours / 24 - 14)
    }

    package static func < (a: PassageTime, b: PassageTime) -> Bool { a.bucket < b.bucket }

    /// The time in whole hours, as it was rounded down.
    package var wholeHours: Int { bucket < Self.hours ? bucket : (bucket - Self.hours + 14) * 24 }

    /// The smallest of these times within which that many of a hundred came through; nil of none.
    package static func percentile(_ percent: Int, of counts: [PassageTime: Int]) -> PassageTime? {
        let all = counts.values.reduce(0, +)
        guard all > 0 else { return nil }
        let rank = max(1, (all * percent + 99) / 100)
        var sum = 0
        for (time, count) in counts.sorted(by: { $0.key < $1.key }) {
            sum += count
            if sum >= rank { return time }
        }
        return nil
    }
}

extension PassageTime: CustomStringConvertible {
    /// `5 h`, `2 d 1 h`, `20 d`, `2 years or more`.
    package var description: String {
        if self == .last { return "2 years or more" }
        let (days, hours) = wholeHours.quotientAndRemainder(dividingBy: 24)
        if bucket >= Self.hours || days > 0, hours == 0 { return "\(days) d" }
        return days == 0 ? "\(hours) h" : "\(days) d \(hours) h"
    }
}
