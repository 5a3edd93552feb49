package import DripCore

/// Reads `dripd.yaml`.
package enum ConfigurationLoader {
    /// The configuration, or nil where there is any error.
    ///
    /// `path` names the file in diagnostics, and relative paths in it are taken from its folder.
    package static func load(
        _ bytes: [UInt8], path: String
    ) -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        let findings = Findings(file: path)
        let configuration = read(bytes, findings: findings)
        return (findings.isBroken ? nil : configuration, findings.diagnostics.sorted())
    }

    private static func read(_ bytes: [UInt8], findings: Findings) -> Configuration? {
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
        let reading = Reading(findings: findings, source: source, root: ConfigurationKeys.spec)
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
        made.drainLimit = group.value(ConfigurationKeys.drainLimit) ?? made.drainLimit
        made.transports = group.value(ConfigurationKeys.transports) ?? []
        made.mailbox = group.value(ConfigurationKeys.returns)
        if group.has(ConfigurationKeys.publicURL), !group.has(ConfigurationKeys.linkKey) {
            group.reading.error(
                at: group.keyPlace(of: ConfigurationKeys.publicURL),
                "`public_url` needs a `link_key` to sign links with",
                hint: "Add a line such as `\(ConfigurationKeys.linkKey.spec.example)`.")
        }
        return made
    }
}

extension ValueKind where Value == [TransportSettings] {
    /// Transports by name: one for SMTP, at most one for HTTP.
    static let transports = ValueKind(shape: .map(.group(TransportKeys.spec))) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of transports, each with a name")
            return nil
        }
        var transports: [TransportSettings] = []
        var lines: [String: Int] = [:]
        for entry in entries {
            if !Naming.isName(entry.key) {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a transport",
                    hint: Naming.suggestion(for: entry.key).map { "Write `\($0)`." }
                        ?? "Use lower-case letters, digits and hyphens, such as `relay`.")
            }
            guard let group = MappingReader(entry.value, as: TransportKeys.spec, reading: reading) else {
                continue
            }
            let isSMTP = group.has(TransportKeys.smtp)
            if isSMTP || group.has(TransportKeys.http) {
                let way = isSMTP ? "SMTP" : "HTTP"
                if let line = lines[way] {
                    reading.error(
                        at: entry.keyPlace,
                        "a second \(way) transport (the first is on line \(line)) is not supported by this version yet",
                        hint: "Keep one of the two.")
                }
                lines[way] = lines[way] ?? entry.keyPlace.line
            }
            if let kind = kind(group) {
                let inFlight = group.value(TransportKeys.inFlight) ?? TransportKeys.standardInFlight
                transports.append(TransportSettings(name: entry.key, inFlight: inFlight, kind: kind))
            }
        }
        if lines["SMTP"] == nil {
            reading.error(
                at: node.place, "there is no SMTP transport", hint: "Add one, as in `\(key.example)`.")
        }
        return transports
    }

    private static func kind(_ group: MappingReader) -> TransportSettings.Kind? {
        let smtp = group.value(TransportKeys.smtp)
        let http = group.value(TransportKeys.http)
        switch (group.has(TransportKeys.smtp), group.has(TransportKeys.http)) {
        case (true, false): return smtp.map(TransportSettings.Kind.smtp)
        case (false, true): return http.map(TransportSettings.Kind.http)
        default:
            group.reading.error(
                at: group.node.place, "a transport is either `smtp` or `http`",
                hint: "Write exactly one of the two keys.")
            return nil
        }
    }
}
