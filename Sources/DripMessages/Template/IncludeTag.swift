import DripCore

/// What stands in `{% include "signature" %}`, and around it.
enum IncludeTag {
    static func path(of name: String) -> String { "partials/\(name).md" }

    /// The partial that it names, in the language of the message.
    static func partial(
        _ word: String, _ inside: Range<Int>, at offset: Int, in source: SourceText, _ shared: SharedParts,
        locale: String?
    ) throws(TemplateError) -> Partial {
        let tokens = try ExpressionLexer.tokens(of: inside, in: source)
        guard tokens.count == 2, case .text(let written) = tokens[0].kind else {
            throw TemplateError(
                at: offset, "{% \(word) %} takes the name of one partial in quotes",
                "Write {% \(word) \"signature\" %}, for partials/signature.md.")
        }
        let place = tokens[0].offset
        let name = written.hasSuffix(".md") ? String(written.dropLast(3)) : written
        guard let family = shared.partials[name] else {
            let guess = nearestSpelling(of: name, among: Array(shared.partials.keys))
            throw TemplateError(
                at: place, "there is no partial \"\(name)\"",
                guess.map { "Did you mean \"\($0)\"?" } ?? "Make \(path(of: name)).", absentFile: path(of: name))
        }
        guard let partial = family.partial(for: locale) else {
            let others = family.byLocale.keys.sorted().joined(separator: ", ")
            throw TemplateError(
                at: place, "the partial \"\(name)\" is there only for \(others)", "Make \(path(of: name)).",
                absentFile: path(of: name))
        }
        return partial
    }

    /// Whether the tag that begins at `offset` has its line for itself, from the first column on.
    static func isAlone(_ offset: Int, _ inside: Range<Int>, in source: SourceText) -> Bool {
        let bytes = source.bytes
        guard offset == 0 || bytes[offset - 1] == UInt8(ascii: "\n") else { return false }
        let end = bytes[inside.upperBound...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count - 1
        let next = bytes[(end + 1)...].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        return next == nil || next == UInt8(ascii: "\n")
    }
}
