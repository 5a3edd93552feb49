import DripCore

/// A catalogue as a template names it, `catalogue.case-studies`, on the way to one of its cells.
struct CatalogueName {
    static let root = "catalogue"

    private let catalogue: Catalogue

    /// Whether a name means a catalogue.
    static func isOne(_ name: String) -> Bool { name == root || name.hasPrefix(root + ".") }

    static func path(of name: String) -> String { "catalogues/\(name).yaml" }

    /// Reads `catalogue.case-studies`; the error says what is wrong with it and what was likely meant.
    static func named(_ text: String, at offset: Int, in shared: SharedParts) throws(TemplateError) -> CatalogueName {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw TemplateError(
                at: offset, "\"\(text)\" does not name a catalogue and a row",
                "Write catalogue.case-studies[lead.industry].title, of catalogues/case-studies.yaml.")
        }
        guard let known = shared.catalogues[parts[1]] else {
            let guess = nearestSpelling(of: parts[1], among: Array(shared.catalogues.keys))
            throw TemplateError(
                at: offset, "there is no catalogue \"\(parts[1])\"",
                guess.map { "Did you mean catalogue.\($0)?" } ?? "Make \(path(of: parts[1])).",
                absentFile: path(of: parts[1]))
        }
        guard let catalogue = known else {
            throw TemplateError(
                at: offset, "the catalogue \"\(parts[1])\" has mistakes of its own", "Mend \(path(of: parts[1])).")
        }
        return CatalogueName(catalogue: catalogue)
    }

    /// One that a hint can show.
    var anyColumn: String { catalogue.columns.keys.min() ?? "title" }

    /// The cell of a column, in the row that `key` picks.
    func cell(
        _ key: ExpressionToken, _ kind: TemplateKind, _ column: String, at offset: Int
    ) throws(TemplateError) -> CatalogueCell {
        guard let found = catalogue.columns[column] else {
            let guess = nearestSpelling(of: column, among: Array(catalogue.columns.keys))
            throw TemplateError(
                at: offset, "the catalogue \(catalogue.name) has no column \"\(column)\"",
                guess.map { "Did you mean \($0)?" }
                    ?? "It has \(catalogue.columns.keys.sorted().joined(separator: ", ")).")
        }
        switch key.kind {
        case .text(let name): return CatalogueCell(column: found, key: .row(try row(name, at: key.offset)))
        case .name(let name):
            guard case .attribute(let attribute) = try Reference.named(name, in: kind, at: key.offset) else {
                throw TemplateError(
                    at: key.offset, "\(name) picks no row", "Name a fact of the lead, such as lead.industry.")
            }
            return CatalogueCell(column: found, key: .attribute(attribute))
        default:
            throw TemplateError(
                at: key.offset, "this picks no row",
                "Name a fact of the lead, such as lead.industry, or a row in quotes.")
        }
    }

    private func row(_ name: String, at offset: Int) throws(TemplateError) -> String {
        let row = MessageChoice.variantName(of: name) ?? ""
        if catalogue.rows.contains(row) { return row }
        let guess = nearestSpelling(of: row, among: catalogue.rows)
        throw TemplateError(
            at: offset, "the catalogue \(catalogue.name) has no row \"\(name)\"",
            guess.map { "Did you mean \"\($0)\"?" } ?? "Add it to \(catalogue.path).")
    }
}
