import DripCore

/// What every file of a campaigns folder is held to (design §5).
enum FileLimits {
    static let bytesPerFile = 1 << 20
    static let files = 10_000
    static let folderNesting = 16
    static let steps = 1_000
    /// Of one branch or split.
    static let arms = 50
    static let yamlNesting = 16
    static let yamlAliasExpansions = 100
    /// Keeps an alias of something large from multiplying it; a campaign of 1,000 rich steps has a fifth of it.
    static let yamlValues = 100_000
    /// A file that is wrong from end to end says so once, not a hundred thousand times.
    static let diagnosticsPerFile = 200
}

/// A point in a text file.
struct Place: Hashable {
    /// 1-based; 0 where the whole file is meant.
    var line: Int
    /// 1-based, in characters as a reader counts them: an emoji is one.
    var column: Int

    static let wholeFile = Place(line: 0, column: 0)
    static let start = Place(line: 1, column: 1)
}

/// A file's text, whatever its line ends were and whether or not it began with a byte order mark.
struct SourceText {
    let path: String
    /// Every line ends in LF, so that a line's number here is its number in an editor.
    let text: String
    let lines: [Substring]
    /// The numbers of the lines in which a character may be more than one Unicode scalar.
    private let linesToCount: Set<Int>
    /// Beyond it a column counts scalars: counting characters for each value of an endless line would take for ever.
    private static let longestLineToCount = 2_000

    /// Takes UTF-8; throws what is wrong with the bytes, at its line.
    init(_ bytes: [UInt8], path: String) throws(Diagnostic) {
        guard bytes.count <= FileLimits.bytesPerFile else { throw Self.tooLarge(path: path) }
        let withoutMark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if withoutMark.starts(with: [0xFF, 0xFE]) || withoutMark.starts(with: [0xFE, 0xFF]) {
            throw Diagnostic(
                .error, file: path, line: 1, column: 1, message: "the file is UTF-16, not UTF-8",
                hint: "Save it again with the encoding UTF-8.")
        }
        let unified = Self.withLineFeeds(withoutMark)
        guard let text = String(validating: unified, as: UTF8.self) else {
            throw Self.notUTF8(unified, path: path)
        }
        if let zero = unified.firstIndex(of: 0) {
            let before = String(decoding: unified[..<zero], as: UTF8.self)
            let line = before.utf8.count { $0 == 0x0A } + 1
            throw Diagnostic(
                .error, file: path, line: line, column: before.reversed().prefix { $0 != "\n" }.count + 1,
                message: "the file holds a NUL byte", hint: "Save it again as plain text with the encoding UTF-8.")
        }
        self.path = path
        self.text = text
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        self.lines = lines.map { Substring($0) }
        var linesToCount: Set<Int> = []
        for (index, line) in lines.enumerated() where line.contains(where: { $0 >= 0x80 }) {
            if line.count <= SourceText.longestLineToCount { linesToCount.insert(index + 1) }
        }
        self.linesToCount = linesToCount
    }

    /// The character column of a column that counts Unicode scalars, as libyaml does.
    func column(ofScalar column: Int, inLine line: Int) -> Int {
        guard linesToCount.contains(line), column > 1 else { return max(column, 1) }
        let scalars = lines[line - 1].unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: column - 1, limitedBy: scalars.endIndex) else {
            return column
        }
        // Up to the scalar itself and one less, so that a mark in the middle of a character points at that character.
        guard end < scalars.endIndex else { return lines[line - 1].count + 1 }
        return String(scalars[...end]).count
    }

    static func tooLarge(path: String) -> Diagnostic {
        Diagnostic(
            .error, file: path, line: 0, column: 0, message: "the file is larger than 1 MiB",
            hint: "Split it, or take large data such as images out of it.")
    }

    /// CRLF and a lone CR become LF.
    private static func withLineFeeds(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard bytes.contains(0x0D) else { return Array(bytes) }
        var unified: [UInt8] = []
        unified.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0D {
                unified.append(0x0A)
            } else if byte != 0x0A || previous != 0x0D {
                unified.append(byte)
            }
            previous = byte
        }
        return unified
    }

    private static func notUTF8(_ bytes: [UInt8], path: String) -> Diagnostic {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        var good = ""
        var decoder = UTF8()
        var rest = lines[index].makeIterator()
        decoding: while true {
            switch decoder.decode(&rest) {
            case .scalarValue(let scalar): good.unicodeScalars.append(scalar)
            case .emptyInput, .error: break decoding
            }
        }
        return Diagnostic(
            .error, file: path, line: index + 1, column: good.count + 1, message: "the file is not UTF-8 here",
            hint: "Save it again with the encoding UTF-8.")
    }
}
