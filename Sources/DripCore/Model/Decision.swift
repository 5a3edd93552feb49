/// What the gates say about one due step.
package enum Decision: Hashable, Sendable {
    case send
    /// Decide again at that instant.
    case `defer`(until: Instant, Reason)
    /// This step is over; the enrollment goes on with the next one.
    case skip(Reason)
    /// The enrollment is over.
    case exit(Reason)
}

/// Everything that a decision looks at: facts that the store and the engine gathered, and no more.
package struct Situation: Sendable {
    package var lead: Lead
    /// The do-not-send entry of the lead's mailbox.
    package var suppression: Suppression?
    /// The topics that it has opted out of.
    package var optOuts: [OptOut]
    package var campaign: Campaign
    package var step: Step
    package var enrollment: Enrollment
    /// The step's own waiting so far, already `claimed`.
    package var pending: PendingStep
    /// An unresolved delivery of this step that is decided again; its cap slot is its own.
    package var delivery: Delivery?
    /// The counted messages of the lead's mailbox.
    package var ledger: ChargeLedger
    /// What else this mailbox waits for, in other campaigns.
    package var rivals: [RivalStep]
    package var policy: Policy
    /// The lead's zone, resolved.
    package var zone: Zone
    /// The campaign's own zone, in which its people work.
    package var officeZone: Zone
    /// The zone of whoever the lead was given to; the campaign's where it is nobody's.
    package var ownerZone: Zone
    /// What tells when the following step is planned.
    package var following: Following
    /// Whether its own plan lies before that of the last step sent (`Gap.swift`).
    package var isOvertaken: Bool
    /// `missingDate` or `beforeEnrollment`, where the step has no instant to go at.
    package var planObstacle: Reason?
    /// What the message needs and the lead does not have.
    package var missingVariables: [String]
    /// `goalReached` or `exitCondition`, where an event ended the enrollment.
    package var ended: Reason?
    /// `paused` or `campaignBroken`, where nothing of this enrollment may go.
    package var pausedReason: Reason?
    /// What a person paused of it, campaign or everything, for whoever asks why; `pausedReason` decides.
    package var hold: Hold?
    package var transportPausedUntil: Instant?
    /// Where a person paused that.
    package var transportHold: Hold?
    /// The next free slot for late work; nil where this is none (`CatchUp.swift`).
    package var slotAt: Instant?
    /// Whether that slot is one of the recipient's domain rather than of late work.
    package var isSlotOfDomain = false

    package init(
        lead: Lead, suppression: Suppression? = nil, optOuts: [OptOut] = [], campaign: Campaign, step: Step,
        enrollment: Enrollment, pending: PendingStep, delivery: Delivery? = nil, ledger: ChargeLedger,
        rivals: [RivalStep] = [], policy: Policy, zone: Zone, following: Following, missingVariables: [String] = [],
        ended: Reason? = nil, pausedReason: Reason? = nil, transportPausedUntil: Instant? = nil,
        slotAt: Instant? = nil, isOvertaken: Bool = false, planObstacle: Reason? = nil, officeZone: Zone? = nil,
        ownerZone: Zone? = nil
    ) {
        self.lead = lead
        self.suppression = suppression
        self.optOuts = optOuts
        self.campaign = campaign
        self.step = step
        self.enrollment = enrollment
        self.pending = pending
        self.delivery = delivery
        self.ledger = ledger
        self.rivals = rivals
        self.policy = policy
        self.zone = zone
        self.officeZone = officeZone ?? zone
        self.ownerZone = ownerZone ?? officeZone ?? zone
        self.following = following
        self.missingVariables = missingVariables
        self.ended = ended
        self.pausedReason = pausedReason
        self.transportPausedUntil = transportPausedUntil
        self.slotAt = slotAt
        self.isOvertaken = isOvertaken
        self.planObstacle = planObstacle
    }
}

extension Situation {
    /// The plan of the step behind: only a few gates ask for it, and working it out costs as much as a decision.
    package enum Following: Sendable {
        case at(Instant?)
        /// Worked out whenever it is asked for.
        case by(PlanFacts)
    }

    /// When the following step is planned; nil for a last one.
    package var nextPlannedAt: Instant? {
        get {
            switch following {
            case .at(let instant): instant
            case .by(let facts): enrollment.plannedAt(behind: step.id, in: campaign, by: facts)
            }
        }
        set { following = .at(newValue) }
    }
}

/// What one gate says, for `explain`.
package struct GateReport: Hashable, Sendable {
    package var gate: Gate
    /// nil means that it lets the step pass.
    package var verdict: Decision?
    /// In plain words, with local times: what it looked at, and what would have to change.
    package var detail: String

    package init(gate: Gate, verdict: Decision?, detail: String) {
        self.gate = gate
        self.verdict = verdict
        self.detail = detail
    }
}
