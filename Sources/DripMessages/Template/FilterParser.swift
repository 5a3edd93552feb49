import DripCore

extension ExpressionParser {
    private static let filterNames = [
        "default", "date", "number", "money", "upcase", "downcase", "capitalize", "truncate",
    ]

    /// Filters that marketers know from elsewhere, and why there are none such here.
    private static let foreignFilters: [String: String] = [
        "escape": "Every value is escaped for its place already; leave it out.",
        "escape_once": "Every value is escaped for its place already; leave it out.",
        "url_encode": "Values in links are encoded already; leave it out.",
        "raw": "There is no raw form: a value can never become HTML.",
        "safe": "There is no raw form: a value can never become HTML.",
        "strip_html": "A value can never become HTML; leave it out.",
        "newline_to_br": "A value is one line of text; leave it out.",
        "round": "Write number: 0.",
    ]

    /// Reads the filter behind a `|`.
    mutating func filter(_ expression: inout Expression) throws(TemplateError) {
        let token = take()
        guard case .name(let name) = token.kind else {
            throw TemplateError(
                at: token.offset, "a filter is missing after the |",
                "The filters are \(Self.filterNames.joined(separator: ", ")).")
        }
        switch name {
        case "date", "number", "money": try add(try format(name, at: token.offset), to: &expression, at: token.offset)
        case "upcase": expression.filters.append(try withoutArguments(.upcase, name))
        case "downcase": expression.filters.append(try withoutArguments(.downcase, name))
        case "capitalize": expression.filters.append(try withoutArguments(.capitalize, name))
        case "default":
            try colon(after: name, example: "default: \"there\"", at: token.offset)
            expression.filters.append(.fallback(try operand()))
        case "truncate":
            try colon(after: name, example: "truncate: 20", at: token.offset)
            expression.filters.append(try truncation())
        default:
            if let reason = Self.foreignFilters[name] {
                throw TemplateError(at: token.offset, "there is no filter \"\(name)\"", reason)
            }
            let guess = nearestSpelling(of: name, among: Self.filterNames)
            throw TemplateError(
                at: token.offset, "there is no filter \"\(name)\"",
                guess.map { "Did you mean \($0)?" }
                    ?? "The filters are \(Self.filterNames.joined(separator: ", ")).")
        }
    }

    /// A format reads the value as it came; what stands in front of it can only stand in for that.
    private func add(_ format: ValueFormat, to expression: inout Expression, at offset: Int) throws(TemplateError) {
        if let other = expression.format {
            throw TemplateError(
                at: offset, "\(other.name) has written the value out already, and \(format.name) cannot read that",
                "Keep one of the two.")
        }
        let isChanged = expression.filters.contains { if case .fallback = $0 { false } else { true } }
        guard !isChanged else {
            throw TemplateError(
                at: offset, "\(format.name) cannot read what another filter has changed",
                "Put \(format.name) first, as in \(expression.name) | \(format.name) | upcase.")
        }
        expression.standIns = expression.defaults
        expression.filters = []
        expression.format = format
    }

    // MARK: Formats

    private mutating func format(_ name: String, at offset: Int) throws(TemplateError) -> ValueFormat {
        switch name {
        case "date": return .date(try dateForm())
        case "money":
            try colon(after: name, example: "money: \"IDR\"", at: offset)
            return .money(try currency())
        default: return .number(decimals: try decimals())
        }
    }

    private mutating func dateForm() throws(TemplateError) -> DateForm {
        guard current.kind == .colon else { return .long }
        _ = take()
        let token = take()
        let names = DateForm.allCases.map(\.rawValue)
        let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
        guard case .text(let name) = token.kind else {
            throw TemplateError(at: token.offset, "the form of a date is a text", "Write one of \(list).")
        }
        guard let form = DateForm(rawValue: name) else {
            let guess = nearestSpelling(of: name, among: names).map { "Did you mean \"\($0)\"?" }
            throw TemplateError(
                at: token.offset, "there is no form \"\(name)\" of a date", guess ?? "The forms are \(list).")
        }
        return form
    }

    private mutating func decimals() throws(TemplateError) -> Int? {
        guard current.kind == .colon else { return nil }
        _ = take()
        let token = take()
        guard case .number(let count) = token.kind, count == count.rounded(),
            (0...Double(ValueFormat.mostDecimals)).contains(count)
        else {
            throw TemplateError(
                at: token.offset, "number takes a whole number of decimals from 0 to \(ValueFormat.mostDecimals)",
                "Write number: 2, or number alone.")
        }
        return Int(count)
    }

    private mutating func currency() throws(TemplateError) -> Currency {
        let token = take()
        guard case .text(let code) = token.kind else {
            throw TemplateError(
                at: token.offset, "the currency of money is a code of three letters", "Write money: \"IDR\".")
        }
        guard let currency = Currency(rawValue: code) else {
            let codes = Currency.allCases.map(\.rawValue)
            let guess = nearestSpelling(of: code, among: codes).map { "Did you mean \"\($0)\"?" }
            throw TemplateError(
                at: token.offset, "unknown currency \"\(code)\"",
                guess ?? "The codes are \(codes.joined(separator: ", ")).")
        }
        return currency
    }

    // MARK: Others

    private mutating func withoutArguments(_ filter: Filter, _ name: String) throws(TemplateError) -> Filter {
        guard current.kind != .colon else {
            throw TemplateError(at: current.offset, "\(name) takes nothing after it", "Leave out the colon.")
        }
        return filter
    }

    private mutating func colon(after name: String, example: String, at offset: Int) throws(TemplateError) {
        guard current.kind == .colon else {
            throw TemplateError(at: offset, "\(name) needs a colon and a value", "Write \(example).")
        }
        _ = take()
    }

    private mutating func truncation() throws(TemplateError) -> Filter {
        let count = take()
        guard case .number(let limit) = count.kind, limit == limit.rounded(), (1...10_000).contains(limit) else {
            throw TemplateError(
                at: count.offset, "truncate needs a whole number from 1 to 10000", "Write truncate: 20.")
        }
        guard current.kind == .comma else { return .truncate(Int(limit), ending: "...") }
        _ = take()
        let token = take()
        guard case .text(let ending) = token.kind else {
            throw TemplateError(
                at: token.offset, "the ending of truncate is a text", "Write truncate: 20, \"…\".")
        }
        return .truncate(Int(limit), ending: ending)
    }
}

extension Expression {
    /// What can be known of its values: that a format can read them, and that some lead gets to see one.
    func check(at offset: Int) throws(TemplateError) {
        if let format {
            for operand in [operand] + standIns { try check(operand, for: format, at: offset) }
        }
        guard isNeeded, case .reference(.cell(let cell)) = operand, case .row(let row) = cell.key else { return }
        throw TemplateError(
            at: offset, "the row \"\(row)\" has nothing for \(cell.column.name)",
            "Fill it in in \(cell.column.path), or add | default: \"…\".")
    }

    private func check(_ operand: Operand, for format: ValueFormat, at offset: Int) throws(TemplateError) {
        switch operand {
        case .literal(let value):
            guard !format.reads(value) else { return }
            throw TemplateError(
                at: offset, "\"\(value.text)\" is not \(format.kind), which \(format.name) needs",
                "Put a default that is shown as it is behind \(format.name).")
        case .reference(.cell(let cell)):
            guard let bad = cell.texts.first(where: { !format.reads(.text($0.text)) }) else { return }
            throw TemplateError(
                at: offset, "\"\(bad.text)\" is not \(format.kind), which \(format.name) needs",
                "Mend `\(cell.column.name)` of the row `\(bad.row)` in \(cell.column.path).")
        case .reference(.attribute): return
        case .reference(let reference):
            throw TemplateError(
                at: offset, "\(reference.name) is never \(format.kind), which \(format.name) needs",
                "Leave out the filter, or name a fact of the lead.")
        }
    }
}
