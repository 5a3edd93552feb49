// Where a link in a message may go.
//
// The rule: https and mailto, nothing else, judged while compiling wherever the scheme is written out, and at run time
// where a value makes the whole URL (`Placement.url`). A value after a written scheme can only be data inside the URL.
// Edge cases: `www.example.com` alone in Markdown becomes https; a default for a whole URL must be one itself, and so
// must every row of a catalogue's column; a relative link has no base in a mail.
// Examples: `[Book](https://x.example/?lead={{ lead.key }})` → part; `[Book]({{ lead.link }})` → whole;
// `[Book](http://x.example)` → an error that says https.

import DripCore

enum LinkRule {
    /// How a value lands that follows `prefix` inside a URL.
    static func placement(after prefix: String, followsValue: Bool) -> Result<Placement, LinkProblem> {
        let prefix = prefix.trimmed
        if prefix.isEmpty { return .success(followsValue ? .urlPart : .url) }
        if followsValue { return .success(.urlPart) }
        let lowered = prefix.lowercased()
        if lowered.hasPrefix("https://") { return .success(.urlPart) }
        if lowered.hasPrefix("mailto:") { return .success(.mailPart) }
        return .failure(problem(with: prefix))
    }

    /// What is wrong with a URL that is written out, or nil.
    static func check(_ url: String) -> LinkProblem? {
        Placement.isSafeURL(Array(url.trimmed.utf8)) ? nil : problem(with: url.trimmed)
    }

    /// What is wrong with a value as a whole URL, as far as it is known: its default.
    static func check(_ expression: Expression) -> LinkProblem? {
        for operand in expression.operands {
            switch operand {
            case .literal(let value) where !Placement.isSafeURL(Array(value.text.utf8)):
                return LinkProblem(
                    message: "\"\(value.text)\" is no https or mailto link",
                    hint: "Write a default such as \"https://www.example.com/\".")
            case .reference(.cell(let cell)):
                guard let bad = cell.noLink else { continue }
                return LinkProblem(
                    message: "\"\(bad.text)\" is no https or mailto link",
                    hint: "Mend `\(cell.column.name)` of the row `\(bad.row)` in \(cell.column.path).")
            default: continue
            }
        }
        return nil
    }

    private static func problem(with url: String) -> LinkProblem {
        let lowered = url.lowercased()
        if url.isEmpty {
            return LinkProblem(message: "this link goes nowhere", hint: "Write its address: https://….")
        }
        if lowered.hasPrefix("http://") {
            return LinkProblem(
                message: "this link is not https", hint: "Write https://\(url.dropFirst(7)).")
        }
        if lowered.hasPrefix("#") {
            return LinkProblem(
                message: "a link inside the message does not work in mail", hint: "Leave it out, or link to a page.")
        }
        let scheme = lowered.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        if !scheme.isEmpty, lowered.dropFirst(scheme.count).first == ":", !scheme.contains(".") {
            return LinkProblem(
                message: "links with \(scheme): are not taken", hint: "Only https: and mailto: links are.")
        }
        return LinkProblem(
            message: "\"\(url)\" is not a whole link", hint: "A mail has no page of its own: write https://….")
    }
}

/// A mistake in a link.
struct LinkProblem: Error {
    var message: String
    var hint: String
}
