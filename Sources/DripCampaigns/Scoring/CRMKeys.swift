import DripCore

// `crm` of `scoring.yaml`: which CRMs hear of leads by themselves.

enum CRMKeys {
    static let to = Key(
        "to", .text, required: true, example: "to: hubspot", "The CRM: a transport of `http` in dripd.yaml.")
    static let leads = Key(
        "leads", .condition, standard: "every lead", example: "leads: { stage: [mql, sql, customer] }",
        "Whom it hears of first; whoever it heard of once, it hears of from then on.")
    static let whenChanged = Key(
        "when_changed", .list(.attributeName, atMost: 100), standard: "every attribute, and the stage",
        example: "when_changed: [stage, owner, industry]", "What makes a push when it changes.")
    static let values = Key(
        "values", .crmValues, standard: "dripd's own", example: "values: { stage: { mql: marketingqualifiedlead } }",
        "What it calls a value, by attribute.")
    static let history = Key(
        "history", .flag, standard: "false", example: "history: true",
        "Whether it is told the last twenty things that the lead did or got, as `$text`.")
    static let giveUpAfter = Key(
        "give_up_after", .span(.minutes(1) ... .days(100)), standard: "3d", example: "give_up_after: 3d",
        "How long a push is tried before it is a dead letter.")

    static let spec = MappingSpec(
        "a CRM",
        keys: [to.spec, leads.spec, whenChanged.spec, values.spec, history.spec, giveUpAfter.spec],
        foreign: [
            "transport": "Write `to`.", "if": "Write `leads`.",
            "fields": "Fields stand with the transport in dripd.yaml.",
            "watch": "Write `when_changed`.",
        ])

    static func build(_ group: MappingReader) -> Located<CRMTarget>? {
        let to = group.value(to)
        let leads = group.value(leads)
        let whenChanged = group.value(whenChanged)
        let values = group.value(values)
        let history = group.value(history)
        let giveUpAfter = group.value(giveUpAfter)
        guard let to, leads != nil || !group.has(Self.leads), whenChanged != nil || !group.has(Self.whenChanged),
            values != nil || !group.has(Self.values), giveUpAfter != nil || !group.has(Self.giveUpAfter)
        else { return nil }
        return Located(
            CRMTarget(
                transport: to, leads: leads, watched: whenChanged.map(Set.init), values: values ?? [:],
                tellsHistory: history ?? false, giveUpAfter: giveUpAfter ?? CRMTarget.standardGiveUp),
            at: group.place(of: Self.to))
    }

    /// Each CRM once, and by a transport that is there and writes to no lead; `transports` is nil where that is not known.
    static func judge(_ targets: [Located<CRMTarget>], transports: DeclaredTransports?, in group: MappingReader) {
        var seen: Set<String> = []
        for target in targets {
            let name = target.value.transport
            if !seen.insert(name).inserted {
                group.reading.error(
                    at: target.place, "\(quoted(name)) is named twice",
                    hint: "Make one entry of the two: one CRM hears of a change once.")
            }
            guard let transports else { continue }
            if !transports.posts.contains(name) {
                group.reading.error(
                    at: target.place, "unknown HTTP transport \(quoted(name))",
                    hint: Spelling.hint(
                        for: name, among: transports.posts,
                        otherwise: "Declare it under `transports:` in dripd.yaml, with a provider such as `hubspot`."))
            } else if transports.writingToLeads.contains(name) {
                group.reading.error(
                    at: target.place, "\(quoted(name)) writes to the lead, and is no CRM",
                    hint: "Name one with a provider such as `hubspot` or `webhook`.")
            }
        }
    }
}

extension ValueKind where Value == [String: [String: String]] {
    /// By attribute and value, the word of the CRM.
    fileprivate static let crmValues = ValueKind(
        shape: .map(.map(.text, names: "."), names: Pattern.attribute)
    ) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of attributes", hint: "Write it as in `\(key.example)`.")
            return nil
        }
        var values: [String: [String: String]] = [:]
        var isWhole = true
        for entry in entries {
            guard LeadDoor.attributeName(of: entry.key) == entry.key else {
                reading.error(
                    at: entry.keyPlace, "no lead has an attribute called \(quoted(entry.key))",
                    hint: "Names of attributes have small letters, digits, _ and dots only, such as `industry`.")
                isWhole = false
                continue
            }
            guard case .mapping(let words) = entry.value.content else {
                reading.error(
                    at: entry.value.place, "`\(entry.key)` says no words for its values",
                    hint: "Write it as in `\(key.example)`.")
                isWhole = false
                continue
            }
            for word in words {
                let spec = Key(word.key, .text, example: "\(word.key): …", "").spec
                guard let text = ValueKind<String>.text.read(word.value, spec, reading) else {
                    isWhole = false
                    continue
                }
                if entry.key == "stage", Stage(rawValue: word.key.lowercased()) == nil {
                    reading.error(
                        at: word.keyPlace, "\(quoted(word.key)) is no stage",
                        hint: Spelling.hint(
                            for: word.key, among: Stage.allCases.map(\.rawValue),
                            otherwise: "Stages are \(Stage.allCases.map(\.rawValue).joined(separator: ", "))."))
                    isWhole = false
                    continue
                }
                let twin = values[entry.key]?.keys.first { $0.lowercased() == word.key.lowercased() }
                if let twin {
                    reading.error(
                        at: word.keyPlace, "\(quoted(word.key)) is \(quoted(twin)) in other capitals",
                        hint: "Capitals do not matter here: take one of the two out.")
                    isWhole = false
                    continue
                }
                values[entry.key, default: [:]][word.key] = text
            }
        }
        return isWhole ? values : nil
    }
}
