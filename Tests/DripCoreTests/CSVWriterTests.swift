import DripCore
import Testing

@Suite struct CSVWriterTests {
    @Test(arguments: [
        (["a", "b"], "a,b\r\n"), (["Toko \"Maju\", PT", ""], "\"Toko \"\"Maju\"\", PT\",\r\n"),
        (["a\nb", "a;b"], "\"a\nb\",a;b\r\n"), ([""], "\"\"\r\n"), (["", ""], ",\r\n"),
        (["=1+1", "+62", "@x", "-x", "\tx"], "'=1+1,'+62,'@x,'-x,'\tx\r\n"), (["\rx"], "\"'\rx\"\r\n"),
        // Numbers are none of a spreadsheet's formulas, and an apostrophe alone is nobody's mark.
        (["-5", "-0.5", "-", "-.5", "-5.", "--5", "-5-"], "-5,-0.5,'-,'-.5,'-5.,'--5,'-5-\r\n"),
        (["'x", "'", "'=x", "''=x"], "'x,',''=x,'''=x\r\n"),
        // A quote and a sign with an accent behind them are a quote and a sign all the same.
        (["\"\u{301}", "=\u{301}"], "\"\"\"\u{301}\",'=\u{301}\r\n"),
    ])
    func writesWhatSpreadsheetsRead(cells: [String], row: String) {
        #expect(CSVWriter.row(cells) == row)
    }

    @Test func anotherSeparatorIsQuotedInItsPlace() {
        #expect(CSVWriter.row(["a,b", "c;d"], separator: ";") == "a,b;\"c;d\"\r\n")
    }

    /// Whatever is written, the reader gives back.
    @Test(arguments: [UInt64(1), 2, 3]) func whatIsWrittenIsReadBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet: [Unicode.Scalar] = [
            "'", "=", "-", "+", "5", ".", ",", ";", "\"", "\n", "\r", "é", " ", "\u{301}",
        ]
        for _ in 0..<500 {
            let cells = (0..<3).map { _ in
                String(
                    String.UnicodeScalarView(
                        (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in
                            alphabet.randomElement(using: &random)
                        }))
            }
            for separator: Unicode.Scalar in [",", ";"] {
                let head = separator == "," ? "a,b,c\r\n" : "a;b;c\r\n"
                var reader = CSVReader(Array((head + CSVWriter.row(cells, separator: separator)).utf8))
                _ = try reader.next()
                let read = try reader.next()?.cells.map { Array($0.unicodeScalars) }
                #expect(read == cells.map { Array($0.unicodeScalars) }, "\(cells)")
            }
        }
    }
}
