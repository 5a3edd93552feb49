import Foundation

// Whether one rate is better than another, or only looks so.
//
// The rule: the two-proportion z-test. With rates p1 = x1/n1 and p2 = x2/n2 and the common rate p = (x1+x2)/(n1+n2),
// z = (p2 − p1) / √(p(1−p)(1/n1 + 1/n2)); where chance alone would bring a difference as large in fewer than 5 of 100 comparisons
// (|z| > 1.96), the one is called better. The interval of the difference is Newcombe's hybrid score interval, 95 %: from each rate's
// Wilson interval (l, u), d − √((p2−l2)² + (u1−p1)²) to d + √((u2−p2)² + (p1−l1)²).
//
// How many are needed: of each, (1.96 √(2 p̄ q̄) + 0.8416 √(p1 q1 + p2 q2))² / (p2 − p1)², p̄ being the mean of the two: with so
// many a true difference of this size is seen in 80 of 100 trials.
//
// Where nothing is better, and the interval lies within one percentage point to either side, the two are called even; else there are
// too few to tell.
//
// Edge cases: the test is not asked where it does not hold: fewer than five expected of either side's successes or failures.
// Nothing is called better then. Where both rates are equal there is no number that would be enough. Looking every day and stopping
// at the first "better" finds one where there is none; the words say what was looked at, the docs say this.
//
// Sources: R. G. Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10; E. B. Wilson, JASA 22 (1927) 209–212;
// J. L. Fleiss, Statistical Methods for Rates and Proportions, ch. 4, for the numbers needed.
//
// Worked example: 40 of 500 and 62 of 500: d = 4.4 %, z = 2.30, p = 0.0215, from 0.7 % to 8.2 %.

package struct TwoRates: Hashable, Sendable {
    package enum Verdict: String, Sendable, Codable {
        /// The second one is better, or worse, than chance explains.
        case better, worse
        /// No difference was seen, and the interval holds none of a percentage point or more.
        case even
        case tooFew = "too_few"
        case nothing
    }

    package var first: Rate
    package var second: Rate

    package init(_ first: Rate, _ second: Rate) {
        self.first = first
        self.second = second
    }

    private static let z95 = 1.959963984540054
    private static let z80 = 0.8416212335729143
    /// A smaller difference than this matters to nobody.
    private static let small = 0.01

    /// How much more the second is, in percentage points as a fraction.
    package var difference: Double { second.share - first.share }

    /// The z of the pooled test; nil where it does not hold.
    package var z: Double? {
        let (n1, n2) = (Double(first.of), Double(second.of))
        guard n1 > 0, n2 > 0 else { return nil }
        let common = Double(first.count + second.count) / (n1 + n2)
        guard min(n1, n2) * min(common, 1 - common) >= 5 else { return nil }
        return difference / (common * (1 - common) * (1 / n1 + 1 / n2)).squareRoot()
    }

    /// How often chance alone brings a difference as large, either way.
    package var chance: Double? { z.map { erfc(abs($0) / 2.0.squareRoot()) } }

    /// The Wilson score interval of one rate, 95 %.
    package static func wilson(_ rate: Rate) -> ClosedRange<Double>? {
        guard rate.of > 0 else { return nil }
        let (n, p, z2) = (Double(rate.of), rate.share, z95 * z95)
        let middle = p + z2 / (2 * n)
        let half = z95 * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
        let (low, high) = ((middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n))
        // What is certain stays so: 0 of n begins at 0, n of n ends at 1.
        return (rate.count == 0 ? 0 : max(0, low))...(rate.count == rate.of ? 1 : min(1, high))
    }

    /// Newcombe's interval of the difference, 95 %.
    package var interval: ClosedRange<Double>? {
        guard let one = Self.wilson(first), let two = Self.wilson(second) else { return nil }
        let (p1, p2) = (first.share, second.share)
        func root(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
        return
            (difference - root(p2 - two.lowerBound, one.upperBound - p1))...(difference
            + root(two.upperBound - p2, p1 - one.lowerBound))
    }

    /// How many of each side a difference of this size needs; nil where there is none.
    package var needed: Int? {
        guard first.of > 0, second.of > 0, difference != 0 else { return nil }
        let (p1, p2) = (first.share, second.share)
        let mean = (p1 + p2) / 2
        let root =
            Self.z95 * (2 * mean * (1 - mean)).squareRoot() + Self.z80 * (p1 * (1 - p1) + p2 * (1 - p2)).squareRoot()
        let count = (root * root / (difference * difference)).rounded(.up)
        return count < 1e9 ? Int(count) : nil
    }

    package var verdict: Verdict {
        guard first.of > 0, second.of > 0 else { return .nothing }
        if let z, abs(z) > Self.z95 { return z > 0 ? .better : .worse }
        guard let interval, interval.lowerBound > -Self.small, interval.upperBound < Self.small else { return .tooFew }
        return .even
    }

    /// What somebody may say of it, who gives both sides a name.
    package func inWords(_ one: String, _ two: String) -> String {
        func said(_ name: String, _ rate: Rate) -> String {
            "\(name) \(rate.percent) (\(rate.count.grouped) of \(rate.of.grouped))"
        }
        let seen = "\(said(two, second)), \(said(one, first))"
        switch verdict {
        case .nothing: return "nothing to compare yet"
        case .better, .worse:
            let odds = chance.map { $0 < 0.0001 ? "less than 1 in 10,000" : "1 in \(Int((1 / $0).rounded()))" } ?? ""
            return "\(two) is \(verdict.rawValue): \(seen). By chance alone a difference this large comes \(odds) times"
        case .even: return "no difference of a percentage point or more: \(seen)"
        case .tooFew:
            guard let needed else { return "too few to tell: \(seen)" }
            let smaller = min(first.of, second.of)
            guard smaller < needed else { return "too few to tell: \(seen)" }
            return
                "too few to tell: \(smaller.grouped) of the \(needed.grouped) of each that a difference of this size needs; \(seen)"
        }
    }
}
