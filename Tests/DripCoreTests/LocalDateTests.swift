import DripCore
import Testing

@Suite struct LocalDateTests {
    @Test(arguments: [
        ("1970-01-01", 0, Weekday.thursday), ("1969-12-31", -1, .wednesday), ("2000-02-29", 11_016, .tuesday),
        ("2024-02-29", 19_782, .thursday), ("2024-03-01", 19_783, .friday), ("2100-02-28", 47_540, .sunday),
        ("2100-03-01", 47_541, .monday), ("2026-11-23", 20_780, .monday), ("1900-01-01", -25_567, .monday),
        ("0001-01-01", -719_162, .monday), ("9999-12-31", 2_932_896, .friday),
    ])
    func isThatDay(text: String, days: Int, weekday: Weekday) {
        #expect(LocalDate(text)?.daysSinceEpoch == days)
        #expect(LocalDate(daysSinceEpoch: days).description == text)
        #expect(LocalDate(daysSinceEpoch: days).weekday == weekday)
    }

    @Test(arguments: [
        "2023-02-29", "2100-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32",
        "0000-01-01", "26-01-01", "2026-1-1", "2026/01/01", "20260101", "", "2026-01-01-", "-026-01-01", "２０２６-01-01",
    ])
    func refuses(text: String) {
        #expect(LocalDate(text) == nil)
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-01"), ("2024-02-28", 1, "2024-02-29"), ("2023-02-28", 1, "2023-03-01"),
        ("2026-01-01", -1, "2025-12-31"), ("2024-03-01", -1, "2024-02-29"), ("1970-01-01", -366, "1968-12-31"),
        ("2026-12-31", 0, "2026-12-31"), ("2024-01-01", 366, "2025-01-01"),
    ])
    func adds(text: String, days: Int, expected: String) {
        #expect(LocalDate(text)?.adding(days: days).description == expected)
    }

    /// Four hundred years and a day on either side, one after the other.
    @Test func countsEveryDay() {
        var (year, month, day) = (1799, 12, 31)
        for number in -62_092...84_370 {
            let date = LocalDate(daysSinceEpoch: number)
            guard date.civil == (year, month, day), LocalDate(year: year, month: month, day: day) == date else {
                Issue.record("\(number) is \(date), not \(year)-\(month)-\(day)")
                return
            }
            if day < LocalDate.length(ofMonth: month, year: year) {
                day += 1
            } else if month < 12 {
                (month, day) = (month + 1, 1)
            } else {
                (year, month, day) = (year + 1, 1, 1)
            }
        }
        #expect((year, month, day) == (2201, 1, 1))
    }

    @Test func weekdaysGoRound() {
        for (index, weekday) in Weekday.allCases.enumerated() {
            #expect(weekday.index == index)
            #expect(LocalDate(daysSinceEpoch: 20_780 + index).weekday == weekday)
            #expect(LocalDate(daysSinceEpoch: -3 - 7 + index).weekday == weekday)
        }
    }
}
