import Foundation

/// An e-mail address that is safe to put on an SMTP command line and in a header.
///
/// The rule: RFC 5321 §4.1.2 `Dot-string "@" Domain`, local part at most 64 octets, domain as `DomainName` puts it on the
/// wire, at most 255. Quoted local parts are refused although the RFC allows them: nobody has one, and every one that was
/// ever seen in a lead list was an attack (`"a\r\nRCPT TO:<x@y>"@example.com`). A local part may hold letters of other
/// scripts (RFC 6531 §3.3), composed (NFC), but nothing invisible: such an address needs a relay with SMTPUTF8.
package struct EmailAddress: Hashable, Sendable {
    /// As written, with the case of its local part kept, because the receiving side may care; its domain is ASCII.
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
        let blank = UInt8(ascii: " ")
        let address = bytes.prefix(1 + (bytes.lastIndex { $0 != blank } ?? -1)).drop { $0 == blank }
        guard !address.isEmpty else { throw Refusal(description: "it is empty") }
        let parts = address.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw Refusal(description: parts.count == 1 ? "it has no @" : "it has more than one @")
        }
        let localPart = try Self.checked(localPart: parts[0])
        let domain = try Self.checked(domain: parts[1])
        self.text = "\(localPart)@\(domain)"
        self.normalised = self.text.lowercased().composed
    }

    /// Takes an address back as a store kept it, without judging its shape again: that was done when it came in.
    ///
    /// `text` nil: as `normalised`. Still refuses (nil) what could do harm on a command line: blanks and controls.
    package init?(stored text: String?, normalised: String) {
        func isVisible(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } }
        guard !normalised.isEmpty, isVisible(normalised), text.map(isVisible) ?? true else { return nil }
        self.text = text ?? normalised
        self.normalised = normalised
    }

    package var localPart: Substring { text.prefix { $0 != "@" } }
    package var domain: Substring { normalised.drop { $0 != "@" }.dropFirst() }

    /// For logs and status files: `b•••@example.com` tells support which lead is meant and a stranger nothing.
    package var masked: String { "\(normalised.prefix(1))•••@\(domain)" }

    /// Whether only a relay that offers SMTPUTF8 can take it (RFC 6531 §3.3): its local part is beyond ASCII.
    package var needsSMTPUTF8: Bool { !text.utf8.allSatisfy { $0 < 0x80 } }

    private static func checked(localPart: ArraySlice<UInt8>) throws(Refusal) -> String {
        let written = String(decoding: localPart, as: UTF8.self)
        let text = localPart.allSatisfy { $0 < 0x80 } ? written : written.composed
        guard !text.isEmpty, text.utf8.count <= 64 else {
            throw Refusal(
                description: text.isEmpty ? "nothing stands before its @" : "more than 64 characters before its @")
        }
        // By octets: a dot with a combining mark behind it is another Character, and still a dot.
        let dot = UInt8(ascii: ".")
        guard text.utf8.split(separator: dot, omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
            throw Refusal(description: "a dot stands at an end of, or twice in a row in, the part before its @")
        }
        if let bad = text.unicodeScalars.first(where: { !isAtomText($0) && $0 != "." }) {
            throw Refusal(description: "the part before its @ holds \(name(of: bad))")
        }
        return text
    }

    private static func checked(domain: ArraySlice<UInt8>) throws(Refusal) -> String {
        let shown = String(decoding: domain, as: UTF8.self)
        do throws(DomainName.Refusal) {
            return try DomainName.wire(shown)
        } catch {
            throw Refusal(description: error == .tooLong ? "its domain \(error)" : "its domain \"\(shown)\" \(error)")
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

    /// RFC 5322 §3.2.3 atext, and what RFC 6531 §3.3 adds to it, without anything that cannot be seen.
    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        if let byte = UInt8(exactly: scalar.value), byte < 0x80 {
            return isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default: return scalar != "\u{FFFD}"
        }
    }

    private static func name(of scalar: Unicode.Scalar) -> String {
        guard let byte = UInt8(exactly: scalar.value), byte < 0x80 else {
            let hex = String(scalar.value, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        }
        return name(of: byte)
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

extension String {
    /// In normal form C, so that one address has one spelling; ASCII is that already.
    fileprivate var composed: String {
        utf8.allSatisfy { $0 < 0x80 } ? self : precomposedStringWithCanonicalMapping
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
