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

    static func judge(_ text: String) -> Verdict { traits(of: text, by: ByteTraits.table).verdict(of: text) }

    /// What the bytes of a text are, all together.
    static func traits(of text: String, by table: [ByteTraits]) -> ByteTraits {
        var text = text
        return text.withUTF8 { bytes in
            table.withUnsafeBufferPointer { table in
                var all: UInt8 = 0
                for byte in bytes { all |= table[Int(byte)].rawValue }
                return ByteTraits(rawValue: all)
            }
        }
    }
}

/// What is special about a byte of a value, so that one pass tells what a whole value needs.
struct ByteTraits: OptionSet, Sendable {
    let rawValue: UInt8

    static let control = ByteTraits(rawValue: 1)
    static let tab = ByteTraits(rawValue: 2)
    /// May begin a control character or a line separator of two or three bytes.
    static let suspect = ByteTraits(rawValue: 4)
    /// HTML gives it a meaning.
    static let html = ByteTraits(rawValue: 8)
    /// Not one of RFC 3986's unreserved characters.
    static let url = ByteTraits(rawValue: 16)

    static let table: [ByteTraits] = (0...255).map { byte in
        var traits: ByteTraits = []
        switch byte {
        case 0x09: traits = .tab
        case 0..<0x20, 0x7F: traits = .control
        case 0xC2, 0xE2: traits = .suspect
        default: break
        }
        let byte = UInt8(byte)
        if Placement.html.changes(byte) { traits.insert(.html) }
        if Placement.urlPart.changes(byte) { traits.insert(.url) }
        return traits
    }

    func verdict(of text: String) -> LineText.Verdict {
        if contains(.control) || (contains(.suspect) && Self.holdsSeparator(text)) { return .control }
        return contains(.tab) ? .tabs : .clean
    }

    private static func holdsSeparator(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x80..<0xA0).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029 }
    }
}

extension String {
    /// Without blanks around it.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
