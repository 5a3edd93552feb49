import DripCore
import Testing

@Suite struct AnchorTests {
    @Test(arguments: [
        // The worked example: a date begins at its midnight in the lead's zone.
        ("2026-12-01", "Asia/Jakarta", "2026-11-30T17:00:00Z", "2026-12-01"),
        (" 2026-12-01\t", "Asia/Jakarta", "2026-11-30T17:00:00Z", "2026-12-01"),
        // An instant's day is the local one.
        ("2026-12-01T23:30:00Z", "Asia/Jakarta", "2026-12-01T23:30:00Z", "2026-12-02"),
        ("2026-12-01T01:00:00+07:00", "America/New_York", "2026-11-30T18:00:00Z", "2026-11-30"),
        ("2028-02-29", "UTC", "2028-02-29T00:00:00Z", "2028-02-29"),
        // A midnight that summer time skips, and a day that never was.
        ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30"),
    ])
    func reads(text: String, zone: String, instant: String, date: String) throws {
        let point = try #require(AnchorPoint(.text(text), in: SystemZones.zone(zone)))
        #expect(point.instant == (try utc(instant)) && point.date.description == date)
    }

    @Test(arguments: [
        "", "tomorrow", "2026-13-01", "2027-02-29", "01/12/2026", "2026-12-1", "2026-12-01 09:00", "0001-01-01",
        "9999-12-31", "1899-12-31", "3000-01-01T00:00:00Z",
    ])
    func anythingElseIsNoDate(text: String) {
        #expect(AnchorPoint(.text(text), in: .utc) == nil)
    }

    @Test func numbersAndNothingAreNoDates() {
        #expect(AnchorPoint(.number(20_261_201), in: .utc) == nil && AnchorPoint(.flag(true), in: .utc) == nil)
        #expect(AnchorPoint(nil, in: .utc) == nil)
    }

    @Test(arguments: [
        (1, "2026-12-01"), (2, "2026-12-02"), (-1, "2026-11-30"), (-3, "2026-11-28"), (32, "2027-01-01"),
    ])
    func countsDaysWithoutAZeroth(day: Int, expected: String) throws {
        let point = try #require(AnchorPoint(.text("2026-12-01"), in: .utc))
        #expect(point.date(ofDay: day).description == expected)
    }

    @Test func namesTheAttributeItReads() {
        #expect(Anchor.attribute("trial_ends_on").attribute == "trial_ends_on")
        #expect(Anchor.previous.attribute == nil && Anchor.enrollment.attribute == nil)
    }
}
