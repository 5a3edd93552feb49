// The rule: an attribute may be a list of single values, such as a lead's tags, in the order in which they came. No two of
// them are equal as a condition compares them (`AttributeValue.isEqual`), and none is blank.
//
// Edge cases: there are no lists in lists. At most 100 values come in, each of one line and at most 256 bytes: a list is read
// with every decision about its lead. An empty list is the same as no attribute. What has no room is refused, and what was
// there stays.
//
// Worked example: `vip; Gold;;VIP` in a column `tags` is [vip, Gold]; with `gold` and `new` added it is [vip, Gold, new], and
// without `GOLD` it is [vip].

/// Several values of one attribute.
package struct ValueList: Hashable, Sendable {
    package static let limit = 100
    /// In bytes.
    package static let longestValue = 256

    package let values: [AttributeValue]

    package static let empty = ValueList(known: [])

    private init(known values: [AttributeValue]) {
        self.values = values
    }

    /// What was given, without the blank and what is there already.
    package init(_ given: [AttributeValue]) throws(Refusal) {
        guard given.count <= Self.limit else { throw .tooMany(given.count) }
        for value in given {
            guard case .list = value else {
                let text = value.text
                guard text.utf8.count <= Self.longestValue else { throw .tooLong(String(text.prefix(32))) }
                if let bad = LeadDoor.controlCharacter(in: text) { throw .controlCharacter(bad) }
                continue
            }
            throw .nested
        }
        self = ValueList.empty.adding(ValueList(known: given.filter { !$0.isBlank })).list
    }

    /// These behind its own, and which of them had no room.
    package func adding(_ others: ValueList) -> (list: ValueList, refused: [AttributeValue]) {
        var (all, refused) = (values, [AttributeValue]())
        var known = Set(values.map(\.sameness))
        for value in others.values where known.insert(value.sameness).inserted {
            if all.count < Self.limit { all.append(value) } else { refused.append(value) }
        }
        return (ValueList(known: all), refused)
    }

    package func removing(_ others: ValueList) -> ValueList {
        let gone = Set(others.values.map(\.sameness))
        return ValueList(known: values.filter { !gone.contains($0.sameness) })
    }

    package var isEmpty: Bool { values.isEmpty }

    /// As people read it: `vip, gold`.
    package var text: String { values.map(\.text).joined(separator: ", ") }
}

extension ValueList {
    /// Why something cannot be a list.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case tooMany(Int)
        /// With how it begins.
        case tooLong(String)
        /// With its name.
        case controlCharacter(String)
        case nested

        package var description: String {
            switch self {
            case .tooMany(let count): "a list holds at most \(ValueList.limit) values, and this one has \(count)"
            case .tooLong(let beginning):
                "a value of a list holds at most \(ValueList.longestValue) bytes, and one that begins with \"\(beginning)\" is longer"
            case .controlCharacter(let name): "a value of a list holds a control character (\(name))"
            case .nested: "a list holds texts, numbers and flags, and neither lists nor groups"
            }
        }
    }
}

extension ValueList: Codable {
    private struct Single: Decodable {
        var value: AttributeValue

        init(from decoder: any Decoder) throws {
            guard let value = AttributeValue(single: try decoder.singleValueContainer()) else { throw Refusal.nested }
            self.value = value
        }
    }

    /// An array, or a single value for a list of it.
    package init(from decoder: any Decoder) throws {
        do {
            if let value = AttributeValue(single: try decoder.singleValueContainer()) {
                try self.init([value])
                return
            }
            var container = try decoder.unkeyedContainer()
            // Before any of them is looked at: there may be a million.
            if let count = container.count, count > Self.limit { throw Refusal.tooMany(count) }
            var given: [AttributeValue] = []
            while !container.isAtEnd { given.append(try container.decode(Single.self).value) }
            try self.init(given)
        } catch let refusal as Refusal {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: refusal.description))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for value in values { try container.encode(value) }
    }
}
