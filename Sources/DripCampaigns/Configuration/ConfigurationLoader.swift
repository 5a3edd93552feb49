package import DripCore

/// Reads `dripd.yaml`.
package enum ConfigurationLoader {
    /// The configuration, or nil where there is any error.
    ///
    /// `path` names the file in diagnostics, and relative paths in it are taken from its folder. `readFile` gives the
    /// bytes of a provider's file that it names, nil where there are none.
    package static func load(
        _ bytes: [UInt8], path: String, readFile: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
    ) -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        let findings = Findings(file: path)
        let configuration = read(bytes, findings: findings, readFile: readFile)
        return (findings.isBroken ? nil : configuration, findings.diagnostics.sorted())
    }

    private static func read(
        _ bytes: [UInt8], findings: Findings, readFile: @escaping @Sendable (String) -> [UInt8]?
    ) -> Configuration? {
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
                    hint: "Write at least `\(ConfigurationKeys.transports.spec.example)`.")
            }
            return nil
        }
        var reading = Reading(findings: findings, source: source, root: ConfigurationKeys.spec)
        reading.readFile = readFile
        guard let group = MappingReader(root, as: ConfigurationKeys.spec, reading: reading) else { return nil }
        return configuration(group)
    }

    private static func configuration(_ group: MappingReader) -> Configuration {
        var made = Configuration()
        made.stateDirectory = group.value(ConfigurationKeys.stateDirectory) ?? made.stateDirectory
        made.runtimeDirectory = group.value(ConfigurationKeys.runtimeDirectory) ?? made.runtimeDirectory
        made.campaignsDirectory = group.value(ConfigurationKeys.campaignsDirectory) ?? made.campaignsDirectory
        made.zoneinfoDirectory = group.value(ConfigurationKeys.zoneinfoDirectory) ?? made.zoneinfoDirectory
        made.publicURL = group.value(ConfigurationKeys.publicURL)
        made.linkKey = group.value(ConfigurationKeys.linkKey)
        made.formerLinkKeys = group.value(ConfigurationKeys.formerLinkKeys) ?? []
        checkLinkKeys(made, group)
        made.drainLimit = group.value(ConfigurationKeys.drainLimit) ?? made.drainLimit
        made.dkim = group.value(ConfigurationKeys.dkim) ?? []
        DKIMKeys.check(made.dkim, group)
        made.transports = group.value(ConfigurationKeys.transports) ?? []
        made.mailbox = group.value(ConfigurationKeys.returns)
        if group.has(ConfigurationKeys.returns), !group.has(ConfigurationKeys.linkKey) {
            group.reading.error(
                at: group.keyPlace(of: ConfigurationKeys.returns),
                "`returns` needs a `link_key` to seal addresses with",
                hint: "Add a line such as `\(ConfigurationKeys.linkKey.spec.example)`.")
        }
        if !group.has(ConfigurationKeys.linkKey), let hooked = made.transports.first(where: \.takesHooks) {
            group.reading.error(
                at: group.keyPlace(of: ConfigurationKeys.transports),
                "the webhooks of \(quoted(hooked.name)) need a `link_key` to seal tokens with",
                hint: "Add a line such as `\(ConfigurationKeys.linkKey.spec.example)`.")
        }
        if group.has(ConfigurationKeys.publicURL), !group.has(ConfigurationKeys.linkKey) {
            group.reading.error(
                at: group.keyPlace(of: ConfigurationKeys.publicURL),
                "`public_url` needs a `link_key` to sign links with",
                hint: "Add a line such as `\(ConfigurationKeys.linkKey.spec.example)`.")
        }
        made.publicPages = group.value(ConfigurationKeys.publicPages)
        made.admin = group.value(ConfigurationKeys.admin)
        made.journalIsKept = group.value(ConfigurationKeys.retention)
        checkPages(group)
        return made
    }
}

extension ConfigurationLoader {
    /// What one key signed must not look like another's.
    private static func checkLinkKeys(_ made: Configuration, _ group: MappingReader) {
        if group.has(ConfigurationKeys.formerLinkKeys), !group.has(ConfigurationKeys.linkKey) {
            group.reading.error(
                at: group.keyPlace(of: ConfigurationKeys.formerLinkKeys),
                "`former_link_keys` stands without the `link_key` that signs now",
                hint: "Add a line such as `\(ConfigurationKeys.linkKey.spec.example)`.")
        }
        var seen = Set(made.linkKey.map { [$0.number] } ?? [])
        for key in made.formerLinkKeys where !seen.insert(key.number).inserted {
            group.reading.error(
                at: group.place(of: ConfigurationKeys.formerLinkKeys), "two link keys have the number \(key.number)",
                hint: "Give the new key in `link_key` a number that none had before, as in `number: 2`.")
        }
    }

    /// Links and the server behind them need each other.
    private static func checkPages(_ group: MappingReader) {
        switch (group.has(ConfigurationKeys.publicURL), group.has(ConfigurationKeys.publicPages)) {
        case (false, true):
            group.reading.error(
                at: group.keyPlace(of: ConfigurationKeys.publicPages),
                "`public` needs a `public_url`, under which people reach it",
                hint: "Add a line such as `\(ConfigurationKeys.publicURL.spec.example)`.")
        case (true, false):
            group.reading.findings.warning(
                at: group.keyPlace(of: ConfigurationKeys.publicURL),
                "messages carry links to `public_url`, and nothing here serves them",
                hint: "Add a line such as `\(ConfigurationKeys.publicPages.spec.example)`.")
        default: break
        }
    }
}

extension TransportSettings {
    /// Whether ops gave what only webhooks need.
    fileprivate var takesHooks: Bool {
        guard case .http(let http) = kind, let hook = http.provider.hook else { return false }
        let asked = hook.auth.texts.flatMap(\.settings)
        return http.provider.settings.contains { setting in
            setting.isOptional && asked.contains(setting.name) && http.values[setting.name] != nil
        }
    }
}

extension ValueKind where Value == [TransportSettings] {
    /// Transports by name.
    static let transports = ValueKind(shape: .map(.group(TransportKeys.spec), names: Pattern.name)) {
        node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of transports, each with a name")
            return nil
        }
        var transports: [TransportSettings] = []
        var fallbackPlaces: [Place] = []
        var isUnread = false
        for entry in entries {
            if !Naming.isName(entry.key) {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a transport",
                    hint: Naming.suggestion(for: entry.key).map { "Write `\($0)`." }
                        ?? "Use lower-case letters, digits and hyphens, such as `relay`.")
            }
            let group = MappingReader(entry.value, as: TransportKeys.spec, reading: reading)
            guard let group, let kind = kind(group) else {
                isUnread = true
                continue
            }
            let inFlight = group.value(TransportKeys.inFlight) ?? TransportKeys.standardInFlight
            var traffic = TrafficKeys.build(group)
            if traffic.rate == nil, case .http(let http) = kind { traffic.rate = http.provider.rate }
            transports.append(
                TransportSettings(name: entry.key, inFlight: inFlight, kind: kind, traffic: traffic))
            fallbackPlaces.append(group.keyPlace(of: TrafficKeys.fallback))
            if transports[transports.count - 1].channel != .email, traffic.ratePerDomain != nil {
                reading.error(
                    at: group.keyPlace(of: TrafficKeys.ratePerDomain), "only e-mail goes to domains",
                    hint: "Write it as in `\(TrafficKeys.rate.spec.example)`.")
            }
        }
        // What could not be read may have been what is missing.
        guard !isUnread else { return transports }
        for (settings, place) in zip(transports, fallbackPlaces) {
            checkFallback(of: settings, at: place, among: transports, reading)
        }
        if !transports.contains(where: { $0.channel == .email && $0.traffic.weight > 0 }) {
            let isStandIn = transports.contains { $0.channel == .email }
            reading.error(
                at: node.place,
                isStandIn ? "every transport for e-mail has the weight 0" : "there is no transport for e-mail",
                hint: isStandIn ? "Give one of them a `weight` of 1." : "Add one, as in `\(key.example)`.")
        }
        checkSMS(transports.filter { $0.channel == .sms }, at: node.place, reading)
        return transports
    }

    /// They share the work, so that a lead whom one of them finds must be found by all.
    private static func checkSMS(_ transports: [TransportSettings], at place: Place, _ reading: Reading) {
        guard let first = transports.first else { return }
        if transports.allSatisfy({ $0.traffic.weight == 0 }) {
            reading.error(
                at: place, "every transport for SMS has the weight 0", hint: "Give one of them a `weight` of 1.")
        }
        guard let other = transports.first(where: { $0.provider?.recipient != first.provider?.recipient }) else {
            return
        }
        func attribute(_ settings: TransportSettings) -> String { settings.provider?.recipient ?? "none" }
        reading.error(
            at: place,
            "\(first.name) and \(other.name) both send SMS, and find the lead's number in different attributes: "
                + "\(attribute(first)) and \(attribute(other))",
            hint: "Write the same `recipient` into the files of both providers.")
    }

    /// A stand-in is another transport of the same channel.
    private static func checkFallback(
        of settings: TransportSettings, at place: Place, among all: [TransportSettings], _ reading: Reading
    ) {
        guard let name = settings.traffic.fallback else { return }
        let others = all.filter { $0.channel == settings.channel && $0.name != settings.name }.map(\.name)
        guard !others.contains(name) else { return }
        reading.error(
            at: place, "\(quoted(name)) is no other transport for \(settings.channel.name)",
            hint: Spelling.hint(for: name, among: Set(others), otherwise: "Name one that stands in this file."))
    }

    private static func kind(_ group: MappingReader) -> TransportSettings.Kind? {
        let smtp = group.value(TransportKeys.smtp)
        let http = group.value(TransportKeys.http)
        let maildir = group.value(TransportKeys.maildir)
        switch (group.has(TransportKeys.smtp), group.has(TransportKeys.http), group.has(TransportKeys.maildir)) {
        case (true, false, false): return smtp.map(TransportSettings.Kind.smtp)
        case (false, true, false): return http.map(TransportSettings.Kind.http)
        case (false, false, true): return maildir.map(TransportSettings.Kind.maildir)
        default:
            group.reading.error(
                at: group.node.place, "a transport is one of `smtp`, `http` and `maildir`",
                hint: "Write exactly one of these keys.")
            return nil
        }
    }
}
