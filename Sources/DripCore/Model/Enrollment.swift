/// One run of one lead through one campaign.
package struct Enrollment: Hashable, Sendable {
    package enum Status: Int, Sendable, Codable {
        case active = 0
        case paused = 1
        case completed = 2
        case exited = 3

        package var name: String {
            switch self {
            case .active: "active"
            case .paused: "paused"
            case .completed: "completed"
            case .exited: "exited"
            }
        }
    }

    package var id: EnrollmentID
    package var lead: LeadID
    package var campaign: CampaignID
    package var enrolledAt: Instant
    package var status: Status
    /// The steps that ended, however they ended, in the order in which they ended.
    package var finished: [StepID]
    /// The step that is to be decided next; nil once the enrollment is completed or exited.
    package var current: PendingStep?
    /// The last step of this enrollment that was sent, for the gap of `Gap.swift`.
    package var lastSent: SentStep?
    /// When the last of the finished steps ended, for what counts from it; nil before the first one did.
    package var lastEndedAt: Instant?
    /// The arm that each step which decides has taken: see `Arms.swift`.
    package var choices: [StepID: String]
    /// What tells its run from others of the same lead and campaign (`again: { key: … }`); nil for the only one.
    package var key: String?
    /// What the event that began it brought along: `{{ event.order_id }}`.
    package var data: [String: AttributeValue]
    /// The version of its campaign by which it began and goes on to its end; nil for the latest at any time.
    package var version: String?

    package init(
        id: EnrollmentID, lead: LeadID, campaign: CampaignID, enrolledAt: Instant, status: Status = .active,
        finished: [StepID] = [], current: PendingStep? = nil, lastSent: SentStep? = nil,
        lastEndedAt: Instant? = nil, choices: [StepID: String] = [:], key: String? = nil,
        data: [String: AttributeValue] = [:], version: String? = nil
    ) {
        self.id = id
        self.lead = lead
        self.campaign = campaign
        self.enrolledAt = enrolledAt
        self.status = status
        self.finished = finished
        self.current = current
        self.lastSent = lastSent
        self.lastEndedAt = lastEndedAt
        self.choices = choices
        self.key = key
        self.data = data
        self.version = version
    }
}

/// The step that an enrollment waits for, and how long it has waited for what.
package struct PendingStep: Hashable, Sendable {
    package var step: StepID
    package var route: Route
    /// When the campaign file means it to go; never moved by a deferral.
    ///
    /// `Instant.distantFuture` where nobody knows yet.
    package var plannedAt: Instant
    /// When it is to be decided (again); `dueAt <= now` makes it due.
    package var dueAt: Instant
    /// Up to when the wait that ends at `dueAt` was booked, where that is earlier; nil where it was booked whole.
    ///
    /// A window may open later than a cap or gap permits, and a lead's rest is not booked at all.
    package var permittedAt: Instant?
    /// Why it was last put off; nil while it simply waits for its planned instant.
    package var waitingFor: Reason?
    /// Time spent waiting for a cap or a gap, which `defer_max` limits.
    package var deferred: TimeSpan
    /// Time spent late: an outage, a paused transport, retries; `late_max` limits it.
    package var late: TimeSpan
    /// How long its lead's own pause has held it, which is no lateness.
    package var rested: TimeSpan
    /// Whether an interruption made it late and it has no catch-up slot yet (`CatchUp.swift`).
    package var needsSlot: Bool

    /// When the last of its attempts was marked that may have arrived although another one waits (`on_doubt: resend`).
    ///
    /// Nil where none may have. Whatever then becomes of the step, it is in doubt unless it is accepted.
    package var doubtedAt: Instant?

    package var mayHaveArrived: Bool { doubtedAt != nil }

    /// What the enrollment remembers of it where it goes no further: the next step keeps its distance to what may have
    /// arrived.
    package var perhapsSent: SentStep? { doubtedAt.map { SentStep(sentAt: $0, plannedAt: plannedAt) } }

    package init(
        step: StepID, route: Route, plannedAt: Instant, dueAt: Instant, waitingFor: Reason? = nil,
        permittedAt: Instant? = nil, deferred: TimeSpan = .zero, late: TimeSpan = .zero, rested: TimeSpan = .zero,
        needsSlot: Bool = false, doubtedAt: Instant? = nil
    ) {
        self.step = step
        self.route = route
        self.plannedAt = plannedAt
        self.dueAt = dueAt
        self.permittedAt = permittedAt
        self.waitingFor = waitingFor
        self.deferred = deferred
        self.late = late
        self.rested = rested
        self.needsSlot = needsSlot
        self.doubtedAt = doubtedAt
    }
}

/// A step that was handed to a transport: when it went, and when it had been planned.
package struct SentStep: Hashable, Sendable {
    package var sentAt: Instant
    package var plannedAt: Instant

    package init(sentAt: Instant, plannedAt: Instant) {
        self.sentAt = sentAt
        self.plannedAt = plannedAt
    }
}
