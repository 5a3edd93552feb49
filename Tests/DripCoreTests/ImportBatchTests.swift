import DripCore
import Testing

@Suite struct ImportBatchTests {
    @Test(arguments: [(nil, 2), ("1", 1), ("2", 2), ("1001", 1_001), ("1000000000", 1_000_000_000)])
    func takesTheLineOnWhichAPieceBegins(text: String?, line: Int) throws {
        #expect(try ImportBatch.firstLine(text.map { Substring($0) }) == line)
    }

    @Test(arguments: ["", "0", "-1", "x", "2.5", "1000000001", "9223372036854775807", "9223372036854775808"])
    func refusesWhatIsNoLine(text: String) {
        let error = #expect(throws: ControlError.self) { try ImportBatch.firstLine(Substring(text)) }
        #expect(error?.kind == .invalid)
        #expect(error?.description.contains("first_line must be a whole number between 1 and 1000000000") == true)
    }

    /// The last line of the last piece that there may be can still be counted on from.
    @Test func thePieceThatBeginsLastIsRead() throws {
        var reader = CSVReader(Array("email\na@example.com\n\nb@example.com\n".utf8))
        _ = try reader.next()
        reader.seek(to: reader.offset, line: ImportBatch.firstLines.upperBound)
        #expect(try reader.next()?.line == 1_000_000_000)
        #expect(try reader.next()?.line == 1_000_000_002)
    }
}
