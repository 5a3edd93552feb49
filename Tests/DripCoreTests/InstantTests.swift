import DripCore
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-23T06:19:48.123Z", 1_795_414_788_123),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2026-11-23T08:00:00+07:00", 1_795_395_600_000), ("2026-11-22T20:30:00-04:30", 1_795_395_600_000),
            ("2026-11-23t01:00:00z", nil), ("2026-11-23T01:00:00.1Z", 1_795_395_600_100),
            ("2026-11-23T01:00:00.12Z", 1_795_395_600_120), ("2026-11-23T01:00:00.123999Z", 1_795_395_600_123),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2026-11-23T01:00:00", nil), ("2026-11-23", nil), ("2026-02-29T01:00:00Z", nil),
            ("2026-11-23T25:00:00Z", nil),
            ("2026-11-23T01:00:00.Z", nil), ("2026-11-23T01:00:00.1x3Z", nil), ("2026-11-23T01:00:00+7", nil),
            ("2026-11-23 01:00:00Z", nil), ("", nil), ("T", nil), ("2026-11-23T01:00:60Z", nil),
        ] as [(String, Int64?)])
    func reads(text: String, milliseconds: Int64?) {
        #expect(Instant(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (-86_400_001, "1969-12-30T23:59:59.999Z"),
        (1_795_414_788_123, "2026-11-23T06:19:48.123Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func writes(milliseconds: Int64, text: String) {
        #expect(Instant(milliseconds: milliseconds).description == text)
        #expect(Instant(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [(0, 0), (999, 0), (1_000, 1), (-1, -1), (-1_000, -1), (-1_001, -2)])
    func roundsSecondsDown(milliseconds: Int64, seconds: Int64) {
        #expect(Instant(milliseconds: milliseconds).seconds == seconds)
    }

    /// Logs and failed expectations show what stands for "ever before".
    @Test func theFirstAndTheLastCanBeShown() {
        #expect(Instant(milliseconds: .min).description.hasSuffix("T16:47:04.192Z"))
        #expect(Instant(milliseconds: .max).description.hasSuffix("T07:12:55.807Z"))
        #expect(Instant(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }

    @Test func countsWithSpans() {
        let instant = Instant(seconds: 10)
        #expect(instant + .seconds(5) == Instant(seconds: 15))
        #expect(instant - .seconds(15) == Instant(seconds: -5))
        #expect(instant - Instant(seconds: 12) == .seconds(-2))
        #expect(Instant.epoch < instant && instant < .distantFuture)
    }

    @Test(arguments: [(7, 2, 3), (-7, 2, -4), (7, -2, -4), (-7, -2, 3), (6, 3, 2), (-6, 3, -2), (0, 5, 0)])
    func floorDivision(dividend: Int, divisor: Int, expected: Int) {
        #expect(dividend.floorDivided(by: divisor) == expected)
    }

    @Test(arguments: [UInt64](1...4))
    func comesBackFromItsText(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let instant = Instant(milliseconds: random.number(-62_135_596_800_000...253_402_300_799_999))
            #expect(Instant(instant.description) == instant, "seed \(seed)")
        }
    }
}
