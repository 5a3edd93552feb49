// What of a mail a DKIM signature is over: "relaxed" header fields and body.
//
// The rules (RFC 6376 §3.4.2, §3.4.4): a field's name is in lower case, its lines are one, runs of blanks are one, and none
// stands at an end of its value or around the colon. Of the body, blanks at line ends and empty lines at its end are
// left out, runs of blanks are one, and what is left ends in one CRLF.
// Edge cases: a body without anything but blanks and line ends is no octet at all; a line that begins with blanks keeps
// one; a last line without its end gets one.
// Worked example (§3.4.5): `B : Y\t\r\n\tZ  \r\n` → `b:Y Z\r\n`; ` C \r\nD \t E\r\n\r\n\r\n` → ` C\r\nD E\r\n`.

enum DKIMCanonical {
    /// A header field, from its name to its last line end, as octets that are signed; ends in CRLF.
    static func field(_ field: some BidirectionalCollection<UInt8>) -> [UInt8] {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return [] }
        var result = field[..<colon].filter { !isBlank($0) }
            .map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        result.append(UInt8(ascii: ":"))
        let start = result.count
        var owesBlank = false
        for byte in field[field.index(after: colon)...] where byte != 0x0D && byte != 0x0A {
            if isBlank(byte) {
                owesBlank = true
                continue
            }
            if owesBlank, result.count > start { result.append(0x20) }
            owesBlank = false
            result.append(byte)
        }
        return result + [0x0D, 0x0A]
    }

    static func body(_ body: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(body.count + 2)
        var (owedLineEnds, owesBlank) = (0, false)
        body.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == 0x0D, index < bytes.count, bytes[index] == 0x0A {
                    index += 1
                    owedLineEnds += 1
                    owesBlank = false
                } else if isBlank(byte) {
                    owesBlank = true
                } else {
                    for _ in 0..<owedLineEnds { result.append(contentsOf: [0x0D, 0x0A]) }
                    if owesBlank { result.append(0x20) }
                    (owedLineEnds, owesBlank) = (0, false)
                    result.append(byte)
                }
            }
        }
        return result.isEmpty ? [] : result + [0x0D, 0x0A]
    }

    /// A mail's header fields, each with its line ends, and its body.
    static func split(_ mail: [UInt8]) -> (fields: [ArraySlice<UInt8>], body: ArraySlice<UInt8>) {
        var fields: [ArraySlice<UInt8>] = []
        var start = mail.startIndex
        while start < mail.endIndex {
            let lineFeed = mail[start...].firstIndex(of: 0x0A) ?? mail.endIndex - 1
            let line = mail[start...lineFeed]
            start = line.endIndex
            if line.first == 0x0D || line.first == 0x0A { break }
            if let first = line.first, isBlank(first), let last = fields.popLast() {
                fields.append(mail[last.startIndex..<line.endIndex])
            } else {
                fields.append(line)
            }
        }
        return (fields, mail[start...])
    }

    /// A field's name in lower case.
    static func name(of field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != UInt8(ascii: ":") && !isBlank($0) }, as: UTF8.self).lowercased()
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
