import DripCore

// Reads a condition (design §5): a group whose entries must all hold. `all` and `any` take a list of conditions, `not`
// one; every other key names an attribute, with a value, a list of values, or a group of operators that must all hold.
// In such a group a key that is no operator names a fact inside of the attribute: the two lines below mean the same.
//
//     if: { industry: [fintech, banking], company.size: { at_least: 50 }, not: { country: ID } }
//     if: { industry: [fintech, banking], company: { size: { at_least: 50 } }, not: { country: ID } }
//
// What is nearly an operator is a typing error (`at_lest`), not a fact; such a fact can be written with its dot.
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

    /// Words that ask for points.
    static let measures = Condition.Measure.allCases.map(\.rawValue)
    /// Words that are no attributes, and stand in front of them only.
    static let words = ["all", "any", "not", "did", "stage"] + measures
    static let comparisons = ["at_least", "at_most", "more_than", "less_than"]
    static let operators = [
        "is_not", "at_least", "at_most", "more_than", "less_than", "contains", "starts_with", "exists", "before",
        "after",
    ]

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
        case "did":
            guard !entry.value.isEmpty else { return noValue(entry) }
            return did(entry.value)
        case "all": return list(entry).map(Condition.all)
        case "any": return list(entry).map(Condition.any)
        case "not":
            guard !entry.value.isEmpty else { return noValue(entry) }
            return condition(entry.value).map(Condition.not)
        default:
            if entry.key == "stage" || ConditionReader.measures.contains(entry.key) { return scored(entry) }
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
                hint: bare.map { "In `if`, write `\($0)`." } ?? namesHint(name, "industry"))
            return nil
        }
        return attribute(name, entry)
    }

    /// A stage or a number of points, which `scoring.yaml` tells.
    private func scored(_ entry: YAMLNode.Entry) -> Condition? {
        guard reading.hasScoring else {
            reading.error(
                at: entry.keyPlace, "no lead has a \(entry.key), because there is no scoring.yaml",
                hint: "Write scoring.yaml beside policy.yaml, or use an attribute of the lead.")
            return nil
        }
        guard !entry.value.isEmpty else { return noValue(entry) }
        guard let measure = Condition.Measure(rawValue: entry.key) else { return stage(entry.value) }
        guard case .mapping(let tests) = entry.value.content, !tests.isEmpty,
            tests.allSatisfy({ ConditionReader.comparisons.contains($0.key) })
        else {
            if !entry.value.isUnreadable {
                reading.error(
                    at: entry.value.place, "`\(entry.key)` is compared with a number of points",
                    hint:
                        "Write it as in `\(entry.key): { at_least: 60 }`; there are at_least, at_most, more_than, less_than."
                )
            }
            return nil
        }
        let read = tests.compactMap { plainTest($0) }.map { Condition.points(measure, $0) }
        guard read.count == tests.count else { return nil }
        return read.count == 1 ? read[0] : .all(read)
    }

    /// One stage, a list of them, or `{ is_not: … }`.
    private func stage(_ node: YAMLNode) -> Condition? {
        if case .mapping(let tests) = node.content, tests.count == 1, tests[0].key == "is_not" {
            return stage(tests[0].value).map(Condition.not)
        }
        let key = Key("stage", ValueKind<[Stage]>.oneOrMany(.choice), example: "stage: [sql, customer]", "")
        return key.kind.read(node, key.spec, reading).map(Condition.stage)
    }

    /// What must be true of an attribute, or of the facts inside of it.
    private func attribute(_ name: String, _ entry: YAMLNode.Entry) -> Condition? {
        guard !entry.value.isEmpty else { return noValue(entry) }
        switch entry.value.content {
        case .unreadable: return nil
        case .scalar, .sequence: return values(entry.value).map { .attribute(name, .isOneOf($0)) }
        case .mapping(let tests):
            guard !tests.isEmpty else { return noValue(entry) }
            let parts = tests.map {
                ConditionReader.operators.contains($0.key) ? test($0, of: name) : inner($0, of: name)
            }
            let read = parts.compactMap { $0 }
            guard read.count == parts.count else { return nil }
            return read.count == 1 ? read[0] : .all(read)
        }
    }

    /// A fact inside of an attribute, as its dotted name would say it.
    private func inner(_ entry: YAMLNode.Entry, of name: String) -> Condition? {
        guard Spelling.nearest(to: entry.key, among: ConditionReader.operators) == nil,
            !ConditionReader.words.contains(entry.key)
        else {
            let list = ConditionReader.operators.map { "`\($0)`" }.joined(separator: ", ")
            reading.error(
                at: entry.keyPlace, "unknown test \(quoted(entry.key)) of the attribute \(quoted(name))",
                hint: Spelling.hint(
                    for: entry.key, among: ConditionReader.operators, otherwise: "The tests are \(list)."))
            return nil
        }
        guard name != FactChange.tags else {
            reading.error(
                at: entry.keyPlace, "\(quoted(entry.key)) is no test, and tags have no facts inside of them",
                hint: "Write `tags: vip`, or `tags: [vip, gold]` for any of them; `is_not` for none.")
            return nil
        }
        let full = "\(name).\(entry.key)"
        guard LeadDoor.attributeName(of: full) == full else {
            reading.error(
                at: entry.keyPlace, "no lead has an attribute called \(quoted(full))",
                hint: namesHint(full, "company.size"))
            return nil
        }
        return attribute(full, entry)
    }

    private func namesHint(_ name: String, _ example: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).count > LeadDoor.deepestName
            ? "A name has at most \(LeadDoor.deepestName) parts."
            : "Names of attributes have small letters, digits, _ and dots only, such as `\(example)`."
    }

    private func test(_ entry: YAMLNode.Entry, of name: String) -> Condition? {
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
        case "before": dateBound(entry).map(Condition.Test.before)
        case "after": dateBound(entry).map(Condition.Test.after)
        default: read(.flag, entry, example: "exists: true").map(Condition.Test.exists)
        }
    }

    /// An event, or a group that says which, how often and within how long.
    private func did(_ node: YAMLNode) -> Condition? {
        guard case .mapping = node.content else {
            let key = Key("did", ValueKind<EventName>.event, example: "did: webinar_registered", "")
            return key.kind.read(node, key.spec, reading).map { .did(.init(event: $0)) }
        }
        guard let group = MappingReader(node, as: DidKeys.spec, reading: reading) else { return nil }
        return DidKeys.build(group).map(Condition.did)
    }

    /// A date, `{ in: 7d }` or `{ ago: 7d }`.
    private func dateBound(_ entry: YAMLNode.Entry) -> Condition.DateBound? {
        if case .mapping = entry.value.content {
            return MappingReader(entry.value, as: FromNowKeys.spec, reading: reading).flatMap(FromNowKeys.build)
        }
        let example = "\(entry.key): 2026-12-01"
        guard let text = reading.scalar(entry.value, Key(entry.key, .text, example: example, "").spec, "a date") else {
            return nil
        }
        guard let date = LocalDate(text) else {
            reading.error(
                at: entry.value.place, "\(quoted(text)) is no date",
                hint: "Write it as in `\(example)`, or `\(entry.key): { in: 7d }`.")
            return nil
        }
        return .date(date)
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

/// What the lead did, and how often.
enum DidKeys {
    static let event = Key(
        "event", .event, required: true, example: "event: clicked", "The event, as policy.yaml names it.")
    static let step = Key(
        "step", .name("the id of a step"), standard: "any", example: "step: welcome",
        "Only what was about this step of the campaign.")
    static let atLeast = Key(
        "at_least", .integer(1...EventHistory.limit), standard: "1", example: "at_least: 2", "How often.")
    static let within = Key(
        "within", .span(.minutes(1) ... .days(3_650)), standard: "ever", example: "within: 7d",
        "Only what happened since that long ago.")

    static let spec = MappingSpec("`did`", keys: [event.spec, step.spec, atLeast.spec, within.spec])

    static func build(_ group: MappingReader) -> Condition.Did? {
        let step = group.value(step)
        let atLeast = group.value(atLeast)
        let within = group.value(within)
        guard let event = group.value(event), step != nil || !group.has(Self.step),
            atLeast != nil || !group.has(Self.atLeast), within != nil || !group.has(Self.within)
        else { return nil }
        return Condition.Did(
            event: event, step: step.map(StepID.init(rawValue:)), atLeast: atLeast ?? 1, within: within)
    }
}

/// A length of time from now, ahead or back.
enum FromNowKeys {
    static let ahead = Key("in", .span(), example: "in: 7d", "That long from now.")
    static let back = Key("ago", .span(), example: "ago: 7d", "That long ago.")

    static let spec = MappingSpec(
        "a time from now", keys: [ahead.spec, back.spec], rules: [.exactlyOne(["in", "ago"])])

    static func build(_ group: MappingReader) -> Condition.DateBound? {
        guard group.has(ahead) != group.has(back) else {
            group.reading.error(
                at: group.node.place, "a time from now has one of `in` and `ago`", hint: "Write `{ in: 7d }`.")
            return nil
        }
        if let span = group.value(ahead) { return .fromNow(span) }
        return group.value(back).map { .fromNow(.zero - $0) }
    }
}
