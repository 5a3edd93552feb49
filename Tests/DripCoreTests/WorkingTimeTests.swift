import DripCore
import Testing

@Suite struct WorkingTimeTests {
    /// `mon-fri 09:00-17:00`; Christmas, and Sari is away from 4 to 8 January.
    private func hours(_ opens: String = "09:00", _ closes: String = "17:00", days: Set<Weekday>? = nil) throws
        -> SendTimes
    {
        SendTimes(
            window: SendWindow(
                days: days ?? SendWindow.office.days, opens: try #require(LocalTime(opens)),
                closes: try #require(LocalTime(closes))),
            holidays: try holidays("2026-12-24..2026-12-25 2027-01-04..2027-01-08"))
    }

    @Test(arguments: [
        // Within a day, at its very end, over a night, over a weekend.
        ("2026-12-14 09:00", 60, "2026-12-14 10:00"), ("2026-12-14 13:00", 240, "2026-12-14 17:00"),
        ("2026-12-14 16:30", 240, "2026-12-15 12:30"), ("2026-12-18 15:00", 240, "2026-12-21 11:00"),
        ("2026-12-18 15:00", 120, "2026-12-18 17:00"), ("2026-12-14 09:00", 480, "2026-12-14 17:00"),
        ("2026-12-14 09:00", 481, "2026-12-15 09:01"), ("2026-12-14 09:00", 2_400, "2026-12-18 17:00"),
        // Begun outside: before, after, on a Saturday, at the very end.
        ("2026-12-14 05:00", 60, "2026-12-14 10:00"), ("2026-12-14 18:00", 60, "2026-12-15 10:00"),
        ("2026-12-19 12:00", 60, "2026-12-21 10:00"), ("2026-12-18 17:00", 60, "2026-12-21 10:00"),
        // Holidays with a weekend behind them, and an owner who is away for a week.
        ("2026-12-23 16:00", 120, "2026-12-28 10:00"), ("2027-01-01 16:00", 120, "2027-01-11 10:00"),
        ("2026-12-25 10:00", 60, "2026-12-28 10:00"), ("2026-12-14 10:00", 0, "2026-12-14 10:00"),
    ])
    func isOverThen(start: String, minutes: Int64, end: String) throws {
        let zone = try SystemZones.zone("Asia/Jakarta")
        let from = try #require(WrittenInstant(start)).instant(in: zone)
        let expected = try #require(WrittenInstant(end)).instant(in: zone)
        #expect(try hours().instant(after: .minutes(minutes), from: from, in: zone) == expected)
    }

    /// Nights whose clocks change, for people who work in them.
    @Test(arguments: [
        // Berlin skips 02:00-03:00 on 2027-03-28 and shows it twice on 2026-10-25.
        ("Europe/Berlin", "2027-03-27 23:00", 240, "2027-03-28 04:00"),
        ("Europe/Berlin", "2026-10-24 23:00", 240, "2026-10-25 02:00"),
        ("America/New_York", "2027-03-13 23:00", 180, "2027-03-14 03:00"),
        ("Asia/Jakarta", "2027-03-27 23:00", 240, "2027-03-28 03:00"),
    ])
    func countsWhatTheClockShows(zone name: String, start: String, minutes: Int64, end: String) throws {
        let zone = try SystemZones.zone(name)
        let nights = try hours("22:00", "06:00", days: Set(Weekday.allCases))
        let from = try #require(WrittenInstant(start)).instant(in: zone)
        let over = nights.instant(after: .minutes(minutes), from: from, in: zone)
        #expect(over - from == .minutes(minutes))
        let local = zone.local(at: over)
        #expect("\(local.date) \(local.time)" == end)
    }

    /// The same in the zone of whoever works: an hour of Jakarta's morning is New York's evening.
    @Test func isTheClockOfWhoeverWorks() throws {
        let start = try #require(Instant("2026-12-14T02:00:00Z"))
        for (name, end) in [("Asia/Jakarta", "2026-12-14T03:00:00Z"), ("America/New_York", "2026-12-14T15:00:00Z")] {
            let over = try hours().instant(after: .hours(1), from: start, in: try SystemZones.zone(name))
            #expect(over == Instant(end), "\(name)")
        }
    }

    @Test func hoursThatNeverOpenEndNowhere() throws {
        let never = SendTimes(window: SendWindow(days: [], opens: .midnight, closes: .endOfDay))
        #expect(never.instant(after: .hours(1), from: .epoch, in: .utc) == .distantFuture)
        #expect(SendTimes(window: .always).instant(after: .days(9), from: .epoch, in: .utc) == .epoch + .days(9))
    }
}
