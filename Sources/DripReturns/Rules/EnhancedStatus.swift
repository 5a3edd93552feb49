// Enhanced status codes (RFC 3463) and reply codes (RFC 5321 §4.2) in the words of a report.
//
// The rule: `class.subject.detail`, where nothing beside it makes it a part of something longer (an IP address, a date) and
// the word before it is not "version" or the like. A reply code counts only when SMTP knows it and it stands like one:
// `550 text`, `550-text`, `[550]`. Worked example: `said: 550-5.1.1 <x@y>... User unknown` → 5.1.1 and 550;
// `(480) 624-2500`, `192.0.5.1.2` and `for 450 hours` hold none.

/// What went wrong, in RFC 3463's numbers.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    package enum Class: Int, Sendable {
        case success = 2
        case transient = 4
        case permanent = 5
    }

    package let kind: Class
    package let subject: Int
    package let detail: Int

    package init(_ kind: Class, _ subject: Int, _ detail: Int) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }

    package var description: String { "\(kind.rawValue).\(subject).\(detail)" }

    /// `5.0.0`: that it failed, and nothing about why.
    var saysNothing: Bool { subject == 0 && detail == 0 }

    /// A field of a report, such as `5.1.1 (bad mailbox)`; nil where it does not begin with a code.
    init?(field: String) {
        let digits = field.utf8.drop { $0 == 0x20 }.prefix { $0 == UInt8(ascii: ".") || isDigit($0) }
        self.init(digits: String(Substring(digits)))
    }

    private init?(digits: String) {
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.count) }), parts[0].count == 1,
            let kind = Int(parts[0]).flatMap(Class.init), let subject = Int(parts[1]), let detail = Int(parts[2]),
            subject <= 7
        else { return nil }
        self.init(kind, subject, detail)
    }

    /// The first code of a failure in a text.
    static func first(in text: String) -> EnhancedStatus? {
        let bytes = Array(text.utf8)
        var index = 0
        while index + 5 <= bytes.count {
            defer { index += 1 }
            guard bytes[index] == UInt8(ascii: "4") || bytes[index] == UInt8(ascii: "5"),
                bytes[index + 1] == UInt8(ascii: "."), index == 0 || !continues(bytes, before: index)
            else { continue }
            let digits = bytes[index...].prefix(9).prefix { $0 == UInt8(ascii: ".") || isDigit($0) }
            // The full stop of a sentence may stand after it.
            let end = digits.last == UInt8(ascii: ".") ? digits.endIndex - 1 : digits.endIndex
            guard end == bytes.count || !isWordByte(bytes[end]), !follows(bytes, index, words: notCodes),
                let status = EnhancedStatus(digits: String(decoding: bytes[index..<end], as: UTF8.self))
            else { continue }
            return status
        }
        return nil
    }

    private static let notCodes = ["version", "release", "build", "ver", "v", "postfix", "exim", "id", "rev"]

    private static func continues(_ bytes: [UInt8], before index: Int) -> Bool {
        let before = bytes[index - 1]
        // `550-5.1.1`: only a reply code stands before a hyphen.
        if before == UInt8(ascii: "-") { return index < 4 || !bytes[(index - 4)..<(index - 1)].allSatisfy(isDigit) }
        return isWordByte(before) || before == UInt8(ascii: ".") || before == UInt8(ascii: "/")
    }

    private static func follows(_ bytes: [UInt8], _ index: Int, words: [String]) -> Bool {
        var end = index
        while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
        var start = end
        while start > 0, end - start < 12, isLetter(bytes[start - 1]) { start -= 1 }
        return words.contains(String(decoding: bytes[start..<end], as: UTF8.self).lowercased())
    }
}

/// A code of an SMTP reply.
enum ReplyCode {
    /// RFC 5321, RFC 4954, RFC 7504, and those that providers use beside them.
    private static let known: Set<Int> = [
        421, 422, 431, 432, 441, 442, 446, 447, 449, 450, 451, 452, 454, 455, 458, 459, 471,
        500, 501, 502, 503, 504, 510, 511, 512, 513, 521, 523, 530, 531, 533, 534, 535, 538, 540, 541, 542, 543, 550,
        551, 552, 553, 554, 555, 556, 557, 571, 572, 573, 574, 575, 576, 577, 578, 579, 582, 588, 591,
    ]
    private static let units: Set<String> = [
        "hour", "hours", "day", "days", "minute", "minutes", "second", "seconds", "line", "lines", "attempts", "bytes",
        "kb", "mb", "kbytes", "messages", "recipients", "times", "e", "st", "street", "octets", "characters",
    ]

    /// The first one in a text.
    static func first(in text: String) -> Int? {
        let bytes = Array(text.utf8)
        var index = 0
        while index + 3 <= bytes.count {
            defer { index += 1 }
            guard bytes[index] == UInt8(ascii: "4") || bytes[index] == UInt8(ascii: "5"),
                isDigit(bytes[index + 1]), isDigit(bytes[index + 2]),
                index == 0 || !isPartOfMore(bytes[index - 1])
            else { continue }
            let code = bytes[index..<(index + 3)].reduce(0) { $0 * 10 + Int($1 - 0x30) }
            if known.contains(code), standsLikeOne(bytes, end: index + 3) { return code }
        }
        return nil
    }

    private static func isPartOfMore(_ byte: UInt8) -> Bool {
        isWordByte(byte) || "(.-+$/@,".utf8.contains(byte)
    }

    private static func standsLikeOne(_ bytes: [UInt8], end: Int) -> Bool {
        guard end < bytes.count else { return true }
        switch bytes[end] {
        case UInt8(ascii: "]"), UInt8(ascii: ">"), UInt8(ascii: ")"), 0x0A, 0x0D, UInt8(ascii: "#"), UInt8(ascii: "\""):
            return true
        case UInt8(ascii: "-"), UInt8(ascii: ":"), 0x20:
            let rest = bytes[(end + 1)...].prefix(24).drop { $0 == 0x20 }
            guard let next = rest.first else { return true }
            if isDigit(next) { return rest.dropFirst().first == UInt8(ascii: ".") }
            let word = String(decoding: rest.prefix { isLetter($0) }, as: UTF8.self).lowercased()
            return !units.contains(word)
        default:
            return false
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
private func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
private func isWordByte(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte >= 0x80 || byte == 0x5F }
