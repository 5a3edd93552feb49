/// A message file, its translations, and its variants by an attribute of the lead.
package struct MessageChoice: Hashable, Sendable {
    /// The files of one value of the attribute: `case-study.fintech.md` and its translations, of which either may be all.
    package struct Variant: Hashable, Sendable {
        package var path: String?
        package var byLocale: [String: String]

        package init(path: String? = nil, byLocale: [String: String] = [:]) {
            self.path = path
            self.byLocale = byLocale
        }
    }

    /// Path of the file that the step names, relative to the campaigns folder: `ebook-nurture/welcome.md`.
    package var path: String
    /// Paths by BCP 47 tag in lower case, as found beside it: `welcome.id.md` is `["id": "ebook-nurture/welcome.id.md"]`.
    package var byLocale: [String: String]
    /// The attribute whose value picks a variant; nil where there are none.
    package var varyBy: String?
    /// By the value in its normal form (`MessageChoice.variantName`).
    package var variants: [String: Variant]

    package init(
        path: String, byLocale: [String: String] = [:], varyBy: String? = nil, variants: [String: Variant] = [:]
    ) {
        self.path = path
        self.byLocale = byLocale
        self.varyBy = varyBy
        self.variants = variants
    }

    /// The file for a lead: the variant in its exact locale, in its language alone (`pt-br` → `pt`), the variant itself,
    /// then the step's own file in the same order.
    ///
    /// Of a list, the first value that has a variant picks it.
    package func path(locale: String?, attributes: [String: AttributeValue] = [:]) -> String {
        var found: String?
        _ = varyBy.flatMap { attributes[$0] }?.hasAny { value in
            guard let name = MessageChoice.variantName(of: value.text), let variant = variants[name] else {
                return false
            }
            found = MessageChoice.translation(in: variant.byLocale, for: locale) ?? variant.path
            return found != nil
        }
        return found ?? MessageChoice.translation(in: byLocale, for: locale) ?? path
    }

    /// Every file it may choose, the step's own first.
    package var allPaths: [String] {
        let own = [path] + byLocale.keys.sorted().compactMap { byLocale[$0] }
        return variants.keys.sorted().reduce(into: own) { paths, name in
            guard let variant = variants[name] else { return }
            if let path = variant.path { paths.append(path) }
            paths += variant.byLocale.keys.sorted().compactMap { variant.byLocale[$0] }
        }
    }

    /// A value as the name of a file writes it: small letters, and a hyphen for each run of blanks; nil for a blank one.
    package static func variantName(of value: String) -> String? {
        let words = value.lowercased().split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? nil : words.joined(separator: "-")
    }

    private static func translation(in byLocale: [String: String], for locale: String?) -> String? {
        guard let locale, !byLocale.isEmpty else { return nil }
        return byLocale[locale] ?? byLocale[String(locale.prefix { $0 != "-" })]
    }
}
