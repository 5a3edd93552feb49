import Foundation

/// A JSON value (RFC 8259), as bodies are built of and answers are read into.
enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    /// A whole number that a Double does not tell from its neighbours, as some providers' ids are.
    case large(Int64)
    case text(String)
    case list([JSONValue])
    case group([String: JSONValue])

    /// Nil where the bytes are no JSON.
    init?(_ bytes: [UInt8]) {
        guard let value = JSONReader.read(bytes) else { return nil }
        self = value
    }

    /// With its names in order, so that the same value always gives the same bytes.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// What stands at a place: names go into groups, numbers into lists.
    func at(_ parts: some Collection<String>) -> JSONValue? {
        guard let first = parts.first else { return self }
        switch self {
        case .group(let entries): return entries[first]?.at(parts.dropFirst())
        case .list(let items):
            guard let index = Int(first), items.indices.contains(index) else { return nil }
            return items[index].at(parts.dropFirst())
        default: return nil
        }
    }

    /// All that stands at a place, where a list stands for each of its items.
    func all(_ parts: ArraySlice<String>, atMost most: Int) -> [JSONValue] {
        var found: [JSONValue] = []
        gather(parts, atMost: most, into: &found)
        return found
    }

    private func gather(_ parts: ArraySlice<String>, atMost most: Int, into found: inout [JSONValue]) {
        if case .list(let items) = self {
            for item in items where found.count < most { item.gather(parts, atMost: most, into: &found) }
        } else if let first = parts.first {
            guard case .group(let entries) = self else { return }
            entries[first]?.gather(parts.dropFirst(), atMost: most, into: &found)
        } else if self != .null {
            found.append(self)
        }
    }

    /// A single value as a file writes it: `21610`, `true`; nil for null, lists and groups.
    var word: String? {
        switch self {
        case .flag(let flag): flag ? "true" : "false"
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
        case .large(let number): String(number)
        case .text(let text): text
        case .null, .list, .group: nil
        }
    }
}

extension JSONValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number): try container.encode(number)
        case .large(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .group(let group): try container.encode(group)
        }
    }
}
