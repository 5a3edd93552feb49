/// A digest as plain text.
enum DigestText {
    private static let width = 72

    static func text(_ title: String, _ head: String, _ tables: [DigestTable], _ words: DigestWords) -> String {
        var parts = [([title] + wrapped(head)).joined(separator: "\n")]
        // The columns of all tables stand under each other.
        let rows = tables.flatMap { [$0.head] + $0.rows.map(\.cells) }.filter { !$0.isEmpty }
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for table in tables { parts.append(text(table, widths)) }
        parts.append(wrapped(words.footer).joined(separator: "\n"))
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func text(_ table: DigestTable, _ widths: [Int]) -> String {
        var lines: [String] = []
        if !table.title.isEmpty { lines.append(table.title.uppercased()) }
        if !table.name.isEmpty {
            if !table.title.isEmpty { lines.append("") }
            lines.append("\(table.name): \(table.line)")
        }
        for cells in [table.head] + table.rows.map(\.cells) where !cells.isEmpty {
            var line = "  " + cells[0] + blanks(widths[0] - cells[0].count)
            for column in 1..<4 { line += "  " + blanks(widths[column] - cells[column].count) + cells[column] }
            lines.append(line)
        }
        if !table.note.isEmpty { lines += wrapped(table.note, indent: "  ") }
        return lines.joined(separator: "\n")
    }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private static func wrapped(_ text: String, indent: String = "") -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
                lines.append(indent + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [indent + line]
    }
}

extension DigestTable.Row {
    var cells: [String] { [name, week, before, change] }
}
