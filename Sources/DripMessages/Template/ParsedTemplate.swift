import DripCore

/// A stretch of a template whose tags have been understood.
enum TemplateItem {
    case text(Range<Int>)
    case output(Expression, at: Int)
    case control(Control, at: Int)
}

/// A template as a list of text, outputs and branches; every branch that begins also ends.
struct ParsedTemplate {
    let source: SourceText
    private(set) var items: [TemplateItem] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Whether the branches are whole, so that a pass over the items can rely on it.
    private(set) var isStructured = true

    /// More would hide the first ones, and cost time.
    static let mostDiagnostics = 50
    static let deepestNesting = 16
    /// Each tag needs a private-use character of its own while Markdown is parsed.
    static let mostTags = 60_000

    private struct Opening {
        var word: String
        var offset: Int
        var sawElse = false
    }

    init(_ source: SourceText, kind: TemplateKind) {
        self.source = source
        var problems = Self.refuse(source)
        guard problems.isEmpty else {
            self.diagnostics = problems.map { source.diagnostic(at: $0.offset, $0.problem) }
            self.isStructured = false
            return
        }
        let scanner = TemplateScanner(source, strayBraces: kind != .layout)
        problems += scanner.errors
        isStructured = scanner.errors.isEmpty
        var openings: [Opening] = []
        var skipped: Set<String> = []
        for piece in scanner.pieces {
            do throws(TemplateError) {
                switch piece {
                case .text(let range): items.append(.text(range))
                case .output(let inside, let offset):
                    do throws(TemplateError) {
                        var parser = try ExpressionParser(inside, in: source, kind: kind)
                        items.append(.output(try parser.output(), at: offset))
                    } catch {
                        // Something must stand here, so that the Markdown around it is judged as it was meant.
                        items.append(.output(Expression(operand: .literal(.text("?")), filters: []), at: offset))
                        throw error
                    }
                case .tag(let word, let inside, let offset):
                    try take(word, inside, at: offset, kind, &openings, &skipped)
                }
            } catch {
                problems.append(error)
            }
        }
        for opening in openings {
            isStructured = false
            problems.append(
                TemplateError(
                    at: opening.offset, "this {% \(opening.word) %} does not end",
                    "Close it with {% end\(opening.word) %}."))
        }
        if items.count > Self.mostTags {
            isStructured = false
            problems.append(TemplateError(at: 0, "more than \(Self.mostTags / 2) tags", "Split the message."))
        }
        diagnostics = problems.prefix(Self.mostDiagnostics).map { source.diagnostic(at: $0.offset, $0.problem) }
    }

    /// Characters that stand in for tags while Markdown is parsed must not be in the text already.
    private static func refuse(_ source: SourceText) -> [TemplateError] {
        for index in source.bytes.indices.dropLast(3) {
            let (first, second) = (source.bytes[index], source.bytes[index + 1])
            if (first == 0xF3 && second >= 0xB0) || first == 0xF4 {
                return [
                    TemplateError(
                        at: index, "a private-use character stands here (U+F0000 and above)",
                        "Delete it; mail programs show nothing for it.")
                ]
            }
        }
        if let index = source.bytes.firstIndex(of: 0) {
            return [TemplateError(at: index, "a NUL character stands here", "Delete it.")]
        }
        return []
    }

    private mutating func take(
        _ word: String, _ inside: Range<Int>, at offset: Int, _ kind: TemplateKind, _ openings: inout [Opening],
        _ skipped: inout Set<String>
    ) throws(TemplateError) {
        switch word {
        case "if", "unless":
            openings.append(Opening(word: word, offset: offset))
            if openings.count > Self.deepestNesting {
                isStructured = false
                throw TemplateError(
                    at: offset, "more than \(Self.deepestNesting) tags inside one another", "Simplify the conditions.")
            }
            let parsed = condition(inside, kind)
            let condition = parsed.condition
            items.append(.control(.begin(word == "unless" ? .not(condition) : condition), at: offset))
            if let error = parsed.error { throw error }
        case "elsif":
            try continueBranch(word, at: offset, &openings)
            let parsed = condition(inside, kind)
            items.append(.control(.otherwiseIf(parsed.condition), at: offset))
            if let error = parsed.error { throw error }
        case "else":
            try continueBranch(word, at: offset, &openings)
            if let last = openings.indices.last { openings[last].sawElse = true }
            items.append(.control(.otherwise, at: offset))
            if !isBlank(inside) {
                throw TemplateError(
                    at: inside.lowerBound, "else takes no condition", "Write {% elsif … %} to ask something else.")
            }
        case "endif", "endunless":
            guard let last = openings.last else {
                isStructured = false
                throw TemplateError(
                    at: offset, "{% \(word) %} ends nothing", "Put {% \(word.dropFirst(3)) … %} before it.")
            }
            openings.removeLast()
            items.append(.control(.end, at: offset))
            if "end" + last.word != word {
                throw TemplateError(
                    at: offset, "{% \(word) %} cannot end {% \(last.word) %}", "Write {% end\(last.word) %}.")
            }
        default: try refuse(word, at: offset, &skipped)
        }
    }

    private func isBlank(_ range: Range<Int>) -> Bool { source.bytes[range].allSatisfy { $0 <= 0x20 } }

    private func condition(
        _ inside: Range<Int>, _ kind: TemplateKind
    ) -> (condition: TemplateCondition, error: TemplateError?) {
        do throws(TemplateError) {
            var parser = try ExpressionParser(inside, in: source, kind: kind)
            return (try parser.condition(), nil)
        } catch {
            return (.all([]), error)
        }
    }

    private mutating func continueBranch(
        _ word: String, at offset: Int, _ openings: inout [Opening]
    ) throws(TemplateError) {
        guard let last = openings.last else {
            isStructured = false
            throw TemplateError(at: offset, "{% \(word) %} without {% if %}", "Put {% if … %} before it.")
        }
        if last.sawElse {
            isStructured = false
            throw TemplateError(
                at: offset, "{% \(word) %} after {% else %}",
                "{% else %} is the last branch; close it with {% end\(last.word) %}.")
        }
    }

    /// Tags of Liquid that are not there, each with the tags that belong to it.
    private static let unsupported: [String: [String]] = [
        "for": ["endfor", "break", "continue"], "case": ["when", "endcase"], "capture": ["endcapture"],
        "tablerow": ["endtablerow"], "include": [], "render": [], "assign": [], "cycle": [], "increment": [],
        "decrement": [], "layout": [], "section": [], "echo": [], "liquid": [],
    ]

    private mutating func refuse(
        _ word: String, at offset: Int, _ skipped: inout Set<String>
    ) throws(TemplateError) {
        if skipped.contains(word) { return }
        if let companions = Self.unsupported[word] {
            skipped.formUnion(companions)
            throw TemplateError(
                at: offset, "{% \(word) %} is not supported yet",
                "The tags are if, elsif, else, endif, unless, endunless, raw and comment.")
        }
        isStructured = false
        let known = [
            "if", "elsif", "else", "endif", "unless", "endunless", "raw", "endraw", "comment", "endcomment",
        ]
        if word == "elseif" { throw TemplateError(at: offset, "unknown tag \"elseif\"", "Write elsif.") }
        if word.isEmpty {
            throw TemplateError(at: offset, "this tag has no word", "Write {% if … %}, or {{ … }} to show a value.")
        }
        if word == "endraw" || word == "endcomment" {
            throw TemplateError(at: offset, "{% \(word) %} ends nothing", "Put {% \(word.dropFirst(3)) %} before it.")
        }
        let guess = nearestSpelling(of: word, among: known)
        throw TemplateError(
            at: offset, "unknown tag \"\(word)\"",
            guess.map { "Did you mean \($0)?" }
                ?? "The tags are if, elsif, else, endif, unless, endunless, raw and comment.")
    }
}
