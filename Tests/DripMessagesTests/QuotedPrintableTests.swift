import Testing

@testable import DripMessages

@Suite struct QuotedPrintableTests {
    private func encode(_ text: String) -> String {
        var writer = QuotedPrintableWriter(output: [])
        writer.append(Array(text.utf8))
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test(arguments: [
        ("abc", "abc"), ("5 = fünf \n", "5 =3D f=C3=BCnf=20\r\n"), ("a\r\nb\rc\nd", "a\r\nb\r\nc\r\nd"),
        ("a \n\t\nb ", "a=20\r\n=09\r\nb=20"), ("\n.\n", "\r\n.\r\n"), ("\0\u{7F}~", "=00=7F~"), ("", ""),
        ("\n\n", "\r\n\r\n"),
        (
            String(repeating: "a", count: 80),
            String(repeating: "a", count: 75) + "=\r\n" + String(repeating: "a", count: 5)
        ),
        (
            String(repeating: "a", count: 74) + "é",
            String(repeating: "a", count: 74) + "=\r\n=C3=A9"
        ),
        (
            String(repeating: "a", count: 74) + " \nb",
            String(repeating: "a", count: 74) + "=\r\n=20\r\nb"
        ),
    ])
    func encodes(text: String, encoded: String) {
        #expect(encode(text) == encoded)
    }

    /// Static stretches that were encoded before, with values between them, decode to the text they stand for.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func stretchesAndValuesJoin(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet = ["a", "bcd", " ", "  ", "\n", "=", "é", "😀", ".", "\t", String(repeating: "x", count: 60)]
        func text(_ length: UInt64, lineEnds: Bool) -> String {
            (0..<random.below(length)).map { _ in alphabet[Int(random.below(UInt64(alphabet.count)))] }.joined()
                .replacing("\n", with: lineEnds ? "\n" : "")
        }
        var operations: [Operation<[UInt8]>] = []
        var frame = Frame()
        var expected = ""
        for index in 0..<(random.below(12) + 1) {
            if index % 2 == 0 {
                let stretch = text(30, lineEnds: true)
                if stretch.isEmpty { continue }
                operations.append(.bytes(Array(stretch.utf8)))
                expected += stretch
            } else {
                let value = text(6, lineEnds: false)
                operations.append(.value(UInt32(frame.texts.count), .plain))
                frame.append(value, LineText.traits(of: value, by: ByteTraits.table))
                expected += value
            }
        }
        var writer = QuotedPrintableWriter(output: [])
        EncodedProgram(operations).run(frame, into: &writer)
        let encoded = writer.finish()
        #expect(decoded(encoded) == expected, "seed \(seed)")
        let lines = String(decoding: encoded, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.last != " " && $0.last != "\t" }, "seed \(seed)")
        #expect(!lines.joined().utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 >= 0x80 }, "seed \(seed)")
    }

    private func decoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "=") {
                if rest.first != 0x0D {
                    result.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                }
                rest = rest.dropFirst(2)
            } else if byte != 0x0D {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
