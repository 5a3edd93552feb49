import DripCore

/// The keys of a transport that writes files.
enum MaildirKeys {
    static let path = Key(
        "path", .filePath, example: "path: /var/mail/review", "The folder to write to; made where it is not there.")
    static let url = Key(
        "url", .fileURL, example: "url: file:///var/mail/review", "The same folder, as an address.")

    static let spec = MappingSpec("`maildir`", keys: [path.spec, url.spec], rules: [.exactlyOne(["path", "url"])])

    static func build(_ group: MappingReader) -> MaildirSettings? {
        let path = group.value(path)
        let url = group.value(url)
        switch (group.has(Self.path), group.has(Self.url)) {
        case (true, false): return path.map(MaildirSettings.init)
        case (false, true): return url.map(MaildirSettings.init)
        default:
            group.reading.error(
                at: group.node.place, "`maildir` names its folder once",
                hint: "Write it as in `\(Self.path.spec.example)`.")
            return nil
        }
    }
}

extension ValueKind where Value == String {
    /// A folder of this machine as `file:///…`, read as its path.
    fileprivate static let fileURL = ValueKind(shape: .form("file address", pattern: "^file:///[^%?#]+$")) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "a file address") else { return nil }
        let path = text.dropFirst("file://".count)
        guard text.hasPrefix("file:///"), path.count > 1, path.allSatisfy({ !"%?#".contains($0) }) else {
            reading.refuse(node, key, "a file address")
            return nil
        }
        return FilePath.resolve(String(path), below: "")
    }
}
