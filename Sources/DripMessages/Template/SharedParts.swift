// What the messages of a folder share: partials and catalogues, each understood once.
//
// The rule: `{% include "signature" %}` is `partials/signature.md`, or in `welcome.id.md` its translation
// `partials/signature.id.md`, in the order in which a lead's message is chosen (the exact locale, the language alone, the
// plain file). A partial is a part of the body's Markdown: its tags are slots like the body's own, and what it needs the
// message needs. Where it has more than one line it stands alone on its line, so that no line of it can be torn out of a
// list or a quote. A partial takes in no other, so that none can take in itself.
// Edge cases: blank lines at its end are not part of it; a name may be written with its `.md`; with its partials a
// message is at most as large as a file may be.

import DripCore

struct SharedParts: Sendable {
    /// By name.
    let partials: [String: PartialFamily]
    /// By name; nil for a broken one.
    let catalogues: [String: Catalogue?]

    static let none = SharedParts(partials: [:], catalogues: [:])
}

/// A partial and its translations.
struct PartialFamily: Sendable {
    private(set) var plain: Partial?
    private(set) var byLocale: [String: Partial] = [:]

    mutating func add(_ partial: Partial, locale: String?) {
        if let locale { byLocale[locale] = partial } else { plain = partial }
    }

    func partial(for locale: String?) -> Partial? {
        locale.flatMap { byLocale[$0] ?? byLocale[String($0.prefix { $0 != "-" })] } ?? plain
    }
}

/// One partial's file, understood.
struct Partial: Sendable {
    let path: String
    /// Nil where it has mistakes.
    let template: ParsedTemplate?

    /// Several lines are a block of their own.
    var hasSeveralLines: Bool {
        template?.items.contains { item in
            guard case .text(let range) = item else { return false }
            return template?.source.bytes[range].contains(UInt8(ascii: "\n")) ?? false
        } ?? false
    }
}

/// Reads the partials and catalogues of a folder and reports all their mistakes.
struct SharedPartsCompiler {
    private(set) var diagnostics: [Diagnostic] = []
    let result: SharedParts

    init(partials: [PartialSource], catalogues: [CatalogueSource]) {
        let catalogues = Dictionary(catalogues.map { ($0.name, Catalogue($0)) }) { first, _ in first }
        var families: [String: PartialFamily] = [:]
        for source in partials {
            let (partial, mistakes) = Self.read(source, SharedParts(partials: [:], catalogues: catalogues))
            families[source.name, default: PartialFamily()].add(partial, locale: source.locale)
            diagnostics += mistakes
        }
        result = SharedParts(partials: families, catalogues: catalogues)
    }

    private static func read(_ source: PartialSource, _ shared: SharedParts) -> (Partial, [Diagnostic]) {
        let broken = Partial(path: source.path, template: nil)
        guard var text = source.text else { return (broken, []) }
        while text.last?.isWhitespace == true { text.removeLast() }
        func mistake(_ message: String, _ hint: String) -> (Partial, [Diagnostic]) {
            (broken, [Diagnostic(.error, file: source.path, line: 1, column: 1, message: message, hint: hint)])
        }
        if text.isEmpty { return mistake("the partial is empty", "Write its text, or delete it.") }
        if text.split(separator: "\n").first.map({ String($0).trimmed }) == "---" {
            return mistake("a partial has no front matter", "Leave out the lines `---` and what stands between them.")
        }
        let template = ParsedTemplate(
            SourceText(file: source.path, Located(text, line: 1, column: 1)), kind: .partial, shared: shared)
        var diagnostics = template.diagnostics
        if template.isStructured { diagnostics += MarkdownBody.mistakes(in: template) }
        let isBroken = diagnostics.contains { $0.severity == .error }
        return (isBroken ? broken : Partial(path: source.path, template: template), diagnostics)
    }
}
