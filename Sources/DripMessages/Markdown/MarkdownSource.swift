// Tags out, stand-ins in: how a template becomes plain Markdown and finds its way back.
//
// The rule: each tag is replaced by one private-use character, which Markdown treats as a letter and hands through; a
// text that holds such characters already was refused before. A line that holds nothing but control tags becomes an
// HTML comment with their stand-ins, because a comment is the one thing that ends a paragraph, makes none itself and
// does not part the lines around it.
// Edge cases: a tag alone on its line inside a code block (the comment comes back as its text, and is taken out there);
// two control tags on one line (one comment each, same line); a line of a quote (its `>` stay in front).
// Worked example: `Hi {{ lead.name }}` → `Hi ` U+F0001; `{% if lead.x %}` alone on its line → `<!--` U+100000 `-->`.

/// The Markdown that a template's text makes, with stand-ins for its tags.
struct MarkdownSource {
    private(set) var markdown: [UInt8] = []
    /// Where stretches of the Markdown come from: its offset → the template's.
    private var origins: [(markdown: Int, template: Int)] = []

    /// `items` are those of the template; a tag's number is its index there.
    init(_ items: [TemplateItem], _ source: SourceText) {
        for line in Self.lines(items, source) {
            if Self.holdsOnlyControls(line, items, source) {
                appendBlockLine(line, source)
            } else {
                for part in line { append(part, source) }
            }
        }
    }

    /// Where in the template a byte of the Markdown came from.
    func templateOffset(of offset: Int) -> Int {
        var low = 0
        var high = origins.count
        while low < high {
            let middle = (low + high) / 2
            if origins[middle].markdown <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        return origins[low - 1].template + offset - origins[low - 1].markdown
    }

    // MARK: Lines

    private enum Part {
        case text(Range<Int>)
        case tag(Int, at: Int)
    }

    private static func lines(_ items: [TemplateItem], _ source: SourceText) -> [[Part]] {
        var lines: [[Part]] = []
        var line: [Part] = []
        for (index, item) in items.enumerated() {
            switch item {
            case .output(_, let offset), .control(_, let offset): line.append(.tag(index, at: offset))
            case .text(let range):
                var start = range.lowerBound
                while let end = source.bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "\n")) {
                    line.append(.text(start..<(end + 1)))
                    lines.append(line)
                    line = []
                    start = end + 1
                }
                if start < range.upperBound { line.append(.text(start..<range.upperBound)) }
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    private static func holdsOnlyControls(
        _ line: [Part], _ items: [TemplateItem], _ source: SourceText
    ) -> Bool {
        var hasTag = false
        for part in line {
            switch part {
            case .text(let range):
                let isQuoteMark = { (byte: UInt8) in !hasTag && byte == UInt8(ascii: ">") }
                if !source.bytes[range].allSatisfy({ $0 <= 0x20 || isQuoteMark($0) }) { return false }
            case .tag(let index, _):
                guard case .control = items[index] else { return false }
                hasTag = true
            }
        }
        return hasTag
    }

    // MARK: Stand-ins

    private static let inlineBase: UInt32 = 0xF0000
    private static let blockBase: UInt32 = 0x100000

    private mutating func appendBlockLine(_ line: [Part], _ source: SourceText) {
        var isIndent = true
        for part in line {
            guard case .tag(let index, let offset) = part else {
                if isIndent { append(part, source) }
                continue
            }
            isIndent = false
            origins.append((markdown.count, offset))
            markdown.append(contentsOf: "<!--".utf8)
            appendScalar(Self.blockBase + UInt32(index))
            markdown.append(contentsOf: "-->".utf8)
        }
        markdown.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ part: Part, _ source: SourceText) {
        switch part {
        case .text(let range):
            origins.append((markdown.count, range.lowerBound))
            markdown.append(contentsOf: source.bytes[range])
        case .tag(let index, let offset):
            origins.append((markdown.count, offset))
            appendScalar(Self.inlineBase + UInt32(index))
        }
    }

    private mutating func appendScalar(_ value: UInt32) {
        markdown.append(0xF0 | UInt8(value >> 18))
        markdown.append(0x80 | UInt8(value >> 12 & 0x3F))
        markdown.append(0x80 | UInt8(value >> 6 & 0x3F))
        markdown.append(0x80 | UInt8(value & 0x3F))
    }

    /// A literal of the parsed Markdown, cut at its stand-ins.
    enum Fragment {
        case text(String)
        /// Index of the item.
        case tag(Int, isBlock: Bool)
    }

    static func fragments(of literal: String) -> [Fragment] {
        var fragments: [Fragment] = []
        var text = String.UnicodeScalarView()
        func flush() {
            if !text.isEmpty { fragments.append(.text(String(text))) }
            text = String.UnicodeScalarView()
        }
        var swallowing: [Unicode.Scalar] = []
        for scalar in literal.unicodeScalars {
            if scalar.value >= blockBase {
                // The comment around a block's stand-in goes with it.
                if String(text).hasSuffix("<!--") { text.removeLast(4) }
                flush()
                fragments.append(.tag(Int(scalar.value - blockBase), isBlock: true))
                swallowing = ["-", "-", ">", "\n"]
            } else if scalar.value >= inlineBase {
                flush()
                fragments.append(.tag(Int(scalar.value - inlineBase), isBlock: false))
                swallowing = []
            } else if scalar == swallowing.first {
                swallowing.removeFirst()
            } else {
                swallowing = []
                text.append(scalar)
            }
        }
        flush()
        return fragments
    }
}
