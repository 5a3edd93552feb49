/// One fact about a lead.
package enum AttributeValue: Hashable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    /// Several of the others, such as a lead's tags.
    case list(ValueList)

    /// The value as a message shows it.
    ///
    /// Numbers have no needless fraction, flags are `true` and `false`, and a list is `vip, gold`.
    package var text: String {
        switch self {
        case .text(let value): value
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        case .flag(let value): value ? "true" : "false"
        case .list(let list): list.text
        }
    }

    /// The value as a number, where it is one or is written as one; `NaN` is a name.
    package var number: Double? {
        switch self {
        case .number(let value): value.isNaN ? nil : value
        case .text(let value): Double(value).flatMap { $0.isNaN ? nil : $0 }
        case .flag, .list: nil
        }
    }

    /// Whether a message would show nothing for it: an empty text counts as missing, and so does an empty list.
    package var isBlank: Bool {
        switch self {
        case .text(let value): value.allSatisfy(\.isWhitespace)
        case .number, .flag: false
        case .list(let list): list.isEmpty
        }
    }

    /// The value as a list: one that is single counts as a list of it.
    ///
    /// Nil where it is too long, or not of one line, and cannot stand in a list.
    package var list: ValueList? {
        if case .list(let list) = self { return list }
        return try? ValueList([self])
    }
}

// MARK: - Comparing

extension AttributeValue {
    /// What a single value is compared by.
    ///
    /// A CSV knows only text, so `50` and "50", `true` and "true" are the same; text is, whatever its capitals.
    package enum Sameness: Hashable, Sendable {
        case number(Double)
        case text(String)
    }

    package var sameness: Sameness { number.map(Sameness.number) ?? .text(text.lowercased()) }

    /// Whether it is the same value; of a list, whether one of its values is.
    package func isEqual(_ other: AttributeValue) -> Bool {
        self == other || hasAny { own in other.hasAny { own.sameness == $0.sameness } }
    }

    /// Whether something is so of one of its values: a list's, or the only one.
    package func hasAny(_ isSo: (AttributeValue) -> Bool) -> Bool {
        guard case .list(let list) = self else { return isSo(self) }
        return list.values.contains(where: isSo)
    }

    /// Whether it contains another: a list as one of its values, a text anywhere in it.
    package func contains(_ part: AttributeValue) -> Bool {
        if case .list = self { return isEqual(part) }
        return part.hasAny { text.lowercased().contains($0.text.lowercased()) }
    }

    /// Whether it, or one of its values, begins with a text.
    package func starts(with beginning: String) -> Bool {
        hasAny { $0.text.lowercased().hasPrefix(beginning.lowercased()) }
    }
}

extension AttributeValue: Codable {
    /// A text, a number or a flag; nil for anything else.
    init?(single container: any SingleValueDecodingContainer) {
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            return nil
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = AttributeValue(single: container) {
            self = value
        } else if (try? decoder.unkeyedContainer()) != nil {
            self = .list(try ValueList(from: decoder))
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a fact is a text, a number, a flag, or a list of them")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let list): try container.encode(list)
        }
    }
}
