/// What names and numbers in files look like.
enum Naming {
    static let eventPattern = "^[a-z][a-z0-9_.-]{0,99}$"
    /// Of an event that a policy may declare: none that is built in.
    static let newEventPattern =
        "^(?!(\(BuiltInEvents.names.subtracting(BuiltInEvents.ofSales).sorted().joined(separator: "|")))$)[a-z][a-z0-9_.-]{0,99}$"

    /// Lower-case letters, digits and hyphens, not beginning with a hyphen, at most 64.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && text.first != "-"
            && text.utf8.allSatisfy { isLowercaseOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    static func isEvent(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 100, first >= UInt8(ascii: "a"),
            first <= UInt8(ascii: "z")
        else { return false }
        return text.utf8.allSatisfy { isLowercaseOrDigit($0) || "_.-".utf8.contains($0) }
    }

    /// The nearest name to a text that is none: `Case Study` → `case-study`.
    static func suggestion(for text: String) -> String? { tidied(text, joint: "-", isValid: isName) }

    /// The nearest event name: `Demo booked` → `demo_booked`.
    static func eventSuggestion(for text: String) -> String? { tidied(text, joint: "_", isValid: isEvent) }

    /// A decimal integer, whatever zeros it begins with: `012` is twelve.
    static func integer(_ text: String) -> Int? {
        isDigits(text.first == "-" ? text.dropFirst() : text[...]) ? Int(text) : nil
    }

    /// A decimal number such as `12`, `-3` or `0.5`; no exponent, no `inf`.
    static func decimal(_ text: String) -> Double? {
        let parts = (text.first == "-" ? text.dropFirst() : text[...])
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy(isDigits) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func tidied(_ text: String, joint: Character, isValid: (String) -> Bool) -> String? {
        var tidy = ""
        for character in text.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                tidy.append(character)
            } else if tidy.last != joint, !tidy.isEmpty {
                tidy.append(joint)
            }
        }
        while tidy.last == joint { tidy.removeLast() }
        return isValid(tidy) ? tidy : nil
    }
}
