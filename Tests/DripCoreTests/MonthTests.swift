import DripCore
import Testing

@Suite struct MonthTests {
    @Test(arguments: [
        ("2027-01-01", "2027-01", "2027-02"), ("2026-12-31", "2026-12", "2027-01"),
        ("2028-02-29", "2028-02", "2028-03"),
    ])
    func isTheDaysAndHasANext(day: String, month: String, next: String) throws {
        let found = Month(of: try #require(LocalDate(day)))
        #expect("\(found)" == month && "\(found.next)" == next && found < found.next)
        #expect(Month(month) == found && found.first?.day == 1)
    }

    @Test(arguments: ["2027-13", "2027-1", "27-01", "2027-00", "2027-01-01", "unknown", ""]) func isNone(text: String) {
        #expect(Month(text) == nil)
    }

    @Test func theUnknownIsNone() {
        #expect("\(Month.unknown)" == "unknown" && !Month.unknown.isKnown && Month.unknown.first == nil)
    }
}
