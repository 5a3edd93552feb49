import DripCore

// The kinds of values that only a provider's file holds.

/// Where a text with places stands, which says what may be put into it.
enum TemplatePlace: Sendable {
    case address, header, auth, body, standard

    fileprivate func refuses(_ kind: ProviderSetting.Kind, isFirst: Bool) -> String? {
        switch (self, kind) {
        case (_, .fields): "a setting of the kind `fields` stands in a body only, as `$fields: NAME`"
        case (.address, .secret): "a URL gets into logs, and this setting is a secret"
        case (.standard, .secret): "a default is no secret, and this setting is one"
        case (.address, .origin), (.address, .url):
            isFirst ? nil : "a setting that is an address stands at its beginning"
        case (.standard, .origin), (.standard, .url): "a default cannot name an address"
        default: nil
        }
    }

    fileprivate func takes(_ value: ProviderValue) -> Bool {
        switch self {
        case .auth, .standard: false
        case .body: true
        case .header: [.idempotencyKey, .returnToken, .campaign, .step, .dueAt, .messageID].contains(value)
        case .address: ![.html, .text, .mimeBase64, .headers, .leadAttributes].contains(value)
        }
    }
}

extension Reading {
    /// The text with its places, each of which must be declared and may stand here.
    func template(_ node: YAMLNode, _ key: KeySpec, at place: TemplatePlace) -> ProviderText? {
        guard let written = scalar(node, key, "a text") else { return nil }
        let text: ProviderText
        do {
            text = try ProviderText(written)
        } catch {
            switch error {
            case .unknownValue(let name):
                let plain = name.drop { $0 == "$" }
                self.error(
                    at: node.place, "unknown value \(quoted(name))",
                    hint: Spelling.nearest(to: plain, among: ProviderValue.names).map { "Did you mean `$\($0)`?" }
                        ?? "The values are \(ProviderValue.names.map { "`$\($0)`" }.joined(separator: ", ")), "
                        + "`$lead.ATTRIBUTE` and `$header.NAME`; `$$` is a `$` of its own.")
            case .brace(let brace):
                self.error(
                    at: node.place, "\(quoted(brace)) names no setting",
                    hint:
                        "Write `{name}` for a setting, `{$name}` for a value, or `{{` and `}}` for the signs themselves."
                )
            }
            return nil
        }
        return judge(text, node, at: place) ? text : nil
    }

    private func judge(_ text: ProviderText, _ node: YAMLNode, at place: TemplatePlace) -> Bool {
        for (index, piece) in text.pieces.enumerated() {
            switch piece {
            case .literal: continue
            case .setting(let name):
                // While the settings themselves are read, nobody knows them all: their defaults are judged behind that.
                guard let settings else { continue }
                guard let kind = settings[name] else {
                    error(
                        at: node.place, "unknown setting \(quoted("{\(name)}"))",
                        hint: Spelling.hint(
                            for: name, among: settings.keys, otherwise: "Declare it: `settings: { \(name): {} }`."))
                    return false
                }
                if let why = place.refuses(kind, isFirst: index == 0) {
                    error(
                        at: node.place, "\(quoted("{\(name)}")) cannot stand here: \(why)",
                        hint: "Take it out, or change the setting's `kind`.")
                    return false
                }
            case .value(let value):
                guard place.takes(value) else {
                    error(
                        at: node.place, "a value of the message such as this one cannot stand here",
                        hint: "Put it into `body`.")
                    return false
                }
            }
        }
        return true
    }

    /// A scalar of a body: quoted it is a text, plain `true`, `false` and numbers are what they look like.
    func tree(_ node: YAMLNode, _ key: KeySpec) -> ProviderTree? {
        guard !node.isUnreadable else { return nil }
        switch node.content {
        case .unreadable: return nil
        case .scalar(let scalar):
            if scalar.style == .plain {
                if scalar.text == "true" || scalar.text == "false" { return .flag(scalar.text == "true") }
                if let number = Naming.decimal(scalar.text) { return .number(number) }
            }
            return template(node, key, at: .body).map(ProviderTree.text)
        case .sequence(let items): return .list(items.compactMap { tree($0, key) })
        case .mapping(let entries):
            return .group(entries.compactMap { entry in self.entry(entry, key) })
        }
    }

    private func entry(_ entry: YAMLNode.Entry, _ key: KeySpec) -> ProviderTree.Entry? {
        guard entry.key.hasPrefix("$") else {
            guard !entry.value.isEmpty else {
                error(
                    at: entry.keyPlace, "\(quoted(entry.key)) has no value in `\(key.name)`",
                    hint: "Fill it in, or delete the line; `\"\"` is an empty text.")
                return nil
            }
            return tree(entry.value, key).map { .key(entry.key, $0) }
        }
        let fields = (settings ?? [:]).filter { $0.value == .fields }.keys
        guard entry.key == "$fields", let name = entry.value.scalar?.text, fields.contains(name) else {
            error(
                at: entry.keyPlace, "\(quoted(entry.key)) puts no fields in here",
                hint: fields.isEmpty
                    ? "Declare a setting of the kind `fields`, and write `$fields: NAME`."
                    : "Write `$fields: \(fields.min() ?? "fields")`.")
            return nil
        }
        return .fields(name)
    }
}

extension ValueKind where Value == ProviderText {
    static func template(_ place: TemplatePlace) -> ValueKind {
        ValueKind(shape: .anyText) { node, key, reading in reading.template(node, key, at: place) }
    }

    /// An https address whose host is written out, or is a setting of the kind `origin` or `url`.
    static let providerURL = ValueKind(shape: .form("web address", pattern: "^(https://|\\{)")) { node, key, reading in
        guard let text = reading.template(node, key, at: .address) else { return nil }
        switch text.pieces.first {
        case .setting(let name):
            let kind = reading.settings?[name]
            if kind == .origin || kind == .url { return text }
        case .literal(let literal):
            // The first `/` behind the host must be written out: no setting and no value reaches into the host.
            let host = literal.hasPrefix("https://") ? literal.dropFirst(8).prefix { !"/?#".contains($0) } : ""
            let isWhole = host.endIndex < literal.endIndex || text.pieces.count == 1
            if !host.isEmpty, isWhole, WebAddress("https://\(host)") != nil { return text }
        case .value, nil: break
        }
        reading.error(
            at: node.place, "`\(key.name)` must begin with `https://` and a whole host",
            hint: "Write it as in `\(key.example)`, or begin it with a setting of the kind `origin`.")
        return nil
    }
}

extension ValueKind where Value == [ProviderSetting] {
    private static let settingPattern = Pattern.but(HTTPTransportKeys.spec.keys.map(\.name), "[a-z][a-z0-9_]{0,39}")

    static let settings = ValueKind(shape: .map(.group(ProviderSettingKeys.spec), names: settingPattern)) {
        node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of settings, each with a name")
            return nil
        }
        let own = HTTPTransportKeys.spec.keys.map(\.name)
        return entries.compactMap { entry in
            guard ProviderText.isName(entry.key), !own.contains(entry.key) else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a setting",
                    hint: own.contains(entry.key)
                        ? "Every HTTP transport has a key of that name: choose another."
                        : "Use lower-case letters, digits and underscores, such as `api_key`.")
                return nil
            }
            return MappingReader(entry.value, as: ProviderSettingKeys.spec, reading: reading).map {
                ProviderSettingKeys.build(name: entry.key, $0)
            }
        }
    }
}

extension ValueKind where Value == [Provider.Header] {
    static let providerHeaders = ValueKind(
        shape: .map(.anyText, names: HeaderNames.freePattern)
    ) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of headers")
            return nil
        }
        return entries.compactMap { entry in
            guard HeaderNames.isFree(entry.key) else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) is no header that can be set here",
                    hint: "Secrets belong in `auth`; `Content-Type` and the like are dripd's own.")
                return nil
            }
            return reading.template(entry.value, key, at: .header).map { Provider.Header(name: entry.key, value: $0) }
        }
    }
}

extension ValueKind where Value == Provider.Body {
    static let body = ValueKind(shape: .either(.choice(["webhook"]), .group(ProviderBodyKeys.spec))) {
        node, key, reading in
        if node.scalar?.text == "webhook" { return .webhook }
        return MappingReader(node, as: ProviderBodyKeys.spec, for: key, reading: reading)
            .flatMap(ProviderBodyKeys.build)
    }
}

enum ProviderBodyKeys {
    static let json = Key("json", .tree, example: "json: { to: $recipient }", "A tree that becomes JSON.")
    static let form = Key("form", .tree, example: "form: { To: $recipient }", "Names and values of a form.")

    static let spec = MappingSpec(
        "`body`", keys: [json.spec, form.spec], rules: [.exactlyOne(["json", "form"])])

    static func build(_ group: MappingReader) -> Provider.Body? {
        switch (group.has(json), group.has(form)) {
        case (true, false): return group.value(json).map(Provider.Body.json)
        case (false, true):
            guard let tree = group.value(form) else { return nil }
            guard case .group(let entries) = tree, entries.allSatisfy(isFlat) else {
                group.reading.error(
                    at: group.place(of: form), "a form is names with texts, or lists of texts",
                    hint: "Write it as in `\(form.spec.example)`.")
                return nil
            }
            return .form(tree)
        default:
            group.reading.error(
                at: group.node.place, "a body is either `json` or `form`", hint: "Write exactly one of the two keys.")
            return nil
        }
    }

    private static func isFlat(_ entry: ProviderTree.Entry) -> Bool {
        guard case .key(_, let tree) = entry else { return true }
        switch tree {
        case .text, .number, .flag: return true
        case .group: return false
        case .list(let items):
            return items.allSatisfy { item in
                switch item {
                case .text, .number, .flag: true
                case .list, .group: false
                }
            }
        }
    }
}

extension ValueKind where Value == ProviderTree {
    static let tree = ValueKind(shape: .tree) { node, key, reading in reading.tree(node, key) }
}

extension ValueKind where Value == ProviderPath {
    static let jsonPath = scalar(
        .form("place in JSON", pattern: "^[^.\\s]+(\\.[^.\\s]+)*$"), "a place in JSON, such as `errors.0.code`",
        parse: { ProviderPath($0) })
}

extension ValueKind where Value == [ClosedRange<Int>] {
    static let statuses = ValueKind<[[ClosedRange<Int>]]>.oneOrMany(.status).flattened

    private static let status = scalar(
        .form("status", pattern: "^0*[1-5][0-9]{2}(-0*[1-5][0-9]{2})?$"),
        "a status such as `429` or a range such as `500-599`",
        parse: { text in
            let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let numbers = ends.compactMap(Naming.integer)
            guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last, first <= last,
                first >= 100, last <= 599
            else { return nil }
            return [first...last]
        })
}

extension ValueKind where Value == [[ClosedRange<Int>]] {
    fileprivate var flattened: ValueKind<[ClosedRange<Int>]> {
        let inner = read
        return ValueKind<[ClosedRange<Int>]>(shape: shape) { node, key, reading in
            inner(node, key, reading)?.flatMap(\.self)
        }
    }
}

extension ValueKind where Value == String {
    static let headerName = scalar(
        .form("header", pattern: HeaderNames.freePattern), "the name of a header that dripd does not set itself",
        parse: { HeaderNames.isToken($0) && !HeaderNames.own.contains($0.lowercased()) ? $0 : nil })
}

/// The names of HTTP headers (RFC 9110 §5.1).
enum HeaderNames {
    /// What libcurl or the transport writes itself.
    static let own: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "authorization",
    ]

    static let freePattern = Pattern.but(own, Pattern.token)

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0)) }
    }

    static func isFree(_ text: String) -> Bool { isToken(text) && !own.contains(text.lowercased()) }
}
