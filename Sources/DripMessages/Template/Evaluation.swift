// How a template's expressions and conditions become texts and answers.
//
// The rules, the same as those of conditions in campaign files (`Condition.swift`):
// - a blank text counts as missing, for a default, for a condition and for the missing-variable gate alike;
// - numbers compare as numbers even where a CSV made them texts, other texts without regard to case;
// - a list, such as `lead.tags`, is equal to each of its values, and contains them and nothing else; it is shown with commas;
// - a bare name holds when it is neither missing nor `false` (the flag, or the word: a CSV knows only texts).
// Examples: `lead.seats == 50` holds for "50" and 50.0; `lead.trial` does not hold for "False"; `lead.x == blank`
// holds for a lead without x and for "  ".

import DripCore

/// What a template's names stand for, in one rendering.
struct TemplateScope {
    /// The message's own sender; nil takes the context's.
    var sender: Policy.Sender?
    var locale: String?
    var subject: String
    var preheader: String

    func value(of reference: Reference, in context: MessageContext) -> AttributeValue? {
        switch reference {
        case .attribute(let name): context.lead.attributes[name]
        case .eventFact(let name): context.data[name]
        case .leadEmail: context.lead.address.map { .text($0.text) }
        case .leadKey: .text(context.lead.key)
        case .leadLocale: context.lead.locale.map { .text($0) }
        case .leadZone: context.lead.zoneName.map { .text($0) }
        case .campaignName: .text(context.campaignName)
        case .campaignID: .text(context.campaign.rawValue)
        case .stepID: .text(context.step.rawValue)
        case .senderName: .text(sender?.name ?? context.sender.name)
        case .senderAddress: .text(sender?.address.text ?? context.sender.address.text)
        case .postalAddress: .text(context.postalAddress)
        case .unsubscribeLink: .text(context.unsubscribe.link)
        case .preferencesLink: .text(context.unsubscribe.preferences)
        case .confirmLink: .text(context.confirmation)
        case .handover(let field): context.handover.map { .text(field.text(in: $0)) }
        case .subject: .text(subject)
        case .preheader: .text(preheader)
        case .locale: locale.map { .text($0) }
        case .cell(let cell): cell.text(for: context.lead, tag: tag(in: context)).map { .text($0) }
        case .content: nil
        }
    }

    /// The language that values are written in: the file's, else the lead's; nil where neither says one.
    private func tag(in context: MessageContext) -> String? { locale ?? context.lead.locale }

    /// The operand's value, nil where it is missing or blank.
    func value(of operand: Operand, in context: MessageContext) -> AttributeValue? {
        let found: AttributeValue?
        switch operand {
        case .reference(let reference): found = value(of: reference, in: context)
        case .literal(let value): found = value
        }
        return found.flatMap { $0.isEmptyOrBlank ? nil : $0 }
    }

    /// The text to show; empty where there is nothing.
    func text(of expression: Expression, in context: MessageContext) -> String {
        var text = written(expression, in: context)
        for filter in expression.filters {
            switch filter {
            case .fallback(let operand): text = text ?? value(of: operand, in: context)?.text
            case .upcase: text = text?.uppercased()
            case .downcase: text = text?.lowercased()
            case .capitalize: text = text.map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
            case .truncate(let limit, let ending): text = text.map { Self.truncate($0, to: limit, ending) }
            }
        }
        return text ?? ""
    }

    /// The value before its filters, in the format that it is to have; nil where there is none that can be.
    private func written(_ expression: Expression, in context: MessageContext) -> String? {
        guard let format = expression.format else { return value(of: expression.operand, in: context)?.text }
        let language = Language(tag: tag(in: context))
        func text(_ operand: Operand) -> String? {
            value(of: operand, in: context).flatMap { format.text(of: $0, in: language, context.zone) }
        }
        if let text = text(expression.operand) { return text }
        for operand in expression.standIns {
            if let text = text(operand) { return text }
        }
        return nil
    }

    /// Whether there is nothing to show, found without making a text that has no format.
    func isMissing(_ expression: Expression, in context: MessageContext) -> Bool {
        if expression.format != nil {
            if written(expression, in: context) != nil { return false }
        } else if value(of: expression.operand, in: context) != nil {
            return false
        }
        for case .fallback(let operand) in expression.filters {
            if case .literal = operand { return false }
            if value(of: operand, in: context) != nil { return false }
        }
        return true
    }

    func holds(_ condition: TemplateCondition, in context: MessageContext) -> Bool {
        switch condition {
        case .holds(let operand):
            guard let value = value(of: operand, in: context) else { return false }
            switch value {
            case .flag(let flag): return flag
            case .text(let text): return !(text.utf8.count == 5 && text.lowercased() == "false")
            case .number, .list: return true
            }
        case .compare(let left, let comparison, let right):
            return Self.compare(value(of: left, in: context), comparison, value(of: right, in: context))
        case .all(let parts): return parts.allSatisfy { holds($0, in: context) }
        case .any(let parts): return parts.contains { holds($0, in: context) }
        case .not(let part): return !holds(part, in: context)
        }
    }

    private static func compare(
        _ left: AttributeValue?, _ comparison: TemplateCondition.Comparison, _ right: AttributeValue?
    ) -> Bool {
        switch comparison {
        case .equal: return equal(left, right)
        case .notEqual: return !equal(left, right)
        case .contains:
            guard let left, let right else { return false }
            return left.contains(right)
        case .less, .lessOrEqual, .more, .moreOrEqual:
            guard let a = left?.number, let b = right?.number else { return false }
            switch comparison {
            case .less: return a < b
            case .lessOrEqual: return a <= b
            case .more: return a > b
            default: return a >= b
            }
        }
    }

    private static func equal(_ left: AttributeValue?, _ right: AttributeValue?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.isEqual(right)
    }

    private static func truncate(_ text: String, to limit: Int, _ ending: String) -> String {
        guard text.count > limit else { return text }
        return text.prefix(max(0, limit - ending.count)) + ending
    }
}
