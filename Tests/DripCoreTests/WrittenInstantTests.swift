import DripCore
import Testing

@Suite struct WrittenInstantTests {
    @Test(arguments: [
        ("2026-12-24", "2026-12-24T00:00:00", "2026-12-23T23:00:00.000Z"),
        ("2026-12-24T18:30", "2026-12-24T18:30:00", "2026-12-24T17:30:00.000Z"),
        ("2026-12-24 18:30:05", "2026-12-24T18:30:05", "2026-12-24T17:30:05.000Z"),
        ("2026-12-24T11:30:00Z", "2026-12-24T11:30:00.000Z", "2026-12-24T11:30:00.000Z"),
        ("2026-12-24T11:30:00+07:00", "2026-12-24T04:30:00.000Z", "2026-12-24T04:30:00.000Z"),
        // Berlin skips 02:30 on that day, and has it twice on the other.
        ("2026-03-29T02:30", "2026-03-29T02:30:00", "2026-03-29T01:00:00.000Z"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00", "2026-10-25T00:30:00.000Z"),
    ])
    func itIsReadOnTheLeadsClock(text: String, description: String, instant: String) throws {
        let written = try #require(WrittenInstant(text))
        #expect(written.description == description)
        #expect(written.instant(in: try SystemZones.zone("Europe/Berlin")) == (try utc(instant)))
        #expect(WrittenInstant(written.description) == written)
    }

    @Test(arguments: [
        "", "soon", "24.12.2026", "2026-12-24T", "2026-12-24T25:00", "2026-02-30", "2026-12-24 10:00 ", "2026-12-24T1Z",
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(WrittenInstant(text) == nil)
    }
}
