import DripCore

// The keys of `scoring.yaml`.

enum ScoringKeys {
    static let mostRules = 200
    static let points = -10_000...10_000

    static let fit = Key(
        "fit", .list(.item(FitRuleKeys.spec, build: FitRuleKeys.build), atMost: mostRules), standard: "none",
        example: "fit: [ { if: { title: { contains: director } }, points: 20 } ]", "Points for who a lead is.")
    static let engagement = Key(
        "engagement", .list(.item(EngagementRuleKeys.spec, build: EngagementRuleKeys.build), atMost: mostRules),
        standard: "none", example: "engagement: [ { on: clicked, points: 5, cap: 20 } ]",
        "Points for what a lead did.")
    static let halfLife = Key(
        "half_life", .halfLife, standard: "points last", example: "half_life: 30d",
        "After how long what a lead did is worth half; of every rule that says nothing else.")
    static let groups = Key(
        "groups", .groupCaps, standard: "none", example: "groups: { e-mail: 20 }",
        "How many points the rules of a group give or take together at most.")
    static let stages = Key(
        "stages", .group(StagesKeys.spec, build: StagesKeys.build), standard: "leads stay leads",
        example: "stages: { mql: { if: { score: { at_least: 60 } } } }", "When leads move on.")
    static let handoff = Key(
        "handoff", .group(HandoffKeys.spec, build: HandoffKeys.build), standard: "nobody takes leads over",
        example: "handoff: { owners: [ { name: Rini, email: rini@rumpun.example } ] }",
        "Who in sales takes leads over, and what they promise.")

    static let crm = Key(
        "crm", .list(.item(CRMKeys.spec, build: CRMKeys.build), atMost: 20),
        standard: "no CRM hears of leads by itself",
        example: "crm: [ { to: hubspot, leads: { stage: [mql, sql, customer] } } ]",
        "Which CRMs hear of every change of leads.")

    static let spec = MappingSpec(
        "the scoring",
        keys: [fit.spec, engagement.spec, halfLife.spec, groups.spec, stages.spec, handoff.spec, crm.spec],
        foreign: [
            "rules": "Rules stand under `fit` (who they are) and `engagement` (what they did).",
            "thresholds": "Write them under `stages`, as in `\(stages.spec.example)`.",
            "decay": "Write `half_life`.",
        ])
}

enum FitRuleKeys {
    static let name = Key(
        "name", .text, standard: "its condition", example: "name: Decision maker", "What people read of it.")
    static let condition = Key(
        "if", .condition, required: true, example: "if: { industry: [fintech, banking] }", "Whom it is for.")
    static let points = Key(
        "points", .integer(ScoringKeys.points), required: true, example: "points: 20",
        "What it gives; below zero, what it takes.")
    static let group = Key(
        "group", .text, standard: "none", example: "group: company", "The group whose cap it counts under.")

    static let spec = MappingSpec("a fit rule", keys: [name.spec, condition.spec, points.spec, group.spec])

    static func build(_ group: MappingReader) -> Located<Scoring.FitRule>? {
        let name = group.value(name)
        let condition = group.value(condition)
        let points = group.value(points)
        let groupName = group.value(Self.group)
        guard let condition, let points else { return nil }
        guard condition.isOfAttributes else {
            group.reading.error(
                at: group.place(of: Self.condition), "fit is who a lead is: its condition asks for attributes alone",
                hint: "What a lead did is scored under `engagement`; take away `did`, `stage`, points, `in` and `ago`.")
            return nil
        }
        return Located(
            Scoring.FitRule(name: name ?? "\(condition)", condition: condition, points: points, group: groupName),
            at: group.has(Self.group) ? group.place(of: Self.group) : group.node.place)
    }
}

enum EngagementRuleKeys {
    static let name = Key(
        "name", .text, standard: "its event", example: "name: Saw the prices", "What people read of it.")
    static let event = Key(
        "on", .event, required: true, example: "on: clicked", "The event, as policy.yaml names it.")
    static let count = Key(
        "count", ValueKind<ScoringCount>.choice, standard: "each", example: "count: once",
        "Whether each one counts, or the last alone.")
    static let cap = Key(
        "cap", .integer(1...10_000), standard: "none", example: "cap: 20", "How many points it gives or takes at most.")
    static let halfLife = Key(
        "half_life", .halfLife, standard: "that of the file", example: "half_life: 14d",
        "After how long it is worth half.")

    static let spec = MappingSpec(
        "an engagement rule",
        keys: [
            name.spec, event.spec, FitRuleKeys.points.spec, count.spec, cap.spec, halfLife.spec, FitRuleKeys.group.spec,
        ],
        foreign: ["event": "Write `on`.", "max": "Write `cap`.", "at_most": "Write `cap`."])

    static func build(_ group: MappingReader) -> Located<Scoring.EngagementRule>? {
        let name = group.value(name)
        let event = group.value(event)
        let points = group.value(FitRuleKeys.points)
        let count = group.value(count)
        let cap = group.value(cap)
        let halfLife = group.value(halfLife)
        let groupName = group.value(FitRuleKeys.group)
        guard let event, let points else { return nil }
        let rule = Scoring.EngagementRule(
            name: name ?? event.rawValue, event: event, points: points, countsOnce: count == .once, most: cap,
            halfLife: halfLife, group: groupName)
        return Located(rule, at: group.has(FitRuleKeys.group) ? group.place(of: FitRuleKeys.group) : group.node.place)
    }
}

/// How often the same event counts.
enum ScoringCount: String, CaseIterable, Sendable { case each, once }

enum StagesKeys {
    static let mql = Key(
        "mql", .group(StageKeys.withUntil, build: StageKeys.build), example: "mql: { if: { score: { at_least: 60 } } }",
        "Marketing-qualified: ready for sales.")
    static let sql = Key(
        "sql", .group(StageKeys.spec, build: StageKeys.build), example: "sql: { on: sales_accepted }",
        "Sales-qualified: sales has accepted it.")
    static let customer = Key(
        "customer", .group(StageKeys.spec, build: StageKeys.build), example: "customer: { on: deal_won }",
        "It has bought.")
    static let recycled = Key(
        "recycled", .group(StageKeys.eventsAlone, build: StageKeys.build), example: "recycled: { on: sales_rejected }",
        "Back from sales for now.")
    static let disqualified = Key(
        "disqualified", .group(StageKeys.spec, build: StageKeys.build),
        example: "disqualified: { if: { industry: education } }", "Never a customer.")

    static let spec = MappingSpec(
        "`stages`", keys: [mql.spec, sql.spec, customer.spec, recycled.spec, disqualified.spec],
        foreign: ["lead": "Everybody begins as a lead; when an `mql` is one again says its `until`."])

    static func build(_ group: MappingReader) -> [Stage: Scoring.StageRule]? {
        var rules: [Stage: Scoring.StageRule] = [:]
        rules[.mql] = group.value(mql)
        rules[.sql] = group.value(sql)
        rules[.customer] = group.value(customer)
        rules[.recycled] = group.value(recycled)
        rules[.disqualified] = group.value(disqualified)
        return rules
    }
}

enum StageKeys {
    static let condition = Key(
        "if", .stageCondition, example: "if: { score: { at_least: 60 }, fit: { at_least: 20 } }",
        "Whoever meets it comes to the stage.")
    static let events = Key(
        "on", ValueKind<[EventName]>.oneOrMany(.event), example: "on: demo_requested",
        "Whoever does it comes to the stage: an event, or a list of them.")
    static let until = Key(
        "until", .stageCondition, standard: "nobody sinks back", example: "until: { score: { less_than: 40 } }",
        "Whoever meets it is a lead again.")

    static let spec = MappingSpec(
        "a stage", keys: [condition.spec, events.spec], foreign: ["until": "Only `mql` has an `until`."])
    static let withUntil = MappingSpec("the stage `mql`", keys: [condition.spec, events.spec, until.spec])
    static let eventsAlone = MappingSpec(
        "the stage `recycled`", keys: [events.spec],
        foreign: ["if": "Nobody is recycled by a condition: name events under `on`."])

    static func build(_ group: MappingReader) -> Scoring.StageRule? {
        let condition = group.value(condition)
        let events = group.value(events)
        let until = group.value(until)
        guard condition != nil || !group.has(Self.condition), events != nil || !group.has(Self.events),
            until != nil || !group.has(Self.until)
        else { return nil }
        if let condition, let until, let measure = condition.boundAbove(by: until) {
            group.reading.findings.warning(
                at: group.place(of: Self.until), "`until` holds at a \(measure.rawValue) at which `if` qualifies",
                hint:
                    "Let the points of `until` be no more than those of `if`, or nobody between them is ever qualified."
            )
        }
        guard condition != nil || events != nil else {
            group.reading.error(
                at: group.node.place, "nobody comes to this stage", hint: "Add `on` or `if`, or take the stage away.")
            return nil
        }
        return Scoring.StageRule(condition: condition, events: events ?? [], until: until)
    }
}

extension Condition {
    /// What both ask for where the other one still holds at this one's least points; nil where none of it is so.
    fileprivate func boundAbove(by until: Condition) -> Measure? {
        func parts(_ condition: Condition) -> [Condition] {
            if case .all(let parts) = condition { return parts }
            return [condition]
        }
        for case .points(let measure, .atLeast(let least)) in parts(self) {
            for case .points(measure, .lessThan(let bound)) in [until] where bound > least { return measure }
        }
        return nil
    }
}

extension ValueKind where Value == HalfLife {
    /// Whole days.
    static let halfLife: ValueKind = ValueKind(shape: ValueKind<TimeSpan>.span().shape) { node, key, reading in
        guard let span = ValueKind<TimeSpan>.span(.days(1) ... .days(3_650)).read(node, key, reading) else {
            return nil
        }
        guard span.milliseconds % TimeSpan.days(1).milliseconds == 0 else {
            reading.error(
                at: node.place, "a half-life is a number of whole days, and \(span) is none",
                hint: "Write it as in `\(key.example)`.")
            return nil
        }
        return HalfLife(days: Int(span.milliseconds / TimeSpan.days(1).milliseconds))
    }
}

extension ValueKind where Value == [String: Int] {
    /// The names of groups, each with its cap.
    static let groupCaps: ValueKind = ValueKind(shape: .map(.integer(1...10_000), names: "^\\S.*$")) {
        node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of names, each with its cap")
            return nil
        }
        var caps: [String: Int] = [:]
        for entry in entries {
            let spec = Key(entry.key, ValueKind<Int>.integer(1...10_000), example: "\(entry.key): 20", "").spec
            guard let cap = ValueKind<Int>.integer(1...10_000).read(entry.value, spec, reading) else { return nil }
            caps[entry.key] = cap
        }
        return caps
    }
}

extension ValueKind where Value == Condition {
    /// A condition that does not ask for the stage which it decides.
    static let stageCondition: ValueKind<Condition> = ValueKind(shape: .condition) { node, key, reading in
        guard let condition = ValueKind.condition.read(node, key, reading) else { return nil }
        guard !condition.asksForStage, condition.stepsAskedFor.isEmpty else {
            reading.error(
                at: node.place, "a stage is decided by points, attributes and events alone",
                hint: "Take `stage` and `step` out of the condition.")
            return nil
        }
        return condition
    }
}
