import DripCore
import Yams

/// What the YAML parser complains of, in words that help whoever wrote the file.
///
/// libyaml's sentences name its own states ("while parsing a block mapping"); the table below says what to look at.
/// What it does not know comes out as libyaml said it, so that nothing is hidden.
enum YAMLWording {
    static let quoteTheTemplate =
        "Put the whole text in quotes, such as 'Hi {{ lead.first_name | default: \"there\" }}'."

    static func tell(of error: YamlError, in source: SourceText, findings: Findings) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            tell(of: problem, at: mark, context: context, in: source, findings: findings)
        default:
            findings.error(at: .start, "this is not valid YAML", hint: "Check its quotes, brackets and indentation.")
        }
    }

    private static func tell(
        of problem: String, at mark: Mark, context: YamlError.Context?, in source: SourceText, findings: Findings
    ) {
        if tellOfTabs(at: mark, in: source, findings: findings) { return }
        let begins = context.map { YAMLDocument.place($0.mark, in: source) }
        let wording = wording(of: problem, opener: begins, at: mark, in: source)
        let place = wording.atContext ? begins ?? .start : YAMLDocument.place(mark, in: source)
        let line = source.lines.indices.contains(place.line - 1) ? source.lines[place.line - 1] : ""
        let holdsTemplate = line.contains("{{") || line.contains("{%")
        findings.error(at: place, wording.message, hint: holdsTemplate ? quoteTheTemplate : wording.hint)
    }

    private struct Wording {
        var message: String
        var hint: String
        /// Whether the mistake began where libyaml's context stands, and not where it was noticed.
        var atContext = false
    }

    private static func wording(of problem: String, opener: Place?, at mark: Mark, in source: SourceText) -> Wording {
        let openedOn = opener.map { "line \($0.line)" } ?? "a line above"
        switch problem {
        case "mapping values are not allowed in this context", "found unexpected ':'":
            return Wording(
                message: "a `:` cannot stand here",
                hint: "Put a text that holds `: ` in quotes; if it is a key, check the indentation of its line.")
        case _ where closer(before: mark, in: source) != nil:
            let closer = closer(before: mark, in: source).map(String.init) ?? ""
            return Wording(
                message: "a text goes on behind its closing `\(closer)`",
                hint: "Put the whole text in quotes; inside, use the other kind of quotes.")
        case "did not find expected node content":
            return Wording(
                message: "a value is missing here",
                hint: "Write it; a text that begins with `,`, `]` or `}` must be in quotes.")
        case "did not find expected comment or line break":
            return Wording(
                message: "a value on one line cannot begin with `|` or `>`", hint: "Put the whole value in quotes.",
                atContext: true)
        case "could not find expected directive name", "found unknown directive name":
            return Wording(message: "a line cannot begin with `%`", hint: "Delete it, or put the text in quotes.")
        case "mapping keys are not allowed in this context", "did not find expected key",
            "did not find expected <document start>":
            return Wording(
                message: "this line does not fit the lines above it",
                hint: "Begin keys that belong together in the same column, and put a text with quotes inside in quotes."
            )
        case "could not find expected ':'":
            return Wording(
                message: "a `:` is missing after this key",
                hint: "Write `key: value`; indent a line that only continues the text above.", atContext: true)
        case "did not find expected '-' indicator":
            return Wording(
                message: "this line does not belong to the list that begins on \(openedOn)",
                hint: "Begin each item with `- ` in the same column, and indent what belongs to an item.")
        case "block sequence entries are not allowed in this context":
            return Wording(
                message: "a list cannot begin here", hint: "Put each `- ` on a line of its own, below the key.")
        case "did not find expected ',' or ']'":
            return Wording(
                message: "the list that `[` opens on \(openedOn) is not closed here",
                hint: "Put a comma between its items and a `]` at its end.")
        case "did not find expected ',' or '}'":
            return Wording(
                message: "the group that `{` opens on \(openedOn) is not closed here",
                hint: "Put a comma between its keys and a `}` at its end.")
        case "found unexpected end of stream", "found unexpected document indicator":
            return Wording(
                message: "the quote that opens here is never closed", hint: "Put the same quote at the text's end.",
                atContext: true)
        case "found unknown escape character", "did not find expected hexdecimal number",
            "found invalid Unicode character escape code":
            return Wording(
                message: "a backslash in double quotes begins an escape, and this is none",
                hint: "Use single quotes, or write two backslashes.")
        case "did not find expected alphabetic or numeric character":
            return Wording(
                message: "a value cannot begin with `&`", hint: "Put the whole value in quotes.", atContext: true)
        case "Maximum nesting level reached, set with yaml_set_max_nest_level())":
            return Wording(
                message: "more than \(FileLimits.yamlNesting) levels of nesting",
                hint: "Nothing in these files needs so many: simplify it.")
        case "found character that cannot start any token":
            let character = character(at: mark, in: source).map { quoted(String($0)) } ?? "this character"
            return Wording(message: "a value cannot begin with \(character)", hint: "Put the whole value in quotes.")
        default:
            return Wording(
                message: "this is not valid YAML (\(problem))",
                hint: "Check the quotes, brackets and indentation here and on the line above.")
        }
    }

    /// Tells of every line that is indented with a tab, if it was a tab that stopped the parser.
    private static func tellOfTabs(at mark: Mark, in source: SourceText, findings: Findings) -> Bool {
        let here = character(at: mark, in: source) == "\t"
        guard here || indentedWithTab(mark.line, in: source) || indentedWithTab(mark.line - 1, in: source) else {
            return false
        }
        var told = false
        for (index, line) in source.lines.enumerated() where indentedWithTab(index + 1, in: source) {
            let column = (line.firstIndex(of: "\t").map { line.distance(from: line.startIndex, to: $0) } ?? 0) + 1
            findings.error(
                at: Place(line: index + 1, column: column), "a tab stands in the indentation",
                hint: "Indent with spaces only.")
            told = true
        }
        if !told {
            findings.error(
                at: YAMLDocument.place(mark, in: source), "a tab stands where a blank must stand",
                hint: "Replace it with a space.")
        }
        return true
    }

    /// The quote or bracket that the text before a place ends with, if that place is not at its line's beginning.
    private static func closer(before mark: Mark, in source: SourceText) -> Character? {
        guard source.lines.indices.contains(mark.line - 1) else { return nil }
        let line = source.lines[mark.line - 1].unicodeScalars
        guard let next = line.dropFirst(mark.column - 1).first, next.properties.isAlphabetic else { return nil }
        let before = String(line.prefix(mark.column - 1)).last { $0 != " " }
        return before.flatMap { "\"'}]".contains($0) ? $0 : nil }
    }

    private static func indentedWithTab(_ line: Int, in source: SourceText) -> Bool {
        guard source.lines.indices.contains(line - 1) else { return false }
        return source.lines[line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
    }

    private static func character(at mark: Mark, in source: SourceText) -> Unicode.Scalar? {
        guard source.lines.indices.contains(mark.line - 1) else { return nil }
        return source.lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first
    }
}
