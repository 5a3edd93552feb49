/// Makes a JSON Schema (2020-12) out of the description of a file's keys.
///
/// Each group of keys gets a place of its own in `$defs`, so that what holds itself (steps, conditions) can be said, and
/// what is used twice is said once.
struct SchemaWriter {
    private var definitions: [SchemaTree.Entry] = []
    /// The names in `$defs` of groups that are there, or are being written.
    private var names: [String: String] = [:]

    static func schema(of root: MappingSpec, title: String, comment: String) -> SchemaTree {
        var writer = SchemaWriter()
        let head: SchemaTree = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": .text(comment),
            "title": .text(title),
        ]
        let body = writer.body(of: root)
        let definitions = writer.definitions.sorted { $0.key < $1.key }
        return head.with(body.entries + (definitions.isEmpty ? [] : [.init("$defs", .group(definitions))]))
    }

    // MARK: Groups

    private mutating func body(of spec: MappingSpec) -> SchemaTree {
        let properties = spec.keys.map { SchemaTree.Entry($0.name, property($0)) }
        let schema: SchemaTree = ["type": "object", "properties": .group(properties), "additionalProperties": false]
        return schema.with(demands(of: spec))
    }

    private func demands(of spec: MappingSpec) -> [SchemaTree.Entry] {
        let required = spec.keys.filter(\.isRequired).map(\.name)
        let rules = spec.rules.map(rule)
        return (required.isEmpty ? [] : [.init("required", texts(required))])
            + (rules.isEmpty ? [] : [.init("allOf", .list(rules))])
    }

    private func rule(_ rule: KeyRule) -> SchemaTree {
        switch rule {
        case .exactlyOne(let keys): return ["oneOf": .list(keys.map { written($0) })]
        case .atLeastOne(let keys): return ["anyOf": .list(keys.map { written($0) })]
        case .atMostOne(let keys):
            let pairs = keys.indices.flatMap { first in keys[(first + 1)...].map { [keys[first], $0] } }
            return ["not": ["anyOf": .list(pairs.map { ["required": texts($0)] })]]
        case .apart(let keys, let others):
            let both: [SchemaTree] = [keys, others].map { ["anyOf": .list($0.map { written($0) })] }
            return ["not": ["allOf": .list(both)]]
        case .needs(let key, let other): return ["if": written(key), "then": written(other)]
        case .when(let key, let word, let other):
            let holds = written(key).with([.init("properties", .group([.init(key, ["const": .text(word)])]))])
            return ["if": holds, "then": written(other)]
        }
    }

    private func written(_ key: String) -> SchemaTree { ["required": texts([key])] }

    private func texts(_ words: [String]) -> SchemaTree { .list(words.map(SchemaTree.text)) }

    private mutating func property(_ key: KeySpec) -> SchemaTree {
        let standard = key.standard.map { " If left out: \($0)." } ?? ""
        var more = [SchemaTree.Entry("description", .text(key.summary + standard))]
        if let example = SchemaExample.value(of: key) { more.append(.init("examples", .list([example]))) }
        return value(key.shape).with(more)
    }

    /// Where the group stands in `$defs`, which it is put into.
    private mutating func reference(to spec: MappingSpec, named wanted: String? = nil) -> SchemaTree {
        let said = spec.keys.flatMap { [$0.name, $0.isRequired ? "!" : "", $0.standard ?? "", $0.example, $0.summary] }
        let identity = ([wanted ?? "", spec.title] + said).joined(separator: "\n")
        if let name = names[identity] { return SchemaWriter.reference(name) }
        let plain = wanted ?? SchemaWriter.name(of: spec.title)
        let taken = Set(names.values)
        let name = taken.contains(plain) ? (2...).lazy.map { "\(plain)_\($0)" }.first { !taken.contains($0) } : plain
        names[identity] = name
        guard let name else { return body(of: spec) }
        let body = body(of: spec)
        definitions.append(.init(name, .group([.init("title", .text(SchemaWriter.title(spec.title)))] + body.entries)))
        return SchemaWriter.reference(name)
    }

    private static func reference(_ name: String) -> SchemaTree { ["$ref": .text("#/$defs/\(name)")] }

    /// `a send window` → `send_window`.
    private static func name(of title: String) -> String {
        let bare = title.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "_" }
        let words = bare.split(separator: " ").drop { ["a", "an", "the"].contains($0) }
        return words.joined(separator: "_")
    }

    /// `a send window` → `A send window`.
    private static func title(_ title: String) -> String { title.prefix(1).uppercased() + title.dropFirst() }

    // MARK: Values

    mutating func value(_ shape: Shape) -> SchemaTree {
        switch shape {
        case .text: return ScalarSchema.text
        case .integer(let range, let missing): return ScalarSchema.integer(range, but: missing)
        case .number: return ScalarSchema.number
        case .flag: return ScalarSchema.flag
        case .choice(let words): return ScalarSchema.choice(words)
        case .form(_, let pattern): return ScalarSchema.form(pattern: pattern)
        case .list(let item, let limit): return list(item, atMost: limit)
        case .oneOrMany(let item): return ["anyOf": [value(item), list(item, atMost: nil)]]
        case .either(let short, let long): return ["anyOf": [value(short), value(long)]]
        case .map(let item, let names):
            return ["type": "object", "propertyNames": ["pattern": .text(names)], "additionalProperties": value(item)]
        case .group(let spec): return reference(to: spec)
        case .condition: return condition()
        case .steps(let isAtTheMargin): return steps(atTheMargin: isAtTheMargin)
        case .httpTransport: return httpTransport()
        case .tree: return ["type": ["object", "array", "string", "number", "boolean"]]
        }
    }

    private mutating func list(_ item: Shape, atMost limit: Int?) -> SchemaTree {
        let schema: SchemaTree = ["type": "array", "items": value(item), "minItems": 1]
        return schema.with(limit.map { [.init("maxItems", .integer($0))] } ?? [])
    }

    private mutating func steps(atTheMargin: Bool) -> SchemaTree {
        let steps = list(.group(StepKeys.spec), atMost: FileLimits.steps)
        guard atTheMargin else { return steps }
        return steps.with(
            "items", reference(to: StepKeys.spec).with([.init("allOf", [rule(StepKeys.ruleAtTheMargin)])]))
    }

    private mutating func condition() -> SchemaTree {
        let name = "condition"
        if names[name] == nil {
            names[name] = name
            definitions.append(.init("fact", ConditionSchema.fact { value($0) }))
            let condition = ConditionSchema.definition { value($0) }
            definitions.append(.init(name, condition))
        }
        return SchemaWriter.reference(name)
    }

    /// Which keys it has beside its own, only its preset can say; those of a provider's own file nobody knows here.
    private mutating func httpTransport() -> SchemaTree {
        let preset = HTTPTransportKeys.preset.spec.name
        let own = HTTPTransportKeys.provider.spec.name
        var cases: [SchemaTree] = []
        for name in ProviderPresets.names {
            guard let provider = ProviderPresets.named(name) else { continue }
            let keys = reference(
                to: HTTPTransportKeys.spec(for: provider), named: "http_\(name.replacing("-", with: "_"))")
            let named = written(preset).with([.init("properties", .group([.init(preset, ["const": .text(name)])]))])
            cases.append(["if": named, "then": keys])
            if name == HTTPTransportKeys.standardPreset {
                let unnamed: SchemaTree = ["not": ["anyOf": [written(preset), written(own)]]]
                cases.append(["if": unnamed, "then": keys])
            }
        }
        let known: SchemaTree = .group([.init(preset, ScalarSchema.choice(ProviderPresets.names))])
        let common = HTTPTransportKeys.spec.keys.filter { $0.name != preset }.map {
            SchemaTree.Entry($0.name, property($0))
        }
        let schema: SchemaTree = ["type": "object", "properties": known.with(common)]
        return schema.with([.init("allOf", .list(HTTPTransportKeys.spec.rules.map(rule) + cases))])
    }
}

/// The example of a key, as a validator sees it.
enum SchemaExample {
    static func value(of key: KeySpec) -> SchemaTree? {
        let findings = Findings(file: "")
        guard let source = try? SourceText(Array("\(key.example)\n".utf8), path: ""),
            let root = YAMLDocument.read(source.text, in: source, findings: findings),
            case .mapping(let entries) = root.content, let entry = entries.first
        else { return nil }
        return tree(entry.value)
    }

    private static func tree(_ node: YAMLNode) -> SchemaTree? {
        switch node.content {
        case .unreadable: return nil
        case .scalar(let scalar):
            if scalar.style == .plain {
                if scalar.text == "true" || scalar.text == "false" { return .flag(scalar.text == "true") }
                if let number = Naming.integer(scalar.text) { return .integer(number) }
            }
            return .text(scalar.text)
        case .sequence(let items): return .list(items.compactMap(tree))
        case .mapping(let entries):
            return .group(entries.compactMap { entry in tree(entry.value).map { .init(entry.key, $0) } })
        }
    }
}
