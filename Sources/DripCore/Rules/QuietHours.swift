/// Local times in which nobody may send, whatever the campaign.
///
/// The rule: it is quiet at an instant if the lead's wall clock then shows a time inside the hours of a listed day:
/// `begins <= time < ends`. They are the shape of a send window turned inside out.
///
/// Edge cases: `begins > ends` wraps midnight, and the part after midnight belongs to the day on which it began (so
/// `fri-sat 21:00-09:00` is quiet on Sunday at 08:00 and not on Friday at 08:00). As for windows, only what the wall
/// clock shows counts: an hour that it shows twice is quiet twice.
///
/// Worked example: `21:00-07:00` in Asia/Jakarta (UTC+7): quiet from 14:00 UTC on; at 23:59:59.999 UTC (06:59:59.999 there)
/// still quiet, a millisecond later no more.
package struct QuietHours: Hashable, Sendable {
    /// Quiet where a window of that form would be open.
    private let stretches: SendWindow

    /// `days` are those on which it begins; equal times mean all day.
    package init(days: Set<Weekday> = Set(Weekday.allCases), begins: LocalTime, ends: LocalTime) {
        stretches = SendWindow(days: days, opens: begins, closes: ends)
    }

    package func isQuiet(at instant: Instant, in zone: Zone) -> Bool {
        end(around: instant.seconds + Int64(zone.offsetSeconds(at: instant))) != nil
    }

    /// Whether that time of day is quiet whatever the day.
    package func isQuietEveryDay(at time: LocalTime) -> Bool {
        stretches.days.count == Weekday.allCases.count && stretches.contains(time)
    }

    /// The end of the quiet stretch around a wall-clock second (since 1970); nil where it is not quiet.
    func end(around wall: Int64) -> Int64? {
        let today = wall.floorDivided(by: 86_400)
        for day in [today - 1, today] where stretches.opens(on: LocalDate(daysSinceEpoch: Int(day))) {
            let (begin, end) = bounds(of: day)
            if begin <= wall, wall < end { return end }
        }
        return nil
    }

    /// The beginning of the next quiet stretch after a wall-clock second that is not quiet.
    func begin(after wall: Int64) -> Int64? {
        let today = wall.floorDivided(by: 86_400)
        for day in today...today + 7 where stretches.opens(on: LocalDate(daysSinceEpoch: Int(day))) {
            let (begin, end) = bounds(of: day)
            if begin > wall, begin < end { return begin }
        }
        return nil
    }

    private func bounds(of day: Int64) -> (begin: Int64, end: Int64) {
        let hours = stretches.hours
        return (day * 86_400 + Int64(hours.lowerBound), day * 86_400 + Int64(hours.upperBound))
    }
}

extension QuietHours: CustomStringConvertible {
    /// As files write it: `21:00-07:00`, with its days where it is not every day.
    package var description: String {
        stretches.days.count == Weekday.allCases.count
            ? "\(stretches.opens)-\(stretches.closes)" : stretches.description
    }
}
