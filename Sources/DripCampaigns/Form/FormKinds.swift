import DripCore

// The kinds of values that only forms hold.

extension ValueKind where Value == SignUpForm.Text {
    private static var languages: String { "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$" }

    /// A line of text, or one for each language; English, or else the first, is for everybody else.
    static func wording(atMost longest: Int) -> ValueKind {
        ValueKind(shape: .either(.text, .map(.text, names: languages))) { node, key, reading in
            guard !node.isUnreadable else { return nil }
            func line(_ node: YAMLNode, _ spec: KeySpec) -> String? {
                guard let text = ValueKind<String>.text.read(node, spec, reading) else { return nil }
                guard text.count <= longest else {
                    reading.error(
                        at: node.place, "`\(spec.name)` has \(text.count) characters, and \(longest) is the limit",
                        hint: "Say it in fewer words.")
                    return nil
                }
                return text
            }
            guard case .mapping(let entries) = node.content else { return line(node, key).map { Value($0) } }
            var (byLocale, order) = ([String: String](), [String]())
            for entry in entries {
                let tag = entry.key.lowercased()
                guard Library.isLocale(tag) else {
                    reading.error(
                        at: entry.keyPlace, "\(quoted(entry.key)) is no language",
                        hint: "Write its code, as in `\(key.name): { en: …, id: … }`.")
                    continue
                }
                guard !order.contains(tag) else {
                    reading.error(
                        at: entry.keyPlace, "the language `\(tag)` is there twice", hint: "Keep one of the two.")
                    continue
                }
                guard !entry.value.isEmpty else {
                    reading.error(
                        at: entry.keyPlace, "`\(entry.key)` has no value",
                        hint: "Write its text, or leave the language out.")
                    continue
                }
                order.append(tag)
                byLocale[tag] = line(entry.value, Key(entry.key, .text, example: "\(entry.key): …", "").spec)
            }
            guard let standard = byLocale["en"] ?? order.first.flatMap({ byLocale[$0] }) else {
                if entries.isEmpty { reading.refuse(node, key, "a text, or one for each language") }
                return nil
            }
            return Value(standard, byLocale: byLocale)
        }
    }
}

extension ValueKind where Value == [SignUpForm.Text] {
    /// A paragraph, or a list of them.
    static let paragraphs: ValueKind = {
        let one = ValueKind<SignUpForm.Text>.wording(atMost: FormKeys.longestText)
        let many = ValueKind<[SignUpForm.Text]>.list(one, atMost: FormKeys.mostParagraphs)
        return ValueKind(shape: .either(one.shape, many.shape)) { node, key, reading in
            guard case .sequence = node.content else { return one.read(node, key, reading).map { [$0] } }
            return many.read(node, key, reading)
        }
    }()
}

extension ValueKind where Value == [SignUpForm.Choice] {
    /// Values, each with what people read where that is something else.
    static let choices: ValueKind = {
        let one = ValueKind<SignUpForm.Choice>(shape: .either(.text, .group(FormChoiceKeys.spec))) {
            node, key, reading in
            if case .mapping = node.content {
                return MappingReader(node, as: FormChoiceKeys.spec, reading: reading).flatMap(FormChoiceKeys.build)
            }
            return ValueKind<String>.text.read(node, key, reading).map {
                SignUpForm.Choice(value: $0, label: SignUpForm.Text($0))
            }
        }
        let list = ValueKind<[SignUpForm.Choice]>.list(one, atMost: FormKeys.mostChoices)
        return ValueKind(shape: list.shape) { node, key, reading in
            guard let choices = list.read(node, key, reading) else { return nil }
            var seen: Set<String> = []
            for choice in choices {
                if choice.value.utf8.count > FormKeys.longestLabel {
                    reading.error(
                        at: node.place,
                        "the choice \(quoted(choice.value)) is longer than \(FormKeys.longestLabel) bytes",
                        hint: "Keep a short `value`, and say the rest in its `label`.")
                } else if choice.value.first?.isWhitespace == true || choice.value.last?.isWhitespace == true {
                    reading.error(
                        at: node.place, "the choice \(quoted(choice.value)) has a blank at an end",
                        hint: "Take the blank away.")
                } else if !seen.insert(choice.value).inserted {
                    reading.error(
                        at: node.place, "the choice \(quoted(choice.value)) is there twice",
                        hint: "Keep one of the two.")
                }
            }
            return choices
        }
    }()
}

extension ValueKind where Value == String {
    /// Facts that say who a lead is, and are no attributes.
    private static var reserved: Set<String> {
        Set(SignUpForm.ownFields).union([
            "key", "id", "external_id", "e_mail", "email_address", "time_zone", "timezone", "locale", "language",
        ])
    }

    /// An attribute that a stranger may say something about.
    static let formAttribute = ValueKind(shape: attributeName.shape) { node, key, reading in
        guard let name = attributeName.read(node, key, reading) else { return nil }
        if reserved.contains(name) {
            reading.error(
                at: node.place, "a form cannot ask for \(quoted(name))",
                hint: name == SignUpForm.emailField
                    ? "The e-mail address is always asked, first, and needed: delete this field."
                    : "It is a field of dripd's own; give the attribute another name.")
            return nil
        }
        if name == FactChange.tags {
            reading.error(
                at: node.place, "a form cannot ask for \(quoted(name))",
                hint: "Ask for an attribute; a campaign gives tags by `set`.")
            return nil
        }
        return name
    }

    /// An https link.
    static let magnet = ValueKind(
        shape: .form("https address", pattern: Pattern.webAddress(Pattern.authority, path: Pattern.anyPath))
    ) { node, key, reading in
        guard let text = reading.scalar(node, key, "an https address") else { return nil }
        guard let address = WebAddress(text), address.scheme == "https", !text.contains("@") else {
            reading.refuse(
                node, key, "an https address",
                hint: text.lowercased().hasPrefix("http://")
                    ? "Write `https://` in front: browsers warn of anything else." : nil)
            return nil
        }
        return text
    }
}

extension ValueKind where Value == EventName {
    /// An event of the policy: what is built in would let a stranger unsubscribe anybody.
    static let formEvent = ValueKind(shape: event.shape) { node, key, reading in
        guard let name = event.read(node, key, reading) else { return nil }
        guard BuiltInEvents.names.contains(name.rawValue) else { return name }
        reading.error(
            at: node.place, "the event \(quoted(name.rawValue)) is built in, and no form's to record",
            hint: "Add one of your own under `events:` in policy.yaml, with a line on what it means.")
        return nil
    }
}
