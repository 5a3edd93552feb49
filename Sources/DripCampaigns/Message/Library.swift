import DripCore

/// The messages and layouts of a folder, each read once, however many steps name it.
///
/// A class, because reading a message is remembered; it never leaves the load that made it.
final class Library {
    private let tree: FileTree
    /// Paths that are there and could not be read, which was told: nothing else is to be said of them.
    private let unreadable: Set<String>
    private var read: [String: MessageSource?] = [:]
    /// Also those that have no layout to stand in.
    private var readableByPath: [String: MessageSource] = [:]
    private(set) var layouts: [String: LayoutSource] = [:]
    private(set) var diagnostics: [Diagnostic] = []
    private var brokenLayouts: Set<String> = []
    private var toldOfMissingLayout = false
    /// Markdown files by folder, sorted.
    private let messagesByFolder: [String: [String]]

    static let layoutFolder = "layouts"

    init(_ tree: FileTree) {
        self.tree = tree
        unreadable = Set(tree.diagnostics.filter { $0.severity == .error }.map(\.file))
        messagesByFolder = Dictionary(
            grouping: Set(tree.files.keys).union(unreadable).filter { $0.hasSuffix(".md") }.sorted(),
            by: { String($0.prefix { $0 != "/" }) })
        readLayouts()
    }

    func has(_ path: String) -> Bool { tree.files[path] != nil || unreadable.contains(path) }

    func messagePaths(in folder: String) -> [String] { messagesByFolder[folder] ?? [] }

    /// The message, or nil where it is broken, which its own diagnostics tell.
    func message(_ path: String) -> MessageSource? {
        if let known = read[path] { return known }
        let message = readMessage(path)
        read[path] = .some(message)
        return message
    }

    /// The messages of a folder that were asked for and can be read by themselves, also without their layouts.
    func readable(in folder: String) -> [MessageSource] {
        readableByPath.filter { $0.key.hasPrefix("\(folder)/") }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Translations by BCP 47 tag in lower case: `welcome.pt-BR.md` of `welcome.md` is `pt-br`.
    func translations(of path: String) -> [String: String] {
        var found: [String: String] = [:]
        for (candidate, tag) in translationFiles(of: path) {
            if let other = found[tag] {
                diagnostics.append(
                    Diagnostic(
                        .warning, file: candidate, line: 0, column: 0,
                        message: "\(quoted(other)) is for the locale `\(tag)` already, so this file is not used",
                        hint: "Keep one of the two."))
            } else {
                found[tag] = candidate
            }
        }
        return found
    }

    /// The files beside a message that a step with `vary_by` may choose in its place.
    ///
    /// `case-study.fintech.md` is the variant `fintech`, `case-study.fintech.id.md` the same in Indonesian. A single part
    /// that looks like a language (`id`, `pt-br`, `zh-hant`) is one: no variant can have such a name.
    func variants(of path: String) -> (byLocale: [String: String], variants: [String: MessageChoice.Variant]) {
        var byLocale: [String: String] = [:]
        var variants: [String: MessageChoice.Variant] = [:]
        let stem = path.dropLast(3) + "."
        for candidate in messagePaths(in: String(path.prefix { $0 != "/" })) where candidate.hasPrefix(stem) {
            let parts = candidate.dropFirst(stem.count).dropLast(3).lowercased()
                .split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard candidate != path, !parts.contains(where: { $0.isEmpty || $0.contains("/") }) else { continue }
            let other: String?
            switch (parts.count, Library.isPlainLocale(parts[parts.count - 1])) {
            case (1, true): other = byLocale.updateValue(byLocale[parts[0]] ?? candidate, forKey: parts[0])
            case (1, false):
                other = variants[parts[0]]?.path
                variants[parts[0], default: MessageChoice.Variant()].path = other ?? candidate
            case (2, true):
                other = variants[parts[0]]?.byLocale[parts[1]]
                variants[parts[0], default: MessageChoice.Variant()].byLocale[parts[1]] = other ?? candidate
            default: continue
            }
            if let other { tellOfDouble(candidate, of: other, tag: parts.joined(separator: ".")) }
        }
        return (byLocale, variants)
    }

    private func tellOfDouble(_ candidate: String, of other: String, tag: String) {
        diagnostics.append(
            Diagnostic(
                .warning, file: candidate, line: 0, column: 0,
                message: "\(quoted(other)) is for `\(tag)` already, so this file is not used",
                hint: "Keep one of the two."))
    }

    /// A language with at most a script and a region: `id`, `pt-br`, `zh-hant-tw`.
    private static func isPlainLocale(_ tag: String) -> Bool {
        var parts = tag.split(separator: "-", omittingEmptySubsequences: false)[...]
        func isLetters(_ text: Substring, _ counts: ClosedRange<Int>) -> Bool {
            counts.contains(text.count) && text.allSatisfy { $0.isASCII && $0.isLetter }
        }
        guard let language = parts.popFirst(), isLetters(language, 2...3) else { return false }
        if let script = parts.first, isLetters(script, 4...4) { parts = parts.dropFirst() }
        if let region = parts.first,
            isLetters(region, 2...2) || region.count == 3 && Naming.integer(String(region)) != nil
        {
            parts = parts.dropFirst()
        }
        return parts.isEmpty
    }

    /// The messages of which a file may be a variant, by its name: `a.b.c.md` → `a.b.md`, `a.md`.
    static func bases(of path: String) -> [String] {
        var bases: [String] = []
        var stem = path.dropLast(3)
        while let dot = stem.lastIndex(of: "."), dot != stem.startIndex, !stem[dot...].contains("/") {
            stem = stem[..<dot]
            bases.append(stem + ".md")
        }
        return bases
    }

    /// What part of a message's name says it is a translation: `welcome.id.md` → (`welcome.md`, `id`).
    static func translation(_ path: String) -> (base: String, tag: String)? {
        guard path.hasSuffix(".md") else { return nil }
        let stem = path.dropLast(3)
        guard let dot = stem.lastIndex(of: "."), dot != stem.startIndex else { return nil }
        let tag = stem[stem.index(after: dot)...].lowercased()
        guard stem[..<dot].last != "/", isLocale(tag) else { return nil }
        return (stem[..<dot] + ".md", tag)
    }

    /// A BCP 47 tag as far as a file name needs it: a language of 2 or 3 letters, and subtags of 2 to 8.
    static func isLocale(_ tag: String) -> Bool {
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, (2...3).contains(language.count),
            language.allSatisfy({ $0.isASCII && $0.isLetter })
        else { return false }
        return parts.dropFirst().allSatisfy { part in
            (2...8).contains(part.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
    }

    private func translationFiles(of path: String) -> [(path: String, tag: String)] {
        messagePaths(in: String(path.prefix { $0 != "/" })).compactMap { candidate in
            guard let (base, tag) = Library.translation(candidate), base == path else { return nil }
            return (candidate, tag)
        }
    }

    private func readMessage(_ path: String) -> MessageSource? {
        guard let bytes = tree.files[path] else { return nil }
        let findings = Findings(file: path)
        defer { diagnostics += findings.diagnostics }
        let source: SourceText
        do {
            source = try SourceText(bytes, path: path)
        } catch {
            findings.add(error)
            return nil
        }
        guard let message = MessageReader.read(source, findings: findings) else { return nil }
        readableByPath[path] = message
        return hasLayout(message.layout, findings: findings) ? message : nil
    }

    private func hasLayout(_ layout: Located<String>, findings: Findings) -> Bool {
        if layouts[layout.value] != nil { return true }
        if brokenLayouts.contains(layout.value) { return false }
        if layout.value == MessageKeys.standardLayout, !toldOfMissingLayout {
            // Once for all messages: it is one file that is missing.
            toldOfMissingLayout = true
            diagnostics.append(
                Diagnostic(
                    .error, file: Library.path(ofLayout: layout.value), line: 0, column: 0,
                    message: "the file does not exist, and messages without a `layout` of their own need it",
                    hint: "Write it: HTML with one `{{ content }}`."))
        }
        if layout.value != MessageKeys.standardLayout {
            findings.error(
                at: layout.place, "the layout \(quoted(Library.path(ofLayout: layout.value))) does not exist",
                hint: Spelling.hint(
                    for: layout.value, among: layouts.keys, otherwise: "Write it, or leave `layout` out."))
        }
        return false
    }

    private static func path(ofLayout name: String) -> String { "\(layoutFolder)/\(name).html" }

    private func readLayouts() {
        for path in Set(tree.files.keys).union(unreadable).sorted() where path.hasPrefix("\(Library.layoutFolder)/") {
            let file = path.dropFirst(Library.layoutFolder.count + 1)
            let name = String(file.hasSuffix(".html") ? file.dropLast(5) : file)
            guard file.hasSuffix(".html"), Naming.isName(name) else {
                diagnostics.append(
                    Diagnostic(
                        .warning, file: path, line: 0, column: 0, message: "this is no layout, and is not read",
                        hint:
                            "Layouts are named like `layouts/default.html`, in lower-case letters, digits and hyphens.")
                )
                continue
            }
            guard let bytes = tree.files[path] else {
                brokenLayouts.insert(name)
                continue
            }
            do {
                layouts[name] = LayoutSource(name: name, path: path, html: try SourceText(bytes, path: path).text)
            } catch {
                diagnostics.append(error)
                brokenLayouts.insert(name)
            }
        }
    }
}
