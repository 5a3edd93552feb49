/// Hides from the YAML parser what must not reach it, and finds it again in what the parser made of the rest.
///
/// The rule: `*` (alias), `?` (complex key), `!` (tag), `@`, `` ` `` and a `%` that does not begin a line are each
/// replaced by one private-use character that the file does not hold. One character for one, so that every line and
/// column stays true, and inside a quoted or a longer text `reveal` puts back what stood there. What remains special is
/// the start of an unquoted value, and that `YAMLTreeBuilder` judges itself.
///
/// Why: the parser expands aliases on its own and hashes every key, so that a few hundred bytes ("a billion laughs"
/// used as a key) would keep it busy for ever; it knows an alias only by where it was defined; and it gives up at the
/// first `@` or `50%` of a file with a sentence that helps nobody. The same trick gives a key that is written twice
/// another name, because the parser names only one of the two places and then stops.
///
/// Worked example: `name: *base` goes in as `name: ⟨U+E000⟩base`, a plain text; the builder sees that it begins with
/// the disguise of `*` and puts the anchored value there, counting.
struct YAMLDisguise {
    /// The text to parse.
    private(set) var text: String.UnicodeScalarView
    private var original: [Unicode.Scalar: Unicode.Scalar] = [:]
    private var renamedKeys: [Unicode.Scalar: String] = [:]
    private var used: Set<Unicode.Scalar> = []
    private var nextStand: UInt32 = 0xE000

    private static let disguised: [Unicode.Scalar] = ["*", "?", "!", "@", "`", "%"]
    /// So many keys can be written twice before the file is given up: each costs another parse of the whole file.
    private let renames: Int
    private static let renamesAtMost = 32
    private static let bytesToParseAgain = 1 << 19

    /// Nil where the file itself holds so many private-use characters that none is left.
    init?(_ source: String) {
        text = source.unicodeScalars
        renames = min(Self.renamesAtMost, max(1, Self.bytesToParseAgain / max(1, source.utf8.count)))
        used = Set(text.filter { (0xE000...0xF8FF).contains($0.value) })
        var mask: [Unicode.Scalar: Unicode.Scalar] = [:]
        for scalar in YAMLDisguise.disguised {
            guard let stand = unusedScalar() else { return nil }
            mask[scalar] = stand
            original[stand] = scalar
        }
        guard text.contains(where: { mask[$0] != nil }) else { return }
        var masked = String.UnicodeScalarView()
        var beginsLine = true
        for scalar in text {
            masked.append(scalar == "%" && beginsLine ? scalar : mask[scalar] ?? scalar)
            beginsLine = scalar == "\n"
        }
        text = masked
    }

    private mutating func unusedScalar() -> Unicode.Scalar? {
        while nextStand <= 0xF8FF {
            defer { nextStand += 1 }
            if let scalar = Unicode.Scalar(nextStand), !used.contains(scalar) { return scalar }
        }
        return nil
    }

    /// What stood in the file where the parser read this.
    func reveal(_ parsed: String) -> String {
        guard parsed.unicodeScalars.contains(where: { original[$0] != nil }) else { return parsed }
        return String(String.UnicodeScalarView(parsed.unicodeScalars.map { original[$0] ?? $0 }))
    }

    /// The key's own name, also where it was renamed.
    func revealKey(_ parsed: String) -> String {
        if let first = parsed.unicodeScalars.first, let name = renamedKeys[first] { return name }
        return reveal(parsed)
    }

    /// Gives the key that begins at this place another name; false where that cannot be done.
    ///
    /// `line` and `column` are 1-based and count Unicode scalars, as the parser does.
    mutating func renameKey(_ name: String, line: Int, column: Int) -> Bool {
        guard renamedKeys.count < renames, !name.isEmpty, let stand = unusedScalar() else { return false }
        var index = text.startIndex
        for _ in 1..<max(line, 1) {
            guard let feed = text[index...].firstIndex(of: "\n") else { return false }
            index = text.index(after: feed)
        }
        guard
            let key = text.index(index, offsetBy: column - 1, limitedBy: text.endIndex), key < text.endIndex,
            text[key] != "&"
        else { return false }
        let quoted = text[key] == "\"" || text[key] == "'"
        let first = quoted ? text.index(after: key) : key
        guard first < text.endIndex, text[first] != "\n" else { return false }
        text.replaceSubrange(first...first, with: CollectionOfOne(stand))
        renamedKeys[stand] = reveal(name)
        return true
    }
}
