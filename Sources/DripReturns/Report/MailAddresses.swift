/// Addresses in a field or in words: what may be one, in lower case.
///
/// Nobody is written to because of it.
enum MailAddresses {
    static func all(in text: some StringProtocol) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        var index = 0
        while index < bytes.count, found.count < ReturnLimits.addresses {
            guard bytes[index] == UInt8(ascii: "@") else {
                index += 1
                continue
            }
            var start = index
            while start > 0, index - start <= 128, isLocal(bytes[start - 1]) { start -= 1 }
            var end = index + 1
            while end < bytes.count, end - index <= 255, isDomain(bytes[end]) { end += 1 }
            // Full stops at the edges are the sentence's; `rfc822;` and `SMTP:` end before a local part begins.
            var local = bytes[start..<index].drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "'") }
            if let mark = local.lastIndex(of: UInt8(ascii: ":")) { local = local[(mark + 1)...] }
            // X.400's way to write an Internet address: `dda:SMTP=user@example.com`.
            if local.count > 5, String(decoding: local.prefix(5), as: UTF8.self).lowercased() == "smtp=" {
                local = local.dropFirst(5)
            }
            var domain = bytes[(index + 1)..<end]
            while let last = domain.last, last == UInt8(ascii: ".") || last == UInt8(ascii: "-") { domain.removeLast() }
            if !local.isEmpty, local.count <= 128, domain.count >= 3, domain.contains(UInt8(ascii: ".")) {
                found.append(
                    (String(decoding: local, as: UTF8.self) + "@" + String(decoding: domain, as: UTF8.self))
                        .lowercased())
            }
            index = end
        }
        return found
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        isDomain(byte) || "!#$%&'*+/=?^_`{|}~:".utf8.contains(byte)
    }

    private static func isDomain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
