/// One fact about a lead.
package enum AttributeValue: Hashable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)

    /// The value as a message shows it: numbers without a needless fraction, flags as `true` and `false`.
    package var text: String {
        switch self {
        case .text(let value): value
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        case .flag(let value): value ? "true" : "false"
        }
    }

    /// The value as a number, where it is one or is written as one.
    package var number: Double? {
        switch self {
        case .number(let value): value
        case .text(let value): Double(value)
        case .flag: nil
        }
    }

    /// Whether a message would show nothing for it: an empty text counts as missing.
    package var isBlank: Bool {
        if case .text(let value) = self { return value.allSatisfy(\.isWhitespace) }
        return false
    }
}

extension AttributeValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        }
    }
}
