// The rule: what a row of a lead list must be to become a lead. Every cell is hostile until it has passed here.
//
// - `email` must be a usable address (`EmailAddress`); it may be missing only where `key` is given.
// - `key` (also `id`, `external_id`) names the lead for ever; without it the normalised address does.
// - `time_zone` that is unknown is no reason to lose a lead: it falls back, with a warning.
// - `locale` is a BCP 47 tag; one that is none is dropped, with a warning.
// - A lead that stands in one list twice is taken twice, the later row over the earlier, with a warning; so is a fact from
//   which a running campaign counts and which is no date.
// - Every other column is an attribute; `company.size` is one name, of a fact that belongs to a group of facts
//   (`attributeName` says what a name may be), but for what dripd alone says of a lead (`own`). Control characters are refused wherever they stand: they are how headers and
//   commands are injected. A cell holds at most 1,000 characters.
// - The cells of a column `tags`, and of no other, are lists, with `;` between their values (`ValueList.swift`).
// - A column called `-` is left out, whatever stands in it (`ColumnMapping.swift` calls columns so).
//
// Worked example: `email=Budi@Example.com,first_name=Budi,time_zone=Jakarta` becomes the lead `budi@example.com` with
// no zone of its own and the warning `time_zone: "Jakarta" is no IANA zone`.

/// Turns the rows of one table into drafts, or into reasons why not.
package struct LeadDoor: Sendable {
    /// What a row became.
    package enum Verdict: Hashable, Sendable {
        case admitted(LeadDraft, warnings: [Complaint])
        case refused([Complaint])
    }

    /// One cell and what is wrong with it.
    package struct Complaint: Error, Hashable, Sendable {
        package var column: String
        package var reason: String
        /// As of a `ControlError`.
        package var isPrivate: Bool

        package init(column: String, reason: String, isPrivate: Bool = false) {
            self.column = column
            self.reason = reason
            self.isPrivate = isPrivate
        }
    }

    private enum Role: Hashable {
        case key, email, zone, locale, leftOut
        case attribute(String)
    }

    /// What a column is called that says nothing of a lead.
    package static let leftOut = "-"

    static let longestCell = 1_000
    private static let mostColumns = 1_000

    /// What dripd alone says of a lead, by its rules and by what sales does.
    ///
    /// `owner` is none of them: lists may say whose a lead is.
    package static let own = Set(PushedFacts.own + Handoff.Fact.ofHandoff)

    private let roles: [Role]
    private let names: [String]

    /// Reads a header; throws what makes the whole table unusable.
    package init(columns: [String]) throws(Complaint) {
        guard columns.count <= Self.mostColumns else {
            throw Complaint(
                column: "", reason: "a list has at most \(Self.mostColumns) columns, and this one \(columns.count)")
        }
        var seen: Set<String> = []
        var seenRoles: Set<Role> = []
        var roles: [Role] = []
        for column in columns {
            guard column != Self.leftOut else {
                roles.append(.leftOut)
                continue
            }
            guard let name = Self.attributeName(of: column) else {
                throw Complaint(
                    column: column,
                    reason: "a column name must begin with a letter and hold letters, digits, _ and dots only")
            }
            guard seen.insert(name).inserted else {
                throw Complaint(column: column, reason: "this column stands twice")
            }
            guard !Self.own.contains(name) else {
                throw Complaint(
                    column: column, reason: "dripd alone says this of a lead: leave it out, or give it another name")
            }
            roles.append(Self.role(of: name))
            guard seenRoles.insert(Self.role(of: name)).inserted else {
                throw Complaint(column: column, reason: "another column says the same thing; keep one of the two")
            }
        }
        guard roles.contains(.email) || roles.contains(.key) else {
            throw Complaint(column: "email", reason: "no column is called email or key")
        }
        self.roles = roles
        self.names = columns
    }

    private static func role(of name: String) -> Role {
        switch name {
        case "key", "id", "external_id": .key
        case "email", "e_mail", "email_address": .email
        case "time_zone", "timezone": .zone
        case "locale", "language": .locale
        default: .attribute(name)
        }
    }

    /// What a name says of a lead, by the one word that stands for all its spellings: `e_mail` is `email`.
    package static func field(of name: String) -> String {
        switch role(of: name) {
        case .key: "key"
        case .email: "email"
        case .zone: "time_zone"
        case .locale: "locale"
        case .leftOut: leftOut
        case .attribute(let name): name
        }
    }

    /// Whether a fact may have that name: the others say who the lead is.
    package static func isFact(_ name: String) -> Bool { role(of: name) == .attribute(name) }

    /// Judges one row.
    package func admit(_ cells: [String], unreadable: [Int] = [], knownZones: (String) -> Bool) -> Verdict {
        var draft = LeadDraft(key: "", address: nil)
        var complaints: [Complaint] = []
        var warnings: [Complaint] = []
        if cells.count > roles.count {
            complaints.append(
                Complaint(column: "", reason: "it has \(cells.count) cells, the header only \(roles.count)"))
        }
        for (index, role) in roles.enumerated() where role != .leftOut {
            guard !unreadable.contains(index) else {
                complaints.append(
                    Complaint(
                        column: names[index], reason: "it holds bytes that are no UTF-8; save the list as \"CSV UTF-8\""
                    ))
                continue
            }
            let raw = index < cells.count ? cells[index] : ""
            if let bad = Self.controlCharacter(in: raw) {
                complaints.append(Complaint(column: names[index], reason: "it holds a control character (\(bad))"))
                continue
            }
            let cell = Self.trimmed(raw)
            guard cell.utf8.count <= Self.longestCell else {
                complaints.append(
                    Complaint(column: names[index], reason: "it is longer than \(Self.longestCell) characters"))
                continue
            }
            guard !cell.isEmpty else { continue }
            switch role {
            case .leftOut: continue
            case .key: draft.key = cell
            case .email:
                do {
                    let address = try EmailAddress(cell)
                    draft.address = address
                    if let warning = DubiousAddress.warning(of: address) {
                        warnings.append(Complaint(column: names[index], reason: warning))
                    }
                } catch {
                    complaints.append(Complaint(column: names[index], reason: error.description))
                }
            case .zone:
                if knownZones(cell) {
                    draft.zoneName = cell
                } else {
                    warnings.append(
                        Complaint(column: names[index], reason: "\"\(cell)\" is no IANA zone; the campaign's is used"))
                }
            case .locale:
                let tag = cell.lowercased().replacing("_", with: "-")
                if Self.isLanguageTag(tag) {
                    draft.locale = tag
                } else {
                    warnings.append(Complaint(column: names[index], reason: "\"\(cell)\" is no language tag"))
                }
            case .attribute(let name):
                do {
                    draft.attributes[name] = try Self.fact(name, cell)
                } catch {
                    complaints.append(Complaint(column: names[index], reason: error.description))
                }
            }
        }
        if draft.key.isEmpty { draft.key = draft.address?.normalised ?? "" }
        if draft.key.isEmpty, complaints.isEmpty {
            complaints.append(Complaint(column: "email", reason: "it is empty, and no key names the lead"))
        }
        return complaints.isEmpty ? .admitted(draft, warnings: warnings) : .refused(complaints)
    }

    /// A fact of that name, as a single text writes it: of tags, all with `;` between them.
    package static func fact(_ name: String, _ text: String) throws(ValueList.Refusal) -> AttributeValue {
        guard name == FactChange.tags else { return .text(text) }
        return .list(try ValueList(text.split(separator: ";").map { .text(trimmed(String($0))) }))
    }

    /// What a row says of facts that must be dates, by the campaigns that count from them.
    package static func undated(_ lead: LeadDraft, readers: [String: [CampaignID]]) -> [Complaint] {
        readers.sorted { $0.key < $1.key }.compactMap { name, campaigns in
            guard let value = lead.attributes[name], !value.isBlank, AnchorPoint(value, in: .utc) == nil else {
                return nil
            }
            let who = campaigns.map(\.rawValue).joined(separator: ", ")
            return Complaint(
                column: name,
                reason: "\"\(value.text)\" is no date such as 2026-12-01; \(who) counts from it, and waits for one")
        }
    }

    /// Blanks around a cell are a habit of spreadsheets; nothing inside it is touched.
    private static func trimmed(_ text: String) -> String {
        guard text.utf8.first == 0x20 || text.utf8.last == 0x20 else { return text }
        let bytes = text.utf8.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed()
        return String(decoding: Array(bytes), as: UTF8.self)
    }

    /// How many parts a name may have, and how deep facts may stand inside of facts.
    package static let deepestName = 4

    /// The name under which a column's facts are kept: in small letters, with _ for blanks and hyphens; nil where it
    /// cannot be one.
    ///
    /// The one place that says what a name is: at most 64 bytes, in at most four parts of small letters, digits and _ that
    /// dots join, the first byte a letter: `industry`, `company.size`, `company.address.street_2`.
    package static func attributeName(of column: String) -> String? {
        let name = trimmed(column).lowercased().replacing(" ", with: "_").replacing("-", with: "_")
        return isAttributeName(name) ? name : nil
    }

    private static func isAttributeName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isSmallLetter(first), name.utf8.count <= 64 else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count <= deepestName
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy {
                        isSmallLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                            || $0 == UInt8(ascii: "_")
                    }
            }
    }

    private static func isSmallLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    /// BCP 47 in outline: 2–3 letters, then subtags of 2–8 letters or digits.
    private static func isLanguageTag(_ tag: String) -> Bool {
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, (2...3).contains(language.count), language.allSatisfy(\.isASCIILetter) else {
            return false
        }
        return parts.dropFirst().allSatisfy { part in
            (2...8).contains(part.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
    }

    /// Judged by scalars, because CR LF is one Character; C1 controls and line separators count too.
    static func controlCharacter(in text: String) -> String? {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x00: return "NUL"
            case 0x0A: return "LF"
            case 0x0D: return "CR"
            case 0x01..<0x20, 0x7F...0x9F, 0x2028, 0x2029:
                let hex = String(scalar.value, radix: 16, uppercase: true)
                return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
            default: continue
            }
        }
        return nil
    }
}

/// The leads of one list, to tell of those that stand in it twice.
package struct RepeatedKeys: Sendable {
    private var lines: [String: Int] = [:]

    package init() {}

    /// A warning where a lead stood on a line before this one, and in front of `front`.
    package mutating func take(_ key: String, line: Int, inFrontOf front: Int = .max) -> LeadDoor.Complaint? {
        guard let earlier = lines.updateValue(line, forKey: key), earlier < front else { return nil }
        return LeadDoor.Complaint(
            column: "key", reason: "\"\(key)\" stands on line \(earlier) too; what this row says holds")
    }
}

extension Character {
    fileprivate var isASCIILetter: Bool { isASCII && isLetter }
}
