// How what a lead did loses its worth.
//
// The rule: after d days, something that gave p points is worth p × 2^(−d/h), h being its half-life in days, rounded to the
// nearest thousandth of a point (a half away from zero). Days are whole days of UTC: what happened on Monday is worth less from
// Tuesday 00:00 UTC on. So a score changes at midnights alone, follows from what is stored, and needs no nightly job.
//
// In whole numbers, the same on every machine: 2^(−r/h) is the product of the roots 2^(−1/2), 2^(−1/4), … for the binary digits
// of r/h, each as a fraction of 2^64.
//
// Edge cases: something from the future (a clock that was set back) is worth all of it. After 40 half-lives nothing is left.
//
// Worked example: 20 points with a half-life of 30 days are 14.142 after 15 days, 10 after 30, 5 after 60.

package struct HalfLife: Hashable, Sendable {
    package let days: Int
    /// 2^(−r/days) as a fraction of 2^64, for r from 1 to days − 1; the first is not used.
    private let fractions: [UInt64]

    /// At least one day, at most ten years.
    package init(days: Int) {
        self.days = min(max(days, 1), 3_650)
        let period = self.days
        fractions = (0..<period).map { Self.fraction(of: $0, in: period) }
    }

    package static func == (a: HalfLife, b: HalfLife) -> Bool { a.days == b.days }
    package func hash(into hasher: inout Hasher) { hasher.combine(days) }

    /// What `points` are worth after that many days.
    package func worth(of points: Int, after age: Int) -> Points {
        let (halvings, rest) = max(0, age).quotientAndRemainder(dividingBy: days)
        guard halvings < 40 else { return .zero }
        let whole = UInt128(points.magnitude) * 1_000
        let shift = rest == 0 ? halvings : halvings + 64
        let exact = rest == 0 ? whole : whole * UInt128(fractions[rest])
        let rounded = Int(shift == 0 ? exact : (exact + (1 << (shift - 1))) >> shift)
        return Points(thousandths: points < 0 ? -rounded : rounded)
    }

    /// The day of UTC on which an instant lies.
    package static func day(of instant: Instant) -> Int { Int(instant.milliseconds.floorDivided(by: 86_400_000)) }

    /// The midnight of UTC at which that day begins.
    package static func midnight(of day: Int) -> Instant { Instant(milliseconds: Int64(day) * 86_400_000) }

    /// The square roots of 1/2, of that, and so on, as fractions of 2^64.
    private static let roots: [UInt64] = {
        var roots: [UInt64] = []
        var square: UInt128 = 1 << 127
        for _ in 0..<62 {
            let root = squareRoot(square)
            roots.append(root)
            square = UInt128(root) << 64
        }
        return roots
    }()

    private static func squareRoot(_ square: UInt128) -> UInt64 {
        var root: UInt64 = 0
        for bit in (0..<64).reversed() {
            let attempt = root | (1 << UInt64(bit))
            if UInt128(attempt) * UInt128(attempt) <= square { root = attempt }
        }
        return root
    }

    private static func fraction(of part: Int, in period: Int) -> UInt64 {
        var (rest, fraction) = (part, UInt64.max)
        for root in roots {
            rest *= 2
            guard rest >= period else { continue }
            rest -= period
            fraction = fraction.multipliedFullWidth(by: root).high
            if rest == 0 { break }
        }
        return fraction
    }
}
