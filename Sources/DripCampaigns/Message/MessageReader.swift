import DripCore

/// Splits a message file into its front matter and its body.
///
/// The rule: the first line is `---`; the front matter is YAML and ends at the next line that is `---`; all below it is
/// the body, which begins in column 1 of the line after. Blanks at the end of the two lines do not matter.
///
/// Edge cases: a byte order mark, CRLF and a lone CR were taken care of by `SourceText`; `---` further down is
/// Markdown.
enum MessageReader {
    private static let fence = "---"

    /// The message, or nil where it has any error.
    static func read(_ source: SourceText, findings: Findings) -> MessageSource? {
        guard let first = source.lines.first, isFence(first) else {
            findings.error(
                at: .start, "the message does not begin with its front matter",
                hint: "Begin it with a line `---`, a line such as `subject: Your e-book is here`, and a line `---`.")
            return nil
        }
        guard let last = source.lines.indices.dropFirst().first(where: { isFence(source.lines[$0]) }) else {
            findings.error(
                at: .start, "the front matter that begins here has no end",
                hint: "Put a line `---` between it and the text.")
            return nil
        }
        // An empty first line in place of the fence keeps every line's number.
        let front = ([""] + source.lines[1..<last]).joined(separator: "\n") + "\n"
        let body = source.lines[(last + 1)...].joined(separator: "\n")
        if body.allSatisfy(\.isWhitespace) {
            findings.error(
                at: Place(line: last + 1, column: 1), "the message has no text", hint: "Write it below this line.")
        }
        let root = YAMLDocument.read(front, in: source, findings: findings)
        guard let root, !root.isEmpty else {
            if root != nil || !findings.isBroken {
                findings.error(
                    at: .start, "the front matter is empty",
                    hint: "Add a line such as `\(MessageKeys.subject.spec.example)` between the lines `---`.")
            }
            return nil
        }
        let reading = Reading(findings: findings, source: source, root: MessageKeys.spec)
        guard let group = MappingReader(root, as: MessageKeys.spec, reading: reading) else { return nil }
        let subject = located(MessageKeys.subject, in: group)
        let message = MessageSource(
            path: source.path, subject: subject ?? Located("", at: .start),
            preheader: located(MessageKeys.preheader, in: group), from: group.value(MessageKeys.from),
            replyTo: group.value(MessageKeys.replyTo), track: group.value(MessageKeys.track),
            layout: located(MessageKeys.layout, in: group)
                ?? Located(MessageKeys.standardLayout, at: .start),
            body: Located(body, line: last + 2, column: 1))
        return findings.isBroken ? nil : message
    }

    private static func located(_ key: Key<String>, in group: MappingReader) -> Located<String>? {
        group.value(key).map { Located($0, at: group.textPlace(of: key)) }
    }

    private static func isFence(_ line: Substring) -> Bool {
        line.hasPrefix(fence) && line.dropFirst(fence.count).allSatisfy { $0 == " " || $0 == "\t" }
    }
}
