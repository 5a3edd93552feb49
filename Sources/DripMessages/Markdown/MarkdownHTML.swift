import DripCore

/// Writes parsed Markdown as HTML pieces, and finds what must not stand in a message.
struct MarkdownHTML {
    private let body: MarkdownBody
    private var pieces = PieceList()
    private(set) var diagnostics: [Diagnostic] = []
    /// The elements around the current place, by number; a branch must begin and end in the same one.
    private var elements: [Int] = [0]
    private var lastElement = 0
    private var openBranches: [Int] = []
    private var controlsSeen = 0
    private var searchedUpTo: [String: Int] = [:]

    init(_ body: MarkdownBody) {
        self.body = body
        blocks(body.root.children, isTight: false)
        reportLostTags()
    }

    var result: [Piece] { pieces.all }

    // MARK: Blocks

    private mutating func blocks(_ nodes: [MarkdownNode], isTight: Bool) {
        for (index, node) in nodes.enumerated() {
            block(node, isTight: isTight, previous: index > 0 ? nodes[index - 1] : nil)
        }
    }

    private mutating func block(_ node: MarkdownNode, isTight: Bool, previous: MarkdownNode?) {
        switch node.kind {
        case .paragraph:
            reportRowAfterTag(node, previous)
            if isTight {
                inside { $0.inlines(node.children) }
                pieces.append("\n")
            } else {
                element("<p>", "</p>\n") { $0.inlines(node.children) }
            }
        case .heading(let level): element("<h\(level)>", "</h\(level)>\n") { $0.inlines(node.children) }
        case .blockQuote: element("<blockquote>\n", "</blockquote>\n") { $0.blocks(node.children, isTight: false) }
        case .list(let start, let isTight):
            let name = start == nil ? "ul" : "ol"
            let attribute = start.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? ""
            element("<\(name)\(attribute)>\n", "</\(name)>\n") { $0.blocks(node.children, isTight: isTight) }
        case .item: element("<li>", "</li>\n") { $0.blocks(node.children, isTight: isTight) }
        case .codeBlock(let literal):
            element("<pre><code>", "</code></pre>\n") { $0.text(literal, line: node.line) }
        case .thematicBreak: pieces.append("<hr />\n")
        case .htmlBlock(let literal): htmlBlock(literal, line: node.line)
        case .table(let alignments): table(node, alignments)
        default: inlines([node])
        }
    }

    private mutating func htmlBlock(_ literal: String, line: Int) {
        let fragments = MarkdownSource.fragments(of: literal)
        let isOwn = fragments.allSatisfy { fragment in
            switch fragment {
            case .text(let text): text.trimmed.isEmpty
            case .tag(_, let isBlock): isBlock
            }
        }
        guard isOwn else { return reportHTML(literal, line: line) }
        for case .tag(let index, _) in fragments { tag(index) }
    }

    private mutating func table(_ node: MarkdownNode, _ alignments: [UInt8]) {
        element("<table>\n", "</table>\n") { html in
            for row in node.children {
                html.element("<tr>\n", "</tr>\n") { html in
                    let name = if case .tableRow(isHeader: true) = row.kind { "th" } else { "td" }
                    for (column, cell) in row.children.enumerated() {
                        let style = column < alignments.count ? Self.style(alignments[column]) : ""
                        html.element("<\(name)\(style)>", "</\(name)>\n") { $0.inlines(cell.children) }
                    }
                }
            }
        }
    }

    private static func style(_ alignment: UInt8) -> String {
        switch alignment {
        case UInt8(ascii: "l"): " style=\"text-align: left\""
        case UInt8(ascii: "c"): " style=\"text-align: center\""
        case UInt8(ascii: "r"): " style=\"text-align: right\""
        default: ""
        }
    }

    // MARK: Inlines

    private mutating func inlines(_ nodes: [MarkdownNode]) {
        for node in nodes { inline(node) }
    }

    private mutating func inline(_ node: MarkdownNode) {
        switch node.kind {
        case .text(let literal): text(literal, line: node.line)
        case .softBreak: pieces.append("\n")
        case .lineBreak: pieces.append("<br />\n")
        case .code(let literal): element("<code>", "</code>") { $0.text(literal, line: node.line) }
        case .emphasis: element("<em>", "</em>") { $0.inlines(node.children) }
        case .strong: element("<strong>", "</strong>") { $0.inlines(node.children) }
        case .strikethrough: element("<del>", "</del>") { $0.inlines(node.children) }
        case .htmlInline(let literal): reportHTML(literal, line: node.line)
        case .link(let url, let title):
            pieces.append("<a href=\"")
            address(url, shownAs: node.innerText, isImage: false, line: node.line)
            attribute("title", title, line: node.line)
            element("\">", "</a>") { $0.inlines(node.children) }
        case .image(let url, let title):
            pieces.append("<img src=\"")
            address(url, shownAs: nil, isImage: true, line: node.line)
            attribute("alt", node.innerText, line: node.line, evenIfEmpty: true)
            attribute("title", title, line: node.line)
            pieces.append("\" />")
        default: inlines(node.children)
        }
    }

    private mutating func text(_ literal: String, line: Int) {
        for fragment in MarkdownSource.fragments(of: literal) {
            switch fragment {
            case .text(let text): pieces.append(Placement.html.written(text))
            case .tag(let index, _): tag(index)
            }
        }
    }

    /// The rest of an attribute is still open: its closing quote is written by whoever comes next.
    private mutating func attribute(_ name: String, _ value: String, line: Int, evenIfEmpty: Bool = false) {
        guard !value.isEmpty || evenIfEmpty else { return }
        if name == "title", let offset = controlOffset(in: value) {
            report(
                at: offset, "a {% tag stands inside a link's title", "Put the whole link inside the {% if %}.")
            return
        }
        pieces.append("\" \(name)=\"")
        inside { $0.text(value, line: line) }
    }

    private func controlOffset(in literal: String) -> Int? {
        for case .tag(let index, _) in MarkdownSource.fragments(of: literal) {
            if case .control(_, let offset)? = body.item(index) { return offset }
        }
        return nil
    }

    private mutating func address(_ url: String, shownAs label: String?, isImage: Bool, line: Int) {
        switch body.address(url, shownAs: label, isImage: isImage) {
        case .failure(let problem): report(problem.message, problem.hint, near: url, line: line)
        case .success(let parts):
            for part in parts {
                switch part {
                case .text(let text): pieces.append(Placement.writtenURL(text, inHTML: true))
                case .value(let expression, let placement): pieces.append(.value(expression, placement))
                }
            }
        }
    }

    // MARK: Elements and branches

    private mutating func element(_ open: String, _ close: String, _ write: (inout MarkdownHTML) -> Void) {
        pieces.append(open)
        inside(write)
        pieces.append(close)
    }

    private mutating func inside(_ write: (inout MarkdownHTML) -> Void) {
        lastElement += 1
        elements.append(lastElement)
        write(&self)
        elements.removeLast()
    }

    private mutating func tag(_ index: Int) {
        switch body.item(index) {
        case .output(let expression, _): pieces.append(.value(expression, .html))
        case .control(let control, let offset):
            controlsSeen += 1
            let element = elements.last ?? 0
            switch control {
            case .begin: openBranches.append(element)
            case .otherwiseIf, .otherwise: checkBranch(element, at: offset)
            case .end:
                checkBranch(element, at: offset)
                _ = openBranches.popLast()
            }
            pieces.append(.control(control))
        case .text, nil: break
        }
    }

    private mutating func checkBranch(_ element: Int, at offset: Int) {
        guard openBranches.last != element else { return }
        report(
            at: offset, "this tag stands in another paragraph, list item or emphasis than its {% if %}",
            "Put both on lines of their own, or both inside the same paragraph.")
    }

    // MARK: Mistakes

    private mutating func report(at offset: Int, _ message: String, _ hint: String) {
        guard diagnostics.count < ParsedTemplate.mostDiagnostics else { return }
        diagnostics.append(body.template.source.diagnostic(at: offset, TemplateProblem(message, hint)))
    }

    /// Reports at the place where `literal` stands in or after a line of the Markdown, or else at that line.
    private mutating func report(_ message: String, _ hint: String, near literal: String, line: Int) {
        guard diagnostics.count < ParsedTemplate.mostDiagnostics else { return }
        let markdown = body.markdown.markdown
        var lineStart = 0
        var current = 1
        while current < line, let end = markdown[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
            lineStart = end + 1
            current += 1
        }
        let from = max(lineStart, searchedUpTo[literal] ?? 0)
        let wanted = Array(literal.trimmed.utf8)
        var found = lineStart
        if !wanted.isEmpty, from + wanted.count <= markdown.count {
            for start in from...(markdown.count - wanted.count) where markdown[start] == wanted[0] {
                guard markdown[start...].starts(with: wanted) else { continue }
                found = start
                searchedUpTo[literal] = start + 1
                break
            }
        }
        report(at: body.markdown.templateOffset(of: found), message, hint)
    }

    private mutating func reportHTML(_ literal: String, line: Int) {
        let isComment = literal.trimmed.hasPrefix("<!--")
        report(
            isComment ? "HTML comments are not taken in a message" : "HTML is not taken in a message",
            isComment
                ? "Write {% comment %} … {% endcomment %}; nobody but you sees that."
                : "Write Markdown, or put it into the layout; to show < itself, write &lt;.",
            near: String(literal.trimmed.prefix { $0 != "\n" }), line: line)
    }

    /// A row that a tag on its own line cut off its table would be shown as text with bars.
    private mutating func reportRowAfterTag(_ paragraph: MarkdownNode, _ previous: MarkdownNode?) {
        guard case .htmlBlock? = previous?.kind, case .text(let text)? = paragraph.children.first?.kind,
            text.hasPrefix("|")
        else { return }
        report(
            "a table ends at a tag on a line of its own", "Put the {% if %} inside a cell, or around the whole table.",
            near: text, line: paragraph.line)
    }

    private mutating func reportLostTags() {
        guard diagnostics.isEmpty else { return }
        let all = body.template.items.filter { if case .control = $0 { true } else { false } }
        guard controlsSeen != all.count, case .control(_, let offset)? = all.first else { return }
        report(
            at: offset, "a {% tag stands where Markdown shows nothing",
            "Keep tags out of link definitions and fence lines.")
    }
}
