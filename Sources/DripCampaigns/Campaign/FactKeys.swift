import DripCore

// The keys of a step that notes facts of the lead: `set: { plan: pro, tags: { add: [vip, gold], remove: cold } }`.
//
// A fact is a text, an empty one to remove it; a list of texts; or what a list gains and loses.

/// What a list gains and loses.
enum FactChangeKeys {
    static let add = Key(
        "add", .values, example: "add: [vip, gold]", "What comes to the list, at its end, where it is not there yet.")
    static let remove = Key("remove", .values, example: "remove: [cold]", "What goes from the list.")

    static let spec = MappingSpec(
        "a change of a list", keys: [add.spec, remove.spec], rules: [.atLeastOne(["add", "remove"])])

    static func build(_ group: MappingReader) -> FactChange? {
        let added = group.value(add)
        let removed = group.value(remove)
        guard added != nil || !group.has(add), removed != nil || !group.has(remove) else { return nil }
        guard added != nil || removed != nil else { return nil }
        let both = FactChange.list(add: added ?? .empty, remove: removed ?? .empty)
        if let added, let removed,
            let twice = added.values.first(where: { value in removed.values.contains { $0.isEqual(value) } })
        {
            group.reading.error(
                at: group.keyPlace(of: remove), "\(quoted(twice.text)) is added and removed at once",
                hint: "Leave it out of one of the two.")
            return nil
        }
        return both
    }
}

extension ValueKind where Value == ValueList {
    /// A text, or a list of them.
    static let values = ValueKind(
        shape: .either(.text, .list(.text, atMost: ValueList.limit))
    ) { node, key, reading in
        let texts: [String]?
        if case .sequence = node.content {
            texts = ValueKind<[String]>.list(.text, atMost: ValueList.limit).read(node, key, reading)
        } else {
            texts = ValueKind<String>.text.read(node, key, reading).map { [$0] }
        }
        guard let texts else { return nil }
        do throws(ValueList.Refusal) {
            return try ValueList(texts.map(AttributeValue.text))
        } catch {
            reading.error(at: node.place, "`\(key.name)`: \(error)", hint: "Write it as in `\(key.example)`.")
            return nil
        }
    }
}

extension ValueKind where Value == [String: FactChange] {
    /// Facts of a lead by their names.
    static let facts = ValueKind(
        shape: .map(
            .either(.anyText, .either(.list(.text, atMost: ValueList.limit), .group(FactChangeKeys.spec))),
            names: Pattern.attribute)
    ) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            reading.refuse(node, key, "a group of facts")
            return nil
        }
        var facts: [String: FactChange] = [:]
        for entry in entries {
            guard LeadDoor.attributeName(of: entry.key) == entry.key else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of an attribute",
                    hint: "Names of attributes have small letters, digits, _ and dots only, such as `industry`.")
                return nil
            }
            guard let change = change(entry, key, reading) else { return nil }
            facts[entry.key] = change
        }
        return facts
    }

    private static func change(_ entry: YAMLNode.Entry, _ key: KeySpec, _ reading: Reading) -> FactChange? {
        let name = entry.key
        switch entry.value.content {
        case .unreadable: return nil
        case .mapping(let changes): return change(changes, of: entry, reading)
        case .sequence:
            let list = Key(name, ValueKind<ValueList>.values, example: "\(name): [vip, gold]", "")
            return list.kind.read(entry.value, list.spec, reading).map { .value(.list($0)) }
        case .scalar(let scalar):
            guard scalar.text.utf8.count <= 1_000,
                !scalar.text.unicodeScalars.contains(where: { $0.properties.isControl })
            else {
                reading.error(
                    at: entry.value.place, "the value of `\(name)` must be a text of one line",
                    hint: "Write it as in `\(key.example)`.")
                return nil
            }
            if name == FactChange.tags, let word = looksLikeChange(scalar.text) {
                reading.error(
                    at: entry.value.place, "\(quoted(scalar.text)) would be one tag, in place of all others",
                    hint: "Write `tags: { \(word) }`, or `tags: [vip, gold]` for these alone.")
                return nil
            }
            let text = AttributeValue.text(scalar.text)
            // What is a list wherever it comes from is one here, too.
            return .value(name == FactChange.tags ? text.list.map(AttributeValue.list) ?? text : text)
        }
    }

    /// What was meant where tags are written as other products do: `+vip`, `-vip`, `vip, gold`; nil for one tag.
    private static func looksLikeChange(_ text: String) -> String? {
        let word = text.drop { "+-".contains($0) }
        if word.contains(where: { ",;".contains($0) }) { return "add: [vip, gold]" }
        if text.hasPrefix("+") { return "add: \(word)" }
        return text.hasPrefix("-") ? "remove: \(word)" : nil
    }

    /// What a list gains and loses; facts inside of a fact, which it is not, are told apart from a typing error.
    private static func change(
        _ changes: [YAMLNode.Entry], of entry: YAMLNode.Entry, _ reading: Reading
    ) -> FactChange? {
        let known = FactChangeKeys.spec.keys.map(\.name)
        if let other = changes.first(where: {
            Spelling.nearest(to: $0.key, among: known) == nil && !known.contains($0.key)
        }) {
            reading.error(
                at: other.keyPlace, "unknown key \(quoted(other.key)) in \(FactChangeKeys.spec.title)",
                hint: "A list takes `add` and `remove`; a fact inside of `\(entry.key)` is written with its dot, "
                    + "such as `\(entry.key).size`.")
            return nil
        }
        var inner = reading
        // A key of a step that stands here is no more at home there.
        inner.root = nil
        return MappingReader(entry.value, as: FactChangeKeys.spec, reading: inner).flatMap { group in
            guard !changes.isEmpty else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) has no value",
                    hint: "Write it as in `\(entry.key): { add: [vip] }`.")
                return nil
            }
            return FactChangeKeys.build(group)
        }
    }
}
