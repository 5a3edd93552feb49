import DripCore
import Testing

@Suite struct TimeSpanTests {
    @Test(
        arguments: [
            ("90s", 90_000), ("30m", 1_800_000), ("72h", 259_200_000), ("3d", 259_200_000), ("2w", 1_209_600_000),
            ("0s", 0),
            ("36525d", 3_155_760_000_000), ("36526d", nil), ("5218w", nil), ("9223372036854775807w", nil),
            ("92233720368547758070s", nil), ("-1h", nil), ("+1h", nil), ("1.5h", nil), ("1 h", nil), ("h", nil),
            ("", nil),
            ("1", nil), ("1H", nil), ("1y", nil), ("1ms", nil), ("1h30m", nil), ("１h", nil),
        ] as [(String, Int64?)])
    func reads(text: String, milliseconds: Int64?) {
        #expect(TimeSpan(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        (0, "0s"), (1, "1ms"), (1_500, "1500ms"), (90_000, "90s"), (5_400_000, "90m"), (129_600_000, "36h"),
        (86_400_000, "1d"), (1_209_600_000, "14d"), (-3_600_000, "-1h"),
    ])
    func writes(milliseconds: Int64, text: String) {
        #expect(TimeSpan(milliseconds: milliseconds).description == text)
    }

    @Test(arguments: [
        (0, "0s"), (999, "999ms"), (1_500, "1s"), (87_000_001, "1d 10m"), (5_400_000, "1h 30m"), (86_400_000, "1d"),
        (90_061_001, "1d 1h"),
    ])
    func saysItselfRoughly(milliseconds: Int64, text: String) {
        #expect(TimeSpan(milliseconds: milliseconds).roughly == text)
    }

    @Test func counts() {
        #expect(TimeSpan.days(1) == .hours(24))
        #expect(TimeSpan.hours(1) == .minutes(60))
        #expect(TimeSpan.minutes(1) == .seconds(60))
        #expect(TimeSpan.hours(1) + .minutes(30) == .minutes(90))
        #expect(TimeSpan.hours(1) - .minutes(90) == .minutes(-30))
        #expect(TimeSpan.zero < .milliseconds(1))
    }
}
