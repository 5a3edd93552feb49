import DripCore
import Testing

@Suite struct HolidaysTests {
    @Test(arguments: [
        // The worked example.
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2026-12-25", true),
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2027-12-25", false),
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2027-03-19", false),
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2027-03-20", true),
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2027-03-24", true),
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2027-03-25", false),
        ("2026-12-25 2027-03-20..2027-03-24 08-17", "2031-08-17", true),
        // Over the year's end; a leap day, once and every year; none at all; a range of one day.
        ("2026-12-31..2027-01-01", "2026-12-31", true), ("2026-12-31..2027-01-01", "2027-01-01", true),
        ("2026-12-31..2027-01-01", "2027-01-02", false), ("02-29", "2028-02-29", true), ("02-29", "2027-03-01", false),
        ("02-29", "2027-02-28", false), ("", "2026-12-25", false), ("2026-12-25..2026-12-25", "2026-12-25", true),
    ])
    func contains(calendar: String, date: String, expected: Bool) throws {
        #expect(try holidays(calendar).contains(#require(LocalDate(date))) == expected)
    }

    @Test func aRangeThatEndsBeforeItBeginsHoldsNothing() throws {
        let calendar = try holidays("2026-12-26..2026-12-25")
        #expect(calendar.isEmpty && calendar.lastDate == nil)
    }

    @Test func theFirstEntryThatNamesADayNamesIt() throws {
        let christmas = try #require(LocalDate("2026-12-25"))
        let calendar = Holidays([
            .init(.yearly(month: 12, day: 25), name: "Natal"),
            .init(.dates(christmas, christmas.adding(days: 7)), name: "Libur"),
        ])
        #expect(calendar.name(of: christmas) == "Natal")
        #expect(calendar.name(of: christmas.adding(days: 1)) == "Libur")
        #expect(calendar.name(of: christmas.adding(days: 8)) == nil)
        #expect(calendar.lastDate == christmas.adding(days: 7) && calendar.firstDate == christmas)
    }
}
