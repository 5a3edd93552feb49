// What a value may hold: one line of text.
//
// The rule: no control character (C0, DEL, C1) and no Unicode line or paragraph separator, anywhere in a message. The
// door refuses them; this is the second lock, because a line end in a header is an injected header. A TAB becomes a
// blank.
// Edge cases: U+0085 (next line) is C1; U+2028 and U+2029 are E2 80 A8 and A9 in UTF-8.
// Source: RFC 5322 §2.2 (header fields are lines), `reliability.md` §4.

enum LineText {
    enum Verdict {
        case clean, tabs, control
    }

    static func judge(_ text: String) -> Verdict {
        var text = text
        return text.withUTF8 { bytes in
            var verdict = Verdict.clean
            for index in 0..<bytes.count {
                let byte = bytes[index]
                if byte >= 0x20, byte < 0x7F { continue }
                if byte == 0x09 {
                    verdict = .tabs
                } else if byte < 0x20 || byte == 0x7F {
                    return .control
                } else if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] < 0xA0 {
                    return .control
                } else if byte == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80,
                    bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9
                {
                    return .control
                }
            }
            return verdict
        }
    }
}
