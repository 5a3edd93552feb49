import DripCore

/// One entry of `steps`, read as far as it can be, with the places that later checks point at.
struct StepDraft {
    enum Action {
        case email(MessageNames)
        case sms(MessageNames, at: Place)
        case http(StepReader.Post)
        case notify(StepReader.Notice)

        var messages: MessageNames {
            switch self {
            case .email(let messages), .sms(let messages, _): messages
            case .http(let post): post.messages
            case .notify(let notice): notice.messages
            }
        }
    }

    /// What it does that sends nothing, with the steps inside of it.
    indirect enum Inner {
        case wait(Condition, upTo: WaitLimit, then: [StepDraft], otherwise: [StepDraft])
        case branch([BranchDraft])
        case split([ShareDraft])
        case repetition(RepeatDraft)
        case plain(InnerAction)
    }

    var id: Located<String>?
    var place: Place
    var phase: Phase?
    /// Nil where it is missing or wrong, which was told.
    var timing: Step.Timing?
    var timingPlace: Place
    var atPlace: Place?
    /// Nil where the campaign's counts.
    var anchor: Anchor?
    var spread: TimeSpan?
    var varyBy: String?
    var condition: Condition?
    var conditionPlace: Place
    var action: Action?
    /// Of those that its action names, the one of this time: see `StepList`.
    var message: Located<String>?
    var inner: Inner?
    /// Whether it is to send something, whatever is wrong with what it says of it.
    var isToSend: Bool
    /// Whether it does not say when it goes.
    var isUntimed: Bool
    /// Where it stands: see `StepList`.
    var arms: [Arm] = []
    var repetitions: [Repetition] = []
    var deferMax: TimeSpan?
    var lateMax: TimeSpan?
    var whenLate: Step.WhenLate
    var onDoubt: Step.OnDoubt
    var topic: TopicID?
    var isTransactional: Bool
    var counts: Bool
    var isBackfilled: Bool
    var reopens: Bool
    var was: Located<String>?
}

enum StepReader {
    struct Post {
        var transport: Located<String>
        var messages: MessageNames
    }

    struct Notice {
        enum Way {
            case email(EmailAddress)
            case owner
            case http(Located<String>)
        }

        var way: Way
        var messages: MessageNames
    }

    /// Reads one step; what can be judged of it alone is judged here, what needs the others in `CampaignReader`.
    static func read(_ group: MappingReader) -> StepDraft? {
        // A wrong anchor says nothing about the order of steps, and neither may the campaign's in its place.
        let anchor = group.value(StepKeys.anchor)
        let timing = timing(group)
        let inner = inner(group)
        return StepDraft(
            id: group.value(StepKeys.id).map { Located($0, at: group.place(of: StepKeys.id)) },
            place: group.node.place, phase: group.value(StepKeys.phase),
            timing: anchor == nil && group.has(StepKeys.anchor) ? nil : timing,
            timingPlace: group.has(StepKeys.day) ? group.place(of: StepKeys.day) : group.place(of: StepKeys.after),
            atPlace: group.has(StepKeys.at) ? group.place(of: StepKeys.at) : nil,
            anchor: anchor, spread: group.value(StepKeys.spread), varyBy: group.value(StepKeys.varyBy),
            condition: group.value(StepKeys.condition), conditionPlace: group.place(of: StepKeys.condition),
            action: inner == nil ? action(group) : nil, inner: inner,
            isToSend: !StepKeys.verbs.contains { group.has($0) },
            isUntimed: !group.has(StepKeys.day) && !group.has(StepKeys.after),
            deferMax: group.value(StepKeys.deferMax), lateMax: group.value(StepKeys.lateMax),
            whenLate: group.value(StepKeys.whenLate) ?? .skip, onDoubt: group.value(StepKeys.onDoubt) ?? .hold,
            topic: group.value(StepKeys.topic),
            // It is no message to the lead: what holds or counts those is not asked.
            isTransactional: isTransactional(group) || group.has(StepKeys.notify),
            counts: (group.value(StepKeys.counts) ?? true) && !group.has(StepKeys.notify),
            isBackfilled: group.value(StepKeys.backfill) ?? false, reopens: group.value(StepKeys.reopen) ?? false,
            was: group.value(StepKeys.was).map { Located($0, at: group.place(of: StepKeys.was)) })
    }

    /// Whether it is transactional, which must say whether it counts: both are right for some message.
    private static func isTransactional(_ group: MappingReader) -> Bool {
        guard group.value(StepKeys.kind) == .transactional else { return false }
        if !group.has(StepKeys.counts) {
            group.reading.error(
                at: group.keyPlace(of: StepKeys.kind), "a transactional step must say whether caps count it",
                hint: "Add `counts: false`, or `counts: true` where the lead should then get less of the rest.")
        }
        return true
    }

    private static func timing(_ group: MappingReader) -> Step.Timing? {
        let day = group.value(StepKeys.day)
        let at = group.value(StepKeys.at)
        let after = group.value(StepKeys.after)
        switch (group.has(StepKeys.day), group.has(StepKeys.after)) {
        case (true, true):
            group.reading.error(
                at: group.keyPlace(of: StepKeys.after), "`after` and `day` in one step contradict each other",
                hint: "Keep `day` for a calendar day or `after` for exact elapsed time.")
            return nil
        case (false, false):
            if group.has(StepKeys.at) {
                group.reading.error(
                    at: group.keyPlace(of: StepKeys.at), "`at` stands without `day`",
                    hint: "Add a line such as `day: 3`.")
            }
            // Whether it must say so is known where the steps are put into their list.
            return nil
        case (false, true):
            if group.has(StepKeys.at) {
                group.reading.error(
                    at: group.keyPlace(of: StepKeys.at), "`at` goes with `day` only: `after` is exact elapsed time",
                    hint: "Delete `at`, or write `day` in place of `after`.")
            }
            return after.map(Step.Timing.after)
        case (true, false):
            guard at != nil || !group.has(StepKeys.at) else { return nil }
            return day.map { .day($0, at: at) }
        }
    }

    /// What a step does that sends nothing; nil where it is to send, or where that is wrong, which is told.
    private static func inner(_ group: MappingReader) -> StepDraft.Inner? {
        let waits = group.value(StepKeys.waitFor)
        let upTo = group.value(StepKeys.upTo)
        let then = group.value(StepKeys.then)
        let otherwise = group.value(StepKeys.otherwise)
        let branch = group.value(StepKeys.branch)
        let split = group.value(StepKeys.split)
        let again = group.value(StepKeys.repetition)
        let set = group.value(StepKeys.set)
        let score = group.value(StepKeys.score)
        let enrollIn = group.value(StepKeys.enrollIn)
        let exitFrom = group.value(StepKeys.exitFrom)
        let handoff = group.value(StepKeys.handoff)
        let verbs = StepKeys.verbs.filter { group.has($0) }
        if !group.has("wait_for") {
            for name in ["up_to", "then", "otherwise"] where group.has(name) {
                group.reading.error(
                    at: group.keyPlace(of: name), "`\(name)` goes with `wait_for` only",
                    hint: "Add a line such as `wait_for: webinar_registered`, or delete this one.")
            }
        } else if !group.has("up_to") {
            group.reading.error(
                at: group.keyPlace(of: "wait_for"), "`wait_for` does not say for how long",
                hint: "Add a line such as `up_to: 3d`: who never does it must not wait for ever.")
        }
        guard verbs.count <= 1 else {
            group.reading.error(
                at: group.keyPlace(of: verbs[1]), "`\(verbs[0])` and `\(verbs[1])` in one step: a step does one thing",
                hint: "Make two steps of it.")
            return nil
        }
        guard let verb = verbs.first else { return nil }
        for name in StepKeys.ofMessages where group.has(name) {
            group.reading.error(
                at: group.keyPlace(of: name), "`\(name)` is of messages, and `\(verb)` sends none",
                hint: "Delete it, or write it on the steps that send.")
        }
        if let waits, let upTo { return .wait(waits, upTo: upTo, then: then ?? [], otherwise: otherwise ?? []) }
        if let branch { return .branch(branch) }
        if let split { return .split(split) }
        if let again { return .repetition(again) }
        if let set { return .plain(.set(set)) }
        if let score { return .plain(.score(score)) }
        if let enrollIn { return .plain(.enrollIn(enrollIn)) }
        if let exitFrom { return .plain(.exitFrom(exitFrom)) }
        if let handoff { return .plain(.handoff(handoff)) }
        return nil
    }

    private static func action(_ group: MappingReader) -> StepDraft.Action? {
        let email = group.value(StepKeys.email).map(StepDraft.Action.email)
        let sms = group.value(StepKeys.sms).map { StepDraft.Action.sms($0, at: group.place(of: StepKeys.sms)) }
        let http = group.value(StepKeys.http).map(StepDraft.Action.http)
        let notify = group.value(StepKeys.notify).map(StepDraft.Action.notify)
        let ways = StepKeys.ways.filter { group.has($0) }
        if ways.contains("notify") {
            for name in StepKeys.ofMessagesToLeads where group.has(name) {
                group.reading.error(
                    at: group.keyPlace(of: name),
                    "`\(name)` is of messages to the lead, and `notify` tells a colleague",
                    hint: "Delete it: nothing counts or holds a note to a colleague.")
            }
        }
        guard ways.count <= 1 else {
            group.reading.error(
                at: group.keyPlace(of: ways[1]), "`\(ways[0])` and `\(ways[1])` in one step: a step is one touch",
                hint: "Make two steps of it.")
            return nil
        }
        if ways.isEmpty, !StepKeys.verbs.contains(where: { group.has($0) }) {
            group.reading.error(
                at: group.node.place, "the step does not say what it sends",
                hint: "Add a line such as `email: welcome.md`.")
        }
        return email ?? sms ?? http ?? notify
    }
}

extension ValueKind where Value == Int {
    /// A day counted from its anchor: the anchor's own is 1, the one before it -1.
    static let day = ValueKind(shape: .integer(-3_650...3_650, but: 0)) { node, key, reading in
        guard let text = reading.scalar(node, key, "the number of a day") else { return nil }
        guard let day = Naming.integer(text) else {
            let span = TimeWords.spanSuggestion(for: text)
            let hint =
                span.map {
                    $0.hasSuffix("d")
                        ? "Write `day: \($0.dropLast())`."
                        : "For exact elapsed time write `after: \($0)` in place of `day`."
                } ?? "Write it as in `\(key.example)`."
            reading.refuse(node, key, "the number of a day", hint: hint)
            return nil
        }
        guard day != 0 else {
            reading.error(
                at: node.place, "there is no day 0: day 1 is the anchor's own day, and day -1 the one before it",
                hint: "Count from 1, which is the day of the enrollment.")
            return nil
        }
        guard (-3_650...3_650).contains(day) else {
            reading.refuse(node, key, "at most 3650, which is ten years", hint: "Check the number.")
            return nil
        }
        return day
    }
}
