/// Where in an HTML file a place lies: in text, in a tag, in an attribute's value.
///
/// A small reading of the tokenizer of the HTML standard (§13.2.5): enough to know what a value that lands there can
/// do. What it does not know for sure it does not call text.
struct HTMLSpot {
    enum Kind: Equatable {
        case text
        case tagName, betweenAttributes, attributeName, beforeValue
        case value(quote: UInt8?)
        case comment, declaration
        /// Inside `<style>` or `<script>`.
        case rawText
    }

    private(set) var kind = Kind.text
    /// In lower case; with its slash where the tag closes.
    private(set) var tag = ""
    private(set) var attribute = ""
    /// The attribute's value as far as it is written.
    private(set) var value: [UInt8] = []
    /// Whether a template value stands in the attribute's value already.
    var holdsTemplateValue = false
    private var recent: [UInt8] = []

    /// What ended with the byte that was taken.
    enum Ended {
        case tag, attribute
    }

    /// Whether a branch that began there may end here.
    func isSamePlace(as other: HTMLSpot) -> Bool {
        guard kind == other.kind else { return false }
        switch kind {
        case .text, .comment, .declaration: return true
        case .tagName, .betweenAttributes, .rawText: return tag == other.tag
        case .attributeName, .beforeValue, .value: return tag == other.tag && attribute == other.attribute
        }
    }

    /// Whether the attribute holds a URL.
    var isURL: Bool {
        ["href", "src", "background", "action", "poster", "cite", "longdesc", "xlink:href"].contains(attribute)
    }

    /// Takes the next byte of the file.
    mutating func take(_ byte: UInt8) -> Ended? {
        recent.append(byte)
        if recent.count > 9 { recent.removeFirst() }
        switch kind {
        case .text: if byte == UInt8(ascii: "<") { begin(.tagName) }
        case .tagName: return takeInTagName(byte)
        case .betweenAttributes: return takeBetween(byte)
        case .attributeName:
            if byte == UInt8(ascii: "=") {
                kind = .beforeValue
            } else if byte == UInt8(ascii: ">") {
                return endTag()
            } else if Self.isBlank(byte) || byte == UInt8(ascii: "/") {
                kind = .betweenAttributes
            } else {
                attribute.append(Self.lowered(byte))
            }
        case .beforeValue:
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                kind = .value(quote: byte)
            } else if byte == UInt8(ascii: ">") {
                return endTag()
            } else if !Self.isBlank(byte) {
                kind = .value(quote: nil)
                value.append(byte)
            }
        case .value(let quote): return takeInValue(byte, quote)
        case .comment: if recent.suffix(3).elementsEqual("-->".utf8) { kind = .text }
        case .declaration:
            if recent.suffix(4).elementsEqual("<!--".utf8) {
                kind = .comment
            } else if byte == UInt8(ascii: ">") {
                kind = .text
            }
        case .rawText:
            let end = Array("</\(tag)".utf8)
            if recent.suffix(end.count).map(Self.loweredByte).elementsEqual(end) {
                begin(.tagName)
                tag = "/" + String(decoding: end.dropFirst(2), as: UTF8.self)
            }
        }
        return nil
    }

    private mutating func begin(_ next: Kind) {
        kind = next
        tag = ""
        attribute = ""
        value = []
        holdsTemplateValue = false
    }

    private mutating func takeInTagName(_ byte: UInt8) -> Ended? {
        if byte == UInt8(ascii: ">") { return endTag() }
        if Self.isBlank(byte) {
            kind = tag.isEmpty ? .text : .betweenAttributes
            return nil
        }
        if tag.isEmpty {
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            if byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") {
                kind = .declaration
                return nil
            }
            // A lone < is text.
            guard isLetter || byte == UInt8(ascii: "/") else {
                kind = .text
                return nil
            }
        } else if byte == UInt8(ascii: "/") {
            kind = .betweenAttributes
            return nil
        }
        tag.append(Self.lowered(byte))
        return nil
    }

    private mutating func takeBetween(_ byte: UInt8) -> Ended? {
        if byte == UInt8(ascii: ">") { return endTag() }
        if byte == UInt8(ascii: "=") {
            kind = .beforeValue
        } else if !Self.isBlank(byte), byte != UInt8(ascii: "/") {
            kind = .attributeName
            attribute = String(Self.lowered(byte))
            value = []
            holdsTemplateValue = false
        }
        return nil
    }

    private mutating func takeInValue(_ byte: UInt8, _ quote: UInt8?) -> Ended? {
        if let quote {
            if byte == quote {
                kind = .betweenAttributes
                return .attribute
            }
        } else if byte == UInt8(ascii: ">") {
            _ = endTag()
            return .attribute
        } else if Self.isBlank(byte) {
            kind = .betweenAttributes
            return .attribute
        }
        value.append(byte)
        return nil
    }

    private mutating func endTag() -> Ended? {
        kind = tag == "style" || tag == "script" ? .rawText : .text
        return .tag
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private static func loweredByte(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    private static func lowered(_ byte: UInt8) -> Character { Character(Unicode.Scalar(loweredByte(byte))) }
}
