import DripCore
import Testing

@Suite struct TwoRatesTests {
    /// Computed in Python from the formulas; the first four intervals are examples (a) to (h) of Newcombe's own table, method 10.
    @Test(arguments: [
        (Rate(48, of: 80), Rate(56, of: 70), 0.05243147240236498, 0.333872654036906),
        (Rate(3, of: 10), Rate(9, of: 10), 0.17052272393450307, 0.8090179735354881),
        (Rate(2, of: 7), Rate(6, of: 7), 0.05822792748231209, 0.8062496375242277),
        (Rate(0, of: 29), Rate(5, of: 56), -0.03813714790353688, 0.19256001385511162),
        (Rate(0, of: 20), Rate(0, of: 10), -0.16112515805281938, 0.2775327998628892),
        (Rate(40, of: 500), Rate(62, of: 500), 0.006402678747812654, 0.0819342465857654),
        (Rate(0, of: 20), Rate(20, of: 20), 0.7721346162421944, 1.0),
    ])
    func hasAnInterval(first: Rate, second: Rate, low: Double, high: Double) throws {
        let interval = try #require(TwoRates(first, second).interval)
        #expect(abs(interval.lowerBound - low) < 1e-12 && abs(interval.upperBound - high) < 1e-12, "\(interval)")
        let back = try #require(TwoRates(second, first).interval)
        #expect(abs(back.lowerBound + high) < 1e-12 && abs(back.upperBound + low) < 1e-12)
    }

    @Test(arguments: [
        (Rate(40, of: 500), Rate(62, of: 500), 2.2987112781576706, 0.021521339679628822, 742),
        (Rate(56, of: 70), Rate(48, of: 80), -2.6501719512585336, 0.008045081368196568, 82),
        (Rate(500, of: 10_000), Rate(580, of: 10_000), 2.5028368525942595, 0.012320232200247966, 12_529),
    ])
    func isTested(first: Rate, second: Rate, z: Double, chance: Double, needed: Int) throws {
        let rates = TwoRates(first, second)
        let (foundZ, foundChance) = (try #require(rates.z), try #require(rates.chance))
        #expect(abs(foundZ - z) < 1e-12 && abs(foundChance - chance) < 1e-12)
        #expect(rates.needed == needed)
    }

    @Test(arguments: [
        (Rate(40, of: 500), Rate(62, of: 500), TwoRates.Verdict.better), (Rate(56, of: 70), Rate(48, of: 80), .worse),
        (Rate(1, of: 14), Rate(3, of: 14), .tooFew), (Rate(9, of: 10), Rate(3, of: 10), .tooFew),
        (Rate(0, of: 4), Rate(4, of: 4), .tooFew), (Rate(10, of: 100), Rate(10, of: 100), .tooFew),
        (Rate(1_000, of: 20_000), Rate(1_010, of: 20_000), .even), (Rate(0, of: 0), Rate(3, of: 9), .nothing),
        (Rate(3, of: 9), Rate(0, of: 0), .nothing), (Rate(0, of: 50), Rate(0, of: 50), .tooFew),
    ])
    func isJudged(first: Rate, second: Rate, verdict: TwoRates.Verdict) {
        #expect(TwoRates(first, second).verdict == verdict)
    }

    @Test func isSaidInWords() {
        #expect(
            TwoRates(Rate(40, of: 500), Rate(62, of: 500)).inWords("a", "b")
                == "b is better: b 12.4% (62 of 500), a 8.0% (40 of 500). By chance alone a difference this large comes 1 in 46 times"
        )
        #expect(
            TwoRates(Rate(1, of: 14), Rate(3, of: 14)).inWords("a", "b")
                == "too few to tell: 14 of the 93 of each that a difference of this size needs; "
                + "b 21.4% (3 of 14), a 7.1% (1 of 14)")
        #expect(
            TwoRates(Rate(5, of: 50), Rate(5, of: 50)).inWords("a", "b")
                == "too few to tell: b 10.0% (5 of 50), a 10.0% (5 of 50)")
        #expect(TwoRates(Rate(0, of: 0), Rate(1, of: 2)).inWords("a", "b") == "nothing to compare yet")
    }

    /// Of 1,000 comparisons of things that do not differ, about 50 are called better or worse, as the rule says: no fewer than
    /// 25 and no more than 75 of a fixed stream.
    @Test func findsNothingWhereThereIsNothing() {
        var state: UInt64 = 88_172_645_463_325_252
        func next() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) / 9_007_199_254_740_992
        }
        var found = 0
        for _ in 0..<1_000 {
            let counts = (0..<2).map { _ in (0..<400).count { _ in next() < 0.2 } }
            let verdict = TwoRates(Rate(counts[0], of: 400), Rate(counts[1], of: 400)).verdict
            if verdict == .better || verdict == .worse { found += 1 }
        }
        #expect((25...75).contains(found), "\(found)")
    }
}
