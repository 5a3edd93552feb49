import DripCore

/// A stretch of a template whose tags have been understood.
enum TemplateItem: Sendable {
    case text(Range<Int>)
    case output(Expression, at: Int)
    case control(Control, at: Int)

    /// The same in bytes that begin so much further on.
    func moved(by distance: Int) -> TemplateItem {
        switch self {
        case .text(let range): .text((range.lowerBound + distance)..<(range.upperBound + distance))
        case .output(let expression, let offset): .output(expression, at: offset + distance)
        case .control(let control, let offset): .control(control, at: offset + distance)
        }
    }
}

/// A template as a list of text, outputs and branches; every branch that begins also ends.
struct ParsedTemplate: Sendable {
    private(set) var source: SourceText
    private(set) var items: [TemplateItem] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Whether the branches are whole, so that a pass over the items can rely on it.
    private(set) var isStructured = true
    /// Paths of the partials that it takes in.
    private(set) var partials: Set<String> = []
    /// Paths of the partials and catalogues that it names and that are not there.
    private(set) var absent: Set<String> = []
    /// Where it takes in its first partial.
    private(set) var firstInclude: Int?
    private let shared: SharedParts
    private let locale: String?
    /// Where the text of each partial begins among the source's bytes.
    private var beginnings: [String: Int] = [:]
    private var bytesTakenIn = 0
    /// What was judged already: a catalogue of many rows is looked through once for each way of showing it.
    private var checked: Set<Expression> = []

    /// More would hide the first ones, and cost time.
    static let mostDiagnostics = 50
    static let deepestNesting = 16
    /// Each tag needs a private-use character of its own while Markdown is parsed.
    static let mostTags = 60_000
    /// In bytes, with all partials: as much as one file may hold.
    static let largest = 1 << 20

    private struct Opening {
        var word: String
        var offset: Int
        var sawElse = false
    }

    /// `locale` is the language of its file, in which its partials are taken.
    init(_ source: SourceText, kind: TemplateKind, shared: SharedParts = .none, locale: String? = nil) {
        self.source = source
        self.shared = shared
        self.locale = locale
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
                        var parser = try ExpressionParser(inside, in: source, kind: kind, shared: shared)
                        let expression = try parser.output()
                        if checked.insert(expression).inserted { try expression.check(at: parser.offset) }
                        items.append(.output(expression, at: offset))
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
                if let path = error.absentFile { absent.insert(path) }
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
        case "include", "render": try include(word, inside, at: offset, kind)
        default: try refuse(word, at: offset, &skipped)
        }
    }

    // MARK: Partials

    private mutating func include(
        _ word: String, _ inside: Range<Int>, at offset: Int, _ kind: TemplateKind
    ) throws(TemplateError) {
        // Something must stand here, so that the Markdown around it is judged as it was meant.
        let place = items.count
        items.append(.output(Expression(operand: .literal(.text("?")), filters: []), at: offset))
        switch kind {
        case .body: break
        case .partial:
            throw TemplateError(
                at: offset, "a partial takes in no other partial", "Put both into the message, one after the other.")
        case .subject, .preheader, .layout:
            throw TemplateError(at: offset, "partials exist only in a message's text", "Write the text itself.")
        }
        let partial = try IncludeTag.partial(word, inside, at: offset, in: source, shared, locale: locale)
        guard let template = partial.template else {
            throw TemplateError(
                at: offset, "the partial \(partial.path) has mistakes of its own", "Mend \(partial.path).")
        }
        if partial.hasSeveralLines, !IncludeTag.isAlone(offset, inside, in: source) {
            throw TemplateError(
                at: offset, "the partial \(partial.path) has several lines, and here it stands in a line of others",
                "Put the tag at the beginning of a line of its own.")
        }
        bytesTakenIn += template.source.bytes.count
        guard source.bytes.count + bytesTakenIn <= Self.largest else {
            throw TemplateError(
                at: offset, "with its partials the message is larger than 1 MiB", "Take some of them out.")
        }
        let begin = beginnings[partial.path] ?? source.append(template.source)
        beginnings[partial.path] = begin
        partials.insert(partial.path)
        firstInclude = firstInclude ?? offset
        items.removeSubrange(place...)
        items += template.items.map { $0.moved(by: begin) }
    }

    /// The files of others that its values come from: catalogues and partials.
    var sharedFiles: Set<String> {
        partials.union(
            items.flatMap { item -> [Operand] in
                switch item {
                case .text: []
                case .output(let expression, _): expression.operands
                case .control(let control, _): control.operands
                }
            }.compactMap { operand in
                if case .reference(.cell(let cell)) = operand { return cell.column.path }
                return nil
            })
    }

    private func isBlank(_ range: Range<Int>) -> Bool { source.bytes[range].allSatisfy { $0 <= 0x20 } }

    private func condition(
        _ inside: Range<Int>, _ kind: TemplateKind
    ) -> (condition: TemplateCondition, error: TemplateError?) {
        do throws(TemplateError) {
            var parser = try ExpressionParser(inside, in: source, kind: kind, shared: shared)
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
        "tablerow": ["endtablerow"], "assign": [], "cycle": [], "increment": [],
        "decrement": [], "layout": [], "section": [], "echo": [], "liquid": [],
    ]

    private static let tags = "The tags are if, elsif, else, endif, unless, endunless, include, raw and comment."

    private mutating func refuse(
        _ word: String, at offset: Int, _ skipped: inout Set<String>
    ) throws(TemplateError) {
        if skipped.contains(word) { return }
        if let companions = Self.unsupported[word] {
            skipped.formUnion(companions)
            throw TemplateError(
                at: offset, "{% \(word) %} is not supported yet",
                Self.tags)
        }
        isStructured = false
        let known = [
            "if", "elsif", "else", "endif", "unless", "endunless", "include", "raw", "endraw", "comment", "endcomment",
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
                ?? Self.tags)
    }
}
