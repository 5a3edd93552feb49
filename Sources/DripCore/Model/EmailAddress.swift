/// An e-mail address that is safe to put on an SMTP command line and in a header.
///
/// The rule: RFC 5321 §4.1.2 `Dot-string "@" Domain`, ASCII, local part at most 64 octets, domain at most 255, each
/// label at most 63. Quoted local parts are refused although the RFC allows them: nobody has one, and every one that was ever
/// seen in a lead list was an attack (`"a\r\nRCPT TO:<x@y>"@example.com`). Addresses with other scripts are refused
/// until SMTPUTF8 and IDN are supported.
package struct EmailAddress: Hashable, Sendable {
    /// As written, with the case of its local part kept, because the receiving side may care.
    package let text: String
    /// The key of caps and suppressions: all in lower case.
    package let normalised: String

    /// Why a text is no usable address, in words for the person who wrote it.
    package struct Refusal: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Checks and takes an address, without the blanks around it.
    package init(_ raw: String) throws(Refusal) {
        // Judged byte by byte: CR LF is one Character in Swift and would slip through a comparison of characters.
        let bytes = Array(raw.utf8)
        if let bad = bytes.first(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw Refusal(description: "it holds a control character (\(Self.name(of: bad)))")
        }
        guard bytes.allSatisfy({ $0 < 0x80 }) else {
            throw Refusal(
                description: "it holds letters beyond ASCII; internationalised addresses are not supported yet")
        }
        let blank = UInt8(ascii: " ")
        let address = bytes.prefix(1 + (bytes.lastIndex { $0 != blank } ?? -1)).drop { $0 == blank }
        guard !address.isEmpty else { throw Refusal(description: "it is empty") }
        let parts = address.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw Refusal(description: parts.count == 1 ? "it has no @" : "it has more than one @")
        }
        try Self.check(localPart: parts[0])
        try Self.check(domain: parts[1])
        let trimmed = String(decoding: address, as: UTF8.self)
        self.text = trimmed
        self.normalised = trimmed.lowercased()
    }

    /// Takes an address back as a store kept it, without judging its shape again: that was done when it came in.
    ///
    /// `text` nil: as `normalised`. Still refuses (nil) what could do harm on a command line: all but visible ASCII.
    package init?(stored text: String?, normalised: String) {
        func isVisible(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        guard !normalised.isEmpty, isVisible(normalised), text.map(isVisible) ?? true else { return nil }
        self.text = text ?? normalised
        self.normalised = normalised
    }

    package var localPart: Substring { text.prefix { $0 != "@" } }
    package var domain: Substring { normalised.drop { $0 != "@" }.dropFirst() }

    /// For logs and status files: `b•••@example.com` tells support which lead is meant and a stranger nothing.
    package var masked: String { "\(normalised.prefix(1))•••@\(domain)" }

    private static func check(localPart: ArraySlice<UInt8>) throws(Refusal) {
        guard !localPart.isEmpty, localPart.count <= 64 else {
            throw Refusal(
                description: localPart.isEmpty ? "nothing stands before its @" : "more than 64 characters before its @")
        }
        let dot = UInt8(ascii: ".")
        guard localPart.split(separator: dot, omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
            throw Refusal(description: "a dot stands at an end of, or twice in a row in, the part before its @")
        }
        if let bad = localPart.first(where: { !isAtomText($0) && $0 != dot }) {
            throw Refusal(description: "the part before its @ holds \(name(of: bad))")
        }
    }

    private static func check(domain: ArraySlice<UInt8>) throws(Refusal) {
        guard domain.count <= 255 else { throw Refusal(description: "its domain is longer than 255 characters") }
        let shown = String(decoding: domain, as: UTF8.self)
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2 || shown.lowercased() == "localhost" else {
            throw Refusal(description: "its domain \"\(shown)\" has no dot")
        }
        let hyphen = UInt8(ascii: "-")
        for label in labels {
            guard !label.isEmpty, label.count <= 63, label.first != hyphen, label.last != hyphen,
                label.allSatisfy({ isAlphanumeric($0) || $0 == hyphen })
            else { throw Refusal(description: "its domain \"\(shown)\" is not a domain name") }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// RFC 5322 §3.2.3 atext.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case 0x00: "NUL"
        case 0x09: "TAB"
        case 0x0A: "LF"
        case 0x0D: "CR"
        case 0x20: "a blank"
        case 0x21..<0x7F: "\"\(Character(UnicodeScalar(byte)))\""
        default: "byte \(byte)"
        }
    }
}

extension EmailAddress: CustomStringConvertible {
    package var description: String { text }
}

extension EmailAddress: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a usable e-mail address: \(error)"))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
