import CCMark
import Synchronization

/// A node of parsed Markdown.
struct MarkdownNode {
    enum Kind {
        case document, blockQuote, item, paragraph, thematicBreak, softBreak, lineBreak, emphasis, strong, strikethrough
        case list(start: Int?, isTight: Bool)
        case heading(level: Int)
        case codeBlock(String), code(String), text(String)
        case htmlBlock(String), htmlInline(String)
        case link(url: String, title: String), image(url: String, title: String)
        /// One letter a column: `l`, `c`, `r`, or NUL.
        case table(alignments: [UInt8])
        case tableRow(isHeader: Bool), tableCell
    }

    var kind: Kind
    /// Of the Markdown, 1-based; an inline node has its block's.
    var line: Int
    var children: [MarkdownNode]
}

/// The Markdown is nested deeper than any message needs.
struct MarkdownTooDeep: Error {
    var line: Int
}

extension MarkdownNode {
    private static let deepest = 60
    /// cmark-gfm changes global tables while it parses with extensions, so one thread at a time may.
    private static let parsing = Mutex(())
    private static let extensions = ["table", "strikethrough", "autolink"]

    /// Parses GitHub's Markdown with tables, strikethrough and bare links.
    static func parse(_ markdown: [UInt8]) throws(MarkdownTooDeep) -> MarkdownNode {
        let result = parsing.withLock { _ -> Result<MarkdownNode, MarkdownTooDeep> in
            cmark_gfm_core_extensions_ensure_registered()
            guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8) else {
                return .success(MarkdownNode(kind: .document, line: 1, children: []))
            }
            defer { cmark_parser_free(parser) }
            for name in extensions {
                if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
            }
            markdown.withUnsafeBytes { raw in
                let bytes = raw.assumingMemoryBound(to: CChar.self)
                if let base = bytes.baseAddress { cmark_parser_feed(parser, base, bytes.count) }
            }
            guard let root = cmark_parser_finish(parser) else {
                return .success(MarkdownNode(kind: .document, line: 1, children: []))
            }
            defer { cmark_node_free(root) }
            return Result { () throws(MarkdownTooDeep) in try MarkdownNode(root, depth: 0, line: 1) }
        }
        return try result.get()
    }

    private init(_ node: OpaquePointer, depth: Int, line: Int) throws(MarkdownTooDeep) {
        let ownLine = Int(cmark_node_get_start_line(node))
        let line = max(line, ownLine)
        guard depth < Self.deepest else { throw MarkdownTooDeep(line: line) }
        var children: [MarkdownNode] = []
        var next = cmark_node_first_child(node)
        while let child = next {
            children.append(try MarkdownNode(child, depth: depth + 1, line: line))
            next = cmark_node_next(child)
        }
        self.init(kind: Self.kind(of: node), line: line, children: children)
    }

    private static func kind(of node: OpaquePointer) -> Kind {
        func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
        switch text(cmark_node_get_type_string(node)) {
        case "document": return .document
        case "block_quote": return .blockQuote
        case "list":
            let isOrdered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
            return .list(
                start: isOrdered ? Int(cmark_node_get_list_start(node)) : nil,
                isTight: cmark_node_get_list_tight(node) != 0)
        case "item": return .item
        case "code_block": return .codeBlock(text(cmark_node_get_literal(node)))
        case "html_block": return .htmlBlock(text(cmark_node_get_literal(node)))
        case "paragraph": return .paragraph
        case "heading": return .heading(level: Int(cmark_node_get_heading_level(node)))
        case "thematic_break": return .thematicBreak
        case "text": return .text(text(cmark_node_get_literal(node)))
        case "softbreak": return .softBreak
        case "linebreak": return .lineBreak
        case "code": return .code(text(cmark_node_get_literal(node)))
        case "html_inline": return .htmlInline(text(cmark_node_get_literal(node)))
        case "emph": return .emphasis
        case "strong": return .strong
        case "strikethrough": return .strikethrough
        case "link": return .link(url: text(cmark_node_get_url(node)), title: text(cmark_node_get_title(node)))
        case "image": return .image(url: text(cmark_node_get_url(node)), title: text(cmark_node_get_title(node)))
        case "table":
            let columns = Int(cmark_gfm_extensions_get_table_columns(node))
            let alignments = cmark_gfm_extensions_get_table_alignments(node)
            return .table(alignments: alignments.map { Array(UnsafeBufferPointer(start: $0, count: columns)) } ?? [])
        case "table_header": return .tableRow(isHeader: true)
        case "table_row": return .tableRow(isHeader: false)
        case "table_cell": return .tableCell
        default: return .paragraph
        }
    }
}
