/// One word of what stands inside a tag.
struct ExpressionToken {
    enum Kind: Hashable {
        case name(String)
        case text(String)
        case number(Double)
        case pipe, colon, comma, openBracket, closeBracket
        /// `.title` right behind a closing bracket.
        case field(String)
        /// `==`, `!=`, `<`, and whatever else is made of such signs.
        case sign(String)
        case end
    }

    var kind: Kind
    /// Byte of the template where it starts.
    var offset: Int
}

/// Splits the inside of a tag into words.
struct ExpressionLexer {
    private let source: SourceText
    private let end: Int
    private var index: Int

    static func tokens(of range: Range<Int>, in source: SourceText) throws(TemplateError) -> [ExpressionToken] {
        var lexer = ExpressionLexer(source: source, end: range.upperBound, index: range.lowerBound)
        var tokens: [ExpressionToken] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func next() throws(TemplateError) -> ExpressionToken {
        while index < end, Self.isBlank(source.bytes[index]) { index += 1 }
        let start = index
        guard index < end else { return ExpressionToken(kind: .end, offset: start) }
        let byte = source.bytes[index]
        switch byte {
        case UInt8(ascii: "|") where peek(1) != byte: return single(.pipe)
        case UInt8(ascii: ":"): return single(.colon)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "["): return single(.openBracket)
        case UInt8(ascii: "]"): return single(.closeBracket)
        case UInt8(ascii: ".") where followsBracket && peek(1).map(Self.isLetter) == true:
            index += 1
            while index < end, Self.isNamePart(source.bytes[index]) { index += 1 }
            return ExpressionToken(kind: .field(source.text((start + 1)..<index)), offset: start + 1)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted(by: byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "-") where peek(1).map(Self.isDigit) == true: return try number()
        case _ where Self.isLetter(byte):
            while index < end, Self.isNamePart(source.bytes[index]) { index += 1 }
            return ExpressionToken(kind: .name(source.text(start..<index)), offset: start)
        case _ where "=!<>&|".utf8.contains(byte):
            while index < end, "=!<>&|".utf8.contains(source.bytes[index]) { index += 1 }
            return ExpressionToken(kind: .sign(source.text(start..<index)), offset: start)
        default:
            let character = source.text(start..<end).first.map(String.init) ?? "?"
            if "“”„‘’«»".contains(character) {
                throw TemplateError(
                    at: start, "\(character) is a typographic quote", "Write text in straight quotes: \"there\".")
            }
            throw TemplateError(
                at: start, "\"\(character)\" has no meaning in a tag", "Write text in quotes: \"there\".")
        }
    }

    private var followsBracket: Bool { index > 0 && source.bytes[index - 1] == UInt8(ascii: "]") }

    private func peek(_ distance: Int) -> UInt8? {
        index + distance < end ? source.bytes[index + distance] : nil
    }

    private mutating func single(_ kind: ExpressionToken.Kind) -> ExpressionToken {
        index += 1
        return ExpressionToken(kind: kind, offset: index - 1)
    }

    private mutating func quoted(by quote: UInt8) throws(TemplateError) -> ExpressionToken {
        let start = index
        guard let close = source.bytes[(start + 1)..<end].firstIndex(of: quote) else {
            throw TemplateError(at: start, "this text in quotes does not end", "Close it with the same quote.")
        }
        index = close + 1
        return ExpressionToken(kind: .text(source.text((start + 1)..<close)), offset: start)
    }

    private mutating func number() throws(TemplateError) -> ExpressionToken {
        let start = index
        index += 1
        while index < end, Self.isDigit(source.bytes[index]) || source.bytes[index] == UInt8(ascii: ".") { index += 1 }
        guard let value = Double(source.text(start..<index)), index == end || !Self.isNamePart(source.bytes[index])
        else {
            throw TemplateError(
                at: start, "this is neither a number nor a name", "Names start with a letter; text stands in quotes.")
        }
        return ExpressionToken(kind: .number(value), offset: start)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
    private static func isNamePart(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
}
