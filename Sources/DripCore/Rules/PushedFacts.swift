// What a CRM is told of a lead, and whether there is anything new to tell.
//
// The rule: it is told all attributes and, where leads are scored, `stage`, `score`, `fit` and `engagement` as they are now; a value that
// `values` names is told by the CRM's own word. There is something new where what is watched (every attribute, the stage and the
// address, or what `when_changed` lists) is not what was told last. Points follow from time and are watched only by name.
//
// Edge cases: a lead that was never told of is told once `leads` holds for it; whoever was told of stays so, so that the CRM hears
// that a lead was recycled as well. An attribute that is called like a fact of dripd's own gives way to it. Values are compared with
// `values` whatever their capitals; of a list each of its values.
//
// Worked example: `values: { stage: { mql: marketingqualifiedlead } }`, and a lead comes to `mql`: it is told
// `stage: marketingqualifiedlead`, and nothing more while only its score moves.

package enum PushedFacts {
    /// What may be watched beside attributes.
    package static let own = ["stage", "score", "fit", "engagement"]

    /// What the CRM is told of a lead now.
    package static func facts(of lead: ConditionFacts, for target: CRMTarget) -> [String: AttributeValue] {
        var facts = lead.lead.attributes
        if let scoring = lead.scoring {
            let score = scoring.score(of: lead)
            facts["stage"] = .text(lead.lead.stage.stage.rawValue)
            facts["score"] = .number(score.total.number)
            facts["fit"] = .number(score.fit.number)
            facts["engagement"] = .number(score.engagement.number)
        }
        for (name, words) in target.values {
            guard let value = facts[name] else { continue }
            facts[name] = value.told(by: words)
        }
        return facts
    }

    /// Stands for all that is watched of what is told: another number says that there is something new.
    package static func mark(
        of facts: [String: AttributeValue], address: EmailAddress?, for target: CRMTarget
    ) -> Int64 {
        var hash = StableHash("push")
        hash.add(address?.text ?? "")
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) where target.watches(name) {
            hash.add(name)
            value.add(to: &hash)
        }
        return Int64(bitPattern: hash.value)
    }

    /// What changed, for people: the names of what is watched, at most ten of them.
    ///
    /// `told anew` where nothing of it did: two leads were merged, or `values` says other words since.
    package static func changes(
        from before: [String: AttributeValue], to facts: [String: AttributeValue], hasNewAddress: Bool,
        for target: CRMTarget
    ) -> String {
        var names = Set(before.keys).union(facts.keys).filter { target.watches($0) && before[$0] != facts[$0] }.sorted()
        if hasNewAddress { names.insert("address", at: 0) }
        return names.isEmpty ? "told anew" : names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    }
}

extension CRMTarget {
    /// Whether a change of that fact makes a push.
    package func watches(_ name: String) -> Bool {
        watched?.contains(name) ?? (name == "stage" || !PushedFacts.own.contains(name))
    }
}

extension AttributeValue {
    /// The value by the CRM's own word, where there is one.
    fileprivate func told(by words: [String: String]) -> AttributeValue {
        if case .list(let list) = self {
            return (try? ValueList(list.values.map { $0.told(by: words) })).map(AttributeValue.list) ?? self
        }
        let own = text.lowercased()
        return words.first { $0.key.lowercased() == own }.map { .text($0.value) } ?? self
    }

    /// Kind and value: the text "1" is not the number 1.
    fileprivate func add(to hash: inout StableHash) {
        switch self {
        case .text(let text):
            hash.add(0)
            hash.add(text)
        case .number(let number):
            hash.add(1)
            hash.add(Int64(bitPattern: number.bitPattern))
        case .flag(let flag): hash.add(flag ? 2 : 3)
        case .list(let list):
            hash.add(4)
            hash.add(Int64(list.values.count))
            for value in list.values { value.add(to: &hash) }
        }
    }
}
