// A part's text as quoted-printable lines.
//
// The rule (RFC 2045 §6.7): printable ASCII but `=` stands for itself, everything else is `=XX`; a line has at most 76
// characters, a longer one is cut by `=` CRLF; a blank before a line end is written `=20`; line ends are CRLF.
// Edge cases: LF, CR and CRLF in a text are all one line end; a blank that only turns out to be the last of its line
// because a value after it is empty.
// Worked example: `5 = fünf ` LF → `5 =3D f=C3=BCnf=20` CRLF.
//
// Static text is encoded once, from column 0, and copied; only where it would not fit behind a value is it moved to a
// new line by a soft break, so composing a mail is mostly copying.

/// Text that was encoded while compiling, beginning at column 0.
struct EncodedText: Sendable {
    var bytes: [UInt8]
    /// Characters up to its first line break, or all.
    var firstLine: Int
    /// Where it ends; nil if it holds no line break and so ends as far behind its start as it is long.
    var endColumn: Int?
    /// Whether it begins with a line end, so that a blank before it must not stand.
    var startsWithBreak: Bool

    init(_ text: [UInt8]) {
        var writer = QuotedPrintableWriter(output: [])
        writer.append(text)
        let encoded = writer.output
        let firstBreak = encoded.indices.first {
            encoded[$0] == 0x0D
                || (encoded[$0] == UInt8(ascii: "=") && $0 + 1 < encoded.count && encoded[$0 + 1] == 0x0D)
        }
        bytes = encoded
        firstLine = firstBreak ?? encoded.count
        endColumn = firstBreak == nil ? nil : writer.column
        startsWithBreak = encoded.first == 0x0D
    }
}

/// Writes quoted-printable lines behind what is there already.
struct QuotedPrintableWriter {
    private(set) var output: [UInt8]
    private(set) var column = 0

    /// One less than a line may have, so that a soft break's `=` always fits.
    private static let width = 75

    /// `output` ends with a line end, or is empty.
    init(output: consuming [UInt8]) {
        self.output = output
    }

    /// Appends whole lines that are not encoded: headers, boundaries.
    mutating func appendLines(_ texts: String...) {
        protectBlank()
        for text in texts { output.append(contentsOf: text.utf8) }
        column = 0
    }

    /// Gives the bytes back; a blank at their very end is made safe.
    mutating func finish() -> [UInt8] {
        protectBlank()
        let result = output
        output = []
        return result
    }

    mutating func reserve(_ count: Int) { output.reserveCapacity(output.count + count) }

    /// Encodes and appends, with hard breaks at line ends.
    mutating func append(_ text: [UInt8]) {
        text.withUnsafeBufferPointer { text in
            var start = 0
            for index in 0..<text.count where text[index] == 0x0A || text[index] == 0x0D {
                encode(UnsafeBufferPointer(rebasing: text[start..<index]))
                start = index + 1
                if text[index] == 0x0A, index > 0, text[index - 1] == 0x0D { continue }
                protectBlank()
                output.append(0x0D)
                output.append(0x0A)
                column = 0
            }
            encode(UnsafeBufferPointer(rebasing: text[start...]))
        }
    }

    /// Appends what was encoded before, from the pool that holds it.
    @inline(__always)
    mutating func append(
        encoded: UnsafeBufferPointer<UInt8>, firstLine: Int, endColumn: Int?, startsWithBreak: Bool
    ) {
        if startsWithBreak {
            protectBlank()
        } else if column + firstLine > Self.width {
            softBreak()
        }
        output.append(contentsOf: encoded)
        column = endColumn ?? column + encoded.count
    }

    /// Encodes text that holds no line end.
    mutating func encode(_ text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < text.count {
            // A stretch of characters that stand for themselves, as far as the line has room.
            let start = index
            let end = min(text.count, start + Self.width - column)
            while index < end, Self.isLiteral(text[index]) { index += 1 }
            if index > start {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                column += index - start
            }
            guard index < text.count else { return }
            if Self.isLiteral(text[index]) {
                softBreak()
                continue
            }
            if column > Self.width - 3 { softBreak() }
            output.append(UInt8(ascii: "="))
            output.append(Self.digit(text[index] >> 4))
            output.append(Self.digit(text[index] & 15))
            column += 3
            index += 1
        }
    }

    private mutating func softBreak() {
        output.append(UInt8(ascii: "="))
        output.append(0x0D)
        output.append(0x0A)
        column = 0
    }

    /// A blank before a line end would be lost on the way: it is written as its code instead.
    private mutating func protectBlank() {
        guard column > 0, let last = output.last, last == 0x20 || last == 0x09 else { return }
        output.removeLast()
        column -= 1
        if column > Self.width - 3 { softBreak() }
        output.append(contentsOf: [UInt8(ascii: "="), Self.digit(last >> 4), Self.digit(last & 15)])
        column += 3
    }

    @inline(__always)
    private static func isLiteral(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")) || byte == 0x09
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}

/// A part of a message whose static text is quoted-printable already.
struct EncodedProgram: Sendable {
    private struct Stretch: Sendable {
        var range: Range<Int>
        var firstLine: Int
        var endColumn: Int?
        var startsWithBreak: Bool
    }

    private let operations: [Operation<Stretch>]
    private let pool: [UInt8]

    init(_ operations: [Operation<[UInt8]>]) {
        var pool: [UInt8] = []
        self.operations = operations.map {
            $0.mapBytes { bytes in
                let text = EncodedText(bytes)
                pool.append(contentsOf: text.bytes)
                return Stretch(
                    range: (pool.count - text.bytes.count)..<pool.count, firstLine: text.firstLine,
                    endColumn: text.endColumn, startsWithBreak: text.startsWithBreak)
            }
        }
        self.pool = pool
    }

    /// About how many bytes a run appends.
    var size: Int { pool.count + 48 * operations.count }

    func run(_ frame: Frame, into writer: inout QuotedPrintableWriter) {
        pool.withUnsafeBufferPointer { pool in
            var index = 0
            while index < operations.count {
                switch operations[index] {
                case .bytes(let stretch):
                    writer.append(
                        encoded: UnsafeBufferPointer(rebasing: pool[stretch.range]), firstLine: stretch.firstLine,
                        endColumn: stretch.endColumn, startsWithBreak: stretch.startsWithBreak)
                case .value(let value, let placement):
                    placement.write(frame.texts[Int(value)], frame.traits[Int(value)]) { writer.encode($0) }
                case .jumpUnless(let condition, let target):
                    if !frame.answers[Int(condition)] {
                        index = Int(target)
                        continue
                    }
                case .jump(let target):
                    index = Int(target)
                    continue
                }
                index += 1
            }
        }
    }
}
