import DripCore

/// Reads a catalogue: rows by name, each with a text for every column.
///
/// The rule: a row is named as the value of a lead that picks it (capitals do not matter, blanks are hyphens), `default`
/// for everybody else. Every row has the same columns: one that has nothing to say says so with `""`, so that a column
/// that somebody forgot is no hole in a message. A text is one line, or one for each language; where a lead's language is
/// not among them, `en` is taken, else the first.
///
/// Edge cases: `Real Estate` and `real-estate` are the same row, and may not stand there twice; a number, a date or a
/// `yes` is a text like any other.
enum CatalogueReader {
    static let standardRow = "default"
    private static let mostColumns = 100
    private static let example = "fintech: { title: How Dompet Kilat did it, url: \"https://acme.example/fintech\" }"

    /// The table, or nil where it has any mistake.
    static func read(_ source: SourceText, findings: Findings) -> CatalogueSource.Table? {
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(at: .wholeFile, "the file is empty", hint: "Begin it with a row such as `\(example)`.")
            }
            return nil
        }
        let reading = Reading(findings: findings, source: source)
        guard case .mapping(let entries) = root.content else {
            if !root.isUnreadable {
                findings.error(
                    at: root.place, "a catalogue is rows by name, not \(root.kindInWords)",
                    hint: "Write a row such as `\(example)`.")
            }
            return nil
        }
        var table = CatalogueSource.Table(columns: [], rows: [:])
        var first: (name: String, columns: Set<String>)?
        for entry in entries {
            guard let name = MessageChoice.variantName(of: entry.key) else {
                findings.error(at: entry.keyPlace, "a row without a name", hint: "Write a row such as `\(example)`.")
                continue
            }
            guard table.rows[name] == nil, name != standardRow || table.standard == nil else {
                findings.error(
                    at: entry.keyPlace, "the row \(quoted(name)) is there twice: capitals and blanks make no other row",
                    hint: "Keep one of the two.")
                continue
            }
            let cells = row(entry, named: name, reading)
            if name == standardRow { table.standard = cells ?? [:] } else { table.rows[name] = cells ?? [:] }
            guard let cells else { continue }
            guard let known = first else {
                first = (name, Set(cells.keys))
                continue
            }
            compare(entry, Set(cells.keys), with: known, findings)
        }
        guard let first, !findings.isBroken else { return nil }
        table.columns = first.columns.sorted()
        return table
    }

    /// The texts of a row by column; nil where its columns cannot be known.
    private static func row(
        _ entry: YAMLNode.Entry, named name: String, _ reading: Reading
    ) -> [String: CatalogueSource.Text]? {
        guard !entry.value.isUnreadable else { return nil }
        guard case .mapping(let columns) = entry.value.content else {
            reading.error(
                at: entry.value.isEmpty ? entry.keyPlace : entry.value.place,
                "the row \(quoted(name)) must be a group of columns, not \(entry.value.kindInWords)",
                hint: "Write it as in `\(example)`.")
            return nil
        }
        guard !columns.isEmpty else {
            reading.error(
                at: entry.value.place, "the row \(quoted(name)) has no columns", hint: "Write it as in `\(example)`.")
            return nil
        }
        guard columns.count <= mostColumns else {
            reading.error(
                at: columns[mostColumns].keyPlace,
                "the row \(quoted(name)) has \(columns.count) columns, and \(mostColumns) is the limit",
                hint: "Split the catalogue in two.")
            return nil
        }
        var cells: [String: CatalogueSource.Text] = [:]
        for column in columns {
            if !isColumn(column.key) {
                reading.error(
                    at: column.keyPlace, "\(quoted(column.key)) cannot be the name of a column",
                    hint: Naming.eventSuggestion(for: column.key).map { "Write `\($0)`." }
                        ?? "Use lower-case letters, digits and `_`, such as `title`.")
            }
            // Also where its text is wrong the column is there: the other rows are not to blame.
            cells[column.key] = text(column, reading) ?? CatalogueSource.Text("")
        }
        return cells
    }

    /// As a template can name it.
    private static func isColumn(_ name: String) -> Bool { Naming.isEvent(name) && !name.contains(".") }

    private static func compare(
        _ row: YAMLNode.Entry, _ columns: Set<String>, with first: (name: String, columns: Set<String>),
        _ findings: Findings
    ) {
        guard case .mapping(let entries) = row.value.content else { return }
        var absent = first.columns.subtracting(columns)
        for entry in entries where !first.columns.contains(entry.key) {
            let meant = Spelling.nearest(to: entry.key, among: absent)
            if let meant { absent.remove(meant) }
            findings.error(
                at: entry.keyPlace, "the row \(quoted(first.name)) has no column \(quoted(entry.key))",
                hint: meant.map { "Did you mean `\($0)`?" }
                    ?? "Add it there too; `\(entry.key): \"\"` where there is nothing to say.")
        }
        for column in absent.sorted() {
            findings.error(
                at: row.keyPlace,
                "the row \(quoted(row.key)) has no `\(column)`, which the row \(quoted(first.name)) has",
                hint: "Add it; `\(column): \"\"` where there is nothing to say.")
        }
    }

    // MARK: - Texts

    /// `How it went`, or `{ en: How it went, id: Bagaimana jadinya }`.
    private static func text(_ entry: YAMLNode.Entry, _ reading: Reading) -> CatalogueSource.Text? {
        guard case .mapping(let languages) = entry.value.content else {
            return line(entry, example: "\(entry.key): How Dompet Kilat did it", reading).map {
                CatalogueSource.Text($0)
            }
        }
        var byLocale: [String: String] = [:]
        var order: [String] = []
        for language in languages {
            let tag = language.key.lowercased()
            guard Library.isLocale(tag) else {
                reading.error(
                    at: language.keyPlace, "\(quoted(language.key)) is no language",
                    hint: "Write its code, as in `\(entry.key): { en: …, id: … }`.")
                continue
            }
            guard !order.contains(tag) else {
                reading.error(
                    at: language.keyPlace, "the language `\(tag)` is there twice", hint: "Keep one of the two.")
                continue
            }
            order.append(tag)
            byLocale[tag] = line(language, example: "\(language.key): How Dompet Kilat did it", reading) ?? ""
        }
        guard let standard = byLocale["en"] ?? order.first.flatMap({ byLocale[$0] }) else {
            if languages.isEmpty {
                reading.error(
                    at: entry.keyPlace, "`\(entry.key)` has no text", hint: "Write `\(entry.key): \"\"` for none.")
            }
            return nil
        }
        return CatalogueSource.Text(standard, byLocale: byLocale)
    }

    private static func line(_ entry: YAMLNode.Entry, example: String, _ reading: Reading) -> String? {
        if let scalar = entry.value.scalar, scalar.style == .quoted, scalar.text.isEmpty { return "" }
        guard !entry.value.isEmpty else {
            reading.error(
                at: entry.keyPlace, "`\(entry.key)` has no value",
                hint: "Write it as in `\(example)`, or `\(entry.key): \"\"` where there is nothing to say.")
            return nil
        }
        return ValueKind<String>.text.read(entry.value, Key(entry.key, .text, example: example, "").spec, reading)
    }
}
