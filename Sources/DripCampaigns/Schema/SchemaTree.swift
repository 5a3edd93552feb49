/// JSON whose keys stay in their order, so that a schema reads like the manual and two of them can be compared line by
/// line.
package indirect enum SchemaTree: Sendable, Hashable {
    case text(String)
    case integer(Int)
    case flag(Bool)
    case list([SchemaTree])
    case group([Entry])

    package struct Entry: Sendable, Hashable {
        package var key: String
        package var value: SchemaTree

        package init(_ key: String, _ value: SchemaTree) {
            self.key = key
            self.value = value
        }
    }

    package var entries: [Entry] {
        if case .group(let entries) = self { return entries }
        return []
    }

    /// A group with more behind it.
    package func with(_ more: [Entry]) -> SchemaTree { .group(entries + more) }

    /// A group with another value in place of that key's.
    func with(_ key: String, _ value: SchemaTree) -> SchemaTree {
        .group(entries.map { $0.key == key ? Entry(key, value) : $0 })
    }

    /// The whole file: two blanks a level, short lists on one line.
    package var json: String { written(indent: "") + "\n" }

    private func written(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .text(let text): return SchemaTree.quoted(text)
        case .integer(let number): return "\(number)"
        case .flag(let flag): return flag ? "true" : "false"
        case .list(let items):
            let lines = items.map { $0.written(indent: inner) }
            let short = "[" + lines.joined(separator: ", ") + "]"
            if items.allSatisfy(\.isPlain), indent.count + short.count <= 100 { return short }
            return "[\n" + lines.map { inner + $0 }.joined(separator: ",\n") + "\n\(indent)]"
        case .group(let entries):
            guard !entries.isEmpty else { return "{}" }
            let lines = entries.map { "\(inner)\(SchemaTree.quoted($0.key)): \($0.value.written(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isPlain: Bool {
        switch self {
        case .text, .integer, .flag: true
        case .list, .group: false
        }
    }

    /// RFC 8259 §7.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let hex = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}

extension SchemaTree: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(arrayLiteral elements: SchemaTree...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, SchemaTree)...) {
        self = .group(elements.map { Entry($0.0, $0.1) })
    }
}

extension SchemaTree: ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}
