/// One mistake in a file, at its place, with a way to mend it.
///
/// Printed as `file:line:column: error: what. hint`, the form that editors and terminals make clickable.
package struct Diagnostic: Hashable, Sendable, Codable, Error {
    package enum Severity: String, Sendable, Codable {
        case error, warning
    }

    package var severity: Severity
    /// Relative to the folder that was loaded: `ebook-nurture/campaign.yaml`.
    package var file: String
    /// 1-based; 0 where the whole file is meant.
    package var line: Int
    /// 1-based, in characters; 0 where the whole line is meant.
    package var column: Int
    /// What is wrong, as a sentence without its full stop.
    package var message: String
    /// What to do about it, as a sentence.
    package var hint: String

    package init(
        _ severity: Severity, file: String, line: Int, column: Int, message: String, hint: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }
}

extension Diagnostic: CustomStringConvertible {
    package var description: String {
        let place = line == 0 ? file : column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
        return "\(place): \(severity.rawValue): \(message)." + (hint.isEmpty ? "" : " \(hint)")
    }
}

extension Diagnostic: Comparable {
    /// By file, then by place, so that a listing reads from top to bottom.
    package static func < (a: Diagnostic, b: Diagnostic) -> Bool {
        (a.file, a.line, a.column, a.message) < (b.file, b.line, b.column, b.message)
    }
}
