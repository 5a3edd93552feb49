/// A stretch of a template.
enum TemplatePiece {
    case text(Range<Int>)
    /// `{{ … }}`: its inside, and where its braces start.
    case output(inside: Range<Int>, at: Int)
    /// `{% word … %}`: what follows the word, and where its braces start.
    case tag(word: String, inside: Range<Int>, at: Int)
}

/// Cuts a template into text and tags; `raw` and `comment` end here.
///
/// A dash inside the braces (`{%-`, `-}}`) takes away the blanks and line ends on its side, as in Liquid.
struct TemplateScanner {
    private let source: SourceText
    private(set) var pieces: [TemplatePiece] = []
    private(set) var errors: [TemplateError] = []
    private var index = 0
    private var textStart = 0

    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")
    private static let percent = UInt8(ascii: "%")
    /// In bytes; keeps the cost of a file full of unclosed tags linear.
    private static let longestTag = 4_096
    /// End tags that were looked for in vain; looking again further down cannot succeed either.
    private var absentEnds: Set<String> = []

    /// `strayBraces` says whether a `}}` without its `{{` is a slip of the pen; in a layout's CSS it is not.
    init(_ source: SourceText, strayBraces: Bool) {
        self.source = source
        scan(reportStray: strayBraces)
    }

    private func byte(_ at: Int) -> UInt8? { at < source.bytes.count ? source.bytes[at] : nil }

    private mutating func scan(reportStray: Bool) {
        while index < source.bytes.count {
            if source.bytes[index] == Self.open, let second = byte(index + 1),
                second == Self.open || second == Self.percent
            {
                tag(isOutput: second == Self.open)
            } else {
                if reportStray { reportStrayEnd() }
                index += 1
            }
        }
        flushText(upTo: index)
    }

    private mutating func reportStrayEnd() {
        guard byte(index + 1) == Self.close else { return }
        guard source.bytes[index] == Self.close || source.bytes[index] == Self.percent else { return }
        let ending = source.bytes[index] == Self.close ? "}}" : "%}"
        let start = ending == "}}" ? "{{" : "{%"
        errors.append(
            TemplateError(
                at: index, "\(ending) without \(start) before it",
                "Start the tag with \(start); to show braces, put them between {% raw %} and {% endraw %}."))
        index += 1
    }

    private mutating func flushText(upTo end: Int) {
        if end > textStart { pieces.append(.text(textStart..<end)) }
    }

    /// At `{{` or `{%`.
    private mutating func tag(isOutput: Bool) {
        let start = index
        var textEnd = start
        var inside = start + 2
        if byte(inside) == UInt8(ascii: "-") {
            inside += 1
            while textEnd > textStart, Self.isBlank(source.bytes[textEnd - 1]) { textEnd -= 1 }
        }
        flushText(upTo: textEnd)
        guard let end = endOfTag(from: inside, last: isOutput ? Self.close : Self.percent) else {
            let ending = isOutput ? "}}" : "%}"
            errors.append(
                TemplateError(
                    at: start, "this tag does not end", "Close it with \(ending), on the same line if you can."))
            index = start + 2
            textStart = index
            return
        }
        var insideEnd = end
        let trimsAfter = insideEnd > inside && source.bytes[insideEnd - 1] == UInt8(ascii: "-")
        if trimsAfter { insideEnd -= 1 }
        resume(at: end + 2, trimming: trimsAfter)
        if isOutput {
            pieces.append(.output(inside: inside..<insideEnd, at: start))
        } else {
            control(inside: inside..<insideEnd, at: start)
        }
    }

    private mutating func resume(at next: Int, trimming: Bool) {
        index = next
        if trimming { while index < source.bytes.count, Self.isBlank(source.bytes[index]) { index += 1 } }
        textStart = index
    }

    private mutating func control(inside: Range<Int>, at start: Int) {
        var wordStart = inside.lowerBound
        while wordStart < inside.upperBound, Self.isBlank(source.bytes[wordStart]) { wordStart += 1 }
        var wordEnd = wordStart
        while wordEnd < inside.upperBound, Self.isWordPart(source.bytes[wordEnd]) { wordEnd += 1 }
        let word = source.text(wordStart..<wordEnd)
        guard word == "raw" || word == "comment" else {
            pieces.append(.tag(word: word, inside: wordEnd..<inside.upperBound, at: start))
            return
        }
        guard let ending = endTag("end" + word, from: index) else {
            absentEnds.insert("end" + word)
            errors.append(
                TemplateError(
                    at: start, "this {% \(word) %} does not end", "Close it with {% end\(word) %}."))
            return
        }
        if word == "raw", ending.start > index { pieces.append(.text(index..<ending.start)) }
        resume(at: ending.next, trimming: ending.trims)
        if word == "comment" { swallowLineEndIfAlone(from: start) }
    }

    /// A comment on a line of its own leaves no empty line behind, which would end a paragraph.
    private mutating func swallowLineEndIfAlone(from start: Int) {
        let before = source.bytes[..<start].reversed().first { $0 != 0x20 && $0 != 0x09 }
        guard before == nil || before == UInt8(ascii: "\n") else { return }
        var next = index
        while let blank = byte(next), blank == 0x20 || blank == 0x09 || blank == 0x0D { next += 1 }
        guard next >= source.bytes.count || source.bytes[next] == UInt8(ascii: "\n") else { return }
        index = min(next + 1, source.bytes.count)
        textStart = index
    }

    /// The first `}}` or `%}` that does not stand in quotes, or the first of all where the quotes do not match up.
    private func endOfTag(from: Int, last: UInt8) -> Int? {
        var quote: UInt8?
        var first: Int?
        var at = from
        let limit = min(source.bytes.count, from + Self.longestTag)
        while at + 1 < limit {
            let byte = source.bytes[at]
            if byte == last, source.bytes[at + 1] == Self.close {
                if quote == nil { return at }
                if first == nil { first = at }
            }
            if byte == UInt8(ascii: "\n"), first != nil { return first }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == Self.open, let next = self.byte(at + 1), next == Self.open || next == Self.percent {
                return nil
            }
            at += 1
        }
        return first
    }

    private func endTag(_ word: String, from: Int) -> (start: Int, next: Int, trims: Bool)? {
        if absentEnds.contains(word) { return nil }
        let wanted = Array(word.utf8)
        var at = from
        while at + 1 < source.bytes.count {
            defer { at += 1 }
            guard source.bytes[at] == Self.open, source.bytes[at + 1] == Self.percent else { continue }
            var next = at + 2
            if byte(next) == UInt8(ascii: "-") { next += 1 }
            while let blank = byte(next), Self.isBlank(blank) { next += 1 }
            guard source.bytes[next...].starts(with: wanted) else { continue }
            next += wanted.count
            while let blank = byte(next), Self.isBlank(blank) { next += 1 }
            let trims = byte(next) == UInt8(ascii: "-")
            if trims { next += 1 }
            if byte(next) == Self.percent, byte(next + 1) == Self.close { return (at, next + 2, trims) }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private static func isWordPart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
