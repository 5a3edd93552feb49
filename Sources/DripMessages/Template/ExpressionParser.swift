import DripCore

/// Reads what stands inside a tag: an output with its filters, or a condition.
struct ExpressionParser {
    private let kind: TemplateKind
    private let shared: SharedParts
    private let tokens: [ExpressionToken]
    private var index = 0

    init(
        _ range: Range<Int>, in source: SourceText, kind: TemplateKind, shared: SharedParts
    ) throws(TemplateError) {
        self.kind = kind
        self.shared = shared
        self.tokens = try ExpressionLexer.tokens(of: range, in: source)
    }

    var current: ExpressionToken { tokens[index] }

    mutating func take() -> ExpressionToken {
        let token = current
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    /// Where a mistake that concerns the whole tag is shown.
    var offset: Int { tokens.first?.offset ?? 0 }

    // MARK: Output

    mutating func output() throws(TemplateError) -> Expression {
        if current.kind == .end {
            throw TemplateError(at: offset, "this tag is empty", "Name a value, such as lead.first_name.")
        }
        var expression = Expression(operand: try operand(), filters: [])
        while current.kind == .pipe {
            _ = take()
            try filter(&expression)
        }
        guard current.kind == .end else {
            throw TemplateError(
                at: current.offset, "something follows the value",
                "Filters come after a |, as in lead.first_name | default: \"there\".")
        }
        if case .reference(.content) = expression.operand, !expression.filters.isEmpty {
            throw TemplateError(at: offset, "content takes no filters", "Write {{ content }}.")
        }
        return expression
    }

    mutating func operand() throws(TemplateError) -> Operand {
        let token = take()
        switch token.kind {
        case .text(let text): return .literal(.text(text))
        case .number(let number): return .literal(.number(number))
        case .name("blank"), .name("empty"), .name("nil"): return .literal(.text(""))
        case .name("true"): return .literal(.flag(true))
        case .name("false"): return .literal(.flag(false))
        case .name(let name) where CatalogueName.isOne(name):
            return .reference(.cell(try cell(name, at: token.offset)))
        case .name(let name): return .reference(try Reference.named(name, in: kind, at: token.offset))
        case .end:
            throw TemplateError(at: token.offset, "a value is missing here", "Write a name or a text in quotes.")
        default:
            throw TemplateError(
                at: token.offset, "a value was expected here", "Write a name such as lead.first_name, or \"a text\".")
        }
    }

    private mutating func cell(_ name: String, at offset: Int) throws(TemplateError) -> CatalogueCell {
        guard kind != .layout else {
            throw TemplateError(
                at: offset, "catalogues exist only in messages", "A layout is the same whatever it frames.")
        }
        let column = try CatalogueName.named(name, at: offset, in: shared)
        guard current.kind == .openBracket else {
            throw TemplateError(
                at: offset, "which row of the catalogue is not said",
                "Write \(name)[lead.industry].\(column.anyColumn), with the fact that picks the row.")
        }
        _ = take()
        let key = take()
        guard take().kind == .closeBracket, case let fieldToken = take(), case .field(let field) = fieldToken.kind
        else {
            throw TemplateError(
                at: key.offset, "this does not name a row and a column",
                "Write \(name)[lead.industry].\(column.anyColumn).")
        }
        return try column.cell(key, kind, field, at: fieldToken.offset)
    }

    // MARK: Conditions

    mutating func condition() throws(TemplateError) -> TemplateCondition {
        guard current.kind != .end else {
            throw TemplateError(
                at: offset, "this tag has no condition", "Write one, as in {% if lead.industry == \"fintech\" %}.")
        }
        var parts = [try comparison()]
        var joint: String?
        while current.kind != .end {
            let token = take()
            guard case .name(let word) = token.kind, word == "and" || word == "or" else {
                throw Self.unexpected(token)
            }
            if let joint, joint != word {
                throw TemplateError(
                    at: token.offset, "and and or stand side by side, and which goes first is not clear",
                    "Put one {% if %} inside another.")
            }
            joint = word
            parts.append(try comparison())
        }
        guard parts.count > 1 else { return parts[0] }
        return joint == "or" ? .any(parts) : .all(parts)
    }

    private mutating func comparison() throws(TemplateError) -> TemplateCondition {
        if case .name("not") = current.kind {
            throw TemplateError(
                at: current.offset, "there is no \"not\"", "Use {% unless … %}, or != to compare.")
        }
        let left = try operand()
        if case .reference(.content) = left {
            throw TemplateError(at: offset, "content cannot be compared", "It is there in every message.")
        }
        let comparison: TemplateCondition.Comparison
        switch current.kind {
        case .sign("=="): comparison = .equal
        case .sign("!="), .sign("<>"): comparison = .notEqual
        case .sign("<"): comparison = .less
        case .sign("<="): comparison = .lessOrEqual
        case .sign(">"): comparison = .more
        case .sign(">="): comparison = .moreOrEqual
        case .name("contains"): comparison = .contains
        case .end, .name("and"), .name("or"): return .holds(left)
        default: throw Self.unexpected(current)
        }
        _ = take()
        return .compare(left, comparison, try operand())
    }

    private static func unexpected(_ token: ExpressionToken) -> TemplateError {
        switch token.kind {
        case .sign("="):
            return TemplateError(at: token.offset, "= does not compare", "Write == for \"is\" and != for \"is not\".")
        case .sign("&&"): return TemplateError(at: token.offset, "&& is not known here", "Write and.")
        case .sign("||"): return TemplateError(at: token.offset, "|| is not known here", "Write or.")
        case .sign("==="): return TemplateError(at: token.offset, "=== is not known here", "Write ==.")
        case .pipe: return TemplateError(at: token.offset, "filters have no place in a condition", "Leave it out.")
        case .name(let word):
            let known = ["and", "or", "contains"]
            let hint = nearestSpelling(of: word, among: known).map { "Did you mean \($0)?" }
            return TemplateError(
                at: token.offset, "\"\(word)\" was not expected here",
                hint ?? "Conditions compare with ==, !=, <, >, <=, >= or contains, and are joined by and or or.")
        default:
            return TemplateError(
                at: token.offset, "this was not expected here",
                "Conditions compare with ==, !=, <, >, <=, >= or contains, and are joined by and or or.")
        }
    }
}
