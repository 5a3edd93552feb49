/// What a POP3 server says (RFC 1939), read from its lines.
enum POP3Reply {
    /// `+OK`, or nil with the words of the refusal.
    static func refusal(_ line: [UInt8]) -> String? {
        if line.starts(with: "+OK".utf8) { return nil }
        return LogText.clean(line)
    }

    /// A line of UIDL's answer: a message's number in this session, and its unique id (§7); nil for any other line.
    static func listing(_ line: [UInt8]) -> (number: Int, id: String)? {
        let parts = line.split(separator: 0x20)
        guard parts.count == 2, parts[0].count <= 9, parts[0].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let number = Int(String(decoding: parts[0], as: UTF8.self)), number > 0,
            // §7: 1 to 70 characters; some servers make longer ones.
            parts[1].count <= 255, parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return (number, String(decoding: parts[1], as: UTF8.self))
    }

    /// A line of a message as it was before it was sent; nil for the one that ends it (§3).
    static func unstuffed(_ line: [UInt8]) -> ArraySlice<UInt8>? {
        guard line.first == UInt8(ascii: ".") else { return line[...] }
        return line.count == 1 ? nil : line.dropFirst()
    }
}
