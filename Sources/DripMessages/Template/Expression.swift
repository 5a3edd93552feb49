import DripCore

/// A value that a template names or writes out.
enum Operand: Hashable, Sendable {
    case reference(Reference)
    /// `blank`, `empty` and `nil` are the empty text.
    case literal(AttributeValue)
}

/// What stands between `{{` and `}}`.
struct Expression: Hashable, Sendable {
    var operand: Operand
    /// How it is written out; nil as it is.
    var format: ValueFormat?
    /// What takes its place where the format cannot read it, in their order: the defaults in front of the format.
    var standIns: [Operand] = []
    var filters: [Filter]

    /// The variable to name when there is nothing to show, and as what: a text may be there that is no date.
    var name: String {
        guard case .reference(let reference) = operand else { return "the text" }
        return format.map { "\(reference.name) | \($0.name)" } ?? reference.name
    }

    var reference: Reference? {
        if case .reference(let reference) = operand { return reference }
        return nil
    }

    /// Whether some lead could leave a hole here: it has no default, or only one that may be blank itself.
    ///
    /// `default: ""` is a default: its author said that nothing may stand here.
    var isNeeded: Bool {
        guard let reference, reference.isNeeded else { return false }
        for operand in defaults {
            switch operand {
            case .literal: return false
            case .reference(let other): if !other.isNeeded { return false }
            }
        }
        return true
    }
}

extension Expression {
    /// All that may stand in its place, in their order.
    var defaults: [Operand] {
        standIns
            + filters.compactMap { filter in
                if case .fallback(let operand) = filter { return operand }
                return nil
            }
    }

    /// Every value that it names or writes out.
    var operands: [Operand] { [operand] + defaults }

    /// Whether it is a list of ours, a line each.
    var isOfLines: Bool {
        if case .reference(.handover(let field)) = operand { return field.isOfLines }
        return false
    }
}

/// A change to a value on its way into the message.
enum Filter: Hashable, Sendable {
    case fallback(Operand)
    case upcase, downcase, capitalize
    /// At most so many characters, the ending among them.
    case truncate(Int, ending: String)
}

/// What stands in `{% if … %}`.
indirect enum TemplateCondition: Hashable, Sendable {
    enum Comparison: Hashable, Sendable {
        case equal, notEqual, contains, less, lessOrEqual, more, moreOrEqual
    }

    case holds(Operand)
    case compare(Operand, Comparison, Operand)
    case all([TemplateCondition])
    case any([TemplateCondition])
    case not(TemplateCondition)
}

/// A tag that chooses between branches; `{% unless x %}` is `begin(not x)`.
enum Control: Hashable, Sendable {
    case begin(TemplateCondition)
    case otherwiseIf(TemplateCondition)
    case otherwise
    case end
}

extension TemplateCondition {
    /// Every value that it asks about.
    var operands: [Operand] {
        switch self {
        case .holds(let operand): [operand]
        case .compare(let left, _, let right): [left, right]
        case .all(let parts), .any(let parts): parts.flatMap(\.operands)
        case .not(let part): part.operands
        }
    }
}

extension Control {
    var operands: [Operand] {
        switch self {
        case .begin(let condition), .otherwiseIf(let condition): condition.operands
        case .otherwise, .end: []
        }
    }
}

extension AttributeValue {
    /// The same answer as `isBlank`, without looking at characters where the first byte already tells.
    var isEmptyOrBlank: Bool {
        guard case .text(let text) = self else { return isBlank }
        guard let first = text.utf8.first else { return true }
        return first > 0x20 && first < 0x7F ? false : isBlank
    }
}
