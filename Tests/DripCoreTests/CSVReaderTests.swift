import DripCore
import Testing

@Suite struct CSVReaderTests {
    private func records(_ text: String) throws -> [[String]] {
        var reader = CSVReader(Array(text.utf8))
        var all: [[String]] = []
        while let record = try reader.next() { all.append(record.cells) }
        return all
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a,b\n", [["a", "b"]]),
        ("a;b\n1;2,5\n", [["a", "b"], ["1", "2,5"]]),
        ("a,b\n\n\r\n1,\n", [["a", "b"], ["1", ""]]),
        ("a\n\"x, \"\"y\"\"\nz\"\n", [["a"], ["x, \"y\"\nz"]]),
        ("a,b\n\"\",x\"y\n", [["a", "b"], ["", "x\"y"]]),
        ("a,b\n\"q\"tail,2\n", [["a", "b"], ["qtail", "2"]]),
        // The one apostrophe that keeps a spreadsheet from a formula; any other is a plain character.
        ("a,b\n'=1,\"'+62\"\n", [["a", "b"], ["=1", "+62"]]), ("a,b\n''-x,'x\n", [["a", "b"], ["'-x", "'x"]]),
        ("", []), ("\n\n", []),
    ])
    func readsWhatSpreadsheetsWrite(text: String, expected: [[String]]) throws {
        #expect(try records(text) == expected)
    }

    @Test func numbersLinesAcrossQuotedLineEnds() throws {
        var reader = CSVReader(Array("a\n\"1\n2\"\n\n3\n".utf8))
        var lines: [Int] = []
        while let record = try reader.next() { lines.append(record.line) }
        #expect(lines == [1, 2, 5])
    }

    @Test func aCRInsideAQuotedCellStaysForTheDoorToRefuse() throws {
        #expect(try records("a\n\"x\r\ny\"\n") == [["a"], ["x\r\ny"]])
    }

    @Test func saysWhereItCannotGoOn() throws {
        let open = #expect(throws: CSVReader.Failure.self) { try records("a\nb\n\"c\nd\n") }
        #expect(open?.line == 3)
    }

    @Test func bytesThatAreNoTextAreTheirRowsMistakeAlone() throws {
        var reader = CSVReader(Array("a,b\n".utf8) + [0x78, 0x2C, 0xFF, 0x0A] + Array("y,z\n".utf8))
        _ = try reader.next()
        #expect(try reader.next()?.unreadable == [1])
        let good = try reader.next()
        #expect(good?.cells == ["y", "z"] && good?.unreadable.isEmpty == true)
    }

    @Test func theHeaderBehindAnEmptyLineStillSaysTheSeparator() throws {
        #expect(try records("\r\n\na;b\n1;2\n") == [["a", "b"], ["1", "2"]])
    }

    @Test(arguments: [UInt64(1), 2, 3]) func piecesReadTheSameAsTheWhole(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet: [Character] = ["a", "é", "😀", ",", "\"", "\n", " ", ";"]
        for _ in 0..<500 {
            let text =
                "h,i\n"
                + String(
                    (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                        alphabet.randomElement(using: &random) ?? "a"
                    })
            let bytes = Array(text.utf8)
            var whole = CSVReader(bytes)
            guard let header = try whole.next() else { continue }
            var expected: [CSVReader.Record] = []
            do {
                while let record = try whole.next() { expected.append(record) }
            } catch { continue }
            guard let first = expected.first, let last = expected.last else { continue }
            var piece = CSVReader(
                Array(bytes[header.bytes]) + bytes[first.bytes.lowerBound..<last.bytes.upperBound])
            _ = try piece.next()
            piece.seek(to: piece.offset, line: first.line)
            for record in expected { #expect(try piece.next()?.cells == record.cells, "seed \(seed): \(text)") }
        }
    }
}
