import DripCore

/// The mistakes of one file, collected while reading goes on.
///
/// A class, so that the small readers of a file share it without handing it back and forth; it never leaves the call
/// that made it.
final class Findings {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var isBroken = false
    /// An alias makes its node be read at each use: the same mistake is told once.
    private var seen: Set<Diagnostic> = []

    init(file: String) {
        self.file = file
    }

    func error(at place: Place, _ message: String, hint: String) {
        isBroken = true
        add(.error, at: place, message, hint: hint)
    }

    func warning(at place: Place, _ message: String, hint: String) {
        add(.warning, at: place, message, hint: hint)
    }

    func add(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { isBroken = true }
        guard seen.insert(diagnostic).inserted else { return }
        if diagnostics.count < FileLimits.diagnosticsPerFile {
            diagnostics.append(diagnostic)
        } else if diagnostics.count == FileLimits.diagnosticsPerFile {
            diagnostics.append(
                Diagnostic(
                    .error, file: file, line: 0, column: 0,
                    message: "the file has more than \(FileLimits.diagnosticsPerFile) mistakes",
                    hint: "The rest is not listed: mend these first."))
        }
    }

    /// The file cannot be used for a mistake that another file's findings already tell.
    func breakSilently() { isBroken = true }

    private func add(_ severity: Diagnostic.Severity, at place: Place, _ message: String, hint: String) {
        add(
            Diagnostic(severity, file: file, line: place.line, column: place.column, message: message, hint: hint))
    }
}

/// A text of a file as a message shows it: in backquotes, on one line, not too long.
func quoted(_ text: some StringProtocol) -> String {
    let oneLine = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isControl ? " " : $0 }))
    return oneLine.count <= 60 ? "`\(oneLine)`" : "`\(oneLine.prefix(57))…`"
}

extension Unicode.Scalar.Properties {
    /// Control characters (C0, DEL, C1) and the line and paragraph separators: none belongs in a one-line text.
    var isControl: Bool {
        switch generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
