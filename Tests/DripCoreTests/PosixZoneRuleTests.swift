import DripCore
import Testing

/// Rules are read as what they are in a file: the footer of a zone without transitions.
@Suite struct PosixZoneRuleTests {
    @Test(arguments: [
        // name, rule, instant, offset, abbreviation
        ("WIB-7", "2026-01-01T00:00:00Z", 25_200, "WIB"), ("<+03>-3", "2026-01-01T00:00:00Z", 10_800, "+03"),
        ("<-00>0", "2026-01-01T00:00:00Z", 0, "-00"), ("ABC+5:30", "2026-01-01T00:00:00Z", -19_800, "ABC"),
        ("LMT-0:07:48", "2026-01-01T00:00:00Z", 468, "LMT"), ("ABC24", "2026-01-01T00:00:00Z", -86_400, "ABC"),
        // The worked example, to the second.
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3_600, "CET"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7_200, "CEST"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7_200, "CEST"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3_600, "CET"),
        // The southern half of the year, the weekday in the middle of a month.
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39_600, "AEDT"),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36_000, "AEST"),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18_000, "EST"),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14_400, "EDT"),
        // Dublin: an hour behind in winter.
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-15T00:00:00Z", 0, "GMT"),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T01:00:00Z", 3_600, "IST"),
        // Nuuk: at −1 h, on the day before; Gaza: 50 h after a Thursday.
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7_200, "-02"),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3_600, "-01"),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7_200, "EET"),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10_800, "EEST"),
        // J60 is 1 March in every year; 59 is 29 February in a leap year and 1 March in the others.
        ("AAA0BBB,J59/0,J365/0", "2028-02-27T23:59:59Z", 0, "AAA"),
        ("AAA0BBB,J59/0,J365/0", "2028-02-28T00:00:00Z", 3_600, "BBB"),
        ("AAA0BBB,J60/0,J365/0", "2028-02-29T12:00:00Z", 0, "AAA"),
        ("AAA0BBB,J60/0,J365/0", "2028-03-01T00:00:00Z", 3_600, "BBB"),
        ("AAA0BBB,59/0,364/0", "2028-02-29T00:00:00Z", 3_600, "BBB"),
        ("AAA0BBB,59/0,364/0", "2027-02-28T23:59:59Z", 0, "AAA"),
        ("AAA0BBB,59/0,364/0", "2027-03-01T00:00:00Z", 3_600, "BBB"),
        // All year round: the end is the next start.
        ("EST5EDT,0/0,J365/25", "2026-12-31T23:59:59Z", -14_400, "EDT"),
        ("EST5EDT,0/0,J365/25", "2027-01-01T04:00:00Z", -14_400, "EDT"),
        ("XXX3EDT4,0/0,J365/23", "2027-01-01T03:30:00Z", -14_400, "EDT"),
        // A week beyond the year's end, and before its beginning.
        ("AAA0BBB,M7.1.0,J365/167", "2027-01-06T21:59:59Z", 3_600, "BBB"),
        ("AAA0BBB,M7.1.0,J365/167", "2027-01-06T22:00:00Z", 0, "AAA"),
        ("AAA0BBB,0/-167,M7.1.0", "2026-12-25T00:59:59Z", 0, "AAA"),
        ("AAA0BBB,0/-167,M7.1.0", "2026-12-25T01:00:00Z", 3_600, "BBB"),
        // Its own daylight offset and odd minutes.
        ("LHST-10:30LHDT-11,M10.1.0,M4.1.0", "2026-01-01T00:00:00Z", 39_600, "LHDT"),
        ("AAA0BBB-1:30:30,M3.5.0/2:15:10,M10.5.0", "2026-03-29T02:15:10Z", 5_430, "BBB"),
    ])
    func says(rule: String, at: String, offset: Int, abbreviation: String) throws {
        let zone = try Zone(name: "X", tzif: TZifFile(footer: rule).bytes)
        #expect(zone.offsetSeconds(at: try utc(at)) == offset)
        #expect(zone.abbreviation(at: try utc(at)) == abbreviation)
    }

    @Test(arguments: [
        "UTC", "UT0", "<UTC0", "<U>0", "UTC25", "UTC0:60", "UTC0:0:60", "UTC0:", "UTC0 ", "UTC0DST", "UTC0DST,",
        "UTC0DST,J1", "UTC0DST,J0,J1", "UTC0DST,J366,J1", "UTC0DST,366,1", "UTC0DST,M0.1.0,M1.1.0",
        "UTC0DST,M13.1.0,M1.1.0", "UTC0DST,M1.0.0,M1.1.0", "UTC0DST,M1.6.0,M1.1.0", "UTC0DST,M1.1.7,M1.1.0",
        "UTC0DST,J1/168,J2", "UTC0DST,J1/-168,J2", "UTC0DST,J1,J2,", "UTC0DST,J1,J2x", "UTC99999999999999999999",
        "UTC0DST,M1.1,M1.1.0", ":Europe/Berlin", "UTC0\u{0}", "ÜTC0",
    ])
    func refuses(rule: String) throws {
        #expect(throws: ZoneError.badRule(rule)) { try Zone(name: "X", tzif: TZifFile(footer: rule).bytes) }
    }

    @Test func neverChangesWhereDaylightTimeNeverStops() throws {
        let zone = try Zone(name: "X", tzif: TZifFile(footer: "EST5EDT,0/0,J365/25").bytes)
        #expect(zone.nextTransition(after: try utc("2026-01-01T00:00:00Z")) == nil)
    }
}
