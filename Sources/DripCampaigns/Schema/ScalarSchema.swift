// What a schema asks of a single value.
//
// The rule: a schema is never stricter about it than the loader. A file of ours gives a value its type by its key: `name:
// 5` is the text "5". A validator of YAML (1.2, core schema) has typed it before it looks: there it is the number 5. So a
// text may be a number or a flag as well; one of a given form may, where some number or flag is written in that form. A
// number may be a text, since the loader does not mind its quotes.
//
// The one exception: `null` and `~` without quotes are texts to the loader, and nothing to a validator, which cannot tell
// them from a key without a value. That is the mistake that people make; so nothing is no value.

enum ScalarSchema {
    /// Not blank, and on one line; `>` and `|` leave line breaks around it.
    static let text: SchemaTree = [
        "type": ["string", "number", "boolean"],
        "pattern": #"^\n*[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*\S[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*\n*$"#,
    ]

    static let flag: SchemaTree = ["type": ["boolean", "string"], "pattern": "^(true|false)$"]

    static let number: SchemaTree = ["type": ["number", "string"], "pattern": #"^-?[0-9]+(\.[0-9]+)?$"#]

    static func integer(_ range: ClosedRange<Int>, but missing: Int?) -> SchemaTree {
        let schema: SchemaTree = [
            "type": ["integer", "string"], "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "pattern": .text("^-?[0-9]+$"),
        ]
        return schema.with(missing.map { [.init("not", ["const": .integer($0)])] } ?? [])
    }

    static func choice(_ words: [String]) -> SchemaTree { ["enum": .list(words.map(SchemaTree.text))] }

    static func form(pattern: String) -> SchemaTree {
        let types: [SchemaTree] =
            ["string"] + (matches(pattern, numbers) ? ["number"] : []) + (matches(pattern, flags) ? ["boolean"] : [])
        let schema: SchemaTree = ["type": types.count == 1 ? types[0] : .list(types)]
        return schema.with(pattern.isEmpty ? [] : [.init("pattern", .text(pattern))])
    }

    /// What YAML takes for numbers and flags, in every way of writing them.
    private static let numbers = [
        "0", "7", "12", "200", "2026", "16384", "007", "-3", "+3", "0.5", "-1.25", "1e3", "1.5e-3", "0x1f", "0o17",
        "1_000", ".5", ".inf", "-.INF", ".nan",
    ]
    private static let flags = ["true", "True", "TRUE", "false", "False", "FALSE"]

    private static func matches(_ pattern: String, _ words: [String]) -> Bool {
        // A pattern that Swift cannot read forbids nothing.
        guard let expression = try? Regex(pattern) else { return true }
        return words.contains { $0.firstMatch(of: expression) != nil }
    }
}
