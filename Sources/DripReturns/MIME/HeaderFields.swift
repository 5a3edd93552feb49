/// Named lines in their order: the head of a mail, or a group of a delivery report (RFC 5322 §2.2, RFC 3464 §2.1.1).
struct HeaderFields: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        /// In lower case.
        let name: String
        /// On one line.
        let value: String
    }

    private(set) var fields: [Field] = []

    var isEmpty: Bool { fields.isEmpty }

    mutating func append(name: String, value: String) {
        guard fields.count < ReturnLimits.headers else { return }
        fields.append(Field(name: name.lowercased(), value: OneLine.clean(value, longest: 4_096)))
    }

    /// The first field of that name, which is given in lower case.
    func first(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    func all(_ names: String...) -> [String] { fields.filter { names.contains($0.name) }.map(\.value) }

    func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    /// Groups of fields, parted by blank lines; a line that is no field and continues none is passed over.
    static func groups(in text: String) -> [HeaderFields] {
        var groups: [HeaderFields] = []
        var group = HeaderFields()
        var field: (name: String, value: String)?
        func close() {
            if let field { group.append(name: field.name, value: field.value) }
            field = nil
        }
        for line in TextLines.split(text) {
            if line.allSatisfy(\.isWhitespace) {
                close()
                if !group.isEmpty { groups.append(group) }
                group = HeaderFields()
            } else if line.first == " " || line.first == "\t" {
                if field != nil, (field?.value.utf8.count ?? 0) < 4_096 { field?.value += " " + line }
            } else {
                close()
                field = name(of: line).map { name in (String(name), String(line.dropFirst(name.count + 1))) }
            }
            if groups.count >= ReturnLimits.recipients { return groups }
        }
        close()
        return group.isEmpty ? groups : groups + [group]
    }

    /// What stands before the colon, where that can be the name of a field.
    private static func name(of line: Substring) -> Substring? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let name = line[..<colon]
        let isName =
            !name.isEmpty && name.utf8.count <= 76
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isName ? name : nil
    }
}
