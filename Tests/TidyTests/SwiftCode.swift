/// Swift source without what only people read, so that a rule about code never trips over a comment or a text.
///
/// Comments and the characters of string literals become blanks; code inside `\( )` of a string stays, and so does every
/// line break, so that line numbers still fit. It knows nested block comments, `"""` and `#"…"#`; not regex literals,
/// which no file here needs.
struct SwiftCode {
    private let source: [Character]
    private var position = 0
    private var output = ""

    static func only(_ text: String) -> String {
        // Split so that CR LF, one Character in Swift, cannot hide a line break.
        var code = SwiftCode(source: Array(text.replacing("\r\n", with: "\n")))
        code.copy(untilClosing: false)
        return code.output
    }

    private init(source: [Character]) {
        self.source = source
    }

    private func sees(_ text: String) -> Bool {
        source[position...].starts(with: text)
    }

    private mutating func blank(_ count: Int) {
        for character in source[position..<min(position + count, source.count)] {
            output.append(character == "\n" ? "\n" : " ")
        }
        position = min(position + count, source.count)
    }

    /// Copies code to the end, or to the parenthesis that closes an interpolation.
    private mutating func copy(untilClosing: Bool) {
        var depth = 0
        while position < source.count {
            if sees("//") {
                skipLineComment()
            } else if sees("/*") {
                skipBlockComment()
            } else if let hashes = stringOpening() {
                skipString(hashes: hashes)
            } else {
                if source[position] == "(" { depth += 1 }
                if source[position] == ")" {
                    if untilClosing && depth == 0 { return }
                    depth -= 1
                }
                output.append(source[position])
                position += 1
            }
        }
    }

    private mutating func skipLineComment() {
        while position < source.count, source[position] != "\n" { blank(1) }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && position < source.count
    }

    /// The number of `#` before the quote where a string begins here.
    private func stringOpening() -> Int? {
        let hashes = source[position...].prefix { $0 == "#" }.count
        let quote = position + hashes
        return quote < source.count && source[quote] == "\"" ? hashes : nil
    }

    private mutating func skipString(hashes: Int) {
        blank(hashes)
        let quote = sees("\"\"\"") ? "\"\"\"" : "\""
        blank(quote.count)
        let marks = String(repeating: "#", count: hashes)
        while position < source.count {
            if sees(quote + marks) {
                blank(quote.count + hashes)
                return
            } else if sees("\\" + marks + "(") {
                blank(2 + hashes)
                copy(untilClosing: true)
            } else if hashes == 0, source[position] == "\\" {
                blank(2)
            } else if quote.count == 1, source[position] == "\n" {
                return  // Not a string after all: a lone quote must not swallow the file.
            } else {
                blank(1)
            }
        }
    }
}
