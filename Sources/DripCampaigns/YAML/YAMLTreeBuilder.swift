import DripCore
import Yams

/// Makes a tree of our own out of the parser's: places in characters, aliases put in and counted, limits held.
struct YAMLTreeBuilder {
    /// A subtree with what an alias of it would add.
    private struct Built {
        var node: YAMLNode
        /// Levels of lists and groups; a scalar has none.
        var height: Int
        var values: Int
        var expansions: Int
    }

    /// Ends the building; what is wrong was told already.
    private struct GivenUp: Error {}

    private let disguise: YAMLDisguise
    private let source: SourceText
    private let findings: Findings
    private var anchored: [String: Built] = [:]
    private var values = 0
    private var expansions = 0

    init(disguise: YAMLDisguise, source: SourceText, findings: Findings) {
        self.disguise = disguise
        self.source = source
        self.findings = findings
    }

    mutating func build(_ root: Node) -> YAMLNode? {
        try? build(root, depth: 0).node
    }

    private mutating func build(_ node: Node, depth: Int) throws -> Built {
        let place = YAMLDocument.place(node.mark, in: source)
        try count(1, at: place)
        var built: Built
        switch node {
        case .scalar(let scalar):
            if let alias = try alias(scalar, at: place, depth: depth) { return alias }
            built = Built(node: self.scalar(scalar, at: place), height: 0, values: 1, expansions: 0)
        case .sequence(let sequence):
            try checkNesting(depth + 1, at: place)
            let items = try sequence.map { try build($0, depth: depth + 1) }
            built = gathered(items, YAMLNode(content: .sequence(items.map(\.node)), place: place, textPlace: place))
        case .mapping(let mapping):
            try checkNesting(depth + 1, at: place)
            built = try self.mapping(mapping, at: place, depth: depth)
        case .alias:
            // The parser resolves aliases itself, and none gets as far as it.
            throw GivenUp()
        }
        if let anchor = node.anchor { anchored[anchor.rawValue] = built }
        return built
    }

    private func gathered(_ parts: [Built], _ node: YAMLNode) -> Built {
        Built(
            node: node, height: 1 + (parts.map(\.height).max() ?? 0), values: 1 + parts.map(\.values).reduce(0, +),
            expansions: parts.map(\.expansions).reduce(0, +))
    }

    private mutating func mapping(_ mapping: Node.Mapping, at place: Place, depth: Int) throws -> Built {
        var entries: [YAMLNode.Entry] = []
        var parts: [Built] = []
        var lineOfKey: [String: Int] = [:]
        var isReadable = true
        for (keyNode, valueNode) in mapping {
            let keyPlace = YAMLDocument.place(keyNode.mark, in: source)
            let value = try build(valueNode, depth: depth + 1)
            parts.append(value)
            guard case .scalar(let scalar) = keyNode else {
                isReadable = false
                findings.error(
                    at: keyPlace, "a key must be a text, not a list or a group of keys",
                    hint: isTemplate(at: keyPlace)
                        ? YAMLWording.quoteTheTemplate : "Put the text before the `:` in quotes.")
                continue
            }
            let key = disguise.revealKey(scalar.string)
            if scalar.style == .plain, key.first == "*" {
                isReadable = false
                findings.error(
                    at: keyPlace, "an alias (\(quoted(key))) cannot stand for a key", hint: "Write the key out.")
                continue
            }
            if key == "<<", scalar.style == .plain {
                isReadable = false
                findings.error(
                    at: keyPlace, "`<<` (a merge of keys) is not supported",
                    hint: "Write the keys out, or use an alias for a whole value: `if: *condition`.")
                continue
            }
            if let line = lineOfKey[key] {
                findings.error(
                    at: keyPlace, "the key \(quoted(key)) is written twice: here and on line \(line)",
                    hint: "Keep one of the two.")
                continue
            }
            lineOfKey[key] = keyPlace.line
            entries.append(YAMLNode.Entry(key: key, keyPlace: keyPlace, value: value.node))
        }
        let content: YAMLNode.Content = isReadable ? .mapping(entries) : .unreadable
        return gathered(parts, YAMLNode(content: content, place: place, textPlace: place))
    }

    /// The value that an alias stands for, at the alias's own place; nil where the text is none.
    private mutating func alias(_ scalar: Node.Scalar, at place: Place, depth: Int) throws -> Built? {
        guard scalar.style == .plain else { return nil }
        let text = disguise.reveal(scalar.string)
        guard text.first == "*" else { return nil }
        let name = text.dropFirst()
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        else { return nil }
        guard var target = anchored[String(name)] else {
            findings.error(
                at: place, "this alias stands for nothing",
                hint: Spelling.nearest(to: name, among: anchored.keys).map { "Did you mean `*\($0)`?" }
                    ?? "Put it in quotes if it is meant as text, or define what it stands for, with `&`, above it.")
            let node = YAMLNode(content: .unreadable, place: place, textPlace: place)
            return Built(node: node, height: 0, values: 1, expansions: 0)
        }
        expansions += 1 + target.expansions
        guard expansions <= FileLimits.yamlAliasExpansions else {
            findings.error(
                at: place, "the file expands more than \(FileLimits.yamlAliasExpansions) aliases",
                hint: "Write some of the values out in place of `\(text)`.")
            throw GivenUp()
        }
        try count(target.values, at: place)
        try checkNesting(depth + target.height, at: place)
        target.expansions += 1
        target.node.place = place
        return target
    }

    private func scalar(_ scalar: Node.Scalar, at place: Place) -> YAMLNode {
        let text = disguise.reveal(scalar.string)
        let style: YAMLNode.Scalar.Style =
            switch scalar.style {
            case .singleQuoted, .doubleQuoted: .quoted
            case .literal, .folded: .block
            default: .plain
            }
        if style == .plain, let first = text.first, isReserved(first, in: text) {
            findings.error(
                at: place, "a value cannot begin with `\(first)`", hint: "Put the whole value in quotes.")
            return YAMLNode(content: .unreadable, place: place, textPlace: place)
        }
        let textPlace =
            switch style {
            case .plain: place
            case .quoted: Place(line: place.line, column: place.column + 1)
            case .block: firstText(below: place)
            }
        return YAMLNode(
            content: .scalar(YAMLNode.Scalar(text: text, style: style)), place: place, textPlace: textPlace)
    }

    /// Whether YAML itself gives a value that begins so another meaning.
    private func isReserved(_ first: Character, in text: String) -> Bool {
        switch first {
        case "*", "!", "@", "`", "%": true
        case "?": text.dropFirst().first.map { $0 == " " } ?? true
        default: false
        }
    }

    private func firstText(below place: Place) -> Place {
        var line = place.line + 1
        while source.lines.indices.contains(line - 1) {
            let blanks = source.lines[line - 1].prefix { $0 == " " }.count
            if blanks < source.lines[line - 1].count { return Place(line: line, column: blanks + 1) }
            line += 1
        }
        return place
    }

    private func isTemplate(at place: Place) -> Bool {
        guard source.lines.indices.contains(place.line - 1) else { return false }
        return source.lines[place.line - 1].contains("{{")
    }

    private func checkNesting(_ depth: Int, at place: Place) throws {
        guard depth > FileLimits.yamlNesting else { return }
        findings.error(
            at: place, "more than \(FileLimits.yamlNesting) levels of nesting",
            hint: "Nothing in these files needs so many: simplify it.")
        throw GivenUp()
    }

    private mutating func count(_ more: Int, at place: Place) throws {
        values += more
        guard values > FileLimits.yamlValues else { return }
        findings.error(
            at: place, "the file holds more than \(FileLimits.yamlValues) values", hint: "Split it.")
        throw GivenUp()
    }
}
