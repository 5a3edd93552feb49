import DripCore

/// The grammar of `ConditionReader` as a schema says it: a group whose entries must all hold.
///
/// `all`, `any` and `not` hold conditions again, `did` an event; every other key names an attribute, with a value, a list of values, or a
/// group of tests and of facts inside of it. What the reader knows and this does not describe, a test finds.
enum ConditionSchema {
    /// Every test of an attribute, with what stands behind it; nil where that is a value or a list of them.
    static let tests: [(name: String, shape: Shape?, summary: String)] = [
        ("is_not", nil, "It is none of these."),
        ("at_least", .number, "It is this number or more."),
        ("at_most", .number, "It is this number or less."),
        ("more_than", .number, "It is more than this number."),
        ("less_than", .number, "It is less than this number."),
        ("contains", .text, "This text is a part of it."),
        ("starts_with", .text, "It begins with this text."),
        ("exists", .flag, "Whether the lead has it at all."),
        ("before", date, "It is a date before this one, or before `{ in: 7d }` or `{ ago: 7d }`."),
        ("after", date, "It is a date after this one, or after `{ in: 7d }` or `{ ago: 7d }`."),
    ]

    private static let date = Shape.either(.form("date", pattern: Pattern.date), .group(FromNowKeys.spec))
    private static let did = Shape.either(ValueKind<EventName>.event.shape, .group(DidKeys.spec))

    /// Of `$defs/fact`, what stands behind the name of an attribute.
    static func fact(_ value: (Shape) -> SchemaTree) -> SchemaTree {
        let inner = "^(?!(\(reserved(ConditionReader.words)))$)" + Pattern.attributePart.dropFirst()
        let values: SchemaTree = ["anyOf": [anyValue, ["type": "array", "items": anyValue, "minItems": 1]]]
        let group: SchemaTree = [
            "type": "object",
            "properties": .group(
                tests.map { test in .init(test.name, said(test.shape.map(value) ?? values, test.summary)) }),
            "patternProperties": .group([.init(inner, ["$ref": "#/$defs/fact"])]),
            "additionalProperties": false, "minProperties": 1,
        ]
        return said(
            ["anyOf": [values, group]],
            "An attribute of the lead: its value, a list of values, tests, or the facts inside of it.")
    }

    /// Of `$defs/condition`; `value` writes a shape.
    static func definition(_ value: (Shape) -> SchemaTree) -> SchemaTree {
        let condition: SchemaTree = ["$ref": "#/$defs/condition"]
        let list: SchemaTree = ["type": "array", "items": condition, "minItems": 1]
        let words: [SchemaTree.Entry] =
            [
                .init("all", said(list, "Every one of these holds.")),
                .init("any", said(list, "At least one of these holds.")),
                .init("not", said(condition, "This does not hold.")),
                .init("did", said(value(did), "The lead did this: an event, or which, how often and within how long.")),
                .init("stage", said(stage(value), "How near to buying the lead is, as scoring.yaml moves it.")),
            ]
            + ConditionReader.measures.map { .init($0, said(points(value), "Its points, as scoring.yaml gives them.")) }
        let attribute = "^(?!(\(reserved(words.map(\.key))))$)" + Pattern.attribute.dropFirst()
        let facts: SchemaTree = ["$ref": "#/$defs/fact"]
        return [
            "title": "A condition", "description": "What must all be true of the lead.", "type": "object",
            "properties": .group(words), "patternProperties": .group([.init(attribute, facts)]),
            "additionalProperties": false, "minProperties": 1,
        ]
    }

    private static func stage(_ value: (Shape) -> SchemaTree) -> SchemaTree {
        let stages = value(ValueKind<[Stage]>.oneOrMany(.choice).shape)
        let others: SchemaTree = [
            "type": "object", "properties": .group([.init("is_not", stages)]), "additionalProperties": false,
            "minProperties": 1,
        ]
        return ["anyOf": [stages, others]]
    }

    private static func points(_ value: (Shape) -> SchemaTree) -> SchemaTree {
        let tests = tests.filter { ConditionReader.comparisons.contains($0.name) }
        return [
            "type": "object",
            "properties": .group(tests.map { test in .init(test.name, said(value(.number), test.summary)) }),
            "additionalProperties": false, "minProperties": 1,
        ]
    }

    private static let anyValue: SchemaTree = ["type": ["string", "number", "boolean"], "pattern": "\\S"]

    private static func reserved(_ words: [String]) -> String {
        (words + tests.map(\.name)).joined(separator: "|")
    }

    private static func said(_ schema: SchemaTree, _ summary: String) -> SchemaTree {
        schema.with([.init("description", .text(summary))])
    }
}
