import DripCore
import Testing

@Suite struct WarmUpTests {
    @Test(
        arguments: [
            ("2026-11-01", 50), ("2026-12-01", 50), ("2026-12-02", 100), ("2026-12-03", 500), ("2026-12-04", nil),
            ("2027-06-01", nil),
        ] as [(String, Int?)])
    func eachDayHasItsVolume(day: String, volume: Int?) throws {
        let rule = WarmUp(from: try #require(LocalDate("2026-12-01")), volumes: [50, 100, 500])
        #expect(rule.volume(on: try #require(LocalDate(day))) == volume)
    }

    @Test func aDayIsReadAsItWasWritten() throws {
        let day = TransportDay(transport: "relay", day: try #require(LocalDate("2026-12-01")), count: 350)
        #expect(day.description == "relay 2026-12-01 350" && TransportDay(day.description) == day)
        for junk in ["", "relay", "relay 2026-12-01", "relay 2026-13-01 1", "relay 2026-12-01 x"] {
            #expect(TransportDay(junk) == nil)
        }
    }
}
