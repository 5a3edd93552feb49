import Foundation

// The rule: a list of another system keeps its own heads, and whoever imports it says what they mean: `Email Address=email` gives a
// column the name of a field, `Score=-` leaves a column out. All other columns keep their names.
//
// - The last `=` parts the two sides: a head may hold one, a field never does. The left side is a head of the file as it stands
//   there, whatever blanks are around it. One that is not there is a mistake that names the nearest; one that stands there twice can
//   only be left out, since nobody can tell which is meant.
// - The right side is a name that the door takes for a column (`LeadDoor.attributeName`), or `-`.
// - No two columns may become the same field, be they mapped or not.
//
// Edge cases: a column may be given the name that it has; `E-Mail` and `Email Address` are the same field `email` already, which is
// why a file with both is mended by leaving one out.
//
// Worked example: the head `Email,Work E-Mail,Größe` with `Work E-Mail=email`, `Email=-` and `Größe=company.size` becomes
// `-,email,company.size`.

/// What the columns of a list are to be called.
package struct ColumnMapping: Hashable, Sendable {
    /// What is wrong, and how to mend it, in one line.
    package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private struct Entry: Hashable {
        var column: String
        var name: String

        var written: String { "\(column)=\(name)" }
    }

    private var entries: [Entry] = []

    /// Reads what was written, each as `COLUMN=FIELD`.
    package init(_ written: [String]) throws(Mistake) {
        for text in written {
            guard let equals = text.lastIndex(of: "=") else {
                throw Mistake(description: "\"\(text)\" has no =: write COLUMN=FIELD, such as \"Email Address=email\"")
            }
            let column = Self.trimmed(text[..<equals])
            let right = Self.trimmed(text[text.index(after: equals)...])
            guard let name = right == LeadDoor.leftOut ? right : LeadDoor.attributeName(of: right) else {
                let near = Self.name(like: right).map { "\($0), or " } ?? ""
                throw Mistake(
                    description:
                        "\"\(text)\": \"\(right)\" is no field: write \(near)a letter and then letters, digits, _ and "
                        + "dots, or - to leave the column out")
            }
            if let other = entries.first(where: { $0.column == column }) {
                throw Mistake(description: "the column \"\(column)\" is mapped twice: to \(other.name) and to \(name)")
            }
            if name != LeadDoor.leftOut,
                let other = entries.first(where: { LeadDoor.field(of: $0.name) == LeadDoor.field(of: name) })
            {
                throw Mistake(
                    description:
                        "\"\(other.written)\" and \"\(text)\" are the same field: keep one, and leave the other out "
                        + "with \"\(column)=-\"")
            }
            entries.append(Entry(column: column, name: name))
        }
    }

    /// The columns of a list by the names that they are to have.
    package func applied(to head: [String]) throws(Mistake) -> [String] {
        let columns = head.map { Self.trimmed($0[...]) }
        var names = head
        var mapped: Set<Int> = []
        for entry in entries {
            let places = columns.indices.filter { columns[$0] == entry.column }
            guard let place = places.first else {
                let near = Spelling.nearest(to: entry.column, among: columns)
                let known = near.map { "did you mean \"\($0)\"?" } ?? "it has \(Self.list(columns))"
                throw Mistake(description: "no column of the file is called \"\(entry.column)\": \(known)")
            }
            guard places.count == 1 || entry.name == LeadDoor.leftOut else {
                throw Mistake(
                    description:
                        "\(places.count) columns are called \"\(entry.column)\", and nobody can tell which is meant: give "
                        + "them different names in the file")
            }
            for place in places { names[place] = entry.name }
            mapped.insert(place)
        }
        for place in mapped.sorted() where names[place] != LeadDoor.leftOut {
            let field = LeadDoor.field(of: names[place])
            let other = names.indices.first { other in
                other != place && LeadDoor.attributeName(of: names[other]).map(LeadDoor.field) == field
            }
            guard let other else { continue }
            throw Mistake(
                description:
                    "the columns \"\(columns[place])\" and \"\(columns[other])\" are both \(field): leave one out with "
                    + "\"\(columns[other])=-\"")
        }
        return names
    }

    /// Mappings, each by itself or several together, that would mend what the door does not take of a head; the best first.
    package static func mends(of complaint: LeadDoor.Complaint, in head: [String]) -> [[String]] {
        let own = head.map { trimmed($0[...]) }.filter { column in
            LeadDoor.attributeName(of: column).map(LeadDoor.own.contains) ?? false
        }
        // A list of dripd's own has several of them.
        if own.count > 1, own.contains(trimmed(complaint.column[...])) { return [own.map { "\($0)=-" }] }
        return single(complaint, in: head).map { [$0] }
    }

    private static func single(_ complaint: LeadDoor.Complaint, in head: [String]) -> [String] {
        let (columns, column) = (head.map { trimmed($0[...]) }, trimmed(complaint.column[...]))
        guard columns.contains(column) else {
            // None is called email or key; other names are those that a mapping gave.
            guard column == "email" else { return [] }
            return columns.first { $0.lowercased().contains("mail") }.map { ["\($0)=email"] } ?? []
        }
        let isNoName = LeadDoor.attributeName(of: column) == nil
        if let name = LeadDoor.attributeName(of: column), LeadDoor.own.contains(name) {
            return ["\(column)=-", "\(column)=crm_\(name)"]
        }
        // A good name is refused where another column has it.
        guard isNoName || columns.count(where: { $0 == column }) == 1 else { return [] }
        return (isNoName ? [name(like: column)].compactMap(\.self) : []).map { "\(column)=\($0)" } + ["\(column)=-"]
    }

    /// A name that is like a head and that the door takes: `Größe (cm)` → `grosse_cm`.
    private static func name(like column: String) -> String? {
        var name = ""
        for scalar in column.lowercased().replacing("ß", with: "ss").decomposedStringWithCanonicalMapping
            .unicodeScalars
        {
            if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
                name.unicodeScalars.append(scalar)
            } else if scalar.properties.generalCategory != .nonspacingMark, name.last != "_", !name.isEmpty {
                name.append("_")
            }
        }
        while name.last == "_" { name.removeLast() }
        return LeadDoor.attributeName(of: name)
    }

    private static func list(_ columns: [String]) -> String {
        columns.prefix(10).map { "\"\($0)\"" }.joined(separator: ", ") + (columns.count > 10 ? " …" : "")
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
