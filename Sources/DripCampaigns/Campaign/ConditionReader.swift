import DripCore

// Reads a condition (design §5): a group whose entries must all hold. `all` and `any` take a list of conditions, `not`
// one; every other key names an attribute, with a value, a list of values, or a group of operators that must all hold.
//
//     if: { industry: [fintech, banking], employees: { at_least: 50 }, not: { country: ID } }
//
// Values stay texts (`country: no` is Norway): `Condition` itself compares numbers as numbers.

extension ValueKind where Value == Condition {
    static let condition = ValueKind(shape: .condition) { node, key, reading in
        ConditionReader(key: key, reading: reading).condition(node)
    }
}

struct ConditionReader {
    let key: KeySpec
    let reading: Reading

    /// Words of the format that are no attributes, and not there yet.
    static let later = ["did", "stage", "score", "fit", "engagement"]
    static let operators = [
        "is_not", "at_least", "at_most", "more_than", "less_than", "contains", "starts_with", "exists",
    ]
    static let laterOperators = ["before", "after"]

    func condition(_ node: YAMLNode) -> Condition? {
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.error(
                at: node.place, "a condition must be a group of keys, not \(node.kindInWords)",
                hint: "Write it as in `\(key.example)`.")
            return nil
        }
        guard !entries.isEmpty else {
            reading.error(
                at: node.place, "the condition is empty", hint: "Write it as in `\(key.example)`, or leave it out.")
            return nil
        }
        let parts = entries.map(part)
        let read = parts.compactMap { $0 }
        guard read.count == parts.count else { return nil }
        return read.count == 1 ? read[0] : .all(read)
    }

    private func part(_ entry: YAMLNode.Entry) -> Condition? {
        switch entry.key {
        case "all": return list(entry).map(Condition.all)
        case "any": return list(entry).map(Condition.any)
        case "not":
            guard !entry.value.isEmpty else { return noValue(entry) }
            return condition(entry.value).map(Condition.not)
        default:
            if ConditionReader.later.contains(entry.key) {
                reading.error(
                    at: entry.keyPlace, "`\(entry.key)` in a condition is not supported by this version yet",
                    hint: "Use an attribute of the lead for now.")
                return nil
            }
            if ConditionReader.operators.contains(entry.key) {
                reading.error(
                    at: entry.keyPlace, "`\(entry.key)` stands without an attribute",
                    hint: "Name the attribute first, as in `employees: { \(entry.key): 50 }`.")
                return nil
            }
            return attribute(entry)
        }
    }

    private func list(_ entry: YAMLNode.Entry) -> [Condition]? {
        guard !entry.value.isUnreadable else { return nil }
        guard case .sequence(let nodes) = entry.value.content, !nodes.isEmpty else {
            reading.error(
                at: entry.value.isEmpty ? entry.keyPlace : entry.value.place,
                "`\(entry.key)` must be a list of conditions",
                hint: "Write it as in `\(entry.key): [ { industry: fintech }, { country: ID } ]`.")
            return nil
        }
        let parts = nodes.map(condition)
        let read = parts.compactMap { $0 }
        return read.count == parts.count ? read : nil
    }

    private func attribute(_ entry: YAMLNode.Entry) -> Condition? {
        let name = entry.key
        guard !name.isEmpty, name.count <= 100, !name.unicodeScalars.contains(where: { $0.properties.isControl }) else {
            reading.error(
                at: entry.keyPlace, "\(quoted(name)) cannot be the name of an attribute",
                hint: "Write a name as in the lead's data, such as `industry`.")
            return nil
        }
        let bare = LeadDoor.attributeName(of: name.hasPrefix("lead.") ? String(name.dropFirst(5)) : name)
        guard bare == name else {
            reading.error(
                at: entry.keyPlace, "no lead has an attribute called \(quoted(name))",
                hint: bare.map { "In `if`, write `\($0)`." }
                    ?? "Names of attributes have small letters, digits and _ only, such as `industry`.")
            return nil
        }
        guard !entry.value.isEmpty else { return noValue(entry) }
        switch entry.value.content {
        case .unreadable: return nil
        case .scalar, .sequence: return values(entry.value).map { .attribute(name, .isOneOf($0)) }
        case .mapping(let tests):
            guard !tests.isEmpty else { return noValue(entry) }
            let parts = tests.map { test($0, of: name) }
            let read = parts.compactMap { $0 }
            guard read.count == parts.count else { return nil }
            return read.count == 1 ? read[0] : .all(read)
        }
    }

    private func test(_ entry: YAMLNode.Entry, of name: String) -> Condition? {
        guard ConditionReader.operators.contains(entry.key) else {
            if ConditionReader.laterOperators.contains(entry.key) {
                reading.error(
                    at: entry.keyPlace, "`\(entry.key)` in a condition is not supported by this version yet",
                    hint: "Leave it out for now.")
                return nil
            }
            let list = ConditionReader.operators.map { "`\($0)`" }.joined(separator: ", ")
            reading.error(
                at: entry.keyPlace, "unknown test \(quoted(entry.key)) of the attribute \(quoted(name))",
                hint: Spelling.hint(
                    for: entry.key, among: ConditionReader.operators, otherwise: "The tests are \(list)."))
            return nil
        }
        guard !entry.value.isEmpty else { return noValue(entry) }
        if entry.key == "is_not" {
            guard let values = values(entry.value) else { return nil }
            let parts = values.map { Condition.attribute(name, .isNot($0)) }
            return parts.count == 1 ? parts[0] : .all(parts)
        }
        return plainTest(entry).map { .attribute(name, $0) }
    }

    private func plainTest(_ entry: YAMLNode.Entry) -> Condition.Test? {
        switch entry.key {
        case "at_least": read(.number, entry, example: "at_least: 50").map(Condition.Test.atLeast)
        case "at_most": read(.number, entry, example: "at_most: 50").map(Condition.Test.atMost)
        case "more_than": read(.number, entry, example: "more_than: 50").map(Condition.Test.moreThan)
        case "less_than": read(.number, entry, example: "less_than: 50").map(Condition.Test.lessThan)
        case "contains": read(.text, entry, example: "contains: bank").map(Condition.Test.contains)
        case "starts_with": read(.text, entry, example: "starts_with: bank").map(Condition.Test.startsWith)
        default: read(.flag, entry, example: "exists: true").map(Condition.Test.exists)
        }
    }

    private func read<Value>(_ kind: ValueKind<Value>, _ entry: YAMLNode.Entry, example: String) -> Value? {
        kind.read(entry.value, Key(entry.key, kind, example: example, "").spec, reading)
    }

    /// One value or a list of them.
    private func values(_ node: YAMLNode) -> [AttributeValue]? {
        var items = [node]
        if case .sequence(let nodes) = node.content { items = nodes }
        guard !items.isEmpty else {
            reading.error(
                at: node.place, "the list of values is empty", hint: "Write it as in `industry: [fintech, banking]`.")
            return nil
        }
        var values: [AttributeValue] = []
        for item in items {
            guard !item.isUnreadable else { return nil }
            guard let scalar = item.scalar, !item.isEmpty, !scalar.text.allSatisfy(\.isWhitespace) else {
                reading.error(
                    at: item.place,
                    "a value to compare with must be a text, a number or a flag, not \(item.kindInWords)",
                    hint: "Write it as in `industry: [fintech, banking]`; for a missing attribute `{ exists: false }`.")
                return nil
            }
            values.append(.text(scalar.text))
        }
        return values
    }

    private func noValue(_ entry: YAMLNode.Entry) -> Condition? {
        reading.error(
            at: entry.keyPlace, "\(quoted(entry.key)) has no value",
            hint: "Write it as in `\(key.example)`; to ask whether an attribute is there, `{ exists: true }`.")
        return nil
    }
}
