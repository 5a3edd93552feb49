import DripCore

// The keys of `http:` in `dripd.yaml`: those of every HTTP transport, and beside them what its provider asks for.

enum HTTPTransportKeys {
    static let standardPreset = "webhook"

    static let preset = Key(
        "preset", .name("the name of a preset"), standard: standardPreset, example: "preset: webhook",
        "A provider that ships with dripd.")
    static let provider = Key(
        "provider", .filePath, example: "provider: providers/crm.yaml", "The file of a provider of one's own.")
    static let headers = Key(
        "headers", .headers, example: "headers: { X-Team: growth }", "Headers to add to each request; no secrets.")
    static let caFile = SMTPKeys.caFile
    static let timeout = Key(
        "timeout", .span(.seconds(1) ... .minutes(10)), standard: "30s", example: "timeout: 30s",
        "How long a request may take.")
    static let proxy = Key(
        "proxy", .proxy, example: "proxy: \"http://proxy.example.com:3128\"",
        "The proxy to go through; none without it, whatever the environment says.")
    static let allowPrivate = Key(
        "allow_private", .flag, standard: "false", example: "allow_private: true",
        "Whether the host may have a private address, such as 10.0.0.1.")

    static let spec = MappingSpec(
        "`http`",
        keys: [
            preset.spec, provider.spec, headers.spec, caFile.spec, timeout.spec, proxy.spec, allowPrivate.spec,
        ],
        rules: [.atMostOne(["preset", "provider"])])

    /// The keys of every transport, and those of this provider; its own come first, since they are what differs.
    static func spec(for provider: Provider) -> MappingSpec {
        MappingSpec("`http`", keys: provider.settings.map(key) + spec.keys, rules: spec.rules)
    }

    private static func key(_ setting: ProviderSetting) -> KeySpec {
        let (shape, example): (Shape, String) =
            switch setting.kind {
            case .text: (.text, "\(setting.name): \(setting.name == "region" ? "eu-west-1" : "…")")
            case .secret:
                (
                    .group(SecretKeys.spec),
                    "\(setting.name): { credential: \(setting.name.replacing("_", with: "-")) }"
                )
            case .origin: (ValueKind<String>.webOrigin.shape, "\(setting.name): \"https://api.example.com\"")
            case .url: (ValueKind<String>.webhookURL.shape, "\(setting.name): \"https://crm.example.com/hook\"")
            case .fields:
                (ValueKind<[HTTPSettings.Field]>.fields.shape, "\(setting.name): { firstname: $lead.first_name }")
            }
        return KeySpec(
            name: setting.name, shape: shape, isRequired: setting.isRequired, standard: nil, example: example,
            summary: setting.summary)
    }
}

extension ValueKind where Value == HTTPSettings {
    /// A provider, a preset or a file, and what it asks for.
    static let httpTransport = ValueKind(shape: .httpTransport) { node, key, reading in
        guard case .mapping(let entries) = node.content else {
            _ = MappingReader(node, as: HTTPTransportKeys.spec, for: key, reading: reading)
            return nil
        }
        func entry(_ key: KeySpec) -> YAMLNode.Entry? { entries.first { $0.key == key.name } }
        let preset = entry(HTTPTransportKeys.preset.spec)
        let file = entry(HTTPTransportKeys.provider.spec)
        if let preset, file != nil {
            reading.error(
                at: preset.keyPlace, "a transport has either a `preset` or a `provider` of its own",
                hint: "Delete one of the two.")
            return nil
        }
        let provider: Provider? =
            if let file {
                reading.provider(file.value)
            } else if let preset {
                reading.preset(preset.value)
            } else {
                ProviderPresets.named(HTTPTransportKeys.standardPreset)
            }
        guard let provider else { return nil }
        let spec = HTTPTransportKeys.spec(for: provider)
        return MappingReader(node, as: spec, for: key, reading: reading).flatMap { settings($0, provider, entries) }
    }

    private static func settings(
        _ group: MappingReader, _ provider: Provider, _ entries: [YAMLNode.Entry]
    ) -> HTTPSettings? {
        var settings = HTTPSettings(provider: provider)
        settings.headers = group.value(HTTPTransportKeys.headers) ?? [:]
        settings.caFile = group.value(HTTPTransportKeys.caFile)
        settings.timeout = group.value(HTTPTransportKeys.timeout) ?? settings.timeout
        settings.proxy = group.value(HTTPTransportKeys.proxy)
        settings.allowPrivate = group.value(HTTPTransportKeys.allowPrivate) ?? false
        var isWhole = true
        for setting in provider.settings {
            guard let spec = group.spec.keys.first(where: { $0.name == setting.name }) else { continue }
            if entries.contains(where: { $0.key == setting.name }) {
                settings.values[setting.name] = group.value(Key(spec, .setting(setting.kind)))
                isWhole = isWhole && settings.values[setting.name] != nil
            } else if setting.isRequired {
                isWhole = false
            }
        }
        return isWhole ? settings : nil
    }
}

extension ValueKind where Value == HTTPSettings.Value {
    /// What a provider's setting of that kind is given.
    fileprivate static func setting(_ kind: ProviderSetting.Kind) -> ValueKind {
        switch kind {
        case .text: ValueKind<String>.text.map(HTTPSettings.Value.text)
        case .secret: ValueKind<SecretSource>.secret.map(HTTPSettings.Value.secret)
        case .origin: ValueKind<String>.webOrigin.map(HTTPSettings.Value.text)
        case .url: ValueKind<String>.webhookURL.map(HTTPSettings.Value.text)
        case .fields: ValueKind<[HTTPSettings.Field]>.fields.map(HTTPSettings.Value.fields)
        }
    }
}

extension ValueKind {
    fileprivate func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> ValueKind<Other> {
        let inner = read
        return ValueKind<Other>(shape: shape) { node, key, reading in inner(node, key, reading).map(transform) }
    }
}

extension ValueKind where Value == [HTTPSettings.Field] {
    /// The provider's names with what stands in them: texts with values of the message, no settings.
    fileprivate static let fields = ValueKind(shape: .map(.anyText, names: "^[^$]")) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of fields")
            return nil
        }
        var inner = reading
        inner.settings = [:]
        return entries.compactMap { entry in
            guard !entry.key.isEmpty, !entry.key.hasPrefix("$"), entry.key.utf8.count <= 200 else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a field",
                    hint: "Write the provider's own name of it.")
                return nil
            }
            return inner.template(entry.value, key, at: .body).map { HTTPSettings.Field(name: entry.key, value: $0) }
        }
    }
}

extension ValueKind where Value == String {
    /// Scheme and host of a web address: https, or http on this machine.
    static let webOrigin = ValueKind(
        shape: .form(
            "web address", pattern: Pattern.webAddress(Pattern.authority, httpTo: Pattern.loopback, path: "/?"))
    ) {
        node, key, reading in
        guard let text = ValueKind<String>.webhookURL.read(node, key, reading) else { return nil }
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard WebAddress(trimmed)?.path.isEmpty == true else {
            reading.refuse(node, key, "scheme and host alone")
            return nil
        }
        return trimmed
    }
}

extension ValueKind where Value == String {
    /// Scheme and host of a proxy: what goes through it is encrypted by itself.
    fileprivate static let proxy = scalar(
        .form(
            "web address",
            pattern: Pattern.webAddress(Pattern.authority, httpTo: Pattern.authority, path: "")),
        "the address of a proxy, scheme and host",
        parse: { WebAddress($0)?.path.isEmpty == true ? $0 : nil })
}

extension Reading {
    fileprivate func preset(_ node: YAMLNode) -> Provider? {
        let spec = HTTPTransportKeys.preset.spec
        guard !node.isEmpty, let name = scalar(node, spec, "the name of a preset") else {
            if node.isEmpty { refuse(node, spec, "the name of a preset") }
            return nil
        }
        if let provider = ProviderPresets.named(name) { return provider }
        let names = ProviderPresets.names
        error(
            at: node.place, "unknown preset \(quoted(name))",
            hint: Spelling.hint(
                for: name, among: names,
                otherwise: "The presets are \(names.map { "`\($0)`" }.joined(separator: ", "))."))
        return nil
    }

    /// Its mistakes are told at their own places, in its own file.
    fileprivate func provider(_ node: YAMLNode) -> Provider? {
        let spec = HTTPTransportKeys.provider.spec
        guard !node.isEmpty else {
            refuse(node, spec, "the path of a file")
            return nil
        }
        guard let path = HTTPTransportKeys.provider.kind.read(node, spec, self) else { return nil }
        guard let bytes = readFile?(path) else {
            error(
                at: node.place, "the file \(quoted(path)) cannot be read",
                hint: "Mind that a relative path begins at the folder of this file.")
            return nil
        }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let name = file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
        let (provider, diagnostics) = ProviderLoader.load(bytes, path: path, name: name)
        for diagnostic in diagnostics { findings.add(diagnostic) }
        return provider
    }
}
