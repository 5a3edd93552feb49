// The rule: a fact of a lead takes a new value, or a list gains and loses values. What is gained stands at the end; what is
// there already, or is not there to be lost, changes nothing, so that the same change done twice is done once.
//
// Edge cases: a fact that is a single value counts as a list of one, and stays single where nothing changes; one that is
// longer than a value of a list may be cannot stand in one: it stays, and nothing is added to it. A list without values is
// no fact. What a full list has no room for is not added, and told.
//
// Worked example: `tags: { add: [vip, Gold], remove: [cold] }` makes [vip, Gold] of the text `cold`, and nothing of
// [gold, VIP].

/// What is to become of one fact of a lead.
package enum FactChange: Hashable, Sendable {
    /// A blank one removes the fact.
    case value(AttributeValue)
    case list(add: ValueList, remove: ValueList)

    /// The attribute that is a list of texts wherever it comes from: a lead's tags.
    package static let tags = "tags"

    /// What a change comes to.
    package struct Outcome: Hashable, Sendable {
        /// Blank where the fact is no more.
        package var value: AttributeValue
        package var isChange: Bool
        /// What came to a list, and left it.
        package var added: ValueList = .empty
        package var removed: ValueList = .empty
        /// What it had no room for.
        package var refused: [AttributeValue] = []
    }

    package func applied(to old: AttributeValue?) -> Outcome {
        let was = old ?? .list(.empty)
        switch self {
        case .value(let value):
            return Outcome(value: value, isChange: value.isBlank ? !was.isBlank : value != old)
        case .list(let add, let remove):
            guard let before = was.list else {
                return Outcome(value: was, isChange: false, refused: add.values)
            }
            let left = before.removing(remove)
            let (after, refused) = left.adding(add)
            let outcome = Outcome(
                value: after == before ? was : .list(after), isChange: after != before,
                added: after.removing(before), removed: before.removing(after), refused: refused)
            return outcome
        }
    }
}

extension [String: FactChange] {
    /// The facts that they touch as they are then, for a draft, and what had no room, by the name of its fact.
    package func applied(
        to facts: [String: AttributeValue]
    ) -> (values: [String: AttributeValue], refused: [String: [AttributeValue]]) {
        var (values, refused) = ([String: AttributeValue](), [String: [AttributeValue]]())
        for (name, change) in self {
            let outcome = change.applied(to: facts[name])
            values[name] = outcome.value
            if !outcome.refused.isEmpty { refused[name] = outcome.refused }
        }
        return (values, refused)
    }
}

extension FactChange {
    /// What it does to a fact of that name: `tags: vip, gold added, cold removed`.
    package func words(_ name: String) -> String {
        switch self {
        case .value(let value) where value.isBlank: return "\(name) is removed"
        case .value(let value): return "\(name) is set to \(value.text)"
        case .list(let add, let remove):
            let parts = [add.isEmpty ? nil : "\(add.text) added", remove.isEmpty ? nil : "\(remove.text) removed"]
            return "\(name): " + parts.compactMap(\.self).joined(separator: ", ")
        }
    }
}
