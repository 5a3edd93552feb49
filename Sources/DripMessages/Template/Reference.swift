// The names that a template may use.
//
// The rule: `lead.*` (any attribute, and the four facts that every lead has), the few fields below, and the cells of
// catalogues (`Catalogue.swift`); every other name is an error, because a variable that nothing can ever fill would hold
// every message back.
// `message.subject`, `message.preheader` and `content` exist in layouts only: the message itself makes them.
// Example: `{{ lead.frist_name }}` cannot be known to be wrong, attributes are free; `{{ campain.name }}` can.

import DripCore

/// One value that a template may ask for.
enum Reference: Hashable, Sendable {
    case attribute(String)
    /// What came along with the event that began the run.
    case eventFact(String)
    case leadEmail, leadKey, leadLocale, leadZone
    case campaignName, campaignID, stepID
    case senderName, senderAddress, postalAddress
    case unsubscribeLink, preferencesLink, confirmLink
    case handover(HandoverField)
    case subject, preheader, locale
    case cell(CatalogueCell)
    case content
}

/// What a note to a colleague may say of a lead that was given to somebody.
enum HandoverField: String, CaseIterable, Hashable, Sendable {
    case owner, lead, stage, score, facts, history, link
    case acceptBy = "accept_by"
    case followUpBy = "follow_up_by"

    /// Whether it is a list, a line each.
    var isOfLines: Bool { self == .facts || self == .history }

    func text(in brief: HandoverBrief) -> String {
        switch self {
        case .owner: brief.owner
        case .lead: brief.lead
        case .stage: brief.stage
        case .score: brief.score
        case .facts: brief.facts.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        case .history: brief.history.joined(separator: "\n")
        case .link: brief.link
        case .acceptBy: brief.acceptBy
        case .followUpBy: brief.followUpBy
        }
    }
}

/// Where a template stands; what it may name depends on it.
enum TemplateKind: Hashable, Sendable {
    case subject, preheader, body, layout
    /// A part of bodies, in a file of its own.
    case partial
}

extension Reference {
    /// As it is written between braces.
    var name: String {
        switch self {
        case .attribute(let name): "lead.\(name)"
        case .eventFact(let name): "event.\(name)"
        case .leadEmail: "lead.email"
        case .leadKey: "lead.key"
        case .leadLocale: "lead.locale"
        case .leadZone: "lead.time_zone"
        case .campaignName: "campaign.name"
        case .campaignID: "campaign.id"
        case .stepID: "step.id"
        case .senderName: "sender.name"
        case .senderAddress: "sender.address"
        case .postalAddress: "sender.postal_address"
        case .unsubscribeLink: "links.unsubscribe"
        case .preferencesLink: "links.preferences"
        case .confirmLink: "links.confirm"
        case .handover(let field): "handoff.\(field.rawValue)"
        case .subject: "message.subject"
        case .preheader: "message.preheader"
        case .locale: "message.locale"
        case .cell(let cell): cell.name
        case .content: "content"
        }
    }

    /// Whether some lead could lack it and the message must not go without it.
    ///
    /// The loader saw to the policy's and the campaign's values; a message may well have no preheader and no locale.
    var isNeeded: Bool {
        switch self {
        case .attribute, .eventFact, .leadEmail, .leadLocale, .leadZone: true
        case .cell(let cell): cell.mayBeMissing
        default: false
        }
    }

    private static let leadFields: [String: Reference] = [
        "email": .leadEmail, "key": .leadKey, "locale": .leadLocale, "time_zone": .leadZone,
    ]

    private static let fields: [String: [String: Reference]] = [
        "campaign": ["name": .campaignName, "id": .campaignID],
        "step": ["id": .stepID],
        "sender": ["name": .senderName, "address": .senderAddress, "postal_address": .postalAddress],
        "links": ["unsubscribe": .unsubscribeLink, "preferences": .preferencesLink, "confirm": .confirmLink],
        "handoff": Dictionary(uniqueKeysWithValues: HandoverField.allCases.map { ($0.rawValue, .handover($0)) }),
        "message": ["subject": .subject, "preheader": .preheader, "locale": .locale],
    ]

    /// Reads `lead.first_name`; the error says what is wrong with the name and what was likely meant.
    static func named(_ text: String, in kind: TemplateKind, at offset: Int) throws(TemplateError) -> Reference {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let root = parts[0]
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw TemplateError(
                at: offset, "\"\(text)\" is not a name", "Names look like lead.first_name or lead.company.size.")
        }
        if root == "content", parts.count == 1 {
            guard kind == .layout else {
                throw TemplateError(
                    at: offset, "content exists only in layouts",
                    "It is the place in layouts/*.html where this message goes.")
            }
            return .content
        }
        guard root == "lead" || root == "event" || fields[root] != nil else { throw unknownRoot(parts, at: offset) }
        guard parts.count >= 2 else {
            throw TemplateError(
                at: offset, "\(root) alone is not a value", "Name one of its fields: \(examples(of: root)).")
        }
        if root == "lead" || root == "event" {
            // A fact may stand inside of others: `lead.company.size` is the attribute `company.size`.
            guard parts.count - 1 <= LeadDoor.deepestName else {
                throw TemplateError(
                    at: offset, "\"\(text)\" is too deep", "Behind \(root) stand at most \(LeadDoor.deepestName) names."
                )
            }
            let field = parts.dropFirst().joined(separator: ".")
            return root == "event" ? .eventFact(field) : leadFields[field] ?? .attribute(field)
        }
        guard parts.count == 2 else {
            throw TemplateError(
                at: offset, "\"\(text)\" has more than one dot",
                "Values have no parts of their own. Write \(root).\(parts[1]).")
        }
        let field = parts[1]
        let known = fields[root] ?? [:]
        guard let reference = known[field] else {
            let guess = nearestSpelling(of: field, among: Array(known.keys))
            throw TemplateError(
                at: offset, "\(root) has no field \"\(field)\"",
                guess.map { "Did you mean \(root).\($0)?" } ?? "It has \(examples(of: root)).")
        }
        if case .handover(let field) = reference, field.isOfLines, kind != .body {
            throw TemplateError(
                at: offset, "\(text) has many lines, and a \(kind == .subject ? "subject" : "part") has one",
                "Write it into the text of the note itself.")
        }
        if kind != .layout, reference == .subject || reference == .preheader {
            throw TemplateError(
                at: offset, "\(text) exists only in layouts", "A message cannot quote its own front matter.")
        }
        return reference
    }

    private static func unknownRoot(_ parts: [String], at offset: Int) -> TemplateError {
        let roots = ["lead", "event"] + (fields.keys + [CatalogueName.root]).sorted()
        let rest = parts.dropFirst().joined(separator: ".")
        let hint: String
        if let guess = nearestSpelling(of: parts[0], among: roots) {
            hint = "Did you mean \(guess)\(rest.isEmpty ? "" : ".\(rest)")?"
        } else if parts.count == 1 {
            hint = "Did you mean lead.\(parts[0])? A lead's attributes are written lead.NAME."
        } else {
            hint = "Names start with \(roots.joined(separator: ", "))."
        }
        return TemplateError(at: offset, "unknown name \"\(parts.joined(separator: "."))\"", hint)
    }

    private static func examples(of root: String) -> String {
        if root == "lead" { return "lead.email, lead.first_name, or any other attribute" }
        if root == "event" { return "event.order_id, or whatever else comes along with it" }
        return (fields[root] ?? [:]).keys.sorted().map { "\(root).\($0)" }.joined(separator: ", ")
    }
}
