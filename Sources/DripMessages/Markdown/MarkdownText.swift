// The plain-text part, from the same Markdown.
//
// The rule: lines are broken at 76 columns where a blank stands, never inside a word, a link or a value; a value counts
// as ten columns, because its real length is known only per lead. Headings of the first two levels are underlined,
// links are written `text (https://…)`, lists keep their marks, quotes their `> `, emphasis is left out.
// Edge cases: a branch may be absent, so every block brings its own empty line after it; a link whose text is its
// address is written once.
// Worked example: `## Why\n\nSee [the guide](https://x.example/).` → `Why`, `---`, an empty line, `See the guide
// (https://x.example/).`

/// Writes parsed Markdown as pieces of plain text.
struct MarkdownText {
    private let body: MarkdownBody
    private var pieces = PieceList()
    /// What each line starts with, outermost first.
    private var prefixes: [String] = []
    private var atLineStart = true
    private var column = 0

    private static let width = 76
    private static let valueWidth = 10
    private static let addressWidth = 30

    /// `body` has no mistakes: `MarkdownHTML` found none.
    init(_ body: MarkdownBody) {
        self.body = body
        blocks(body.root.children, isTight: false, isDocument: true)
    }

    var result: [Piece] { pieces.all }

    // MARK: Lines

    private mutating func beginLine() {
        guard atLineStart else { return }
        let prefix = prefixes.joined()
        pieces.append(prefix)
        column = prefix.count
        atLineStart = false
    }

    private mutating func endLine() {
        pieces.append("\n")
        atLineStart = true
        column = 0
    }

    private mutating func emptyLine() {
        let prefix = prefixes.joined()
        pieces.append(String(prefix.reversed().drop { $0 == " " }.reversed()))
        endLine()
    }

    private mutating func write(_ text: String) {
        pieces.append(text)
        column += text.count
    }

    private mutating func indented(by prefix: String, _ write: (inout MarkdownText) -> Void) {
        prefixes.append(prefix)
        write(&self)
        prefixes.removeLast()
    }

    // MARK: Blocks

    private mutating func blocks(_ nodes: [MarkdownNode], isTight: Bool, isDocument: Bool = false) {
        for (index, node) in nodes.enumerated() {
            if case .htmlBlock(let literal) = node.kind {
                if !atLineStart { endLine() }
                for case .tag(let index, _) in MarkdownSource.fragments(of: literal) { control(index) }
                continue
            }
            block(node)
            if isDocument || (!isTight && isFollowed(index, in: nodes)) { emptyLine() }
        }
    }

    /// Whether another block may come after this one, on the same way through the branches.
    private func isFollowed(_ index: Int, in nodes: [MarkdownNode]) -> Bool {
        var skipping = 0
        for node in nodes[(index + 1)...] {
            guard case .htmlBlock(let literal) = node.kind else {
                if skipping == 0 { return true }
                continue
            }
            for case .tag(let index, _) in MarkdownSource.fragments(of: literal) {
                guard case .control(let control, _)? = body.item(index) else { continue }
                switch control {
                case .begin: if skipping > 0 { skipping += 1 }
                case .otherwise, .otherwiseIf: if skipping == 0 { skipping = 1 }
                case .end: if skipping > 0 { skipping -= 1 }
                }
            }
        }
        return false
    }

    private mutating func block(_ node: MarkdownNode) {
        switch node.kind {
        case .heading(let level): heading(node, level)
        case .blockQuote:
            indented(by: "> ") { $0.blocks(node.children, isTight: false) }
        case .list(let start, let isTight): list(node, start, isTight)
        case .codeBlock(let literal): code(literal)
        case .thematicBreak:
            beginLine()
            write(String(repeating: "-", count: 20))
            endLine()
        case .table: table(node)
        default:
            beginLine()
            inlines(node.children)
            endLine()
        }
    }

    private mutating func heading(_ node: MarkdownNode, _ level: Int) {
        beginLine()
        let indent = column
        inlines(node.children)
        let length = max(1, min(column, Self.width) - indent)
        endLine()
        guard level <= 2 else { return }
        beginLine()
        write(String(repeating: level == 1 ? "=" : "-", count: length))
        endLine()
    }

    private mutating func list(_ node: MarkdownNode, _ start: Int?, _ isTight: Bool) {
        var number = start ?? 0
        for (index, item) in node.children.enumerated() {
            if case .htmlBlock = item.kind {
                blocks([item], isTight: true)
                continue
            }
            let marker = start == nil ? "- " : "\(number). "
            number += 1
            beginLine()
            write(marker)
            indented(by: String(repeating: " ", count: marker.count)) { $0.blocks(item.children, isTight: isTight) }
            if !atLineStart { endLine() }
            if !isTight, isFollowed(index, in: node.children) { emptyLine() }
        }
    }

    private mutating func code(_ literal: String) {
        indented(by: "    ") { text in
            for fragment in MarkdownSource.fragments(of: literal) {
                switch fragment {
                case .tag(let index, _): text.verbatim(index)
                case .text(let part):
                    for (index, line) in part.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                        if index > 0 { text.endLine() }
                        if line.isEmpty { continue }
                        text.beginLine()
                        text.write(String(line))
                    }
                }
            }
            if !text.atLineStart { text.endLine() }
        }
    }

    private mutating func verbatim(_ index: Int) {
        if case .output(let expression, _)? = body.item(index) {
            beginLine()
            pieces.append(.value(expression, .plain))
        } else {
            control(index)
        }
    }

    private mutating func table(_ node: MarkdownNode) {
        for row in node.children {
            beginLine()
            let indent = column
            for (index, cell) in row.children.enumerated() {
                if index > 0 { write(" | ") }
                inlines(cell.children, wrapping: false)
            }
            let length = min(column, Self.width) - indent
            endLine()
            guard case .tableRow(isHeader: true) = row.kind else { continue }
            beginLine()
            write(String(repeating: "-", count: max(1, length)))
            endLine()
        }
    }

    private mutating func control(_ index: Int) {
        if case .control(let control, _)? = body.item(index) { pieces.append(.control(control)) }
    }

    // MARK: Inlines

    private enum Inline {
        case text(String)
        case value(Expression, Placement)
        case space, line
        case control(Control)

        var width: Int {
            switch self {
            case .text(let text): text.count
            case .value(_, .plainURL): MarkdownText.addressWidth
            case .value: MarkdownText.valueWidth
            case .space, .line, .control: 0
            }
        }
    }

    private mutating func inlines(_ nodes: [MarkdownNode], wrapping: Bool = true) {
        var inlines: [Inline] = []
        flatten(nodes, into: &inlines)
        var isSpacePending = false
        /// For each open branch: the column where it began, and the furthest that any of its ways came.
        var branches: [(start: Int, furthest: Int)] = []
        for (index, inline) in inlines.enumerated() {
            switch inline {
            case .space:
                isSpacePending = true
                continue
            case .line:
                endLine()
                beginLine()
                isSpacePending = false
                continue
            default: break
            }
            if isSpacePending {
                isSpacePending = false
                separate(before: index, inlines, wrapping)
            }
            switch inline {
            case .text(let text): write(text)
            case .value(let expression, let placement):
                pieces.append(.value(expression, placement))
                column += inline.width
            case .control(let control):
                pieces.append(.control(control))
                switch control {
                case .begin: branches.append((column, column))
                case .otherwise, .otherwiseIf:
                    if let last = branches.indices.last {
                        branches[last].furthest = max(branches[last].furthest, column)
                        column = branches[last].start
                    }
                case .end: if let branch = branches.popLast() { column = max(branch.furthest, column) }
                }
            case .space, .line: break
            }
        }
    }

    /// A blank, or a new line where the next word would not fit.
    private mutating func separate(before index: Int, _ inlines: [Inline], _ wrapping: Bool) {
        var length = 0
        for inline in inlines[index...] {
            if case .space = inline { break }
            if case .line = inline { break }
            length += inline.width
        }
        if wrapping, column + 1 + length > Self.width {
            endLine()
            beginLine()
        } else {
            write(" ")
        }
    }

    private func flatten(_ nodes: [MarkdownNode], into inlines: inout [Inline]) {
        for node in nodes {
            switch node.kind {
            case .text(let literal), .code(let literal): append(literal, to: &inlines)
            case .softBreak: inlines.append(.space)
            case .lineBreak: inlines.append(.line)
            case .strikethrough:
                inlines.append(.text("~"))
                flatten(node.children, into: &inlines)
                inlines.append(.text("~"))
            case .link(let url, _):
                flatten(node.children, into: &inlines)
                appendAddress(url, shownAs: node.innerText, to: &inlines)
            case .image: append(node.innerText, to: &inlines)
            default: flatten(node.children, into: &inlines)
            }
        }
    }

    private func append(_ literal: String, to inlines: inout [Inline]) {
        for fragment in MarkdownSource.fragments(of: literal) {
            switch fragment {
            case .tag(let index, _):
                switch body.item(index) {
                case .output(let expression, _): inlines.append(.value(expression, .plain))
                case .control(let control, _): inlines.append(.control(control))
                case .text, nil: break
                }
            case .text(let text):
                for (index, word) in text.split(omittingEmptySubsequences: false, whereSeparator: Self.isSpace)
                    .enumerated()
                {
                    if index > 0 { inlines.append(.space) }
                    if !word.isEmpty { inlines.append(.text(String(word))) }
                }
            }
        }
    }

    private static func isSpace(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\n"
    }

    private func appendAddress(_ url: String, shownAs label: String, to inlines: inout [Inline]) {
        if label == url || "mailto:" + label == url || "http://" + label == url { return }
        guard case .success(let parts) = body.address(url, shownAs: label, isImage: false) else { return }
        if !label.trimmed.isEmpty { inlines += [.space, .text("(")] }
        for part in parts {
            switch part {
            case .text(let text):
                inlines.append(.text(String(decoding: Placement.writtenURL(text, inHTML: false), as: UTF8.self)))
            case .value(let expression, let placement):
                inlines.append(.value(expression, placement == .url ? .plainURL : placement))
            }
        }
        if !label.trimmed.isEmpty { inlines.append(.text(")")) }
    }
}
