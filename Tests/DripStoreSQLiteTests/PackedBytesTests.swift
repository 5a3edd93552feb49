import DripCore
import DripStore
import DripTesting
import Testing

@testable import DripStoreSQLite

@Suite struct PackedBytesTests {
    @Test func packsAsTheWorkedExampleSays() {
        #expect(pack(charges: [Instant(milliseconds: 1), Instant(milliseconds: 300)]) == [1, 2, 0xD6, 0x04])
        #expect(pack(charges: []) == nil)
    }

    @Test(
        arguments: [
            [], [0], [-1], [.min, .max], [.max, .min], [1, 2, 3], [1_764_547_200_000, 1_764_547_200_000],
            [253_402_300_799_999],
        ] as [[Int64]])
    func chargesComeBack(milliseconds: [Int64]) throws {
        let charges = milliseconds.map(Instant.init(milliseconds:))
        let bytes = pack(charges: charges) ?? []
        #expect(try bytes.withUnsafeBytes { bytes throws(StoreError) in try unpackCharges(bytes) } == charges)
    }

    @Test(arguments: [[], [1], [127, 128, 16_384], [.max]] as [[Int64]])
    func finishedStepsComeBack(steps: [Int64]) throws {
        let bytes = pack(finished: steps) ?? []
        #expect(try bytes.withUnsafeBytes { bytes throws(StoreError) in try unpackFinished(bytes) } == steps)
    }

    @Test func attributesComeBackWithAndWithoutWords() throws {
        let attributes: [String: AttributeValue] = [
            "a": .text(""), "b": .text("é\u{0}🦊"), "c": .number(-0.0), "d": .number(.infinity), "e": .flag(true),
            "f": .flag(false), "g": .number(5), "": .number(.leastNonzeroMagnitude),
        ]
        let words = ["a", "c", "e"]
        let bytes = try pack(attributes: attributes) { name throws(StoreError) in
            words.firstIndex(of: name).map { Int64($0 + 1) }
        }
        let back = try (bytes ?? []).withUnsafeBytes { bytes throws(StoreError) in
            try unpackAttributes(bytes) { words.indices.contains(Int($0) - 1) ? words[Int($0) - 1] : nil }
        }
        #expect(back == attributes)
    }

    /// Any bytes are read or refused; nothing traps, and nothing reserves memory on the word of a damaged length.
    @Test(arguments: (1...4).map { UInt64($0) })
    func anyBytesAreReadOrRefused(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let good = try pack(attributes: ["name": .text("Budi"), "n": .number(3)]) { _ throws(StoreError) in nil } ?? []
        for _ in 0..<20_000 {
            var bytes = good
            if Bool.random(using: &random) {
                bytes =
                    [1] + (0..<Int.random(in: 0...24, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            } else {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                bytes.removeLast(Int.random(in: 0..<3, using: &random))
            }
            bytes.withUnsafeBytes { bytes in
                _ = try? unpackAttributes(bytes) { $0 == 1 ? "one" : nil }
                _ = try? unpackCharges(bytes)
                _ = try? unpackFinished(bytes)
            }
        }
    }
}
