import DripCore

// The kinds of values that files hold. Each reads the text by what its key means: `09:00` is a time because the key is
// `at`, `no` is a text because the key is `name`.

extension Reading {
    /// The text of a single value; tells where it is a list or a group.
    func scalar(_ node: YAMLNode, _ key: KeySpec, _ what: String) -> String? {
        guard !node.isUnreadable else { return nil }
        guard let scalar = node.scalar else {
            error(
                at: node.place, "`\(key.name)` must be \(what), not \(node.kindInWords)",
                hint: "Write it as in `\(key.example)`.")
            return nil
        }
        return scalar.text
    }

    func refuse(_ node: YAMLNode, _ key: KeySpec, _ what: String, hint: String? = nil) {
        error(
            at: node.place, "`\(key.name)` must be \(what), not \(node.kindInWords)",
            hint: hint ?? "Write it as in `\(key.example)`.")
    }
}

extension ValueKind {
    /// A kind whose values are one scalar that `parse` understands, or does not.
    static func scalar(
        _ shape: Shape, _ what: String, parse: @escaping @Sendable (String) -> Value?,
        hint: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> ValueKind {
        ValueKind(shape: shape) { node, key, reading in
            guard let text = reading.scalar(node, key, what) else { return nil }
            if let value = parse(text) { return value }
            reading.refuse(node, key, what, hint: hint(text))
            return nil
        }
    }

    /// One value, or a list of them.
    static func oneOrMany<Item>(_ item: ValueKind<Item>) -> ValueKind where Value == [Item] {
        ValueKind(shape: .oneOrMany(item.shape)) { node, key, reading in
            guard case .sequence = node.content else { return item.read(node, key, reading).map { [$0] } }
            return ValueKind.list(item).read(node, key, reading)
        }
    }

    static func list<Item>(_ item: ValueKind<Item>, atMost: Int? = nil) -> ValueKind where Value == [Item] {
        ValueKind(shape: .list(item.shape, atMost: atMost)) { node, key, reading in
            guard !node.isUnreadable else { return nil }
            guard case .sequence(let nodes) = node.content else {
                reading.refuse(
                    node, key, "a list",
                    hint: "Begin each item with `- ` on a line of its own, or write it as in `\(key.example)`.")
                return nil
            }
            guard !nodes.isEmpty else {
                reading.error(
                    at: node.place, "`\(key.name)` is an empty list", hint: "Write it as in `\(key.example)`.")
                return nil
            }
            if let atMost, nodes.count > atMost {
                reading.error(
                    at: nodes[atMost].place, "`\(key.name)` has \(nodes.count) items, and \(atMost) is the limit",
                    hint: "Take some out, or split the file in two.")
                return nil
            }
            return nodes.compactMap { node in
                guard !node.isEmpty else {
                    reading.error(
                        at: node.place, "an item of `\(key.name)` is empty", hint: "Fill it in, or delete its hyphen.")
                    return nil
                }
                return item.read(node, key, reading)
            }
        }
    }

    /// A group of keys that is one of a list's items: an error calls it by its title.
    static func item(
        _ spec: MappingSpec, build: @escaping @Sendable (_ group: MappingReader) -> Value?
    ) -> ValueKind {
        ValueKind(shape: .group(spec)) { node, _, reading in
            MappingReader(node, as: spec, reading: reading).flatMap(build)
        }
    }

    /// A group of keys, from which `build` makes a value or nothing.
    static func group(
        _ spec: MappingSpec, build: @escaping @Sendable (_ group: MappingReader) -> Value?
    ) -> ValueKind {
        ValueKind(shape: .group(spec)) { node, key, reading in
            MappingReader(node, as: spec, for: key, reading: reading).flatMap(build)
        }
    }
}

extension ValueKind where Value == String {
    /// A text on one line.
    static let text = ValueKind(shape: .text) { node, key, reading in
        guard let written = reading.scalar(node, key, "a text") else { return nil }
        // `>` and `|` leave the line break at their end in the text.
        let text = node.scalar?.style == .block ? written.trimmingLineBreaks : written
        guard !text.allSatisfy(\.isWhitespace) else {
            reading.error(at: node.place, "`\(key.name)` is empty", hint: "Write it as in `\(key.example)`.")
            return nil
        }
        if let bad = text.unicodeScalars.first(where: { $0.properties.isControl }) {
            let what = bad == "\n" || bad == "\r" ? "a line break" : "a control character"
            reading.error(
                at: node.place, "`\(key.name)` holds \(what)", hint: "Write it on one line, as in `\(key.example)`.")
            return nil
        }
        reading.warnOfCutText(node, key)
        return text
    }

    /// A name of a thing: lower-case letters, digits and hyphens, at most 64.
    static func name(_ what: String) -> ValueKind {
        scalar(
            .form(what, pattern: Pattern.name),
            "\(what) of lower-case letters, digits and hyphens",
            parse: { Naming.isName($0) ? $0 : nil },
            hint: { Naming.suggestion(for: $0).map { "Write `\($0)`." } })
    }

    /// What Indonesians call their three zones.
    private static var indonesian: [String: String] {
        ["wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"]
    }

    static let zone = ValueKind(shape: .form("IANA time zone", pattern: "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$")) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "a time zone") else { return nil }
        if reading.zones.contains(text) { return text }
        let folded = text.lowercased().replacing(" ", with: "_")
        // `Etc/GMT+7` is seven hours *behind* UTC: near in spelling, and never what was meant.
        let cities = reading.zones.filter { !$0.hasPrefix("Etc/") }
        let sameCity = cities.filter { $0.split(separator: "/").last.map { $0.lowercased() == folded } ?? false }
        let nearest = indonesian[folded] ?? sameCity.min() ?? Spelling.nearest(to: text, among: cities)
        reading.error(
            at: node.place, "unknown time zone \(quoted(text))",
            hint: nearest.map { "Did you mean `\($0)`?" } ?? "Write an IANA name such as `Asia/Jakarta`.")
        return nil
    }
}

extension String {
    fileprivate var trimmingLineBreaks: String {
        String(drop { $0 == "\n" }.reversed().drop { $0 == "\n" }.reversed())
    }
}

extension Reading {
    /// Warns where ` #` cut a text short: YAML takes the rest of such a line for a comment.
    func warnOfCutText(_ node: YAMLNode, _ key: KeySpec) {
        guard let scalar = node.scalar, scalar.style == .plain, source.lines.indices.contains(node.place.line - 1)
        else { return }
        let rest = source.lines[node.place.line - 1].dropFirst(node.place.column - 1)
        guard rest.hasPrefix(scalar.text) else { return }
        let after = rest.dropFirst(scalar.text.count).drop { $0 == " " }
        guard after.first == "#", let next = after.dropFirst().first, next.isNumber || next.isLetter else { return }
        findings.warning(
            at: Place(line: node.place.line, column: source.lines[node.place.line - 1].count - after.count + 1),
            "`\(key.name)` ends here, because YAML takes what follows a blank and `#` for a comment",
            hint: "Put the whole text in quotes, or a blank after `#` if it is a comment.")
    }
}

extension ValueKind where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> ValueKind {
        scalar(
            .integer(range), "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Naming.integer(text).flatMap { range.contains($0) ? $0 : nil } })
    }
}

extension ValueKind where Value == Double {
    static let number = scalar(
        .number, "a number", parse: { text in Naming.decimal(text) })
}

extension ValueKind where Value == Bool {
    static let flag = scalar(
        .flag, "`true` or `false`", parse: { $0 == "true" ? true : $0 == "false" ? false : nil },
        hint: { _ in "Write `true` or `false`." })
}

extension ValueKind where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of the cases of an enum, by its raw value.
    static var choice: ValueKind { choice(meaning: [:]) }

    /// One of the cases of an enum; `meaning` gives the right word for those that others use.
    static func choice(meaning: [String: String]) -> ValueKind {
        let names = Value.allCases.map(\.rawValue)
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        let what = names.count == 1 ? list : "one of \(list)"
        return scalar(
            .choice(names), what, parse: { Value(rawValue: $0) },
            hint: {
                (meaning[$0.lowercased()] ?? Spelling.nearest(to: $0, among: names)).map { "Did you mean `\($0)`?" }
                    ?? "Write \(what)."
            })
    }
}

extension ValueKind where Value == EmailAddress {
    static let address = ValueKind(shape: .form("e-mail address", pattern: "^ *[!-?A-~]+@[^@\\s]+ *$")) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "an e-mail address") else { return nil }
        do {
            let address = try EmailAddress(text)
            guard address.needsSMTPUTF8 else { return address }
            // It stands in every message, and would make every one of them need SMTPUTF8.
            reading.error(
                at: node.place,
                "\(quoted(text)) holds letters beyond ASCII before its @, and few mailboxes can answer it",
                hint: "Use an address with plain letters before its @.")
            return nil
        } catch {
            reading.error(
                at: node.place, "\(quoted(text)) is no usable e-mail address: \(error)",
                hint: "Write it as in `\(key.example)`.")
            return nil
        }
    }
}

extension ValueKind where Value == EventName {
    /// The name of an event that the policy declares or that is built in.
    static let event = ValueKind(shape: .form("event", pattern: Naming.eventPattern)) { node, key, reading in
        guard let text = reading.scalar(node, key, "the name of an event") else { return nil }
        guard let events = reading.events, !events.contains(text) else { return EventName(rawValue: text) }
        let span = TimeSpan(text).map {
            "A length of time is no event: write `after: \($0)` on the step that is to wait."
        }
        reading.error(
            at: node.place, "unknown event \(quoted(text))",
            hint: span
                ?? Spelling.hint(
                    for: text, among: events,
                    otherwise: "Add it under `events:` in policy.yaml, with a line on what it means."))
        return nil
    }
}
