import DripCore

/// The message files that a step names.
///
/// The rule: one, or, within a `repeat`, a list: the n-th time takes the n-th file, and the last one repeats for the rest.
/// It is the innermost repetition that counts, whatever arms lie between. More files than times is a mistake, because some
/// of them would never go; so is a list where nothing is repeated.
///
/// Worked example: `email: [ask.md, ask-again.md]` in a `repeat` of three times sends `ask.md`, `ask-again.md` and
/// `ask-again.md` once more.
struct MessageNames {
    /// Which time of how many a step goes, within a repetition.
    struct Time {
        var number: Int
        var of: Int
    }

    var files: [Located<String>]
    var isList: Bool
    var place: Place

    /// The file of that time, or nil once it has told what is wrong.
    func file(at time: Time?, findings: Findings) -> Located<String>? {
        guard isList else { return files.first }
        guard let time else {
            findings.error(
                at: place, "a list of messages is for a step within `repeat`, and this step goes once",
                hint: "Name one message, or repeat the step: the n-th time takes the n-th message.")
            return nil
        }
        guard files.count <= time.of else {
            findings.error(
                at: files[time.of].place,
                "\(files.count) messages, and the step goes \(time.of == 1 ? "once" : "\(time.of) times"): "
                    + "\(quoted(files[time.of].value)) would never go",
                hint: "Take it out, or raise `times`.")
            return nil
        }
        return files[min(time.number, files.count) - 1]
    }
}

extension ValueKind where Value == MessageNames {
    static let messageNames = ValueKind(shape: ValueKind<[Located<String>]>.oneOrMany(.messagePath).shape) {
        node, key, reading in
        guard let files = ValueKind<[Located<String>]>.oneOrMany(.messagePath).read(node, key, reading), !files.isEmpty
        else { return nil }
        guard case .sequence(let items) = node.content else {
            return MessageNames(files: files, isList: false, place: node.place)
        }
        // Where one of them is wrong, which was told, nobody knows which time takes which.
        return files.count == items.count ? MessageNames(files: files, isList: true, place: node.place) : nil
    }
}

extension ValueKind where Value == Located<String> {
    /// A message file in the campaign's own folder, by a path that does not leave it; `./` in front is dropped.
    static let messagePath = ValueKind(
        shape: .form("path of a message", pattern: "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\\\]*\\.md$")
    ) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a file") else { return nil }
        func refuse(_ message: String, hint: String) -> Located<String>? {
            reading.error(at: node.place, message, hint: hint)
            return nil
        }
        guard !text.hasPrefix("/") else {
            return refuse(
                "\(quoted(text)) is an absolute path",
                hint: "Name a file of the campaign's folder, such as `welcome.md`.")
        }
        guard !text.contains("\\") else {
            return refuse("\(quoted(text)) holds a backslash", hint: "Part folders by `/`.")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).filter { $0 != "." }
        guard !parts.contains("..") else {
            return refuse(
                "\(quoted(text)) leaves the campaign's folder", hint: "Put the message beside `campaign.yaml`.")
        }
        guard !parts.contains(""), !text.unicodeScalars.contains(where: { $0.properties.isControl }) else {
            return refuse("\(quoted(text)) is no name of a file", hint: "Write it as in `\(key.example)`.")
        }
        guard text.hasSuffix(".md") else {
            if text.hasSuffix(".html") {
                return refuse(
                    "a message in HTML (\(quoted(text))) is not supported by this version yet",
                    hint: "Write the message in Markdown, in a file that ends in `.md`.")
            }
            return refuse(
                "\(quoted(text)) is no Markdown file", hint: "Name a file that ends in `.md`, such as `welcome.md`.")
        }
        return Located(parts.joined(separator: "/"), at: node.place)
    }
}
