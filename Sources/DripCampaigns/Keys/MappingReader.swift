import DripCore

/// Reads a group of keys by its spec: tells of every key that is unknown, missing or not there yet.
struct MappingReader {
    let node: YAMLNode
    let spec: MappingSpec
    var reading: Reading
    private let entries: [String: YAMLNode.Entry]

    /// Nil where the node is no group of keys, which it tells.
    init?(_ node: YAMLNode, as spec: MappingSpec, for key: KeySpec? = nil, reading: Reading) {
        guard case .mapping(let list) = node.content else {
            let name = key.map { "`\($0.name)`" } ?? spec.title
            let example = key?.example ?? spec.keys.first?.example ?? "key: value"
            if !node.isUnreadable {
                reading.error(
                    at: node.place, "\(name) must be a group of keys, not \(node.kindInWords)",
                    hint: "Write it as in `\(example)`.")
            }
            return nil
        }
        self.node = node
        self.spec = spec
        self.reading = reading
        entries = Dictionary(list.map { ($0.key, $0) }) { first, _ in first }
        for entry in list { judge(entry) }
        for key in spec.keys where key.isRequired && entries[key.name] == nil {
            reading.error(
                at: node.place, "`\(key.name)` is missing in \(spec.title)",
                hint: "Add a line such as `\(key.example)`.")
        }
    }

    /// The value of a key; nil where it is left out, or wrong, which is told.
    func value<Value>(_ key: Key<Value>) -> Value? {
        guard let entry = entries[key.spec.name] else { return nil }
        guard !entry.value.isEmpty else {
            reading.error(
                at: entry.keyPlace, "`\(key.spec.name)` has no value",
                hint: "Write it as in `\(key.spec.example)`"
                    + (key.spec.isRequired ? "." : ", or leave the key out."))
            return nil
        }
        return key.kind.read(entry.value, key.spec, reading)
    }

    func has<Value>(_ key: Key<Value>) -> Bool { entries[key.spec.name] != nil }

    func has(_ name: String) -> Bool { entries[name] != nil }

    func keyPlace(of name: String) -> Place { entries[name]?.keyPlace ?? node.place }

    /// Where a key's value stands, or the group where the key is left out.
    func place<Value>(of key: Key<Value>) -> Place { entries[key.spec.name]?.value.place ?? node.place }

    func keyPlace<Value>(of key: Key<Value>) -> Place { entries[key.spec.name]?.keyPlace ?? node.place }

    /// Where the value's text begins, for whoever finds a mistake inside of it.
    func textPlace<Value>(of key: Key<Value>) -> Place { entries[key.spec.name]?.value.textPlace ?? node.place }

    private func judge(_ entry: YAMLNode.Entry) {
        guard !spec.keys.contains(where: { $0.name == entry.key }) else { return }
        if let later = spec.later.first(where: { $0.name == entry.key }) {
            reading.error(
                at: entry.keyPlace, "`\(later.name)` is not supported by this version yet", hint: later.hint)
            return
        }
        let known = spec.keys.map(\.name)
        let list = known.map { "`\($0)`" }.joined(separator: ", ")
        let keys =
            known.count == 1 ? "The only key of \(spec.title) is \(list)." : "The keys of \(spec.title) are \(list)."
        let otherwise =
            reading.root?.home(of: entry.key).map { "It belongs \($0)." } ?? keys
        reading.error(
            at: entry.keyPlace, "unknown key\(spec.isSecret ? "" : " \(quoted(entry.key))") in \(spec.title)",
            hint: spec.foreign[entry.key] ?? Spelling.hint(for: entry.key, among: known, otherwise: otherwise))
    }
}
