package import DripCore

/// Turns message files into `CompiledMessage`s, once; layouts are compiled when it is made.
package struct MessageCompiler: Sendable {
    /// What is wrong with the layouts themselves, sorted; a message in a broken layout does not compile.
    package let diagnostics: [Diagnostic]
    /// By name; nil for a broken one.
    private let layouts: [String: CompiledLayout?]

    /// Layouts by name: `default` for `layouts/default.html`.
    package init(layouts: [String: LayoutSource]) {
        var compiled: [String: CompiledLayout?] = [:]
        var diagnostics: [Diagnostic] = []
        for (name, layout) in layouts {
            let compiler = LayoutCompiler(layout)
            compiled.updateValue(compiler.result, forKey: name)
            diagnostics += compiler.diagnostics
        }
        self.layouts = compiled
        self.diagnostics = diagnostics.sorted()
    }

    /// Compiles one message file and reports all its mistakes at once.
    package func compile(_ source: MessageSource) -> Compilation {
        var diagnostics: [Diagnostic] = []
        let layout = layout(of: source, &diagnostics)
        let (subject, preheader, body) = words(of: source, &diagnostics)
        diagnostics.sort()
        guard !diagnostics.contains(where: { $0.severity == .error }), let layout, let subject, let body else {
            return Compilation(message: nil, diagnostics: diagnostics)
        }
        let parts = MessageParts(
            subject: subject, preheader: preheader, html: layout.pieces.taking(MarkdownHTML(body).result),
            text: MarkdownText(body).result)
        return Compilation(message: CompiledMessage(source, parts), diagnostics: diagnostics)
    }

    /// The mistakes of a message file's own words, of one that goes nowhere for now: its layout is not looked at.
    package func mistakes(in source: MessageSource) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        _ = words(of: source, &diagnostics)
        return diagnostics.sorted()
    }

    private func words(
        of source: MessageSource, _ diagnostics: inout [Diagnostic]
    ) -> (subject: [Piece]?, preheader: [Piece]?, body: MarkdownBody?) {
        (
            head(source.subject, .subject, source.path, &diagnostics),
            source.preheader.flatMap { head($0, .preheader, source.path, &diagnostics) }, body(source, &diagnostics)
        )
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

    /// A subject or preheader: plain text on one line.
    private func head(
        _ text: Located<String>, _ kind: TemplateKind, _ path: String, _ diagnostics: inout [Diagnostic]
    ) -> [Piece]? {
        let template = ParsedTemplate(SourceText(file: path, text), kind: kind)
        diagnostics += template.diagnostics
        var pieces = PieceList()
        for item in template.items {
            switch item {
            case .text(let range):
                let bytes = template.source.bytes[range]
                if let bad = range.first(where: { Self.isControl(template.source.bytes[$0]) }) {
                    diagnostics.append(
                        template.source.diagnostic(
                            at: bad, TemplateProblem("a control character stands here", "Delete it.")))
                }
                pieces.append(bytes.map { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
            case .output(let expression, _): pieces.append(.value(expression, .plain))
            case .control(let control, _): pieces.append(.control(control))
            }
        }
        if kind == .subject, text.value.trimmed.isEmpty {
            diagnostics.append(
                Diagnostic(
                    .error, file: path, line: text.line, column: text.column, message: "the subject is empty",
                    hint: "Write what the reader will see first."))
        }
        return template.isStructured ? pieces.all : nil
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D) || byte == 0x7F
    }

    private func body(_ source: MessageSource, _ diagnostics: inout [Diagnostic]) -> MarkdownBody? {
        let template = ParsedTemplate(SourceText(file: source.path, source.body), kind: .body)
        diagnostics += template.diagnostics
        guard template.isStructured else { return nil }
        if source.body.value.trimmed.isEmpty {
            diagnostics.append(
                Diagnostic(
                    .error, file: source.path, line: source.body.line, column: source.body.column,
                    message: "the message is empty", hint: "Write its text below the front matter."))
        }
        do throws(MarkdownTooDeep) {
            let body = try MarkdownBody(template)
            diagnostics += MarkdownHTML(body).diagnostics
            return body
        } catch {
            diagnostics.append(
                Diagnostic(
                    .error, file: source.path, line: source.body.line + error.line - 1, column: 0,
                    message: "lists or quotes are nested too deep", hint: "Simplify the message."))
            return nil
        }
    }
}

/// What came of compiling one message file.
package struct Compilation: Sendable {
    /// Nil as soon as one diagnostic is an error.
    package var message: CompiledMessage?
    package var diagnostics: [Diagnostic]
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
            path: source.path, from: source.from, replyTo: source.replyTo, locale: locale, table: table,
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
