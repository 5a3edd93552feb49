// The rule: RFC 4180, as `CSVReader` reads it back. Cells are parted by commas, rows end in CRLF, a cell with a separator, a quote
// or a line end stands in quotes with its quotes doubled. A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, a
// tab or a carriage return at its front) gets an apostrophe before it, which spreadsheets read as "this is text".
//
// Edge cases: a negative number is a number and no formula; a cell that begins with an apostrophe and one of those signs gets one
// more, so that the reader, which takes one off, gives back what was written; the only cell of a row is quoted where it is empty,
// since an empty line is no row. All of it is judged by scalars, as a spreadsheet reads: a quote with an accent behind it is another
// character, and a quote all the same.
//
// Worked example: [`=1+1`, `-5`, `Toko "Maju", PT`] is `'=1+1,-5,"Toko ""Maju"", PT"`.

/// Writes rows of a table for spreadsheets.
package enum CSVWriter {
    private static let formulaSigns = "=+-@\t\r".unicodeScalars
    private static let quote: Unicode.Scalar = "\""
    static let mark: Unicode.Scalar = "'"

    package static func row(_ cells: [String], separator: Unicode.Scalar = ",") -> String {
        let isEmpty = cells.count == 1 && cells[0].isEmpty
        return (isEmpty ? "\"\"" : cells.map { cell($0, separator) }.joined(separator: String(separator))) + "\r\n"
    }

    private static func cell(_ text: String, _ separator: Unicode.Scalar) -> String {
        var scalars = Array(text.unicodeScalars)
        if isFormula(scalars) && !isNegativeNumber(scalars) { scalars.insert(mark, at: 0) }
        guard scalars.contains(where: { $0 == separator || $0 == quote || $0 == "\r" || $0 == "\n" }) else {
            return String(String.UnicodeScalarView(scalars))
        }
        let doubled: [Unicode.Scalar] = scalars.flatMap { (scalar: Unicode.Scalar) -> [Unicode.Scalar] in
            scalar == quote ? [quote, quote] : [scalar]
        }
        return String(String.UnicodeScalarView([quote] + doubled + [quote]))
    }

    /// Whether a formula's sign stands in front, or behind apostrophes in front.
    static func isFormula(_ scalars: some Collection<Unicode.Scalar>) -> Bool {
        scalars.first { $0 != mark }.map(formulaSigns.contains) ?? false
    }

    private static func isNegativeNumber(_ scalars: [Unicode.Scalar]) -> Bool {
        guard scalars.first == "-" else { return false }
        let parts = scalars.dropFirst().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { ("0"..."9").contains($0) } }
    }
}
