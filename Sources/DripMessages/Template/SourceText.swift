import DripCore

/// A template's bytes, and where in which file they stand, so that every mistake in them can be pointed at.
///
/// The texts that it takes in from other files stand behind its own, each with its own place.
struct SourceText: Sendable {
    /// A stretch of the bytes that comes from one file.
    private struct Stretch {
        var begin: Int
        var file: String
        /// Place of the first byte in the file; 1-based.
        var line: Int
        var column: Int
    }

    private(set) var bytes: [UInt8]
    private var stretches: [Stretch]

    init(file: String, _ text: Located<String>) {
        bytes = Array(text.value.utf8)
        stretches = [Stretch(begin: 0, file: file, line: text.line, column: text.column)]
    }

    /// Takes in another file's text, and returns where it begins.
    mutating func append(_ other: SourceText) -> Int {
        // A place at the very end of the text in front is not one of the text behind.
        bytes.append(UInt8(ascii: "\n"))
        let begin = bytes.count
        stretches += other.stretches.map { stretch in
            var moved = stretch
            moved.begin += begin
            return moved
        }
        bytes += other.bytes
        return begin
    }

    /// File, line and column (in characters) of a byte.
    func position(at offset: Int) -> (file: String, line: Int, column: Int) {
        let end = min(max(offset, 0), bytes.count)
        let stretch = stretches.last { $0.begin <= end } ?? stretches[0]
        var line = stretch.line
        var lineStart = stretch.begin
        for index in stretch.begin..<end where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        let before = String(decoding: bytes[lineStart..<end], as: UTF8.self).count
        return (stretch.file, line, before + (lineStart == stretch.begin ? stretch.column : 1))
    }

    func diagnostic(at offset: Int, _ problem: TemplateProblem) -> Diagnostic {
        let (file, line, column) = position(at: offset)
        return Diagnostic(
            problem.severity, file: file, line: line, column: column, message: problem.message, hint: problem.hint)
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// A mistake without its place.
struct TemplateProblem {
    var severity = Diagnostic.Severity.error
    var message: String
    var hint: String

    init(_ message: String, _ hint: String) {
        self.message = message
        self.hint = hint
    }
}

/// A mistake at a byte of its template.
struct TemplateError: Error {
    var offset: Int
    var problem: TemplateProblem
    /// The file that would have to be there.
    var absentFile: String?

    init(at offset: Int, _ message: String, _ hint: String, absentFile: String? = nil) {
        self.absentFile = absentFile
        self.offset = offset
        self.problem = TemplateProblem(message, hint)
    }
}
