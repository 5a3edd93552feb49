/// What an IMAP server says (RFC 9051, RFC 3501), read from one response whose literals were taken out.
enum IMAPReply: Hashable {
    /// The end of a command: OK, or why not.
    case done(refusal: String?)
    case search([UInt32])
    case uidValidity(UInt32)
    case uid(UInt32)
    /// The server goes.
    case bye(String)
    case other

    /// `tag` is that of the command under way.
    static func read(_ line: [UInt8], tag: String) -> IMAPReply {
        let text = String(decoding: line, as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 2)
        guard let first = words.first, words.count >= 2 else { return .other }
        if first == tag {
            return .done(
                refusal: words[1].uppercased() == "OK" ? nil : LogText.clean(String(text.dropFirst(tag.count + 1))))
        }
        guard first == "*" else { return .other }
        switch words[1].uppercased() {
        case "SEARCH":
            return .search((words.count == 3 ? words[2] : "").split(separator: " ").compactMap { UInt32($0) })
        case "BYE": return .bye(LogText.clean(text))
        case "OK":
            guard let code = text.firstRange(of: "[UIDVALIDITY "),
                let end = text[code.upperBound...].firstIndex(of: "]"),
                let validity = UInt32(text[code.upperBound..<end])
            else { return .other }
            return .uidValidity(validity)
        default:
            guard words.count == 3, words[2].uppercased().hasPrefix("FETCH") else { return .other }
            return uid(in: words[2]).map(IMAPReply.uid) ?? .other
        }
    }

    /// `FETCH (UID 7 BODY[]<0> …)` or `FETCH (BODY[]<0> … UID 7)`.
    private static func uid(in text: Substring) -> UInt32? {
        let words = text.split { " ()".contains($0) }
        guard let place = words.firstIndex(where: { $0.uppercased() == "UID" }), place + 1 < words.count else {
            return nil
        }
        return UInt32(words[place + 1])
    }

    /// The length of the literal that follows a line, where one does: `… {310}`.
    static func literalLength(_ line: [UInt8]) -> Int? {
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        let digits = line[(open + 1)...].dropLast()
        guard (1...10).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// A name between quotes, for a command.
    static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
