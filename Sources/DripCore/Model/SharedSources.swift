/// A Markdown file that messages take in: `partials/signature.md`, or one of its translations.
package struct PartialSource: Hashable, Sendable {
    /// `signature`, also for `partials/signature.id.md`.
    package var name: String
    /// BCP 47 tag in lower case; nil for the file that everybody else gets.
    package var locale: String?
    package var path: String
    /// Markdown with template tags; nil where the file cannot be read, which its own diagnostics tell.
    package var text: String?

    package init(name: String, locale: String? = nil, path: String, text: String?) {
        self.name = name
        self.locale = locale
        self.path = path
        self.text = text
    }
}

/// A table of texts, of which a message picks a row by a fact of its lead: `catalogues/case-studies.yaml`.
package struct CatalogueSource: Hashable, Sendable {
    /// One text, in as many languages as it was written in.
    package struct Text: Hashable, Sendable {
        /// For leads in whose language it was not written; empty where its author left it so.
        package var standard: String
        package var byLocale: [String: String]

        package init(_ standard: String, byLocale: [String: String] = [:]) {
            self.standard = standard
            self.byLocale = byLocale
        }

        /// In that exact locale, in its language alone (`pt-br` → `pt`), or as everybody else gets it.
        package func text(for tag: String?) -> String {
            guard let tag, !byLocale.isEmpty else { return standard }
            return byLocale[tag] ?? byLocale[String(tag.prefix { $0 != "-" })] ?? standard
        }

        /// In every language, `standard` among them.
        package var all: [String] { [standard] + byLocale.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// What a table says: every row has a text for every column.
    package struct Table: Hashable, Sendable {
        package var columns: [String]
        /// By the value in its normal form (`MessageChoice.variantName`), then by column.
        package var rows: [String: [String: Text]]
        /// The row `default`: of leads whose value has no row; nil where there is none.
        package var standard: [String: Text]?

        package init(columns: [String], rows: [String: [String: Text]], standard: [String: Text]? = nil) {
            self.columns = columns
            self.rows = rows
            self.standard = standard
        }
    }

    package var name: String
    package var path: String
    /// Nil where the file has mistakes, which its own diagnostics tell.
    package var table: Table?

    package init(name: String, path: String, table: Table?) {
        self.name = name
        self.path = path
        self.table = table
    }
}
