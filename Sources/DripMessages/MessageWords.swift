import DripCore

/// A message file's own words, understood: its subject, its preheader and its body, with all their mistakes.
struct MessageWords {
    private(set) var subject: [Piece]?
    private(set) var preheader: [Piece]?
    private(set) var body: MarkdownBody?
    private(set) var diagnostics: [Diagnostic] = []
    /// Paths of the partials and catalogues that it is made of.
    private(set) var shared: Set<String> = []
    /// Paths of those that it names and that are not there.
    private(set) var absent: Set<String> = []

    private let path: String
    private let parts: SharedParts
    private let locale: String?

    init(_ source: MessageSource, _ parts: SharedParts) {
        path = source.path
        self.parts = parts
        locale = MessageLocale.tag(of: source.path)
        subject = head(source.subject, .subject)
        preheader = source.preheader.flatMap { head($0, .preheader) }
        body = body(source)
    }

    private mutating func parse(_ text: Located<String>, _ kind: TemplateKind) -> ParsedTemplate {
        let template = ParsedTemplate(
            SourceText(file: path, text), kind: kind, shared: parts, locale: locale)
        diagnostics += template.diagnostics
        shared.formUnion(template.sharedFiles)
        absent.formUnion(template.absent)
        return template
    }

    /// A subject or preheader: plain text on one line.
    private mutating func head(_ text: Located<String>, _ kind: TemplateKind) -> [Piece]? {
        let template = parse(text, kind)
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

    private mutating func body(_ source: MessageSource) -> MarkdownBody? {
        let template = parse(source.body, .body)
        guard template.isStructured else { return nil }
        if source.body.value.trimmed.isEmpty {
            diagnostics.append(
                Diagnostic(
                    .error, file: source.path, line: source.body.line, column: source.body.column,
                    message: "the message is empty", hint: "Write its text below the front matter."))
        }
        do throws(MarkdownTooDeep) {
            let body = try MarkdownBody(template)
            let mistakes = MarkdownHTML(body).diagnostics
            diagnostics += mistakes
            if let include = template.firstInclude, let other = mistakes.first(where: { $0.file != path }) {
                // Sound by itself, it does not fit here: whoever mends the message must find it too.
                diagnostics.append(
                    template.source.diagnostic(
                        at: include,
                        TemplateProblem("a partial does not fit here", "Look at \(other.file):\(other.line).")))
            }
            return body
        } catch {
            diagnostics.append(MarkdownBody.tooDeep(error, template))
            return nil
        }
    }
}
