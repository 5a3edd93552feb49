import DripCore
import Testing

@Suite struct HalfLifeTests {
    @Test(arguments: [
        (20, 30, 0, "20"), (20, 30, 15, "14.142"), (20, 30, 30, "10"), (20, 30, 60, "5"), (20, 30, 31, "9.772"),
        (1, 1, 1, "0.5"), (1, 1, 10, "0.001"), (1, 1, 11, "0"), (5, 7, 28, "0.313"), (-5, 7, 28, "-0.313"),
        (5, 1, 4, "0.313"), (3, 1, 39, "0"), (10_000, 1, 39, "0"), (10_000, 3_650, 3_649, "5000.95"),
        (20, 30, -3, "20"), (0, 30, 5, "0"), (40, 30, 100_000, "0"),
    ])
    func isWorthThat(points: Int, days: Int, age: Int, worth: String) {
        #expect("\(HalfLife(days: days).worth(of: points, after: age))" == worth)
    }

    /// What happened is worth less from the next midnight of UTC on, before 1970 too.
    @Test func daysBeginAtMidnightUTC() throws {
        for (text, day) in [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T23:59:59.999Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-02T02:00:00Z", 20_759),
        ] {
            let instant = try #require(Instant(text))
            #expect(HalfLife.day(of: instant) == day, "\(text)")
            #expect(HalfLife.midnight(of: day) <= instant && instant < HalfLife.midnight(of: day + 1))
        }
    }

    @Test func neverRises() {
        for days in [1, 2, 30, 365] {
            let halfLife = HalfLife(days: days)
            let worths = (0...1_000).map { halfLife.worth(of: 977, after: $0) }
            #expect(zip(worths, worths.dropFirst()).allSatisfy { $0 >= $1 }, "\(days)")
        }
    }
}
