import Foundation

/// What people see: answers on standard output, everything else on standard error.
enum Terminal {
    static func say(_ text: String) { write(Data((text + "\n").utf8), to: .standardOutput) }

    static func complain(_ text: String) { write(Data((text + "\n").utf8), to: .standardError) }

    /// Whoever closed the pipe (`| head`) has read enough: that is no error.
    static func write(_ data: Data, to handle: FileHandle) { try? handle.write(contentsOf: data) }

    /// A word for a shell, whatever it holds: it may come from a file of somebody else's, and is there to be pasted.
    static func shellWord(_ text: String) -> String { "'" + line(text).replacing("'", with: "'\\''") + "'" }

    /// A text without what moves a terminal's cursor or ends its line.
    static func line(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    /// A line that replaces itself; nothing where nobody watches.
    static func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write(Data("\r\u{1B}[K\(text)".utf8), to: .standardError)
    }

    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write(Data("\r\u{1B}[K".utf8), to: .standardError)
    }

    /// Columns padded to their widest cell; the last one runs free.
    static func table(_ rows: [[String]], indent: String = "  ") -> String {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.count)
            }
        }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            var line = indent + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
