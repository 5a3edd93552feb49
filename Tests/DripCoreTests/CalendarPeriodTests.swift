import DripCore
import Testing

@Suite struct CalendarPeriodTests {
    private func next(_ period: CalendarPeriod, _ zoneName: String, _ text: String) throws -> Instant {
        period.next(after: try utc(text), in: try SystemZones.zone(zoneName))
    }

    @Test func theWorkedExample() throws {
        let noon = "2026-10-25T11:00:00Z"
        #expect(try next(.day, "Europe/Berlin", "2026-10-24T21:59:59.999Z") == utc("2026-10-24T22:00:00Z"))
        #expect(try next(.day, "Europe/Berlin", noon) == utc("2026-10-25T23:00:00Z"))
        #expect(try next(.week, "Europe/Berlin", noon) == utc("2026-10-25T23:00:00Z"))
        #expect(try next(.month, "Europe/Berlin", noon) == utc("2026-10-31T23:00:00Z"))
    }

    @Test(
        arguments: [
            (.day, "UTC", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
            (.day, "UTC", "2026-11-23T23:59:59.999Z", "2026-11-24T00:00:00Z"),
            (.day, "UTC", "2028-02-28T12:00:00Z", "2028-02-29T00:00:00Z"),
            // Weeks begin on Mondays, over months and years.
            (.week, "UTC", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"),
            (.week, "UTC", "2026-11-29T23:59:59Z", "2026-11-30T00:00:00Z"),
            (.week, "UTC", "2026-12-31T00:00:00Z", "2027-01-04T00:00:00Z"),
            (.week, "Asia/Jakarta", "2026-11-29T17:00:00Z", "2026-12-06T17:00:00Z"),
            // Months of every length.
            (.month, "UTC", "2026-01-31T12:00:00Z", "2026-02-01T00:00:00Z"),
            (.month, "UTC", "2026-02-28T12:00:00Z", "2026-03-01T00:00:00Z"),
            (.month, "UTC", "2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z"),
            (.month, "UTC", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            // Midnight is skipped (Beirut, 2026-03-29: 00:00 is 01:00): the day begins at the end of the gap.
            (.day, "Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z"),
            (.day, "Asia/Beirut", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"),
            // The clock goes back from midnight to 23:00 (Beirut, 2026-10-25): the old day has 25 hours.
            (.day, "Asia/Beirut", "2026-10-24T20:30:00Z", "2026-10-24T22:00:00Z"),
            (.day, "Asia/Beirut", "2026-10-24T21:30:00Z", "2026-10-24T22:00:00Z"),
            // Midnight comes twice (Havana, 2026-11-01: 01:00 is 00:00): the first one begins the day.
            (.day, "America/Havana", "2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z"),
            (.day, "America/Havana", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z"),
            (.day, "America/Havana", "2026-11-01T05:30:00Z", "2026-11-02T05:00:00Z"),
            // The clock goes back from 00:01 to 23:01 (St. John's, 2010-11-07): the new day has begun all the same.
            (.day, "America/St_Johns", "2010-11-07T02:29:59Z", "2010-11-07T02:30:00Z"),
            (.day, "America/St_Johns", "2010-11-07T02:40:00Z", "2010-11-08T03:30:00Z"),
            // A day that never was (Apia, 2011-12-30).
            (.day, "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"),
            (.day, "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
        ] as [(CalendarPeriod, String, String, String)])
    func beginsNext(period: CalendarPeriod, zone: String, after: String, at: String) throws {
        #expect(try next(period, zone, after) == utc(at), "\(period) \(zone) \(after)")
    }

    /// Around every transition of every zone: later instants never have earlier periods, and no period is passed over.
    @Test func periodsFollowOneAnother() throws {
        let table = try SystemZones.table.get()
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for transition in group.transitions.suffix(4) {
                for period in CalendarPeriod.allCases {
                    var last: Instant?
                    for hour in Int64(-30)...30 {
                        let instant = Instant(seconds: transition.at + hour * 3_600)
                        let next = period.next(after: instant, in: zone)
                        #expect(next > instant, "\(zone.name) \(period) \(instant)")
                        if let last { #expect(next == last || instant >= last, "\(zone.name) \(period) \(instant)") }
                        last = next
                    }
                }
            }
        }
    }
}
