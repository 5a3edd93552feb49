package import DripCore

/// Reads a provider's file.
package enum ProviderLoader {
    /// The provider, or nil where there is any error.
    ///
    /// `path` names the file in diagnostics; `name` is what it is called in the log.
    package static func load(
        _ bytes: [UInt8], path: String, name: String
    ) -> (provider: Provider?, diagnostics: [Diagnostic]) {
        let findings = Findings(file: path)
        let provider = read(bytes, name: name, findings: findings)
        return (findings.isBroken ? nil : provider, findings.diagnostics.sorted())
    }

    private static func read(_ bytes: [UInt8], name: String, findings: Findings) -> Provider? {
        let source: SourceText
        do {
            source = try SourceText(bytes, path: findings.file)
        } catch {
            findings.add(error)
            return nil
        }
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(
                    at: .wholeFile, "the file is empty",
                    hint: "Write at least `channel`, `url` and `body`; `dripd` ships presets to look at.")
            }
            return nil
        }
        let reading = Reading(findings: findings, source: source, root: ProviderKeys.spec)
        guard var group = MappingReader(root, as: ProviderKeys.spec, reading: reading) else { return nil }
        let settings = group.value(ProviderKeys.settings) ?? []
        // From here on every text is judged by them.
        group.reading.settings = Dictionary(settings.map { ($0.name, $0.kind) }) { first, _ in first }
        return provider(group, name: name, settings: settings)
    }

    private static func provider(
        _ group: MappingReader, name: String, settings: [ProviderSetting]
    ) -> Provider? {
        judgeStandards(of: settings, group)
        let reach = group.value(ProviderKeys.channel)
        let url = group.value(ProviderKeys.url)
        let body = group.value(ProviderKeys.body)
        let errors = group.value(ProviderKeys.errors) ?? []
        if let reach, reach != .email, errors.contains(where: { $0.meaning == .suppress }) {
            group.reading.error(
                at: group.place(of: ProviderKeys.errors),
                "`suppress` stops a lead's e-mail address, and this provider reaches it by another way",
                hint: "Write `means: permanent`.")
        }
        if reach == .email, body == .webhook {
            group.reading.error(
                at: group.place(of: ProviderKeys.body), "`body: webhook` is for `http` steps, and this is for e-mail",
                hint: "Write a tree, as in `\(ProviderKeys.body.spec.example)`.")
        }
        var provider = Provider(
            name: name, reach: reach ?? .http, settings: settings,
            method: group.value(ProviderKeys.method) ?? .post,
            url: url ?? ProviderText(pieces: []), headers: group.value(ProviderKeys.headers) ?? [],
            auth: group.value(ProviderKeys.auth) ?? [], body: body ?? .webhook, errors: errors)
        provider.recipient = group.value(ProviderKeys.recipient)
        if reach == .email, provider.recipient != nil {
            group.reading.error(
                at: group.keyPlace(of: ProviderKeys.recipient),
                "an e-mail goes to the lead's address, which suppressions and caps are kept by",
                hint: "Delete this line."
            )
        }
        provider.success = group.value(ProviderKeys.success) ?? provider.success
        provider.messageID = group.value(ProviderKeys.messageID)
        provider.idempotencyHeader = group.value(ProviderKeys.idempotency)
        provider.rate = group.value(ProviderKeys.rate)
        provider.hook = group.value(ProviderKeys.hook)
        guard reach != nil, url != nil, body != nil else { return nil }
        if let hook = provider.hook { ProviderHookKeys.check(hook, of: provider, group) }
        return provider
    }

    /// A default may name plain settings that have none themselves: there is nothing to go round in circles.
    private static func judgeStandards(of settings: [ProviderSetting], _ group: MappingReader) {
        for setting in settings {
            for name in setting.standard?.settings ?? [] {
                let other = settings.first { $0.name == name }
                if other?.kind != .text || other?.isRequired != true {
                    group.reading.error(
                        at: group.place(of: ProviderKeys.settings),
                        "the default of `\(setting.name)` names \(quoted("{\(name)}")), which is no text that must be given",
                        hint: "Declare `\(name)` as a text without a default.")
                }
            }
        }
    }
}
