/// The grammar of `ConditionReader` as a schema says it: a group whose entries must all hold.
///
/// `all`, `any` and `not` hold conditions again; every other key names an attribute, with a value, a list of values, or a
/// group of tests. What the reader knows and this does not describe, a test finds.
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
    ]

    /// What `$defs` needs; `value` writes a shape.
    static func definitions(_ value: (Shape) -> SchemaTree) -> [SchemaTree.Entry] {
        let condition: SchemaTree = ["$ref": "#/$defs/condition"]
        let list: SchemaTree = ["type": "array", "items": condition, "minItems": 1]
        func said(_ schema: SchemaTree, _ summary: String) -> SchemaTree {
            schema.with([.init("description", .text(summary))])
        }
        let reserved = (["all", "any", "not"] + ConditionReader.later + tests.map(\.name)).joined(separator: "|")
        let attribute = "^(?!(\(reserved))$)[a-z][a-z0-9_]{0,63}$"
        let values: SchemaTree = ["anyOf": [anyValue, ["type": "array", "items": anyValue, "minItems": 1]]]
        let entries = tests.map { test in
            SchemaTree.Entry(test.name, said(test.shape.map(value) ?? values, test.summary))
        }
        let group: SchemaTree = [
            "type": "object", "properties": .group(entries), "additionalProperties": false, "minProperties": 1,
        ]
        return [
            .init(
                "condition",
                [
                    "title": "A condition",
                    "description": "Facts of the lead that must all hold.",
                    "type": "object",
                    "properties": [
                        "all": said(list, "Every one of these holds."),
                        "any": said(list, "At least one of these holds."),
                        "not": said(condition, "This does not hold."),
                    ],
                    "patternProperties": .group([
                        .init(
                            attribute,
                            [
                                "description": "An attribute of the lead: its value, a list of values, or tests.",
                                "anyOf": [values, group],
                            ])
                    ]),
                    "additionalProperties": false, "minProperties": 1,
                ])
        ]
    }

    private static let anyValue: SchemaTree = ["type": ["string", "number", "boolean"], "pattern": "\\S"]
}
