import DripCore

// The keys of `campaign.yaml`: what the loader reads, and what the manual and the schema say of it.

enum CampaignKeys {
    static let name = Key("name", .text, required: true, example: "name: E-book nurture", "What people call it.")
    static let goal = Key(
        "goal", .event, example: "goal: demo_booked", "The event that means success and ends the enrollment.")
    static let priority = Key(
        "priority", .integer(0...1_000), standard: "50", example: "priority: 50",
        "Higher goes first where several campaigns want the same lead at once.")
    static let timeZone = Key(
        "time_zone", .zone, standard: "the policy's", example: "time_zone: Asia/Jakarta",
        "The zone of leads whose own is unknown.")
    static let window = Key(
        "send_window", .group(WindowKeys.spec, build: WindowKeys.build), standard: "always open",
        example: "send_window: { days: mon-fri, hours: \"08:00-17:00\" }",
        "When it may send, in the lead's own zone.")
    static let anchor = Key(
        "anchor", .anchor, standard: "enrollment", example: "anchor: enrollment",
        "What the `day` and `after` of its steps count from, unless a step says otherwise.")
    static let spread = Key(
        "spread", .span(SpreadLimits.range), standard: "none", example: "spread: 30m",
        "Over how much time the leads of each step are drawn apart.")
    static let enroll = Key(
        "enroll", .group(EnrollKeys.spec, build: EnrollKeys.build), example: "enroll: { on: ebook_downloaded }",
        "What enrols a lead by itself; without it only commands and imports do.")
    static let exit = Key(
        "exit", .group(ExitKeys.spec, build: ExitKeys.build), example: "exit: { on: replied }",
        "What ends the enrollment early.")
    static let topic = Key(
        "topic", .topic, standard: "none", example: "topic: education",
        "What its messages are about; a lead can opt out of it.")
    static let caps = Key(
        "caps", .list(.item(CapKeys.specInCampaign, build: CapKeys.buildInCampaign), atMost: 20),
        standard: "the policy's alone", example: "caps: [ { at_most: 1, per: 2d } ]",
        "How many messages of this campaign a lead may get, beside the caps of the policy.")
    static let steps = Key(
        "steps", .list(.item(StepKeys.spec, build: StepReader.read), atMost: FileLimits.steps), required: true,
        example: "steps: [ { id: welcome, day: 1, email: welcome.md } ]", "The planned touches, in their order.")

    static let spec = MappingSpec(
        "a campaign",
        keys: [
            name.spec, goal.spec, priority.spec, topic.spec, timeZone.spec, window.spec, anchor.spec, spread.spec,
            caps.spec, enroll.spec, exit.spec, steps.spec,
        ],
        later: [
            LaterKey("version"), LaterKey("holdout"), LaterKey("if"),
            LaterKey("look_ahead", "Write `look_ahead` into policy.yaml: it holds for all campaigns."),
            LaterKey("quiet_hours", "They hold for all campaigns: write them into policy.yaml."),
        ])
}

enum WindowKeys {
    static let days = Key(
        "days", .days, standard: "every day", example: "days: mon-fri",
        "The weekdays on which it is open: a range, a list, or both.")
    static let hours = Key(
        "hours", .hours, standard: "the whole day", example: "hours: \"08:00-17:00\"",
        "Open from the first time until just before the second; may go past midnight.")

    static let holidays = Key(
        "holidays", .oneOrMany(.calendar), standard: "none", example: "holidays: indonesia",
        "The calendar of policy.yaml, or the list of calendars, on whose days it is closed.")

    static let spec = MappingSpec("a send window", keys: [days.spec, hours.spec, holidays.spec])

    static func build(_ group: MappingReader) -> CampaignWindow? {
        let days = group.value(Self.days)
        let hours = group.value(Self.hours)
        let calendars = group.value(Self.holidays)
        guard days != nil || !group.has(Self.days), hours != nil || !group.has(Self.hours) else { return nil }
        let window = SendWindow(
            days: days ?? SendWindow.always.days, opens: hours?.opens ?? SendWindow.always.opens,
            closes: hours?.closes ?? SendWindow.always.closes)
        return CampaignWindow(window: window, holidays: Holidays((calendars ?? []).flatMap(\.entries)))
    }
}

/// What `send_window` says: the hours, and the days of all calendars that it names.
struct CampaignWindow {
    var window: SendWindow
    var holidays: Holidays
}

enum SpreadLimits {
    /// A longer spread would end with its opening anyway.
    static let range: ClosedRange<TimeSpan> = .zero ... .days(1)
}

enum EnrollKeys {
    static let on = Key(
        "on", .oneOrMany(.event), required: true, example: "on: ebook_downloaded",
        "The event, or the list of events, that enrols a lead.")
    static let again = Key(
        "again", .again, standard: "never", example: "again: never",
        "Whether a lead that was enrolled before may be enrolled again.")

    static let spec = MappingSpec(
        "`enroll`", keys: [on.spec, again.spec],
        later: [LaterKey("if", "Use `if` on each step for now."), LaterKey("every"), LaterKey("key")])

    static func build(_ group: MappingReader) -> [EventName]? {
        _ = group.value(again)
        return group.value(on)
    }
}

enum ExitKeys {
    static let on = Key(
        "on", .oneOrMany(.event), required: true, example: "on: replied",
        "The event, or the list of events, that ends the enrollment.")

    static let spec = MappingSpec(
        "`exit`", keys: [on.spec], later: [LaterKey("if", "Use `if` on each step for now.")])

    static func build(_ group: MappingReader) -> [EventName]? { group.value(on) }
}

/// Whether a lead may run through a campaign a second time.
enum Again: String, CaseIterable, Sendable {
    case never
}

extension ValueKind where Value == Again {
    /// `never`; the other words of the format are told apart from typos.
    static let again = ValueKind(shape: .choice(Again.allCases.map(\.rawValue))) { node, key, reading in
        if node.scalar?.text == "after_exit" || node.scalar == nil, !node.isUnreadable {
            let written = node.scalar.map { "`again: \($0.text)`" } ?? "`again` with keys of its own"
            reading.error(
                at: node.place, "\(written) is not supported by this version yet",
                hint: "Write `again: never`, or leave it out.")
            return nil
        }
        return choice.read(node, key, reading)
    }
}

enum StepKeys {
    static let id = Key(
        "id", .name("a name"), required: true, example: "id: welcome",
        "Its stable name: reports and running enrollments know the step by it.")
    static let phase: Key<Phase> = Key(
        "phase", .choice, example: "phase: awareness", "Its label in reports.")
    static let day = Key(
        "day", .day, example: "day: 3", "The calendar day in the lead's zone; day 1 is the day of its anchor.")
    static let at = Key(
        "at", .time, standard: "as soon as the window opens", example: "at: \"09:00\"", "The local time on that day.")
    static let after = Key(
        "after", .signedSpan, example: "after: 72h", "In place of `day`: exact time since its anchor.")
    static let anchor = Key(
        "anchor", .anchor, standard: "the campaign's", example: "anchor: previous",
        "What it counts from: `enrollment`, the end of the `previous` step, or `{ attribute: trial_ends_on }`.")
    static let spread = Key(
        "spread", .span(SpreadLimits.range), standard: "the campaign's", example: "spread: 30m",
        "Over how much time its leads are drawn apart.")
    static let condition = Key(
        "if", .condition, standard: "always", example: "if: { industry: fintech }",
        "What must be true of the lead; otherwise the step is skipped.")
    static let email = Key(
        "email", .messagePath, example: "email: welcome.md", "The message to send by e-mail: a file of this folder.")
    static let varyBy = Key(
        "vary_by", .attributeName, example: "vary_by: industry",
        "The attribute that picks a variant of the message: `welcome.fintech.md` beside `welcome.md`.")
    static let http = Key(
        "http", .group(HTTPKeys.spec, build: HTTPKeys.build),
        example: "http: { transport: crm, message: note.md }", "The message to post to a webhook.")
    static let deferMax = Key(
        "defer_max", .span(), standard: "until the next step's planned instant; 7d for a last step",
        example: "defer_max: 2d", "How long a cap or a gap may hold it before it is skipped.")
    static let lateMax = Key(
        "late_max", .span(), standard: "the policy's", example: "late_max: 24h",
        "How much lateness by an outage, a pause or retries it survives.")
    static let whenLate: Key<Step.WhenLate> = Key(
        "when_late", .choice, standard: "skip", example: "when_late: skip", "What becomes of it when it is later still."
    )

    static let onDoubt: Key<Step.OnDoubt> = Key(
        "on_doubt", .choice, standard: "hold", example: "on_doubt: hold",
        "When nobody knows whether it arrived: `hold` counts it as sent, `resend` sends it again.")

    static let topic = Key(
        "topic", .topic, standard: "the campaign's", example: "topic: education",
        "What its message is about, where that is not the campaign's topic.")
    static let kind: Key<Kind> = Key(
        "class", .choice, standard: "marketing", example: "class: transactional",
        "`transactional`: asked for or needed, such as a receipt; passes caps, gap and hours.")
    static let counts = Key(
        "counts", .flag, standard: "true", example: "counts: true",
        "Whether caps count its message; a transactional step must say it.")

    /// The words of `class`.
    enum Kind: String, CaseIterable, Sendable {
        case marketing, transactional
    }

    static let spec = MappingSpec(
        "a step",
        keys: [
            id.spec, phase.spec, day.spec, at.spec, after.spec, anchor.spec, spread.spec, condition.spec, email.spec,
            http.spec, varyBy.spec, deferMax.spec, lateMax.spec, whenLate.spec, onDoubt.spec, topic.spec, kind.spec,
            counts.spec,
        ],
        later: [
            LaterKey("wait_for"), LaterKey("up_to"),
            LaterKey("branch", "Use `if` on steps for now."),
            LaterKey("split"), LaterKey("repeat", "Write each follow-up as a step of its own for now."),
            LaterKey("sms", "Use `http` for now."), LaterKey("set"), LaterKey("score"),
            LaterKey("enroll_in"), LaterKey("exit_from"), LaterKey("notify", "Use `http` for now."),
            LaterKey("handoff", "Use `http` for now."), LaterKey("backfill"), LaterKey("reopen"), LaterKey("was"),
            LaterKey("look_ahead", "Write `look_ahead` into policy.yaml: it holds for all steps."),
        ],
        rules: [
            .exactlyOne(["day", "after"]), .needs("at", "day"), .exactlyOne(["email", "http"]),
            .when("class", is: "transactional", needs: "counts"),
        ])
}

enum HTTPKeys {
    static let transport = Key(
        "transport", .name("a transport"), required: true, example: "transport: crm",
        "The name of an HTTP transport in dripd.yaml.")
    static let message = Key(
        "message", .messagePath, required: true, example: "message: note.md", "The text to post: a file of this folder."
    )

    static let spec = MappingSpec("`http`", keys: [transport.spec, message.spec])

    static func build(_ group: MappingReader) -> StepReader.Post? {
        let name = group.value(transport).map { Located($0, at: group.place(of: transport)) }
        let path = group.value(message)
        guard let name, let path else { return nil }
        return StepReader.Post(transport: name, message: path)
    }
}

extension Located {
    init(_ value: Value, at place: Place) {
        self.init(value, line: place.line, column: place.column)
    }

    var place: Place { Place(line: line, column: column) }
}
