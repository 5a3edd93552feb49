import DripCore
import Testing

@Suite struct LocalTimeTests {
    @Test(
        arguments: [
            ("00:00", 0), ("09:00", 32_400), ("09:00:30", 32_430), ("23:59:59", 86_399), ("24:00", 86_400),
            ("24:00:00", 86_400),
            ("24:00:01", nil), ("24:01", nil), ("25:00", nil), ("09:60", nil), ("09:00:60", nil), ("9:00", nil),
            ("0900", nil),
            ("09", nil), ("09:00:", nil), ("09:00:00:00", nil), ("-1:00", nil), ("+9:00", nil), ("", nil),
            (" 09:00", nil),
            ("09:00 ", nil), ("９:00", nil), ("09:0a", nil),
        ] as [(String, Int?)])
    func reads(text: String, seconds: Int?) {
        #expect(LocalTime(text)?.secondOfDay == seconds)
    }

    @Test(arguments: [(0, "00:00"), (32_400, "09:00"), (32_430, "09:00:30"), (86_399, "23:59:59"), (86_400, "24:00")])
    func writes(seconds: Int, text: String) {
        #expect(LocalTime(secondOfDay: seconds).description == text)
        #expect(LocalTime(text)?.secondOfDay == seconds)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00"), (-1, "1969-12-31 23:59:59"), (86_399, "1970-01-01 23:59:59"),
        (86_400, "1970-01-02 00:00"),
        (-86_400, "1969-12-31 00:00"),
    ])
    func datesAndTimesCountAsOne(wallSeconds: Int64, text: String) {
        let local = LocalDateTime(wallSeconds: wallSeconds)
        #expect(local.description == text)
        #expect(local.wallSeconds == wallSeconds)
    }

    @Test func twentyFourOClockIsTheNextMidnight() throws {
        let end = LocalDateTime(date: try #require(LocalDate("2024-02-29")), time: .endOfDay)
        let midnight = LocalDateTime(date: try #require(LocalDate("2024-03-01")), time: .midnight)
        #expect(end.wallSeconds == midnight.wallSeconds)
        #expect(!(end < midnight) && !(midnight < end))
    }
}
