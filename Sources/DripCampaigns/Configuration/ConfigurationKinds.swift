import DripCore

// The kinds of values that only `dripd.yaml` holds.

extension ValueKind where Value == SecretSource {
    /// Where a secret lies; the secret itself is refused, and never repeated in the error.
    static let secret = ValueKind(shape: .group(SecretKeys.spec)) { node, key, reading in
        SecretKeys.reader(node, key, SecretKeys.spec, reading).flatMap(SecretKeys.build)
    }
}

extension ValueKind where Value == NumberedSecret {
    /// A secret, and by which number what it seals names it.
    static let numberedSecret = ValueKind(shape: .group(NumberedSecretKeys.spec)) { node, key, reading in
        SecretKeys.reader(node, key, NumberedSecretKeys.spec, reading).flatMap(NumberedSecretKeys.build)
    }
}

extension SecretKeys {
    /// The group of a secret; an error where the secret itself stands there.
    fileprivate static func reader(
        _ node: YAMLNode, _ key: KeySpec, _ spec: MappingSpec, _ reading: Reading
    ) -> MappingReader? {
        guard node.scalar == nil else {
            let name = key.name.replacing("_", with: "-")
            reading.error(
                at: node.place, "`\(key.name)` must not stand in this file itself",
                hint: "Put it into a file that only dripd's user may read and write "
                    + "`\(key.name): { file: /etc/dripd/\(name) }`, or use systemd's LoadCredential and write "
                    + "`\(key.name): { credential: \(name) }`.")
            return nil
        }
        return MappingReader(node, as: spec, for: key, reading: reading)
    }
}

extension ValueKind where Value == String {
    /// A path; a relative one is taken from the folder of `dripd.yaml`.
    static let filePath = ValueKind(shape: .form("path", pattern: "^[^~]")) { node, key, reading in
        guard let text = ValueKind<String>.text.read(node, key, reading) else { return nil }
        guard !text.hasPrefix("~") else {
            reading.error(
                at: node.place, "`~` in \(quoted(text)) is known to a shell only", hint: "Write the whole path.")
            return nil
        }
        return FilePath.resolve(text, below: FilePath.folder(of: reading.findings.file))
    }

    /// A name that systemd takes for a credential.
    static let credential = ValueKind(shape: .form("credential", pattern: "^[A-Za-z0-9_.-]+$")) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a credential") else { return nil }
        guard !text.isEmpty, text.utf8.count <= 255, text != ".", text != "..",
            text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) })
        else {
            reading.refuse(node, key, "the name of a credential")
            return nil
        }
        return text
    }

    /// A host name or an address, without a port.
    static let host = ValueKind(shape: .form("host", pattern: "^([A-Za-z0-9._-]+|[0-9A-Fa-f.]*(:[0-9A-Fa-f.]*){2,})$"))
    { node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a host") else { return nil }
        if WebAddress.isHost(text) { return text }
        let named = text.split(separator: ":", omittingEmptySubsequences: false)
        if named.count == 2, WebAddress.isHost(String(named[0])), Naming.integer(String(named[1])) != nil {
            reading.refuse(
                node, key, "the name of a host alone", hint: "Write `\(key.name): \(named[0])` and `port: \(named[1])`."
            )
        } else {
            reading.refuse(node, key, "the name of a host")
        }
        return nil
    }

    /// The https address of this installation's pages, perhaps below a path: `https://example.com/mail`.
    static let publicURL = ValueKind(
        shape: .form("https address", pattern: Pattern.webAddress(Pattern.authority, path: Pattern.plainPath))
    ) { node, key, reading in
        guard let text = reading.scalar(node, key, "an https address") else { return nil }
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let address = WebAddress(trimmed), address.scheme == "https", address.path.isPlainPath else {
            let why =
                text.lowercased().hasPrefix("http://")
                ? "Mailbox providers take https only: write `https://` in front."
                : "Write it as in `\(key.example)`, perhaps with a path such as `/mail`: no `?`, no `@`."
            reading.refuse(node, key, "an https address", hint: why)
            return nil
        }
        return trimmed
    }

    /// Where a webhook listens: https, or http on this machine.
    static let webhookURL = ValueKind(
        shape: .form(
            "web address",
            pattern: Pattern.webAddress(Pattern.authority, httpTo: Pattern.loopback, path: Pattern.anyPath))
    ) { node, key, reading in
        guard let text = reading.scalar(node, key, "a web address") else { return nil }
        guard let address = WebAddress(text) else {
            reading.refuse(node, key, "a web address")
            return nil
        }
        guard address.scheme == "https" || WebAddress.isLoopback(address.host) else {
            reading.error(
                at: node.place, "`http://` would send personal data over the network in the clear",
                hint: "Write `https://`; plain `http://` is for this machine only.")
            return nil
        }
        return text
    }
}

extension ValueKind where Value == [String: String] {
    private static let secretWords = ["auth", "cookie", "token", "secret", "password", "api-key"]
    private static let ownHeaders: Set = [
        "host", "content-length", "transfer-encoding", "connection", "content-type", "idempotency-key",
    ]
    private static let headerPattern = Pattern.but(
        ownHeaders, "(?!.*(\(secretWords.map(Pattern.anyCase).joined(separator: "|"))))\(Pattern.token)")

    /// HTTP headers by name (RFC 9110 §5.1, §5.5).
    static let headers = ValueKind(shape: .map(.text, names: headerPattern)) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of headers")
            return nil
        }
        var headers: [String: String] = [:]
        for entry in entries {
            guard isToken(entry.key) else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) is no name of a header",
                    hint: "Write it as in `\(key.example)`.")
                continue
            }
            switch entry.key.lowercased() {
            case let name
            where secretWords.contains(where: name.contains):
                reading.error(
                    at: entry.keyPlace, "`\(entry.key)` is a secret, and must not stand in this file itself",
                    hint: "Use `bearer: { file: … }` or `bearer: { credential: … }`.")
            case let name where ownHeaders.contains(name):
                reading.error(
                    at: entry.keyPlace, "the header `\(entry.key)` is set by dripd itself", hint: "Delete this line.")
            default:
                let spec = Key(entry.key, .text, example: "\(entry.key): value", "").spec
                guard !entry.value.isEmpty, let text = ValueKind<String>.text.read(entry.value, spec, reading) else {
                    if entry.value.isEmpty {
                        reading.error(
                            at: entry.keyPlace, "the header `\(entry.key)` has no value",
                            hint: "Fill it in, or delete the line.")
                    }
                    continue
                }
                guard text.allSatisfy(\.isASCII) else {
                    reading.error(
                        at: entry.value.place, "the header `\(entry.key)` holds letters beyond ASCII",
                        hint: "Use ASCII only.")
                    continue
                }
                headers[entry.key] = text
            }
        }
        return headers
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0)) }
    }
}

extension Substring {
    /// Empty, or steps of letters, digits and `._~-`, none of which leads up again.
    fileprivate var isPlainPath: Bool {
        isEmpty
            || hasPrefix("/")
                && dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { step in
                    !step.isEmpty && step != "." && step != ".."
                        && step.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._~-".contains($0)) }
                }
    }
}

/// The parts of an `http` or `https` address that have to be judged; RFC 3986 §3, without user information.
struct WebAddress {
    var scheme: String
    /// Without brackets around an IPv6 address.
    var host: String
    /// Everything after host and port.
    var path: Substring

    init?(_ text: String) {
        guard text.utf8.count <= 2_000, let colon = text.firstRange(of: "://") else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        let rest = text[colon.upperBound...]
        guard scheme == "http" || scheme == "https", rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        path = rest[authority.endIndex...]
        if let last = authority.lastIndex(of: ":"), !authority[last...].contains("]") {
            guard let port = Naming.integer(String(authority[authority.index(after: last)...])),
                (1...65_535).contains(port)
            else { return nil }
            authority = authority[..<last]
        }
        let isBracketed = authority.hasPrefix("[") && authority.hasSuffix("]")
        host = String(isBracketed ? authority.dropFirst().dropLast() : authority)
        guard WebAddress.isHost(host), host.contains(":") == isBracketed else { return nil }
    }

    /// Whether a text can be a host name, an IPv4 or an IPv6 address.
    static func isHost(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        if text.filter({ $0 == ":" }).count >= 2 {
            return text.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." }
        }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        host.lowercased() == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.split(separator: ".").count == 4
                && host.allSatisfy { $0.isNumber || $0 == "." }
    }
}

/// Paths as text, without a look at the disk.
enum FilePath {
    /// The folder that a file lies in; empty for one without a folder.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// An absolute path as it is, a relative one below the folder; `.` and `..` are worked out.
    static func resolve(_ path: String, below folder: String) -> String {
        let whole = path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !whole.hasPrefix("/") {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return whole.hasPrefix("/") ? "/\(joined)" : joined.isEmpty ? "." : joined
    }
}
