// The one way in which a value reaches a message, by the place where it lands.
//
// The rule: a value is data. In text and in quoted attributes the five characters that HTML gives a meaning are written
// as entities; inside a URL everything but unreserved characters (RFC 3986 §2.3) is percent-encoded; a value that is a
// whole URL must be https or mailto, or `#` stands in its place. There is no raw form.
// Examples: `<b>` → `&lt;b&gt;`; `a&b=c` in `https://x.example/?q={{ lead.q }}` → `a%26b%3Dc`; `javascript:alert(1)` as a
// link → `#`.

/// Where a value lands.
enum Placement: UInt8, Sendable {
    /// Plain text: the text part, the subject.
    case plain
    /// HTML text or a quoted attribute.
    case html
    /// A part of an https URL.
    case urlPart
    /// A part of a mailto URL, where an @ is itself.
    case mailPart
    /// The start of a URL, in an HTML attribute.
    case url
    /// The start of a URL, in plain text.
    case plainURL
}

extension Placement {
    /// The most bytes that one byte of a value can become: `&quot;`.
    static let longestForm = 6

    /// Calls `append` with stretches of `text` in the form that this place takes.
    func write(_ text: String, _ append: (UnsafeBufferPointer<UInt8>) -> Void) {
        var text = text
        text.withUTF8 { bytes in
            switch self {
            case .plain: append(bytes)
            case .html: Self.escape(bytes, by: Entities.html, append)
            case .urlPart: Self.escape(bytes, by: Entities.urlPart, append)
            case .mailPart: Self.escape(bytes, by: Entities.mailPart, append)
            case .url, .plainURL:
                guard Self.isSafeURL(bytes) else {
                    Entities.hash.withUnsafeBufferPointer { append($0) }
                    return
                }
                Self.escape(bytes, by: self == .url ? Entities.urlInHTML : Entities.url, append)
            }
        }
    }

    /// Appends a value, of which it is known what its bytes are.
    @inline(__always)
    func write(_ text: String, _ traits: ByteTraits, _ append: (UnsafeBufferPointer<UInt8>) -> Void) {
        let isPlain =
            switch self {
            case .plain: true
            case .html: !traits.contains(.html)
            case .urlPart: !traits.contains(.url)
            default: false
            }
        guard isPlain else { return write(text, append) }
        var text = text
        text.withUTF8(append)
    }

    /// Whether a byte is written otherwise than as itself.
    func changes(_ byte: UInt8) -> Bool {
        switch self {
        case .plain: false
        case .html: Entities.html[Int(byte)] != nil
        case .urlPart: Entities.urlPart[Int(byte)] != nil
        case .mailPart: Entities.mailPart[Int(byte)] != nil
        case .url: Entities.urlInHTML[Int(byte)] != nil
        case .plainURL: Entities.url[Int(byte)] != nil
        }
    }

    /// Whether a text is an https or mailto URL; the scheme counts whatever its case.
    static func isSafeURL(_ bytes: some Collection<UInt8>) -> Bool {
        startsURL(bytes, with: "https://") || startsURL(bytes, with: "mailto:")
    }

    static func startsURL(_ bytes: some Collection<UInt8>, with scheme: StaticString) -> Bool {
        var index = bytes.startIndex
        for position in 0..<scheme.utf8CodeUnitCount {
            guard index < bytes.endIndex else { return false }
            let byte = bytes[index]
            let lowered = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            guard lowered == scheme.utf8Start[position] else { return false }
            index = bytes.index(after: index)
        }
        return index < bytes.endIndex && bytes[index] != UInt8(ascii: "/")
    }

    /// Copies the stretches that may stay and the table's text for each byte that may not.
    private static func escape(
        _ bytes: UnsafeBufferPointer<UInt8>, by table: [[UInt8]?], _ append: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        table.withUnsafeBufferPointer { table in
            var start = 0
            for index in 0..<bytes.count {
                guard let replacement = table[Int(bytes[index])] else { continue }
                if index > start { append(UnsafeBufferPointer(rebasing: bytes[start..<index])) }
                replacement.withUnsafeBufferPointer { append($0) }
                start = index + 1
            }
            if bytes.count > start { append(UnsafeBufferPointer(rebasing: bytes[start...])) }
        }
    }

    /// A stretch of a URL that an author wrote: kept, with what no URL may hold percent-encoded.
    static func writtenURL(_ text: String, inHTML: Bool) -> [UInt8] {
        var text = text
        var result: [UInt8] = []
        text.withUTF8 { bytes in
            escape(bytes, by: inHTML ? Entities.urlInHTML : Entities.url) { result.append(contentsOf: $0) }
        }
        return result
    }

    /// The same for a text that is known while compiling.
    func written(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        write(text) { result.append(contentsOf: $0) }
        return result
    }
}

/// What to write for each byte, nil for itself.
private enum Entities {
    static let hash: [UInt8] = [UInt8(ascii: "#")]

    static let html = table { byte in
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }

    static let urlPart = table { isUnreserved($0) ? nil : percent($0) }
    static let mailPart = table { isUnreserved($0) || $0 == UInt8(ascii: "@") ? nil : percent($0) }
    static let url = table { isUnreserved($0) || isReserved($0) ? nil : percent($0) }
    static let urlInHTML = table { byte in
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "'"): "&#39;"
        default: isUnreserved(byte) || isReserved(byte) ? nil : percent(byte)
        }
    }

    private static func table(_ replacement: (UInt8) -> String?) -> [[UInt8]?] {
        (0...255).map { replacement(UInt8($0)).map { Array($0.utf8) } }
    }

    private static func percent(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }

    /// RFC 3986 §2.2, and % itself: a URL comes with its own escapes.
    ///
    /// Brackets are left out: only IPv6 hosts have them, and a text reader may end a link there.
    private static func isReserved(_ byte: UInt8) -> Bool { ":/?#@!$&'()*+,;=%".utf8.contains(byte) }
}
