import DripCore

/// A template's bytes, and where in which file they stand, so that every mistake in them can be pointed at.
struct SourceText: Sendable {
    let file: String
    let bytes: [UInt8]
    /// Place of the first byte in the file; 1-based.
    let line: Int
    let column: Int

    init(file: String, _ text: Located<String>) {
        self.file = file
        self.bytes = Array(text.value.utf8)
        self.line = text.line
        self.column = text.column
    }

    /// Line and column (in characters) of a byte.
    func position(at offset: Int) -> (line: Int, column: Int) {
        let end = min(max(offset, 0), bytes.count)
        var line = self.line
        var lineStart = 0
        for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        let before = String(decoding: bytes[lineStart..<end], as: UTF8.self).count
        return (line, before + (lineStart == 0 ? column : 1))
    }

    func diagnostic(at offset: Int, _ problem: TemplateProblem) -> Diagnostic {
        let (line, column) = position(at: offset)
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

    init(at offset: Int, _ message: String, _ hint: String) {
        self.offset = offset
        self.problem = TemplateProblem(message, hint)
    }
}
