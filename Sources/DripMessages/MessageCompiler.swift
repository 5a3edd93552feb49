package import DripCore

/// Turns message files into `CompiledMessage`s, once; what they share is compiled when it is made.
package struct MessageCompiler: Sendable {
    /// What is wrong with the layouts and partials themselves, sorted; a message in or with a broken one does not compile.
    package let diagnostics: [Diagnostic]
    /// By name; nil for a broken one.
    private let layouts: [String: CompiledLayout?]
    private let shared: SharedParts

    /// Layouts by name: `default` for `layouts/default.html`.
    package init(
        layouts: [String: LayoutSource], partials: [PartialSource] = [], catalogues: [CatalogueSource] = []
    ) {
        var compiled: [String: CompiledLayout?] = [:]
        var diagnostics: [Diagnostic] = []
        for (name, layout) in layouts {
            let compiler = LayoutCompiler(layout)
            compiled.updateValue(compiler.result, forKey: name)
            diagnostics += compiler.diagnostics
        }
        let parts = SharedPartsCompiler(partials: partials, catalogues: catalogues)
        self.layouts = compiled
        self.shared = parts.result
        self.diagnostics = (diagnostics + parts.diagnostics).sorted()
    }

    /// Compiles one message file and reports all its mistakes at once.
    package func compile(_ source: MessageSource) -> Compilation {
        var diagnostics: [Diagnostic] = []
        let layout = layout(of: source, &diagnostics)
        let words = MessageWords(source, shared)
        diagnostics = (diagnostics + words.diagnostics).sorted()
        var result = Compilation(message: nil, diagnostics: diagnostics, shared: words.shared, absent: words.absent)
        guard !diagnostics.contains(where: { $0.severity == .error }), let layout, let subject = words.subject,
            let body = words.body
        else { return result }
        let parts = MessageParts(
            subject: subject, preheader: words.preheader, html: layout.pieces.taking(MarkdownHTML(body).result),
            text: MarkdownText(body).result)
        result.message = CompiledMessage(source, parts)
        return result
    }

    /// The mistakes of a message file's own words, of one that goes nowhere for now: its layout is not looked at.
    package func mistakes(in source: MessageSource) -> [Diagnostic] {
        MessageWords(source, shared).diagnostics.sorted()
    }

    private func layout(of source: MessageSource, _ diagnostics: inout [Diagnostic]) -> CompiledLayout? {
        let name = source.layout.value
        func report(_ message: String, _ hint: String) {
            diagnostics.append(
                Diagnostic(
                    .error, file: source.path, line: source.layout.line, column: source.layout.column,
                    message: message, hint: hint))
        }
        guard let layout = layouts[name] else {
            let guess = nearestSpelling(of: name, among: Array(layouts.keys))
            report(
                "there is no layout \"\(name)\"", guess.map { "Did you mean \($0)?" } ?? "Make layouts/\(name).html.")
            return nil
        }
        if layout == nil { report("the layout \"\(name)\" has mistakes of its own", "Mend layouts/\(name).html.") }
        return layout
    }
}

/// What came of compiling one message file.
package struct Compilation: Sendable {
    /// Nil as soon as one diagnostic is an error.
    package var message: CompiledMessage?
    package var diagnostics: [Diagnostic]
    /// Paths of the partials and catalogues that the message is made of beside its own file.
    package var shared: Set<String>
    /// Paths of those that it names and that are not there.
    package var absent: Set<String>
}

/// The parts of a message as pieces.
struct MessageParts {
    var subject: [Piece]
    var preheader: [Piece]?
    /// In its layout.
    var html: [Piece]
    var text: [Piece]
}

extension [Piece] {
    /// A layout's pieces with the message in its place.
    func taking(_ content: [Piece]) -> [Piece] {
        var list = PieceList()
        for piece in self {
            if case .content = piece {
                list.append(contentsOf: content)
            } else {
                list.append(piece)
            }
        }
        return list.all
    }
}

extension CompiledMessage {
    init(_ source: MessageSource, _ parts: MessageParts) {
        let locale = MessageLocale.tag(of: source.path)
        var table = ValueTable()
        let subject = flatten(parts.subject, &table)
        let preheader = parts.preheader.map { flatten($0, &table) }
        let headCounts = (table.expressions.count, table.conditions.count)
        let html = flatten(parts.html, &table)
        let body = flatten(parts.text, &table)
        let text = flatten(PieceList(parts.text + MessageLocale.footer(for: locale)).all, &table)
        let everything = flatten(parts.subject + (parts.preheader ?? []) + parts.html, &table)
        self.init(
            path: source.path, from: source.from, replyTo: source.replyTo, track: source.track, locale: locale,
            table: table,
            headCounts: headCounts, subject: Program(subject), preheader: preheader.map { Program($0) },
            html: Program(html), text: Program(text), body: Program(body), mailHTML: EncodedProgram(html),
            mailText: EncodedProgram(text), needs: NeedsProgram(everything, table),
            sources: (source.subject.value, source.preheader?.value ?? ""))
    }
}

/// What a message's file name says about its language.
enum MessageLocale {
    /// `id` for `ebook-nurture/welcome.id.md`: the last part before the ending, if it looks like a language tag.
    static func tag(of path: String) -> String? {
        let parts = path.split(separator: "/").last?.split(separator: ".") ?? []
        guard parts.count >= 3 else { return nil }
        let tag = parts[parts.count - 2].lowercased()
        let subtags = tag.split(separator: "-", omittingEmptySubsequences: false)
        let isLanguage = (2...3).contains(subtags[0].count) && subtags[0].allSatisfy { $0.isASCII && $0.isLetter }
        let restFits = subtags.dropFirst().allSatisfy {
            (2...8).contains($0.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        return isLanguage && restFits ? tag : nil
    }

    private static let words = ["en": "Unsubscribe", "id": "Berhenti berlangganan"]

    /// The foot of every text part: who sends this, from where, and how to stop it.
    static func footer(for locale: String?) -> [Piece] {
        func value(_ reference: Reference, _ placement: Placement) -> Piece {
            .value(Expression(operand: .reference(reference), filters: []), placement)
        }
        let language = String((locale ?? "en").prefix { $0 != "-" })
        let word = words[language] ?? "Unsubscribe"
        return [
            .bytes(Array("--\n".utf8)), value(.senderName, .plain), .bytes(Array("\n".utf8)),
            value(.postalAddress, .plain), .bytes(Array("\n\(word): ".utf8)), value(.unsubscribeLink, .plainURL),
            .bytes(Array("\n".utf8)),
        ]
    }
}
