import DripCore

// Where a CRM's post says something of a lead: `lead:` of a hook.

enum LeadHookKeys {
    static let test = Key(
        "when", .group(testSpec, build: buildTest), standard: "all that no row of `means` fits",
        example: "when: { json: type, is: contact.changed }", "Which events are about a lead.")
    static let key = Key(
        "key", .jsonPath, standard: "the e-mail address", example: "key: contact.id", "Where the lead's key stands.")
    static let email = Key(
        "email", .jsonPath, example: "email: contact.email", "Where its e-mail address stands.")
    static let timeZone = Key(
        "time_zone", .jsonPath, example: "time_zone: contact.time_zone", "Where its IANA time zone stands.")
    static let locale = Key(
        "locale", .jsonPath, example: "locale: contact.language", "Where its language tag stands.")
    static let attributes = Key(
        "attributes", .leadPaths, example: "attributes: { first_name: contact.first_name }",
        "Where its attributes stand, by the names that leads have them under.")
    static let event = Key(
        "event", .leadEvent, example: "event: demo_booked",
        "What the lead did by that: an event of policy.yaml, or where its word stands and what the words mean.")

    static let spec = MappingSpec(
        "`lead`",
        keys: [test.spec, key.spec, email.spec, timeZone.spec, locale.spec, attributes.spec, event.spec],
        foreign: [
            "if": "Write `when`.", "id": "Write `key`.", "address": "Write `email`.", "timezone": "Write `time_zone`.",
            "facts": "Write `attributes`.", "events": "Write `event`.",
        ],
        rules: [.atLeastOne(["key", "email"])])

    static func build(_ group: MappingReader) -> LeadHook? {
        if !group.has(key), !group.has(email) {
            group.reading.error(
                at: group.node.place, "nothing here says who the lead is", hint: "Add `key`, `email` or both.")
        }
        return LeadHook(
            test: group.value(test), key: group.value(key), email: group.value(email),
            timeZone: group.value(timeZone), locale: group.value(locale), attributes: group.value(attributes) ?? [:],
            event: group.value(event))
    }

    private static let testSpec = MappingSpec(
        "`when`", keys: ProviderTestKeys.specs,
        rules: ProviderTestKeys.rules + [.atLeastOne(["json", "header"])])

    private static func buildTest(_ group: MappingReader) -> ProviderTest? {
        let test = ProviderTestKeys.build(group)
        if test == nil, ProviderTestKeys.specs.allSatisfy({ !group.has($0.name) }) {
            group.reading.error(
                at: group.node.place, "this fits every event",
                hint: "Add a line such as `json: type`, and what `is` there, or delete `when`.")
        }
        return test
    }
}

/// An event by the word of the CRM.
enum LeadEventKeys {
    static let place = Key(
        "at", .jsonPath, required: true, example: "at: type", "Where the word stands.")
    static let values = Key(
        "values", .eventValues, required: true, example: "values: { meeting.booked: demo_booked }",
        "Which event each word is; another word is none.")

    static let spec = MappingSpec("`event`", keys: [place.spec, values.spec])

    static func build(_ group: MappingReader) -> LeadHook.Event? {
        let (place, values) = (group.value(place), group.value(values))
        guard let place, let values else { return nil }
        return .told(at: place, values: values)
    }
}

extension ValueKind where Value == [String: ProviderPath] {
    /// Attributes, each with its place.
    static let leadPaths = ValueKind(
        shape: .map(
            ValueKind<ProviderPath>.jsonPath.shape,
            names: "^(?!(\(LeadDoor.own.sorted().joined(separator: "|")))$)" + Pattern.attribute.dropFirst())
    ) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of attributes")
            return nil
        }
        var paths: [String: ProviderPath] = [:]
        for entry in entries where reading.judgeLeadAttribute(entry) {
            let spec = Key(entry.key, .jsonPath, example: "\(entry.key): contact.\(entry.key)", "").spec
            paths[entry.key] = ValueKind<ProviderPath>.jsonPath.read(entry.value, spec, reading)
        }
        return paths
    }
}

extension Reading {
    /// Whether a CRM may say something of a lead's attribute of that name; tells why not.
    fileprivate func judgeLeadAttribute(_ entry: YAMLNode.Entry) -> Bool {
        let name = LeadDoor.attributeName(of: entry.key)
        guard name == entry.key else {
            error(
                at: entry.keyPlace, "no lead has an attribute called \(quoted(entry.key))",
                hint: name.map { "Write `\($0)`." }
                    ?? "Names of attributes have small letters, digits, _ and dots only, such as `industry`.")
            return false
        }
        if !LeadDoor.isFact(entry.key) {
            error(
                at: entry.keyPlace, "\(quoted(entry.key)) says who the lead is, and is no attribute",
                hint: "Write `\(LeadDoor.field(of: entry.key))` beside `attributes`, not in it.")
            return false
        }
        if LeadDoor.own.contains(entry.key) {
            error(
                at: entry.keyPlace, "\(quoted(entry.key)) is dripd's own to say",
                hint: PushedFacts.own.contains(entry.key)
                    ? "Give it another name, or write an `event` by which scoring.yaml moves the lead."
                    : "Give it another name, or write an `event` such as `sales_accepted`.")
            return false
        }
        return true
    }
}

extension ValueKind where Value == LeadHook.Event {
    /// One event, or by the word of the CRM one of several.
    static let leadEvent = ValueKind(
        shape: .either(ValueKind<EventName>.declaredEvent.shape, .group(LeadEventKeys.spec))
    ) { node, key, reading in
        guard case .mapping = node.content else {
            return ValueKind<EventName>.declaredEvent.read(node, key, reading).map(LeadHook.Event.always)
        }
        return MappingReader(node, as: LeadEventKeys.spec, for: key, reading: reading).flatMap(LeadEventKeys.build)
    }
}

extension ValueKind where Value == EventName {
    /// An event that a policy may declare: what is built in says something of mailboxes, and is proved by a token.
    fileprivate static let declaredEvent = scalar(
        .form("event", pattern: Naming.newEventPattern), "the name of an event that policy.yaml declares",
        parse: { text in
            let isOurs = BuiltInEvents.names.subtracting(BuiltInEvents.ofSales).contains(text)
            return Naming.isEvent(text) && !isOurs ? EventName(rawValue: text) : nil
        },
        hint: { text in
            BuiltInEvents.names.contains(text)
                ? "It is built in: write an event of your own, or a row of `means`."
                : Naming.eventSuggestion(for: text).map { "Write `\($0)`." }
        })
}

extension ValueKind where Value == [String: EventName] {
    /// Words of the CRM, each with its event.
    fileprivate static let eventValues = ValueKind(
        shape: .map(ValueKind<EventName>.declaredEvent.shape, names: ".")
    ) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            reading.refuse(node, key, "a group of words, each with its event")
            return nil
        }
        var events: [String: EventName] = [:]
        for entry in entries {
            let spec = Key(entry.key, .declaredEvent, example: "\(entry.key): demo_booked", "").spec
            events[entry.key] = ValueKind<EventName>.declaredEvent.read(entry.value, spec, reading)
        }
        return events
    }
}
