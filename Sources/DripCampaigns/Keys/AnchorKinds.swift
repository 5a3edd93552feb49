import DripCore

// What a step counts from, and the attributes of leads that files name.

extension ValueKind where Value == Anchor {
    /// `enrollment`, `previous`, or `{ attribute: trial_ends_on }`.
    static let anchor = ValueKind(shape: .either(.choice(["enrollment", "previous"]), .group(AnchorKeys.spec))) {
        node, key, reading in
        switch node.content {
        case .unreadable: return nil
        case .mapping:
            return MappingReader(node, as: AnchorKeys.spec, for: key, reading: reading)?.value(AnchorKeys.attribute)
                .map(Anchor.attribute)
        case .scalar(let scalar) where scalar.text == "enrollment": return .enrollment
        case .scalar(let scalar) where scalar.text == "previous": return .previous
        case .scalar(let scalar):
            let near = Spelling.nearest(to: scalar.text, among: ["enrollment", "previous"])
            let hint =
                near.map { "Did you mean `\($0)`?" }
                ?? LeadDoor.attributeName(of: scalar.text).map {
                    "For a date of the lead write `{ attribute: \($0) }`."
                }
            reading.refuse(
                node, key, "`enrollment`, `previous` or `{ attribute: … }`",
                hint: hint ?? "Write it as in `\(key.example)`.")
            return nil
        case .sequence:
            reading.refuse(node, key, "`enrollment`, `previous` or `{ attribute: … }`")
            return nil
        }
    }
}

enum AnchorKeys {
    static let attribute = Key(
        "attribute", .attributeName, required: true, example: "attribute: trial_ends_on",
        "The attribute of the lead that holds the date, such as `2026-12-01`.")

    static let spec = MappingSpec("an anchor", keys: [attribute.spec])
}

extension ValueKind where Value == String {
    /// The name of an attribute of leads, as imports write it.
    static let attributeName = ValueKind(shape: .form("attribute", pattern: Pattern.attribute)) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "the name of an attribute") else { return nil }
        let bare = LeadDoor.attributeName(of: text.hasPrefix("lead.") ? String(text.dropFirst(5)) : text)
        guard let bare, bare == text else {
            reading.error(
                at: node.place, "no lead has an attribute called \(quoted(text))",
                hint: bare.map { "Write `\($0)`." }
                    ?? "Names of attributes have small letters, digits, _ and dots only, such as `industry`.")
            return nil
        }
        return text
    }
}
