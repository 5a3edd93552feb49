import DripCore
import Testing

@Suite struct StableHashTests {
    /// Literal values, computed apart: whoever changes the hash moves every lead's jitter.
    @Test(
        arguments: [
            ("", 0x4F2D_B50F_1240_40CD), ("a", 0x193F_1020_AF07_6DB5), ("budi@example.com", 0x5EDF_2594_9C2D_BC1A),
            ("é", 0x7603_35EA_E80F_F27C),
        ] as [(String, UInt64)])
    func isTheSameForEver(text: String, expected: UInt64) {
        #expect(StableHash(text).value == expected)
    }

    @Test func takesIntegersAndKeepsFieldsApart() {
        var number = StableHash()
        number.add(-2)
        #expect(number.value == 0x20A0_F5AA_C6D7_B092)
        #expect(StableHash().value == 0xF52A_15E9_A9B5_E89B)
        var (left, right) = (StableHash("ab"), StableHash("a"))
        left.add("c")
        right.add("bc")
        #expect(left.value != right.value)
    }

    @Test func spreadsEvenly() {
        var buckets = Array(repeating: 0, count: 16)
        for number in 0..<16_000 {
            buckets[Int(StableHash("lead-\(number)").number(below: 16))] += 1
        }
        #expect(buckets.allSatisfy { (850...1_150).contains($0) }, "\(buckets)")
        #expect(StableHash("x").number(below: 0) == 0)
        #expect(StableHash("x").number(below: 1) == 0)
    }
}
