/// Text from outside, made fit for one line of a log, a row or a page.
///
/// The rule: at most 300 characters; every control character, and every invalid byte, becomes a blank or U+FFFD; runs of
/// blanks become one. Worked example: `"550-no\r\n550 such\tuser"` → `"550-no 550 such user"`. A server's text is the
/// attacker's text: without this it could forge log lines or move a terminal's cursor.
enum LogText {
    static let longest = 300

    static func clean(_ bytes: some Collection<UInt8>) -> String {
        var last: UInt8 = 0x20
        let isCleanAlready =
            bytes.count <= longest
            && bytes.allSatisfy { byte in
                defer { last = byte }
                return byte > 0x20 ? byte < 0x7F : byte == 0x20 && last != 0x20
            }
        // Nearly every reply of a server is: no need to look each character up.
        if isCleanAlready && last != 0x20 { return String(decoding: bytes, as: UTF8.self) }
        // Four octets a character at most: no need to decode megabytes for 300 characters.
        return clean(String(decoding: bytes.prefix(longest * 4), as: UTF8.self))
    }

    static func clean(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        var owesBlank = false
        for scalar in text.unicodeScalars {
            guard !isBlank(scalar) else {
                owesBlank = !result.isEmpty
                continue
            }
            let needed = owesBlank ? 2 : 1
            guard count + needed <= longest else { break }
            if owesBlank { result.append(" ") }
            result.append(scalar)
            count += needed
            owesBlank = false
        }
        return String(result)
    }

    /// Blanks, controls, line separators, and the invisible marks that turn the direction of writing.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator, .format: true
        default: false
        }
    }
}
