/// How many short messages a text becomes, each of which is paid for.
///
/// The rule: a text of the GSM alphabet has 160 characters in one message, or 153 in each of several; a single letter that
/// is not of it makes the whole text UTF-16, with 70 code units in one message, or 67 in each of several. The characters of
/// the extension table take the place of two. What takes two places never stands in two messages.
///
/// Worked example: 161 letters are 2 messages; with one 🙂 among them they are 162 code units, and 3.
///
/// Source: 3GPP TS 23.038 §6.2.1 (the alphabet), TS 23.040 §9.2.3.24.1 (concatenation).
package struct SMSParts: Hashable, Sendable {
    package let count: Int
    /// Septets of the GSM alphabet, or UTF-16 code units.
    package let length: Int
    package let isUnicode: Bool

    package init(_ text: String) {
        let gsm = text.unicodeScalars.map(Self.places)
        let widths =
            gsm.allSatisfy { $0 != nil }
            ? gsm.compactMap(\.self) : text.unicodeScalars.map { $0.value > 0xFFFF ? 2 : 1 }
        isUnicode = gsm.contains(nil)
        length = widths.reduce(0, +)
        let (alone, each) = isUnicode ? (70, 67) : (160, 153)
        guard length > alone else {
            count = 1
            return
        }
        var (parts, filled) = (1, 0)
        for width in widths {
            if filled + width > each { (parts, filled) = (parts + 1, 0) }
            filled += width
        }
        count = parts
    }

    /// How many places of the GSM alphabet a character takes; nil where it is not of it.
    private static func places(_ scalar: Unicode.Scalar) -> Int? {
        if basic.contains(scalar) { return 1 }
        return extended.contains(scalar) ? 2 : nil
    }

    private static let basic = Set(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            + "abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
}

extension SMSParts: CustomStringConvertible {
    package var description: String {
        let characters = isUnicode ? "\(length) UTF-16 units" : "\(length) characters"
        return "\(count) SMS, \(characters)" + (isUnicode ? " (a letter in it is not of the GSM alphabet)" : "")
    }
}
