// The rule: RFC 4180 as spreadsheets really write it. Cells are parted by commas, or by semicolons where the header has
// no comma (an Excel in Indonesian or German writes those); rows end in LF or CRLF; a cell in double quotes may hold
// separators, line ends and doubled quotes; a UTF-8 byte order mark at the start is dropped; empty lines are passed over; the
// apostrophe that keeps a spreadsheet from taking a cell for a formula (`CSVWriter`) is taken off.
//
// Edge cases: a quote inside an unquoted cell is a plain character, and so is an apostrophe with no formula behind it. Bytes that are no UTF-8 are the row's own mistake: the
// cell is marked, and the door refuses the row. A quote that is never closed is an error with its line, because nobody
// can tell where the next lead begins.
//
// Worked example: `email,company⏎a@b.co,"Toko ""Maju"", PT"⏎` is one record of line 2: `a@b.co`, `Toko "Maju", PT`.

/// Reads records one at a time out of bytes, so that a list of any length needs the memory of one row.
package struct CSVReader: Sendable {
    package struct Record: Hashable, Sendable {
        /// 1-based line on which it starts.
        package var line: Int
        package var cells: [String]
        /// The cells whose bytes were no UTF-8; what stands in them is a guess.
        package var unreadable: [Int] = []
        /// Where its bytes lie, its line end included.
        package var bytes: Range<Int>
    }

    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package var line: Int
        package var description: String
    }

    /// What parts the cells of this table.
    package let separator: UInt8
    private let bytes: [UInt8]
    private var position: Int
    private var line: Int

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Begins at the first byte; `line` is the number of the line that stands there.
    package init(_ bytes: [UInt8], line: Int = 1) {
        self.bytes = bytes
        self.line = line
        self.position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let header = bytes.drop { $0 == Self.lineFeed || $0 == Self.carriageReturn }.prefix { $0 != Self.lineFeed }
        self.separator = header.contains(UInt8(ascii: ",")) || !header.contains(UInt8(ascii: ";")) ? 0x2C : 0x3B
    }

    /// Where the next record starts.
    package var offset: Int { position }

    /// Continues at another place of the same table.
    package mutating func seek(to offset: Int, line: Int) {
        self.position = offset
        self.line = line
    }

    /// The next record, or nil at the end.
    package mutating func next() throws(Failure) -> Record? {
        skipEmptyLines()
        guard position < bytes.count else { return nil }
        let (start, startLine) = (position, line)
        var cells: [String] = []
        var unreadable: [Int] = []
        while true {
            let content = try cell(startLine: startLine)
            if let text = String(validating: content, as: UTF8.self) {
                cells.append(Self.unmarked(text))
            } else {
                unreadable.append(cells.count)
                cells.append(String(decoding: content, as: UTF8.self))
            }
            guard position < bytes.count, bytes[position] == separator else { break }
            position += 1
        }
        endLine()
        return Record(line: startLine, cells: cells, unreadable: unreadable, bytes: start..<position)
    }

    /// The text without the one apostrophe that a writer put before a formula's sign.
    private static func unmarked(_ text: String) -> String {
        guard text.unicodeScalars.first == CSVWriter.mark, CSVWriter.isFormula(text.unicodeScalars) else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    private mutating func skipEmptyLines() {
        while position < bytes.count, bytes[position] == Self.lineFeed || bytes[position] == Self.carriageReturn {
            endLine()
        }
    }

    /// Passes over one line end; a lone CR counts as one too.
    private mutating func endLine() {
        guard position < bytes.count else { return }
        if bytes[position] == Self.carriageReturn { position += 1 }
        if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
        line += 1
    }

    private mutating func cell(startLine: Int) throws(Failure) -> ArraySlice<UInt8> {
        if position < bytes.count, bytes[position] == Self.quote { return try quotedCell(startLine: startLine) }
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == separator || byte == Self.lineFeed { break }
            // A CR ends the row only before an LF or the end; anywhere else it is hostile and stays for the door.
            if byte == Self.carriageReturn, position + 1 == bytes.count || bytes[position + 1] == Self.lineFeed {
                break
            }
            position += 1
        }
        return bytes[start..<position]
    }

    private mutating func quotedCell(startLine: Int) throws(Failure) -> ArraySlice<UInt8> {
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == Self.quote {
                guard position < bytes.count, bytes[position] == Self.quote else {
                    return finishQuoted(content)
                }
                position += 1
            } else if byte == Self.lineFeed {
                line += 1
            }
            content.append(byte)
        }
        throw Failure(line: startLine, description: "a quote \" is opened and never closed")
    }

    /// What follows a closing quote belongs to the cell as it stands, as spreadsheets read it.
    private mutating func finishQuoted(_ content: [UInt8]) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, bytes[position] != separator, bytes[position] != Self.lineFeed,
            bytes[position] != Self.carriageReturn
        {
            position += 1
        }
        return content[...] + bytes[start..<position]
    }
}
