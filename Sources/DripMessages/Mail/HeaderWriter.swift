// Header fields as RFC 5322 lines.
//
// The rules: a line has at most 78 characters where it can be folded, never more than 998; text beyond ASCII becomes
// encoded words (RFC 2047) of at most 75 characters, on lines of at most 76, each a whole number of characters; a
// display name with specials stands in quotes, and never is an encoded word in quotes; no control character passes.
// Edge cases: ASCII text that looks like an encoded word is encoded; so is a word too long for a line; a character of
// many scalars that does not fit one encoded word is split between its scalars.
// Worked example: `Café am See` → `=?UTF-8?Q?Caf=C3=A9_am_See?=`; `Doe, Jane` → `"Doe, Jane"`.
// Source: RFC 5322 §2.1.1, §2.2.3, §3.4; RFC 2047 §2, §5.

import DripCore

/// Builds the header block of a mail.
struct HeaderWriter {
    private(set) var bytes: [UInt8] = []

    static let longestLine = 998
    static let preferredLine = 78

    init(reserving capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Gives the bytes away, without a copy.
    mutating func takeBytes() -> [UInt8] {
        let result = bytes
        bytes = []
        return result
    }

    /// A field whose value is a text: `Subject`.
    mutating func text(_ name: String, _ value: String) throws(ComposeFailure) {
        try check(value, name)
        let start = beginField(name)
        if EncodedWords.isNeeded(for: value) {
            let words = EncodedWords.of(value, firstLimit: 76 - (bytes.count - start))
            append(words.joined(separator: "\r\n "))
        } else {
            appendFolded(value, startingAt: bytes.count - start)
        }
        try endField(name, start)
    }

    /// A field whose value is one token: `Message-ID`.
    mutating func token(_ name: String, _ value: String) throws(ComposeFailure) {
        try checkToken(value, name)
        let start = beginField(name)
        append(value)
        try endField(name, start)
    }

    /// A field whose value is one address: `To`; with letters beyond ASCII where the address has them (RFC 6532 §3.2).
    mutating func address(_ name: String, _ address: EmailAddress) throws(ComposeFailure) {
        guard address.needsSMTPUTF8 else { return try token(name, address.text) }
        try check(address.text, name)
        let start = beginField(name)
        append(address.text)
        try endField(name, start)
    }

    /// A field whose value is built of tokens that may stand on lines of their own: `List-Unsubscribe`.
    mutating func tokens(_ name: String, _ tokens: [String], separator: String = "") throws(ComposeFailure) {
        let start = beginField(name)
        var column = bytes.count - start
        for (index, token) in tokens.enumerated() {
            try checkToken(token, name)
            let isLast = index == tokens.count - 1
            let length = token.utf8.count + (isLast ? 0 : separator.utf8.count)
            if index > 0 {
                let fits = column + 1 + length <= Self.preferredLine
                append(fits ? " " : "\r\n ")
                column = fits ? column + 1 : 1
            }
            append(token)
            if !isLast { append(separator) }
            column += length
        }
        try endField(name, start)
    }

    /// A field whose value is a name and something in angle brackets: `From`, `List-Id`.
    mutating func named(_ name: String, phrase: String, _ inBrackets: String) throws(ComposeFailure) {
        try check(phrase, name)
        let length = name.utf8.count + phrase.utf8.count + inBrackets.utf8.count + 5
        if length <= Self.preferredLine, EncodedWords.isPlainPhrase(phrase) {
            try checkToken(inBrackets, name)
            let start = beginField(name)
            append(phrase)
            append(" <")
            append(inBrackets)
            append(">")
            return try endField(name, start)
        }
        let words = EncodedWords.phrase(phrase.trimmed, firstLimit: 76 - name.utf8.count - 2)
        try tokens(name, words + ["<\(inBrackets)>"])
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func beginField(_ name: String) -> Int {
        let start = bytes.count
        append(name)
        append(": ")
        return start
    }

    private mutating func endField(_ name: String, _ start: Int) throws(ComposeFailure) {
        append("\r\n")
        guard bytes.count - start > Self.longestLine else { return }
        var lineStart = start
        for index in start..<bytes.count where bytes[index] == 0x0A {
            if index - 1 - lineStart > Self.longestLine { throw .headerTooLong(name) }
            lineStart = index + 1
        }
    }

    private func check(_ value: String, _ name: String) throws(ComposeFailure) {
        guard case .clean = LineText.judge(value) else { throw .controlCharacter(header: name) }
    }

    private func checkToken(_ value: String, _ name: String) throws(ComposeFailure) {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { throw .controlCharacter(header: name) }
    }

    /// Printable ASCII, with a line end before a blank where the next word would not fit.
    private mutating func appendFolded(_ value: String, startingAt start: Int) {
        if start + value.utf8.count <= Self.preferredLine, value.utf8.first != 0x20, value.utf8.last != 0x20 {
            return append(value)
        }
        var column = start
        for (index, word) in value.split(separator: " ").enumerated() {
            let length = word.utf8.count
            if index > 0 {
                let fits = column + 1 + length <= Self.preferredLine
                append(fits ? " " : "\r\n ")
                column = fits ? column + 1 : 1
            }
            append(String(word))
            column += length
        }
    }
}

/// Text as RFC 2047 encoded words.
enum EncodedWords {
    private static let longestWord = 75
    private static let wrapping = "=?UTF-8?Q??=".utf8.count

    /// Whether a text cannot stand in a header as it is.
    static func isNeeded(for text: String) -> Bool {
        var lineLength = 0
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte >= 0x7F || byte < 0x20 { return true }
            if byte == UInt8(ascii: "?"), previous == UInt8(ascii: "=") { return true }
            lineLength = byte == 0x20 ? 0 : lineLength + 1
            // A word that fills a line by itself is cut up; nobody reads it anyway.
            if lineLength > 76 { return true }
            previous = byte
        }
        return false
    }

    /// Whether a display name can stand as it is: words of atom text, one blank between them.
    static func isPlainPhrase(_ text: String) -> Bool {
        var previous: UInt8 = 0x20
        for byte in text.utf8 {
            if byte == 0x20 ? previous == 0x20 : !isAtomText(byte) { return false }
            if byte == UInt8(ascii: "?"), previous == UInt8(ascii: "=") { return false }
            previous = byte
        }
        return previous != 0x20
    }

    /// A display name: bare words, or a quoted string, or encoded words.
    static func phrase(_ text: String, firstLimit: Int) -> [String] {
        if text.isEmpty { return [] }
        if isNeeded(for: text) || text.utf8.count > 70 { return of(text, firstLimit: firstLimit) }
        if text.utf8.allSatisfy({ isAtomText($0) || $0 == 0x20 }) { return text.split(separator: " ").map(String.init) }
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return ["\"\(escaped)\""]
    }

    /// The whole text; the first word has at most `firstLimit` characters, because a name stands before it.
    static func of(_ text: String, firstLimit: Int) -> [String] {
        let bytes = Array(text.utf8)
        let special = bytes.count { !isSafe($0) && $0 != 0x20 }
        // Whichever is shorter: three characters for each special byte, or four for every three bytes.
        let usesBase64 = special * 2 > bytes.count / 3
        var words: [String] = []
        var current: [UInt8] = []
        var currentCost = 0
        func limit() -> Int { (words.isEmpty ? min(longestWord, max(firstLimit, 30)) : longestWord) - wrapping }
        func cost(_ unit: [UInt8]) -> Int {
            usesBase64 ? unit.count : unit.reduce(0) { $0 + (isSafe($1) || $1 == 0x20 ? 1 : 3) }
        }
        func fits(_ cost: Int) -> Bool { usesBase64 ? (cost + 2) / 3 * 4 <= limit() : cost <= limit() }
        func flush() {
            if !current.isEmpty { words.append(usesBase64 ? base64(current) : q(current)) }
            current = []
            currentCost = 0
        }
        func add(_ unit: [UInt8]) {
            let cost = cost(unit)
            if !fits(currentCost + cost) { flush() }
            current += unit
            currentCost += cost
        }
        for character in text {
            let unit = Array(character.utf8)
            if unit.count <= 12 {
                add(unit)
            } else {
                for scalar in character.unicodeScalars { add(Array(String(scalar).utf8)) }
            }
        }
        flush()
        return words
    }

    private static func q(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF")
        var text = "=?UTF-8?Q?"
        for byte in bytes {
            if byte == 0x20 {
                text.append("_")
            } else if isSafe(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text.append("=")
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
        return text + "?="
    }

    private static func base64(_ bytes: [UInt8]) -> String { "=?UTF-8?B?\(Base64.text(bytes))?=" }

    /// Safe in an encoded word wherever it stands (RFC 2047 §5 (3)).
    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
        default: isAlphanumeric(byte)
        }
    }

    /// RFC 5322 §3.2.3 atext.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        if isAlphanumeric(byte) { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
            UInt8(ascii: "^")...UInt8(ascii: "`"),
            UInt8(ascii: "{")...UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// RFC 4648 base64 of bytes, and its URL form without padding.
enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let forURLs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var result = encode(bytes, standard)
        while result.count % 4 != 0 { result.append(UInt8(ascii: "=")) }
        return String(decoding: result, as: UTF8.self)
    }

    static func urlText(_ bytes: [UInt8]) -> String { String(decoding: encode(bytes, forURLs), as: UTF8.self) }

    /// Nil where a character is not of the URL alphabet, or where the text is not what `urlText` makes.
    static func bytes(fromURLText text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            guard let value = forURLs.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        // One token has one spelling: leftover bits must be zero, and not a whole character.
        return bits == 0 && count < 6 ? result : nil
    }

    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count * 4 + 2) / 3 + 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                result.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { result.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        return result
    }
}
