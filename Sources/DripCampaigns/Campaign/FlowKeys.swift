import DripCore

// The keys of steps that decide which way a lead goes on, and the kinds of values that only they have.

/// One arm of a `branch`.
struct BranchDraft {
    var arm: InnerAction.Branch
    var steps: [StepDraft]
}

/// One arm of a `split`.
struct ShareDraft {
    var arm: InnerAction.Share
    var steps: [StepDraft]
}

/// What `repeat` says.
struct RepeatDraft {
    var times: Int
    var every: TimeSpan
    /// On whole days, the local time at which each time begins.
    var at: LocalTime?
    var until: Condition?
    var steps: [StepDraft]
    var place: Place
}

enum BranchKeys {
    static let name = Key(
        "name", .name("the name of an arm"), required: true, example: "name: fintech",
        "What reports and running enrollments know the arm by.")
    static let condition = Key(
        "if", .condition, standard: "everybody who is left", example: "if: { industry: fintech }",
        "What must be true of a lead that takes it.")
    static let steps: Key<[StepDraft]> = Key(
        "steps", .steps, standard: "nothing", example: "steps: [ { id: a, email: a.md } ]", "Its steps.")

    static let spec = MappingSpec("an arm of `branch`", keys: [name.spec, condition.spec, steps.spec])

    static func build(_ group: MappingReader) -> BranchDraft? {
        guard let name = group.value(name) else { return nil }
        let condition = group.value(condition)
        guard condition != nil || !group.has(Self.condition) else { return nil }
        return BranchDraft(arm: .init(name: name, condition: condition), steps: group.value(steps) ?? [])
    }
}

enum ShareKeys {
    static let weight = Key(
        "weight", .integer(1...10_000), standard: "1", example: "weight: 1",
        "How large its share is beside those of the other arms.")

    static let spec = MappingSpec(
        "an arm of `split`", keys: [BranchKeys.name.spec, weight.spec, BranchKeys.steps.spec])

    static func build(_ group: MappingReader) -> ShareDraft? {
        guard let name = group.value(BranchKeys.name) else { return nil }
        return ShareDraft(
            arm: .init(name: name, weight: group.value(weight) ?? 1), steps: group.value(BranchKeys.steps) ?? [])
    }
}

enum RepeatKeys {
    static let times = Key(
        "times", .integer(1...100), required: true, example: "times: 5", "How often its steps go at most.")
    static let every = Key(
        "every", .span(.minutes(1) ... .days(3_650)), required: true, example: "every: 2d",
        "How long behind the end of the last time the next one begins.")
    static let at = Key(
        "at", .time, standard: "the same time of day", example: "at: \"09:00\"",
        "With `every` in days: the local time at which each time behind the first begins.")
    static let until = Key(
        "until", .awaited, standard: "never", example: "until: replied",
        "An event, a list of events or a condition, which ends it.")
    static let steps: Key<[StepDraft]> = Key(
        "steps", .steps, required: true, example: "steps: [ { id: ask, email: ask.md } ]", "What is repeated.")

    static let spec = MappingSpec("`repeat`", keys: [times.spec, every.spec, at.spec, until.spec, steps.spec])

    static func build(_ group: MappingReader) -> RepeatDraft? {
        let times = group.value(times)
        let every = group.value(every)
        let at = group.value(at)
        let until = group.value(until)
        let steps = group.value(steps)
        if group.has(Self.at), let every, every.milliseconds % TimeSpan.days(1).milliseconds != 0 {
            group.reading.error(
                at: group.keyPlace(of: Self.at),
                "`at` goes with an `every` of whole days only, and this one is \(every)",
                hint: "Write `every` in days, or delete `at`.")
            return nil
        }
        guard let times, let every, let steps, until != nil || !group.has(Self.until) else { return nil }
        return RepeatDraft(times: times, every: every, at: at, until: until, steps: steps, place: group.node.place)
    }
}

extension ValueKind where Value == [StepDraft] {
    /// The steps of a campaign, or of an arm.
    static let steps: ValueKind<[StepDraft]> = ValueKind(shape: .steps(atTheMargin: false)) { node, key, reading in
        let item = ValueKind<StepDraft>.item(StepKeys.spec, build: StepReader.read)
        return ValueKind.list(item, atMost: FileLimits.steps).read(node, key, reading)
    }

    /// Those of the campaign itself.
    static let stepsAtTheMargin: ValueKind<[StepDraft]> = ValueKind(
        shape: .steps(atTheMargin: true), read: ValueKind.steps.read)
}

enum WorkingKeys {
    static let working = Key(
        "working", .span(.minutes(1) ... .days(100)), required: true, example: "working: 4h",
        "That much time of the campaign's send window, by the clock of its `time_zone`.")

    static let of = Key(
        "of", ValueKind<Whose>.choice, standard: "campaign", example: "of: owner",
        "Whose working time: that of the campaign's `send_window`, or of whoever the lead was given to.")

    enum Whose: String, CaseIterable, Sendable { case campaign, owner }

    static let spec = MappingSpec("`up_to`", keys: [working.spec, of.spec], foreign: ["business": "Write `working`."])

    static func build(_ group: MappingReader) -> WaitLimit? {
        let span = group.value(working)
        let whose = group.value(of)
        guard let span, whose != nil || !group.has(of) else { return nil }
        guard whose == .owner else { return .working(span) }
        guard group.reading.hasOwners else {
            group.reading.refuseOwners(at: group.place(of: of))
            return nil
        }
        return .ofOwner(span)
    }
}

extension Reading {
    fileprivate func refuseOwners(at place: Place) {
        error(
            at: place, "nobody is named to whom leads could be given",
            hint: "Write `handoff: { owners: […] }` into scoring.yaml.")
    }
}

extension ValueKind where Value == HandoffRule {
    static let handoffRule: ValueKind = ValueKind(shape: ValueKind.choice.shape) { node, key, reading in
        guard let rule = ValueKind.choice.read(node, key, reading) else { return nil }
        guard reading.hasOwners else {
            reading.refuseOwners(at: node.place)
            return nil
        }
        return rule
    }
}

extension ValueKind where Value == StepReader.Notice.Way {
    /// An address, or the word `owner`.
    static let colleague: ValueKind = ValueKind(
        shape: .either(.choice(["owner"]), ValueKind<EmailAddress>.address.shape)
    ) { node, key, reading in
        guard case .scalar(let scalar) = node.content, scalar.text == "owner" else {
            return ValueKind<EmailAddress>.address.read(node, key, reading).map(StepReader.Notice.Way.email)
        }
        guard reading.hasOwners else {
            reading.refuseOwners(at: node.place)
            return nil
        }
        return .owner
    }
}

extension ValueKind where Value == WaitLimit {
    /// `3d`, or `{ working: 4h }`.
    static let waitLimit: ValueKind<WaitLimit> = {
        let elapsed = ValueKind<TimeSpan>.span(.minutes(1) ... .days(3_650))
        return ValueKind(shape: .either(elapsed.shape, .group(WorkingKeys.spec))) { node, key, reading in
            guard case .mapping = node.content else { return elapsed.read(node, key, reading).map(WaitLimit.elapsed) }
            return MappingReader(node, as: WorkingKeys.spec, for: key, reading: reading).flatMap(WorkingKeys.build)
        }
    }()
}

extension ValueKind where Value == Condition {
    /// An event, a list of events, any of which will do, or a condition; events count from the enrollment on.
    static let awaited: ValueKind<Condition> = ValueKind(
        shape: .either(ValueKind<[EventName]>.oneOrMany(.event).shape, .condition)
    ) { node, key, reading in
        if case .mapping = node.content { return conditionOfFacts.read(node, key, reading) }
        return ValueKind<[EventName]>.oneOrMany(.event).read(node, key, reading).map { events in
            let parts = events.map { Condition.did(.init(event: $0, isSinceEnrollment: true)) }
            return parts.count == 1 ? parts[0] : .any(parts)
        }
    }

    /// A condition that ends an enrollment: by a stage and not by points, so that no edit of `scoring.yaml` ends a crowd.
    static let conditionWithoutPoints: ValueKind<Condition> = ValueKind(shape: .condition) { node, key, reading in
        guard let condition = ValueKind.condition.read(node, key, reading) else { return nil }
        guard !condition.asksForPoints else {
            reading.error(
                at: node.place, "what ends a campaign asks for a `stage`, and not for points",
                hint: "Let scoring.yaml move the lead to a stage at that many points, and write `\(key.example)`.")
            return nil
        }
        return condition
    }

    /// A condition that is looked at when a fact changes, and so must not hang on the clock.
    static let conditionOfFacts: ValueKind<Condition> = ValueKind(shape: .condition) { node, key, reading in
        guard let condition = ValueKind.condition.read(node, key, reading) else { return nil }
        guard !condition.looksAtTheClock else {
            reading.error(
                at: node.place,
                "`\(key.name)` is looked at when a fact of the lead changes, and this condition hangs on the clock",
                hint: condition.asksForPoints
                    ? "Points sink by themselves: ask for a `stage`, which scoring.yaml moves at the instant."
                    : "Leave out `within`, `in` and `ago`; for a date of the lead use a step with `anchor: { attribute: … }`."
            )
            return nil
        }
        return condition
    }
}
