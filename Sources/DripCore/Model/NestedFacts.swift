// The rule: facts that stand inside of facts are kept under one dotted name, so that no other place knows of depth.
//
// - `{"company": {"size": 50}}` is the fact `company.size`; an empty group is no fact.
// - A name that is written both ways (`"company.size"` and `company` with `size`) is refused: nobody could say which holds.
// - A list of single values is a fact (`ValueList.swift`); a group inside of a list has no name, and is refused.
// - How deep a name may go is `LeadDoor.attributeName`'s to say, as for every other name.
//
// Worked example: `{"order_id": "7", "cart": {"total": 50, "first": {"sku": "A"}}}` becomes `order_id`, `cart.total` and
// `cart.first.sku`.

/// Facts as JSON nests them, read into their dotted names.
package struct NestedFacts: Hashable, Sendable, Decodable {
    package var facts: [String: AttributeValue]

    private struct AnyName: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private indirect enum Node: Decodable {
        case value(AttributeValue)
        case group([String: Node])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if (try? decoder.container(keyedBy: AnyName.self)) != nil {
                // As a dictionary of texts: a decoder that rewrites the keys of its types leaves those alone.
                self = .group(try container.decode([String: Node].self))
            } else {
                self = .value(try container.decode(AttributeValue.self))
            }
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        facts = [:]
        var open = try container.decode([String: Node].self).map { (name: $0.key, node: $0.value) }
        while let (name, node) = open.popLast() {
            switch node {
            case .group(let inner): open += inner.map { (name: "\(name).\($0.key)", node: $0.value) }
            case .value(let value):
                guard facts.updateValue(value, forKey: name) == nil else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(name) stands twice")
                }
            }
        }
    }
}
