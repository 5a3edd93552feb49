// The rule: what a program says of a lead passes the same door as a row of a list (`LeadDoor.swift`); its facts keep their types.
//
// - The key, the address, the zone and the locale are judged as cells of a row.
// - A fact's name is as a column's must be when it is spelled right: `company.size`, never `Company Size`.
// - A text is one line of at most 1,000 bytes; an empty one takes the fact away. At most 200 facts.
// - `tags` is a list; a single text with `;` between its values is one too.
//
// Worked example: `{"email": "budi@example.com", "attributes": {"company": {"size": 120}}}` has the number 120 as
// `company.size`.

extension LeadDoor {
    private static let mostFacts = 200
    private static let columns = ["key", "email", "time_zone", "locale"]

    /// Judges a lead that a program hands in.
    package static func admit(_ body: LeadsRequest.Body, knownZones: (String) -> Bool) -> Verdict {
        guard let door = try? LeadDoor(columns: columns) else { return .refused([]) }
        let cells = [body.key ?? "", body.email ?? "", body.timeZone ?? "", body.locale ?? ""]
        let complaints = wrongFacts(body.attributes)
        switch door.admit(cells, knownZones: knownZones) {
        case .refused(let others): return .refused(others + complaints)
        case .admitted(var draft, let warnings):
            guard complaints.isEmpty else { return .refused(complaints) }
            draft.attributes = body.attributes
            if case .text(let text)? = body.attributes[FactChange.tags],
                let tags = try? fact(FactChange.tags, text)
            {
                draft.attributes[FactChange.tags] = tags
            }
            return .admitted(draft, warnings: warnings)
        }
    }

    private static func wrongFacts(_ facts: [String: AttributeValue]) -> [Complaint] {
        guard facts.count <= mostFacts else {
            return [Complaint(column: "attributes", reason: "a lead has at most \(mostFacts) facts at a time")]
        }
        return facts.sorted { $0.key < $1.key }.compactMap { name, value in
            guard attributeName(of: name) == name else {
                return Complaint(
                    column: "attributes",
                    reason: "a fact's name has small letters, digits and _ in at most \(deepestName) parts with dots "
                        + "between: \"\(name.prefix(64))\"")
            }
            guard isFact(name) else {
                return Complaint(column: name, reason: "it stands beside `attributes`, not in them")
            }
            guard !own.contains(name) else {
                return Complaint(column: name, reason: "dripd alone says this of a lead")
            }
            // What a list may hold, it says itself.
            if case .list = value { return nil }
            if name == FactChange.tags, (try? fact(name, value.text)) == nil {
                return Complaint(column: name, reason: "tags are a list of short texts")
            }
            if let bad = controlCharacter(in: value.text) {
                return Complaint(column: name, reason: "it holds a control character (\(bad))")
            }
            return value.text.utf8.count <= longestCell
                ? nil : Complaint(column: name, reason: "it is longer than \(longestCell) characters")
        }
    }
}
