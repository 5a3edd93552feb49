/// A 64-bit hash that is the same on every machine, in every version and every run: the only source of jitter.
///
/// The rule: FNV-1a over the bytes (text as UTF-8, then the byte 0xFF, which UTF-8 never holds, so that "ab", "c" and
/// "a", "bc" differ; integers as eight bytes, little-endian), then the finalizer of SplitMix64, which spreads what
/// FNV-1a leaves in the low bits. It is no secret and protects against nobody.
///
/// Worked example: the hash of nothing is 0xF52A_15E9_A9B5_E89B. Changing any of this moves every lead's jitter.
///
/// Source: draft-eastlake-fnv (FNV-1a, 64 bits); Steele, Lea, Flood, "Fast splittable pseudorandom number generators".
package struct StableHash: Hashable, Sendable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// The hash of one text.
    package init(_ text: String) {
        add(text)
    }

    package mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0xFF)
    }

    package mutating func add(_ number: Int64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: number >> Int64(shift))) }
    }

    private mutating func add(byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    package var value: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `0..<bound`, evenly spread (the high half of a 128-bit product); 0 where `bound` is not positive.
    package func number(below bound: Int64) -> Int64 {
        bound > 0 ? Int64(value.multipliedFullWidth(by: UInt64(bound)).high) : 0
    }
}
