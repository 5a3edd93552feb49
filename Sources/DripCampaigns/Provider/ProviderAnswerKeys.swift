import DripCore

// What a provider's file says about answers.

enum ProviderTestKeys {
    static let json = Key(
        "json", .jsonPath, example: "json: errors.0.code", "A place in the answer's body; alone, that it is there.")
    static let header = Key(
        "header", .headerName, example: "header: X-Error-Type", "A header of the answer; alone, that it is there.")
    static let values = Key(
        "is", .oneOrMany(.text), example: "is: [\"300\", \"406\"]", "What stands there: one of these.")
    static let words = Key(
        "contains", .oneOrMany(.text), example: "contains: not verified", "What is a part of it: one of these.")

    static let specs = [json.spec, header.spec, values.spec, words.spec]
    static let rules = [KeyRule.atMostOne(["json", "header"]), .atMostOne(["is", "contains"])]

    /// A place and what is said there.
    static func build(_ group: MappingReader) -> ProviderTest? {
        let json = group.value(json).map(ProviderSpot.json)
        let header = group.value(header).map(ProviderSpot.header)
        let places = [group.has(Self.json), group.has(Self.header)].count { $0 }
        let asks = group.has(values) || group.has(words)
        if places > 1 || places == 0 && asks {
            group.reading.error(
                at: group.node.place, "`is` and `contains` are about one place: `json` or `header`",
                hint: "Write one of them, as in `\(Self.json.spec.example)`.")
        }
        if group.has(values) && group.has(words) {
            group.reading.error(
                at: group.keyPlace(of: words), "`is` and `contains` say the same place twice",
                hint: "Keep one of the two.")
        }
        return (json ?? header).map {
            ProviderTest(spot: $0, values: group.value(values) ?? [], words: group.value(words) ?? [])
        }
    }
}

enum ProviderSuccessKeys {
    static let status = Key(
        "status", .statuses, standard: "200-299", example: "status: 202", "The statuses, such as `200` or `200-299`.")

    static let spec = MappingSpec(
        "`success`", keys: [status.spec] + ProviderTestKeys.specs, rules: ProviderTestKeys.rules)

    static func build(_ group: MappingReader) -> ProviderSuccess? {
        ProviderSuccess(statuses: group.value(status) ?? [200...299], test: ProviderTestKeys.build(group))
    }
}

enum ProviderErrorKeys {
    static let status = Key("status", .statuses, example: "status: 429", "The statuses, such as `429` or `500-599`.")
    static let meaning: Key<ProviderErrorRule.Meaning> = Key(
        "means", .choice(meaning: ["retry": "transient", "throttled": "rate_limited", "unknown": "in_doubt"]),
        required: true, example: "means: auth",
        "`permanent`, `suppress`, `transient`, `auth`, `rate_limited` or `in_doubt`.")

    static let spec = MappingSpec(
        "an error", keys: [status.spec] + ProviderTestKeys.specs + [meaning.spec],
        rules: ProviderTestKeys.rules + [.atLeastOne(["status", "json", "header"])])

    static func build(_ group: MappingReader) -> ProviderErrorRule? {
        let test = ProviderTestKeys.build(group)
        if !group.has(status) && !group.has(ProviderTestKeys.json) && !group.has(ProviderTestKeys.header) {
            group.reading.error(
                at: group.node.place, "this error fits every answer",
                hint: "Add a line such as `\(status.spec.example)` or `\(ProviderTestKeys.json.spec.example)`.")
        }
        guard let meaning = group.value(meaning) else { return nil }
        return ProviderErrorRule(statuses: group.value(status) ?? [], test: test, meaning: meaning)
    }
}

enum ProviderSpotKeys {
    static let header = Key("header", .headerName, example: "header: X-Message-Id", "A header of the answer.")
    static let json = Key("json", .jsonPath, example: "json: id", "A place in the answer's body.")

    static let spec = MappingSpec(
        "`message_id`", keys: [header.spec, json.spec], rules: [.exactlyOne(["header", "json"])])

    static func build(_ group: MappingReader) -> ProviderSpot? {
        switch (group.has(header), group.has(json)) {
        case (true, false): return group.value(header).map(ProviderSpot.header)
        case (false, true): return group.value(json).map(ProviderSpot.json)
        default:
            group.reading.error(
                at: group.node.place, "the name of a message is in either a header or the body",
                hint: "Write `{ header: X-Message-Id }` or `{ json: id }`.")
            return nil
        }
    }
}
