import Glibc

/// A mail's bytes on their way into DATA.
///
/// The rule: every line ends in CRLF; a CR or LF on its own is refused before anything is sent; a line that begins with
/// a dot gets a second one (RFC 5321 §4.5.2); the end is CRLF, dot, CRLF. Edge cases: a last line without its end gets
/// one; an empty mail is the final dot alone. Worked example: `a\r\n.b\r\n` goes out as `a\r\n..b\r\n.\r\n`.
/// A bare LF is refused and not mended, because servers disagree on whether it ends a line: `\n.\nMAIL FROM…` ends the
/// mail for some and begins a second, forged one (SMTP smuggling).
struct CanonicalMail: Hashable {
    struct Refusal: Error, Hashable {
        let text: String
    }

    /// Whether any octet has its high bit set, so that 8BITMIME is needed.
    let isEightBit: Bool
    private let hasDottedLine: Bool

    /// Judges the bytes; the mail itself stays where it is.
    init(checking bytes: [UInt8]) throws(Refusal) {
        let verdict = bytes.withUnsafeBytes { CanonicalMail.judge($0) }
        switch verdict {
        case .success(let mail): self = mail
        case .failure(let refusal): throw refusal
        }
    }

    private init(isEightBit: Bool, hasDottedLine: Bool) {
        self.isEightBit = isEightBit
        self.hasDottedLine = hasDottedLine
    }

    private static func judge(_ bytes: UnsafeRawBufferPointer) -> Result<CanonicalMail, Refusal> {
        var start = 0
        var hasDottedLine = false
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            if rest[0] == UInt8(ascii: ".") { hasDottedLine = true }
            let carriageReturn = rest.firstOffset(of: 0x0D) ?? rest.count
            let lineEnd = min(carriageReturn, rest.count)
            guard UnsafeRawBufferPointer(rebasing: rest[..<lineEnd]).firstOffset(of: 0x0A) == nil else {
                return .failure(Refusal(text: "the message holds a line feed without its carriage return"))
            }
            guard lineEnd < rest.count else { break }
            guard lineEnd + 1 < rest.count, rest[lineEnd + 1] == 0x0A else {
                return .failure(Refusal(text: "the message holds a carriage return without its line feed"))
            }
            start += lineEnd + 2
        }
        return .success(CanonicalMail(isEightBit: bytes.holdsHighBit, hasDottedLine: hasDottedLine))
    }

    /// Appends `bytes`, which were judged before, as DATA wants them, with the final dot.
    func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.reserveCapacity(output.count + bytes.count + 8)
        if hasDottedLine {
            appendStuffed(bytes, to: &output)
        } else {
            output.append(contentsOf: bytes)
        }
        if let last = bytes.last, last != 0x0A { output.append(contentsOf: [0x0D, 0x0A]) }
        output.append(contentsOf: [0x2E, 0x0D, 0x0A])
    }

    private func appendStuffed(_ bytes: [UInt8], to output: inout [UInt8]) {
        bytes.withUnsafeBytes { whole in
            var start = 0
            while start < whole.count {
                let rest = UnsafeRawBufferPointer(rebasing: whole[start...])
                let length = rest.firstOffset(of: 0x0A).map { $0 + 1 } ?? rest.count
                if rest[0] == UInt8(ascii: ".") { output.append(UInt8(ascii: ".")) }
                output.append(contentsOf: rest[..<length])
                start += length
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var holdsHighBit: Bool {
        var all: UInt64 = 0
        var offset = 0
        while offset + 8 <= count {
            all |= loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            all |= UInt64(self[offset])
            offset += 1
        }
        return all & 0x8080_8080_8080_8080 != 0
    }
}
