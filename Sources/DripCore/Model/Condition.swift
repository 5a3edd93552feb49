/// What must be true of a lead: data, not a language.
///
/// ```yaml
/// if: { industry: [fintech, banking], employees: { at_least: 50 }, not: { country: { exists: false } } }
/// ```
package indirect enum Condition: Hashable, Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case attribute(String, Test)

    package enum Test: Hashable, Sendable {
        /// Equal to one of these; text compares without regard to case.
        case isOneOf([AttributeValue])
        case isNot(AttributeValue)
        case atLeast(Double)
        case atMost(Double)
        case moreThan(Double)
        case lessThan(Double)
        case contains(String)
        case startsWith(String)
        case exists(Bool)
    }

    /// Whether it holds for these attributes.
    ///
    /// A missing attribute fails every test but `is_not` and `exists: false`.
    package func holds(for attributes: [String: AttributeValue]) -> Bool {
        switch self {
        case .all(let parts): parts.allSatisfy { $0.holds(for: attributes) }
        case .any(let parts): parts.contains { $0.holds(for: attributes) }
        case .not(let part): !part.holds(for: attributes)
        case .attribute(let name, let test): test.holds(for: attributes[name])
        }
    }
}

extension Condition {
    /// The parts that keep it from holding, with what the lead has there: `employees is "40"; wanted: at_least 50`.
    package func obstacles(for attributes: [String: AttributeValue]) -> [String] {
        guard !holds(for: attributes) else { return [] }
        switch self {
        case .all(let parts): return parts.flatMap { $0.obstacles(for: attributes) }
        case .any, .not: return ["it is not so that: \(self)"]
        case .attribute(let name, let test):
            guard let value = attributes[name], !value.isBlank else { return ["\(name) is unknown"] }
            return ["\(name) is \"\(value.text)\"; wanted: \(test)"]
        }
    }
}

extension Condition.Test {
    func holds(for value: AttributeValue?) -> Bool {
        let present = value.flatMap { $0.isBlank ? nil : $0 }
        switch self {
        case .exists(let wanted): return (present != nil) == wanted
        case .isNot(let other): return present.map { !Self.equal($0, other) } ?? true
        case .isOneOf(let others): return present.map { value in others.contains { Self.equal(value, $0) } } ?? false
        case .atLeast(let bound): return present?.number.map { $0 >= bound } ?? false
        case .atMost(let bound): return present?.number.map { $0 <= bound } ?? false
        case .moreThan(let bound): return present?.number.map { $0 > bound } ?? false
        case .lessThan(let bound): return present?.number.map { $0 < bound } ?? false
        case .contains(let part): return present?.text.lowercased().contains(part.lowercased()) ?? false
        case .startsWith(let part): return present?.text.lowercased().hasPrefix(part.lowercased()) ?? false
        }
    }

    /// A CSV knows only text, so `50` and "50", `true` and "true" are equal; text compares without regard to case.
    private static func equal(_ a: AttributeValue, _ b: AttributeValue) -> Bool {
        if let x = a.number, let y = b.number { return x == y }
        return a.text.lowercased() == b.text.lowercased()
    }
}

extension Condition: CustomStringConvertible {
    /// As support reads it in `explain`: `industry is fintech or banking, and employees at_least 50`.
    package var description: String {
        switch self {
        case .all(let parts): parts.map(\.description).joined(separator: ", and ")
        case .any(let parts): "any of (" + parts.map(\.description).joined(separator: "; ") + ")"
        case .not(let part): "not (\(part))"
        case .attribute(let name, let test): "\(name) \(test)"
        }
    }
}

extension Condition.Test: CustomStringConvertible {
    package var description: String {
        switch self {
        case .isOneOf(let values): "is " + values.map(\.text).joined(separator: " or ")
        case .isNot(let value): "is_not \(value.text)"
        case .atLeast(let bound): "at_least \(AttributeValue.number(bound).text)"
        case .atMost(let bound): "at_most \(AttributeValue.number(bound).text)"
        case .moreThan(let bound): "more_than \(AttributeValue.number(bound).text)"
        case .lessThan(let bound): "less_than \(AttributeValue.number(bound).text)"
        case .contains(let part): "contains \(part)"
        case .startsWith(let part): "starts_with \(part)"
        case .exists(let wanted): "exists: \(wanted)"
        }
    }
}
