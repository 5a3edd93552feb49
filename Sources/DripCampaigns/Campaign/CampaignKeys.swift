import DripCore

// The keys of `campaign.yaml`: what the loader reads, and what the manual and the schema say of it.

enum CampaignKeys {
    static let name = Key("name", .text, required: true, example: "name: E-book nurture", "What people call it.")
    static let goal = Key(
        "goal", .goal, example: "goal: demo_booked",
        "What the campaign is for: an event that ends the enrollment, or `{ on, if, then: { jump_to } }`.")
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
    static let holdout = Key(
        "holdout", .percent, standard: "0%", example: "holdout: 10%",
        "The share of leads that get nothing of it, to measure it against.")
    static let version: Key<FollowedVersion> = Key(
        "version", .choice, standard: "latest", example: "version: pinned",
        "Which version of its files a lead under way goes by: the `latest`, or `pinned` the one by which it entered.")
    static let topic = Key(
        "topic", .topic, standard: "none", example: "topic: education",
        "What its messages are about; a lead can opt out of it.")
    static let caps = Key(
        "caps", .list(.item(CapKeys.specInCampaign, build: CapKeys.buildInCampaign), atMost: 20),
        standard: "the policy's alone", example: "caps: [ { at_most: 1, per: 2d } ]",
        "How many messages of this campaign a lead may get, beside the caps of the policy.")
    static let steps: Key<[StepDraft]> = Key(
        "steps", .stepsAtTheMargin, required: true,
        example: "steps: [ { id: welcome, day: 1, email: welcome.md } ]", "The planned touches, in their order.")

    static let spec = MappingSpec(
        "a campaign",
        keys: [
            name.spec, goal.spec, priority.spec, topic.spec, timeZone.spec, window.spec, anchor.spec, spread.spec,
            caps.spec, enroll.spec, exit.spec, holdout.spec, version.spec,
            steps.spec,
        ],
        later: [
            LaterKey("if", "Write it into `enroll`, or on each step."),
            LaterKey("look_ahead", "Write `look_ahead` into policy.yaml: it holds for all campaigns."),
            LaterKey("quiet_hours", "They hold for all campaigns: write them into policy.yaml."),
        ])
}

/// By which version of a campaign's files a lead that is under way goes on.
enum FollowedVersion: String, CaseIterable {
    case latest, pinned
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
        "email", .messageNames, example: "email: welcome.md",
        "The message to send by e-mail: a file of this folder; in a `repeat` perhaps a list, one for each time.")
    static let varyBy = Key(
        "vary_by", .attributeName, example: "vary_by: industry",
        "The attribute that picks a variant of the message: `welcome.fintech.md` beside `welcome.md`.")
    static let sms = Key(
        "sms", .messageNames, example: "sms: reminder.md",
        "The message to send as SMS: a file of this folder, of which the text goes; in a `repeat` perhaps a list.")
    static let http = Key(
        "http", .group(HTTPKeys.spec, build: HTTPKeys.build),
        example: "http: { transport: crm, message: note.md }", "The message to post to a webhook.")
    static let notify = Key(
        "notify", .group(NotifyKeys.spec, build: NotifyKeys.build),
        example: "notify: { to: sales@rumpun.example, message: note.md }",
        "Tells a colleague, by e-mail or by a webhook; it is no message to the lead.")
    static let waitFor = Key(
        "wait_for", .awaited, example: "wait_for: webinar_registered",
        "An event, a list of events or a condition: the lead goes on when it comes, or when `up_to` has passed.")
    static let upTo = Key(
        "up_to", .waitLimit, example: "up_to: 3d",
        "How long `wait_for` waits at most; `{ working: 4h }` counts the hours of `send_window` alone, by the campaign's clock, and with `of: owner` those of whoever has the lead."
    )
    static let then: Key<[StepDraft]> = Key(
        "then", .steps, standard: "nothing", example: "then: [ { id: thanks, email: thanks.md } ]",
        "The steps of those for whom what `wait_for` waits for has come.")
    static let otherwise: Key<[StepDraft]> = Key(
        "otherwise", .steps, standard: "nothing", example: "otherwise: [ { id: remind, email: remind.md } ]",
        "The steps of those for whom it has not.")
    static let branch = Key(
        "branch", .list(.item(BranchKeys.spec, build: BranchKeys.build), atMost: FileLimits.arms),
        example: "branch: [ { name: fintech, if: { industry: fintech }, steps: [ { id: a, email: a.md } ] } ]",
        "Arms, of which a lead takes the first whose `if` holds.")
    static let split = Key(
        "split", .list(.item(ShareKeys.spec, build: ShareKeys.build), atMost: FileLimits.arms),
        example: "split: [ { name: short, weight: 1, steps: [ { id: a, email: a.md } ] } ]",
        "Arms among which leads are shared out by their weights, each lead always to the same.")
    static let repetition = Key(
        "repeat", .group(RepeatKeys.spec, build: RepeatKeys.build),
        example: "repeat: { times: 5, every: 2d, until: replied, steps: [ { id: ask, email: ask.md } ] }",
        "Steps that go several times, until something happens.")
    static let set = Key(
        "set", .facts, example: "set: { nurtured: \"yes\" }",
        "Facts of the lead to note; an empty text removes one, and `{ add: [vip], remove: [cold] }` changes a list.")
    static let score = Key("score", .integer(-10_000...10_000), example: "score: 10", "Points for the lead.")
    static let enrollIn = Key(
        "enroll_in", .campaign, example: "enroll_in: onboarding", "Another campaign that the lead is enrolled in.")
    static let exitFrom = Key(
        "exit_from", .campaign, example: "exit_from: onboarding", "Another campaign that ends for the lead.")
    static let handoff = Key(
        "handoff", .handoffRule, example: "handoff: next",
        "Gives the lead to somebody of `handoff` in scoring.yaml: `next`, whoever's turn it is, or `another` than has it now."
    )
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

    static let backfill = Key(
        "backfill", .flag, standard: "false", example: "backfill: true",
        "Whether leads that are past its place get it too, where it was added later.")

    static let reopen = Key(
        "reopen", .flag, standard: "false", example: "reopen: true",
        "Whether leads that are at the end of the campaign come back for it, where it was added later.")

    static let was = Key(
        "was", .name("a name"), example: "was: case-study",
        "The `id` that it had before: leads go on as if it had always been called as it is now.")

    private static let waiting =
        "Each step says when it goes: `day: 3`, or `after: 3d`, with `anchor: previous` to count from the one in front of it."

    /// Of which a step has one: what it does where it sends nothing, and what it sends.
    static let verbs = [
        "wait_for", "branch", "split", "repeat", "set", "score", "enroll_in", "exit_from", "handoff",
    ]
    /// The ways to send, of which a step has one as well.
    static let ways = ["email", "sms", "http", "notify"]
    /// What only a step that sends can have.
    static let ofMessages =
        ways + [
            "vary_by", "defer_max", "late_max", "when_late", "on_doubt", "topic", "class", "counts",
            "spread",
        ]
    /// What only a step that writes to the lead can have.
    static let ofMessagesToLeads = ["topic", "class", "counts", "spread"]

    /// Of a step at the left margin, where nothing else says when it goes; what sends nothing goes at once.
    static let ruleAtTheMargin = KeyRule.atLeastOne(["day", "after"] + verbs)

    /// The words of `class`.
    enum Kind: String, CaseIterable, Sendable {
        case marketing, transactional
    }

    static let spec = MappingSpec(
        "a step",
        keys: [
            id.spec, phase.spec, day.spec, at.spec, after.spec, anchor.spec, spread.spec, condition.spec, email.spec,
            sms.spec, http.spec, notify.spec, varyBy.spec, waitFor.spec, upTo.spec, then.spec, otherwise.spec,
            branch.spec,
            split.spec,
            repetition.spec, set.spec, score.spec, enrollIn.spec, exitFrom.spec, handoff.spec, deferMax.spec,
            lateMax.spec,
            whenLate.spec, onDoubt.spec, topic.spec, kind.spec, counts.spec,
            backfill.spec, reopen.spec, was.spec,
        ],
        later: [
            LaterKey("look_ahead", "Write `look_ahead` into policy.yaml: it holds for all steps.")
        ],
        foreign: [
            "wait": waiting, "delay": waiting, "subject": "It stands at the top of the message's own file.",
            "template": "Name the message's file, as in `email: welcome.md`.",
            "condition": "Write it as in `if: { industry: fintech }`.",
        ],
        rules: [
            .atMostOne(["day", "after"]), .needs("at", "day"), .exactlyOne(ways + verbs),
            .apart(verbs, ofMessages), .apart(["notify"], ofMessagesToLeads), .needs("wait_for", "up_to"),
            .needs("up_to", "wait_for"),
            .needs("then", "wait_for"), .needs("otherwise", "wait_for"),
            .when("class", is: "transactional", needs: "counts"),
        ])
}

enum NotifyKeys {
    static let to = Key(
        "to", .colleague, example: "to: sales@rumpun.example",
        "The colleague's e-mail address, or `owner`: whoever the lead was given to.")
    static let transport = Key(
        "transport", .name("a transport"), example: "transport: slack",
        "In place of `to`: the name of an HTTP transport in dripd.yaml, such as a chat.")
    static let message = Key(
        "message", .messageNames, required: true, example: "message: note.md",
        "What it says: a file of this folder, of which the text goes; in a `repeat` perhaps a list, one for each time.")

    static let spec = MappingSpec(
        "`notify`", keys: [to.spec, transport.spec, message.spec], rules: [.exactlyOne(["to", "transport"])])

    static func build(_ group: MappingReader) -> StepReader.Notice? {
        let address = group.value(to)
        let name = group.value(transport).map { Located($0, at: group.place(of: transport)) }
        let messages = group.value(message)
        switch (group.has(to), group.has(transport)) {
        case (true, true):
            group.reading.error(
                at: group.keyPlace(of: transport), "`to` and `transport` in one `notify`: it goes one way",
                hint: "Make two steps of it.")
            return nil
        case (false, false):
            group.reading.error(
                at: group.node.place, "`notify` does not say whom it tells",
                hint: "Add `to: sales@rumpun.example`, or the `transport` of a webhook.")
            return nil
        default: break
        }
        guard let way = address ?? name.map(StepReader.Notice.Way.http), let messages else { return nil }
        return StepReader.Notice(way: way, messages: messages)
    }
}

enum HTTPKeys {
    static let transport = Key(
        "transport", .name("a transport"), required: true, example: "transport: crm",
        "The name of an HTTP transport in dripd.yaml.")
    static let message = Key(
        "message", .messageNames, required: true, example: "message: note.md",
        "The text to post: a file of this folder; in a `repeat` perhaps a list, one for each time.")

    static let spec = MappingSpec("`http`", keys: [transport.spec, message.spec])

    static func build(_ group: MappingReader) -> StepReader.Post? {
        let name = group.value(transport).map { Located($0, at: group.place(of: transport)) }
        let messages = group.value(message)
        guard let name, let messages else { return nil }
        return StepReader.Post(transport: name, messages: messages)
    }
}

extension Located {
    init(_ value: Value, at place: Place) {
        self.init(value, line: place.line, column: place.column)
    }

    var place: Place { Place(line: line, column: column) }
}
