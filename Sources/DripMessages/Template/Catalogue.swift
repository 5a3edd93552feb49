// A catalogue: one file of texts for many kinds of leads, of which a message picks by a fact of its lead.
//
// The rule: `catalogue.case-studies[lead.industry].title` is the column `title` of the row that is named as the lead's
// industry, compared as the names of variants are (capitals do not matter, blanks are hyphens), else of the row `default`.
// Without such a row it is missing, as a fact is that the lead lacks. `catalogue.plans["pro"].price` is always that row.
// All that can be known is judged while compiling: whether there is such a catalogue, column and row, whether every text
// that may become a link is one, and whether every text is a number or a date where it must be.
// Edge cases: a text that its author left empty is missing, and no other row's stands in for it; a lead without an
// industry gets the row `default`.

import DripCore

/// A catalogue that messages may read.
struct Catalogue: Sendable {
    let name: String
    let path: String
    let columns: [String: CatalogueColumn]
    /// In normal form, `default` among them where it is there.
    let rows: [String]

    static let standardRow = "default"

    init?(_ source: CatalogueSource) {
        guard let table = source.table else { return nil }
        name = source.name
        path = source.path
        rows = table.rows.keys.sorted() + (table.standard == nil ? [] : [Self.standardRow])
        columns = Dictionary(
            uniqueKeysWithValues: table.columns.map { ($0, CatalogueColumn($0, of: source, table)) })
    }
}

/// One column of a catalogue, judged once, however many messages show it.
final class CatalogueColumn: Sendable {
    /// A text with the name of its row.
    typealias Entry = (row: String, text: String)

    let name: String
    let catalogue: String
    let path: String
    let rows: [String: CatalogueSource.Text]
    let standard: CatalogueSource.Text?
    /// Every text that is not empty, by row.
    let texts: [Entry]
    /// A row that has nothing to say, in one language at least; nil where every row has.
    let emptyRow: String?
    /// A text that is no link; nil where every one is.
    let noLink: Entry?

    init(_ name: String, of source: CatalogueSource, _ table: CatalogueSource.Table) {
        self.name = name
        catalogue = source.name
        path = source.path
        rows = table.rows.compactMapValues { $0[name] }
        standard = table.standard?[name]
        let all = rows.sorted { $0.key < $1.key } + (standard.map { [(Catalogue.standardRow, $0)] } ?? [])
        texts = all.flatMap { row, text in Self.entries(of: text, row) }
        emptyRow = all.first { $0.value.all.contains("") }?.key
        noLink = texts.first { !Placement.isSafeURL(Array($0.text.utf8)) }
    }

    static func entries(of text: CatalogueSource.Text, _ row: String) -> [Entry] {
        text.all.filter { !$0.isEmpty }.map { (row, $0) }
    }

    /// The row that a lead's value names; nil where there is none.
    func row(of value: String) -> CatalogueSource.Text? {
        // Most values are in normal form already.
        rows[value] ?? MessageChoice.variantName(of: value).flatMap { rows[$0] }
    }

    /// The row of that name, also the one named `default`.
    func named(_ row: String) -> CatalogueSource.Text? { row == Catalogue.standardRow ? standard : rows[row] }
}

/// A place in a catalogue: a column, and by what its row is picked.
///
/// One reference, so that a name which is none costs no more for that some are.
final class CatalogueCell: Sendable {
    enum Key: Hashable, Sendable {
        /// By a fact of the lead.
        case attribute(String)
        /// By its name in normal form, which is there.
        case row(String)
    }

    let column: CatalogueColumn
    let key: Key

    init(column: CatalogueColumn, key: Key) {
        self.column = column
        self.key = key
    }

    func text(for lead: Lead, tag: String?) -> String? {
        switch key {
        case .attribute(let attribute):
            return (lead.attributes[attribute].flatMap { column.row(of: $0.text) } ?? column.standard)?.text(for: tag)
        case .row(let row): return column.named(row)?.text(for: tag)
        }
    }

    /// Every text that it may show and that is not empty.
    var texts: [CatalogueColumn.Entry] {
        guard case .row(let row) = key else { return column.texts }
        return column.named(row).map { CatalogueColumn.entries(of: $0, row) } ?? []
    }

    /// A text that it may show and that is no link.
    var noLink: CatalogueColumn.Entry? {
        guard case .row = key else { return column.noLink }
        return texts.first { !Placement.isSafeURL(Array($0.text.utf8)) }
    }

    /// Whether it may show nothing for some lead.
    var mayBeMissing: Bool {
        switch key {
        case .attribute: column.standard == nil || column.emptyRow != nil
        case .row(let row): column.named(row)?.all.contains("") ?? true
        }
    }

    /// As it is written between braces.
    var name: String {
        switch key {
        case .attribute(let attribute): "catalogue.\(column.catalogue)[lead.\(attribute)].\(column.name)"
        case .row(let row): "catalogue.\(column.catalogue)[\"\(row)\"].\(column.name)"
        }
    }
}

extension CatalogueCell: Hashable {
    // Two cells of one message stand in one catalogue of each name: their names say which they are.
    static func == (a: CatalogueCell, b: CatalogueCell) -> Bool {
        a.key == b.key && a.column.name == b.column.name && a.column.catalogue == b.column.catalogue
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(column.name)
        hasher.combine(column.catalogue)
    }
}
