// JSON from outside (RFC 8259), read in one pass.
//
// The rule: all of the grammar and nothing else; at most 128 levels; of a name that comes twice the last value. The time is
// that of the bytes, whatever they say: Foundation's decoder takes seconds for a kilobyte of brackets, and what a webhook
// brings is read before anybody is believed.
//
// Edge cases: an escaped half of a surrogate pair alone, bytes that are no UTF-8, a control character in a text, `01`, `1.`
// and anything behind the value are no JSON; a number that no Double holds is none either.
struct JSONReader {
    private static let deepest = 128

    private let bytes: [UInt8]
    private var position = 0

    /// Nil where the bytes are no JSON.
    static func read(_ bytes: [UInt8]) -> JSONValue? {
        var reader = JSONReader(bytes: bytes)
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipBlanks()
        return reader.position == bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func value(depth: Int) -> JSONValue? {
        skipBlanks()
        guard depth < Self.deepest, let first = next else { return nil }
        switch first {
        case UInt8(ascii: "{"): return group(depth: depth)
        case UInt8(ascii: "["): return list(depth: depth)
        case UInt8(ascii: "\""): return text().map(JSONValue.text)
        case UInt8(ascii: "t"): return take(word: "true") ? .flag(true) : nil
        case UInt8(ascii: "f"): return take(word: "false") ? .flag(false) : nil
        case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
        default: return number()
        }
    }

    private mutating func list(depth: Int) -> JSONValue? {
        position += 1
        var items: [JSONValue] = []
        skipBlanks()
        if take("]") { return .list(items) }
        while true {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            skipBlanks()
            if take("]") { return .list(items) }
            guard take(",") else { return nil }
        }
    }

    private mutating func group(depth: Int) -> JSONValue? {
        position += 1
        var entries: [String: JSONValue] = [:]
        skipBlanks()
        if take("}") { return .group(entries) }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\""), let name = text() else { return nil }
            skipBlanks()
            guard take(":"), let value = value(depth: depth + 1) else { return nil }
            entries[name] = value
            skipBlanks()
            if take("}") { return .group(entries) }
            guard take(",") else { return nil }
        }
    }

    private mutating func number() -> JSONValue? {
        let start = position
        _ = take("-")
        guard let first = next, Self.isDigit(first) else { return nil }
        if take("0") {} else { skipDigits() }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard let digit = next, Self.isDigit(digit) else { return nil }
            skipDigits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard let digit = next, Self.isDigit(digit) else { return nil }
            skipDigits()
        }
        let written = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Double(written), number.isFinite else { return nil }
        if isWhole, abs(number) >= 1e15, let whole = Int64(written) { return .large(whole) }
        return .number(number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private mutating func skipDigits() {
        while let byte = next, Self.isDigit(byte) { position += 1 }
    }

    private mutating func text() -> String? {
        position += 1
        var content: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                content += Array(String(Character(scalar)).utf8)
            case 0x00..<0x20: return nil
            default: content.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = codeUnit() else { return nil }
            guard unit & 0xFC00 == 0xD800 else { return Unicode.Scalar(unit) }
            guard take("\\"), take("u"), let low = codeUnit(), low & 0xFC00 == 0xDC00 else { return nil }
            return Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
        default: return nil
        }
    }

    private mutating func codeUnit() -> UInt32? {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap(FormField.hexDigit) else { return nil }
            position += 1
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}
