// The rule: a list of leads has the columns that somebody asks for, `key,email,stage,score` where nobody says. `key`, `email`,
// `time_zone` and `locale` say who a lead is, `stage`, `score`, `fit` and `engagement` where it stands now, and every other name is an
// attribute, by the name that it is kept under. What a lead has not is empty.
//
// What comes out goes back in by `dripd import` as it was: under the same names, and tags with `;` between them. Only where a lead
// stands is dripd's to say, so `--map "stage=-"` leaves it out.
//
// Edge cases: a list that is not `tags` is read by people (`vip, gold`) and would come back as a text, and so would a number or a flag,
// which are compared the same; an attribute that is called like a fact of dripd's own gives way to it.
//
// Worked example: `key,city,score` of the lead crm-17 in Medan with 45 points is `crm-17,Medan,45`.

/// Which columns a list of leads has, and what stands in them.
package struct LeadColumns: Hashable, Sendable {
    /// What is wrong, and how to mend it, in one line.
    package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package static let standard = LeadColumns(known: ["key", "email", "stage", "score"])
    /// Every column that is no attribute.
    package static let own = ["key", "email", "time_zone", "locale", "stage", "score", "fit", "engagement"]
    /// More are a mistake: every row has all of them.
    static let most = 200

    package let names: [String]

    private init(known names: [String]) {
        self.names = names
    }

    /// Every column of its own, and these attributes.
    package static func all(with attributes: Set<String>) -> LeadColumns {
        LeadColumns(known: own + attributes.filter { LeadDoor.isFact($0) && !own.contains($0) }.sorted())
    }

    /// Reads `key,email,city`.
    package init(_ written: String) throws(Mistake) {
        var names: [String] = []
        for part in written.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let name = LeadDoor.attributeName(of: part) else {
                throw Mistake(
                    description:
                        "\"\(part)\" is no column: write names with commas between, such as key,email,city; a name has "
                        + "letters, digits, _ and dots")
            }
            let field = LeadDoor.field(of: name)
            guard !names.contains(field) else { throw Mistake(description: "the column \(field) is named twice") }
            names.append(field)
        }
        guard names.count <= Self.most else {
            throw Mistake(description: "a list has at most \(Self.most) columns")
        }
        self.names = names
    }

    package func cells(of lead: LeadSummary) -> [String] {
        names.map { name in
            switch name {
            case "key": lead.key
            case "email": lead.address?.text ?? ""
            case "time_zone": lead.timeZone ?? ""
            case "locale": lead.locale ?? ""
            case "stage": lead.stage?.rawValue ?? ""
            case "score": Self.number(lead.score)
            case "fit": Self.number(lead.fit)
            case "engagement": Self.number(lead.engagement)
            default: lead.attributes[name].map { Self.text($0, of: name) } ?? ""
            }
        }
    }

    private static func number(_ value: Double?) -> String { value.map { AttributeValue.number($0).text } ?? "" }

    private static func text(_ value: AttributeValue, of name: String) -> String {
        guard name == FactChange.tags, case .list(let list) = value else { return value.text }
        return list.values.map(\.text).joined(separator: ";")
    }
}
