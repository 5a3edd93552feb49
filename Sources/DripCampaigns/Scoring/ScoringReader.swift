import DripCore

/// Reads `scoring.yaml`.
enum ScoringReader {
    static let fileName = "scoring.yaml"

    /// Nil where there is any error; `events` are what rules may name, nil where that is not known.
    static func read(
        _ source: SourceText, zones: Set<String>, events: Set<String>?, calendars: [String: Holidays]? = nil,
        transports: DeclaredTransports? = nil, findings: Findings
    ) -> Scoring? {
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(
                    at: .wholeFile, "the file is empty",
                    hint: "Begin it with a line such as `\(ScoringKeys.stages.spec.example)`.")
            }
            return nil
        }
        let reading = Reading(
            findings: findings, source: source, root: ScoringKeys.spec, zones: zones, events: events,
            calendars: calendars, hasScoring: true)
        guard let group = MappingReader(root, as: ScoringKeys.spec, reading: reading) else { return nil }
        let fit = group.value(ScoringKeys.fit) ?? []
        let engagement = group.value(ScoringKeys.engagement) ?? []
        let halfLife = group.value(ScoringKeys.halfLife)
        let groups = group.value(ScoringKeys.groups)
        let stages = group.value(ScoringKeys.stages)
        let handoff = group.value(ScoringKeys.handoff)
        let crm = group.value(ScoringKeys.crm) ?? []
        judge(fit, engagement, groups: groups ?? [:], in: group)
        CRMKeys.judge(crm, transports: transports, in: group)
        guard !findings.isBroken else { return nil }
        return Scoring(
            fit: fit.map(\.value),
            engagement: engagement.map(\.value).map { rule in
                var rule = rule
                rule.halfLife = rule.halfLife ?? halfLife
                return rule
            }, groups: groups ?? [:], halfLife: halfLife, stages: stages ?? [:], handoff: handoff,
            crm: crm.map(\.value))
    }

    /// Groups have a cap, and rules of one kind.
    private static func judge(
        _ fit: [Located<Scoring.FitRule>], _ engagement: [Located<Scoring.EngagementRule>], groups: [String: Int],
        in group: MappingReader
    ) {
        let ofFit = Set(fit.compactMap(\.value.group))
        for rule in fit { judge(rule.value.group, at: rule.place, groups, group) }
        for rule in engagement {
            judge(rule.value.group, at: rule.place, groups, group)
            guard let name = rule.value.group, ofFit.contains(name) else { continue }
            group.reading.error(
                at: rule.place, "the group \(quoted(name)) has fit rules already",
                hint: "Make two groups of it: fit and engagement are summed apart.")
        }
        let used = ofFit.union(engagement.compactMap(\.value.group))
        for name in groups.keys.sorted() where !used.contains(name) {
            group.reading.findings.warning(
                at: group.keyPlace(of: ScoringKeys.groups), "no rule is of the group \(quoted(name))",
                hint: "Write `group: \(name)` in its rules, or delete it.")
        }
    }

    private static func judge(_ name: String?, at place: Place, _ groups: [String: Int], _ group: MappingReader) {
        guard let name, groups[name] == nil else { return }
        group.reading.error(
            at: place, "the group \(quoted(name)) has no cap",
            hint: Spelling.hint(
                for: name, among: Array(groups.keys),
                otherwise: "Write it under `groups`, as in `groups: { \(name): 20 }`."))
    }
}
