/// A declared sequence of steps, as one campaign file says it.
package struct Campaign: Hashable, Sendable {
    package var id: CampaignID
    /// What people call it.
    package var name: String
    /// Higher goes first where several campaigns want the same lead at once; 50 unless the file says otherwise.
    package var priority: Int
    /// The zone of leads whose own is unknown; nil takes the policy's.
    package var zoneName: String?
    package var window: SendWindow
    /// The days of all calendars that its window names.
    package var holidays: Holidays
    /// Events that enrol a lead by themselves.
    package var enrollOn: [EventName]
    /// What must be true of a lead that an event enrols.
    package var enrollIf: Condition?
    /// A lead of which this becomes true is enrolled.
    package var enrollWhen: Condition?
    /// Whether a lead may run through it more than once.
    package var again: Again
    /// What it is for: see `Endings.swift`.
    package var goal: Goal?
    /// Events that end the enrollment.
    package var exitOn: [EventName]
    /// What ends it, by itself or together with those events.
    package var exitIf: Condition?
    /// The control share, in hundredths of a percent: see `Holdout.swift`.
    package var holdout: Int
    /// What its messages are about, unless a step says otherwise; a lead can opt out of it.
    package var topic: TopicID?
    /// Its own caps, each with this campaign as its scope.
    package var caps: [FrequencyCap]
    /// Whether whoever enters goes on by this version to the end, however the files are edited.
    package var isPinned = false
    package var steps: [Step]

    package init(
        id: CampaignID, name: String, priority: Int = 50, zoneName: String? = nil, window: SendWindow = .always,
        holidays: Holidays = .none, enrollOn: [EventName] = [], enrollIf: Condition? = nil,
        enrollWhen: Condition? = nil, again: Again = .never, goal: Goal? = nil, exitOn: [EventName] = [],
        exitIf: Condition? = nil, holdout: Int = 0, topic: TopicID? = nil, caps: [FrequencyCap] = [], steps: [Step]
    ) {
        self.id = id
        self.name = name
        self.priority = priority
        self.zoneName = zoneName
        self.window = window
        self.holidays = holidays
        self.enrollOn = enrollOn
        self.enrollIf = enrollIf
        self.enrollWhen = enrollWhen
        self.again = again
        self.goal = goal
        self.exitOn = exitOn
        self.exitIf = exitIf
        self.holdout = holdout
        self.topic = topic
        self.caps = caps
        self.steps = steps
    }
}

/// A step's label in reports: where in their journey it meets the lead.
package enum Phase: String, CaseIterable, Sendable, Codable {
    case awareness, consideration, decision
}

/// One planned touch.
package struct Step: Hashable, Sendable {
    /// When a step is planned, counted from its anchor.
    package enum Timing: Hashable, Sendable {
        /// A calendar day in the lead's zone; day 1 is the anchor's day, day -1 the one before it, and there is no day 0.
        /// Without `at`: as soon as that day's window opens.
        case day(Int, at: LocalTime?)
        /// Exact elapsed time; negative only before an attribute's date.
        case after(TimeSpan)
    }

    package enum Action: Hashable, Sendable {
        case email(MessageChoice)
        /// A JSON POST through the named HTTP transport; the text becomes its `text` field.
        case http(transport: String, MessageChoice)
        /// A text message to the number in that attribute of the lead; nil where no transport looks for one.
        case sms(MessageChoice, recipient: String?)
        /// Tells a colleague something of the lead; it is no message to the lead.
        case notify(Notice, MessageChoice)
        /// It sends nothing.
        case inner(InnerAction)
    }

    /// The way to a colleague.
    package enum Notice: Hashable, Sendable {
        case email(EmailAddress)
        /// By e-mail to whoever the lead was given to (`handoff`): see `Step.addressed`.
        case owner
        /// By the named HTTP transport, such as a chat.
        case http(transport: String)
    }

    /// What to do with a step that an outage, a pause or retries made later than `late_max`.
    package enum WhenLate: String, CaseIterable, Sendable, Codable {
        case skip, send
    }

    /// What to do when nobody knows whether a message arrived (design §6).
    package enum OnDoubt: String, CaseIterable, Sendable, Codable {
        /// It counts as sent, and is listed until a person or a proof resolves it.
        case hold
        /// It goes again, under the same Message-ID: twice is better than not at all.
        case resend
    }

    package var id: StepID
    package var phase: Phase?
    package var timing: Timing
    /// What its timing counts from.
    package var anchor: Anchor
    /// Over how much time its leads are drawn apart; zero for not at all.
    package var spread: TimeSpan
    package var condition: Condition?
    package var action: Action
    /// The arms that lead to it, outermost first: see `Arms.swift`.
    package var arms: [Arm]
    /// The repetitions that it stands in.
    package var repetitions: [Repetition]
    /// How long a cap or a gap may hold it; nil means until the next step's planned instant, 7 days for a last step.
    package var deferMax: TimeSpan?
    /// How much lateness it survives; nil takes the policy's.
    package var lateMax: TimeSpan?
    package var whenLate: WhenLate
    package var onDoubt: OnDoubt
    /// What its message is about, where that is not the campaign's topic.
    package var topic: TopicID?
    /// Something that the lead asked for or must know, such as a receipt; never a default.
    ///
    /// It passes caps, gap and hours, and an unsubscribe does not stop it.
    package var isTransactional: Bool
    /// Whether its message is charged to the lead's caps.
    package var counts: Bool
    /// Whether leads that are past its place get it too, where it was added later.
    package var isBackfilled: Bool
    /// Whether leads that are at the end come back for it, where it was added later: see `Reopen.swift`.
    package var reopens: Bool
    /// What the version before calls it: see `Renames.swift`.
    package var was: StepID?

    package init(
        id: StepID, phase: Phase? = nil, timing: Timing, anchor: Anchor = .enrollment, spread: TimeSpan = .zero,
        condition: Condition? = nil, action: Action, arms: [Arm] = [], repetitions: [Repetition] = [],
        deferMax: TimeSpan? = nil, lateMax: TimeSpan? = nil,
        whenLate: WhenLate = .skip, onDoubt: OnDoubt = .hold, topic: TopicID? = nil, isTransactional: Bool = false,
        counts: Bool = true, isBackfilled: Bool = false, reopens: Bool = false, was: StepID? = nil
    ) {
        self.id = id
        self.phase = phase
        self.timing = timing
        self.anchor = anchor
        self.spread = spread
        self.condition = condition
        self.action = action
        self.arms = arms
        self.repetitions = repetitions
        self.deferMax = deferMax
        self.lateMax = lateMax
        self.whenLate = whenLate
        self.onDoubt = onDoubt
        self.topic = topic
        self.isTransactional = isTransactional
        self.counts = counts
        self.isBackfilled = isBackfilled
        self.reopens = reopens
        self.was = was
    }

    /// What it says; nil for a step that sends nothing.
    package var message: MessageChoice? {
        switch action {
        case .email(let message), .http(_, let message), .sms(let message, _), .notify(_, let message): message
        case .inner: nil
        }
    }

    /// Whether it reaches out, to the lead or to a colleague.
    package var isTouch: Bool { message != nil }

    /// Whom it tells in place of the lead; nil for every other step.
    package var notice: Notice? {
        if case .notify(let notice, _) = action { return notice }
        return nil
    }

    /// What a lead lacks to be reached by it, in words; nil where it can be.
    package func missingAddress(of lead: Lead) -> String? {
        switch action {
        case .email: lead.address == nil ? "e-mail address" : nil
        case .sms(_, let recipient):
            // Its caps and its no are kept by its mailbox, whatever it is reached by.
            if lead.address == nil {
                "e-mail address, which caps and the do-not-send list need"
            } else if let recipient, !lead.hasNumber(in: recipient) {
                recipient
            } else {
                nil
            }
        case .notify(.owner, _): "owner who stands in scoring.yaml"
        case .http, .notify, .inner: nil
        }
    }

    /// The step as it is for this lead: what goes to its owner goes to that one's mailbox.
    ///
    /// Where it has none it stays as it was, and lacks an address.
    package func addressed(for lead: Lead, by handoff: Handoff?) -> Step {
        guard case .notify(.owner, let message) = action, let owner = handoff?.owner(of: lead) else { return self }
        var step = self
        step.action = .notify(.email(owner.address), message)
        return step
    }

    /// Whose mailbox an e-mail of it goes to; of a webhook, whose it is about.
    package func recipient(for lead: Lead) -> EmailAddress? {
        switch notice {
        case nil: lead.address
        case .email(let colleague): colleague
        case .owner, .http: nil
        }
    }

    package var route: Route {
        switch action {
        case .email: .email
        case .sms: .sms
        case .http(let transport, _), .notify(.http(let transport), _): Route(.http, transport: transport)
        case .notify(.email, _), .notify(.owner, _): .email
        case .inner: .inner
        }
    }

    package var channel: Channel { route.channel }
}

extension Campaign {
    /// What a message of that step is to a cap and to an opt-out.
    package func touch(of step: Step) -> Touch {
        Touch(channel: step.channel, campaign: id, topic: step.topic ?? topic)
    }
}

extension Lead {
    /// Whether that attribute may be a number to call: a list is none.
    fileprivate func hasNumber(in attribute: String) -> Bool {
        switch attributes[attribute] {
        case .text(let text)?: !text.allSatisfy(\.isWhitespace)
        case .number?: true
        case .flag?, .list?, nil: false
        }
    }
}
