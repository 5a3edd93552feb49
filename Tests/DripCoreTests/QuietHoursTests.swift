import DripCore
import Testing

@Suite struct QuietHoursTests {
    @Test(arguments: [
        // The worked example, to the second on both ends.
        ("21:00-07:00", "2026-11-23 20:59:59", false), ("21:00-07:00", "2026-11-23 21:00", true),
        ("21:00-07:00", "2026-11-24 00:00", true), ("21:00-07:00", "2026-11-24 06:59:59", true),
        ("21:00-07:00", "2026-11-24 07:00", false),
        // Inside one day; until midnight, said in two ways; the whole day.
        ("12:00-13:00", "2026-11-23 12:59:59", true), ("12:00-13:00", "2026-11-23 13:00", false),
        ("12:00-13:00", "2026-11-23 00:30", false), ("20:00-24:00", "2026-11-23 23:59:59", true),
        ("20:00-00:00", "2026-11-23 23:59:59", true), ("20:00-00:00", "2026-11-24 00:00", false),
        ("00:00-24:00", "2026-11-24 12:00", true),
    ])
    func isQuiet(hours: String, text: String, expected: Bool) throws {
        let jakarta = try SystemZones.zone("Asia/Jakarta")
        let instant = try local(text, jakarta)
        #expect(quiet(hours).isQuiet(at: instant, in: jakarta) == expected)
        #expect(quiet(hours).isQuiet(at: instant + .milliseconds(999), in: jakarta) == expected)
    }

    @Test(arguments: [
        // `fri-sat 21:00-09:00`: Sunday's morning is Saturday's, Friday's is nobody's.
        ("2026-11-27 08:00", false), ("2026-11-27 21:00", true), ("2026-11-28 08:00", true),
        ("2026-11-28 12:00", false),
        ("2026-11-29 08:59:59", true), ("2026-11-29 09:00", false), ("2026-11-29 22:00", false),
    ])
    func theEarlyPartBelongsToTheDayBefore(text: String, expected: Bool) throws {
        let hours = QuietHours(
            days: [.friday, .saturday], begins: try #require(LocalTime("21:00")), ends: try #require(LocalTime("09:00"))
        )
        #expect(hours.isQuiet(at: try local(text, .utc), in: .utc) == expected)
        #expect(hours.description == "fri-sat 21:00-09:00" && quiet("21:00-07:00").description == "21:00-07:00")
    }

    /// 02:30 comes twice on 2026-10-25 in Berlin, and never on 2026-03-29.
    @Test func whatTheClockShowsTwiceIsQuietTwice() throws {
        let berlin = try SystemZones.zone("Europe/Berlin")
        let hours = quiet("02:00-03:00")
        for text in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
            #expect(hours.isQuiet(at: try utc(text), in: berlin))
        }
        #expect(!hours.isQuiet(at: try utc("2026-10-25T02:00:00Z"), in: berlin))
        #expect(!hours.isQuiet(at: try utc("2026-03-29T01:00:00Z"), in: berlin))
    }

    @Test func tellsWhatIsQuietEveryDay() throws {
        let (late, noon) = (try #require(LocalTime("22:00")), try #require(LocalTime("12:00")))
        #expect(quiet("21:00-07:00").isQuietEveryDay(at: late) && !quiet("21:00-07:00").isQuietEveryDay(at: noon))
        let weekend = QuietHours(days: [.sunday], begins: try #require(LocalTime("21:00")), ends: .midnight)
        #expect(!weekend.isQuietEveryDay(at: late))
    }
}
