package import DripCore

/// One line of the append-only record of decisions, outcomes and events; every counter is a sum over these.
package struct JournalEntry: Hashable, Sendable {
    package enum Kind: Int, CaseIterable, Sendable {
        case imported = 1
        case enrolled = 2
        case deferred = 3
        case skipped = 4
        case accepted = 5
        /// An attempt failed for now; another follows.
        case retried = 6
        case failed = 7
        case inDoubt = 8
        case exited = 9
        case completed = 10
        case event = 11
        /// Put on the do-not-send list, or opted out of a topic.
        case suppressed = 12
        /// A person paused or resumed the lead.
        case paused = 20
        case resumed = 21
        /// Taken back by a person: off the do-not-send list, or opted in again.
        case unsuppressed = 22
        /// A delivery in doubt is none any more: a person or a proof said what became of it.
        case resolved = 23
        /// A completed enrollment goes on, for a message that is to be sent again.
        case reopened = 24
        /// A step that sends nothing has done what it does.
        case performed = 25
        /// The goal was reached, and the lead goes on with the step behind it.
        case jumped = 26
        /// An import gave the lead another mailbox.
        case addressChanged = 27
        /// It took another lead in, or an enrollment of that one.
        case merged = 28
        /// It was merged into another lead.
        case mergedInto = 29
        /// A person gave it tags, or took some.
        case tagged = 30
        /// It agreed to something in a sign-up form, or confirmed that it did.
        case consented = 40
        /// It came to another stage.
        case stageMoved = 41
        /// A CRM took a change of it.
        case pushed = 42
        /// A CRM never took a change of it: it is a dead letter.
        case notPushed = 43
        /// A person gave it to somebody in sales.
        case handedOff = 44

        package var name: String {
            switch self {
            case .imported: "imported"
            case .enrolled: "enrolled"
            case .deferred: "deferred"
            case .skipped: "skipped"
            case .accepted: "accepted"
            case .retried: "retried"
            case .failed: "failed"
            case .inDoubt: "inDoubt"
            case .exited: "exited"
            case .completed: "completed"
            case .event: "event"
            case .suppressed: "suppressed"
            case .paused: "paused"
            case .resumed: "resumed"
            case .unsuppressed: "unsuppressed"
            case .resolved: "resolved"
            case .reopened: "reopened"
            case .performed: "performed"
            case .jumped: "jumped"
            case .addressChanged: "addressChanged"
            case .merged: "merged"
            case .mergedInto: "mergedInto"
            case .tagged: "tagged"
            case .consented: "consented"
            case .stageMoved: "stageMoved"
            case .pushed: "pushed"
            case .notPushed: "notPushed"
            case .handedOff: "handedOff"
            }
        }
    }

    package var at: Instant
    package var kind: Kind
    package var lead: LeadID
    package var enrollment: EnrollmentID?
    package var campaign: CampaignID?
    package var step: StepID?
    package var reason: Reason?
    /// When the step had been planned, for `accepted`, `failed`, `skipped`, `inDoubt`; the new due instant for `deferred`
    /// and `retried`.
    package var plannedAt: Instant?
    /// Short and for people: the server's answer, the event's name; never an address.
    package var detail: String

    package init(
        at: Instant, kind: Kind, lead: LeadID, enrollment: EnrollmentID? = nil, campaign: CampaignID? = nil,
        step: StepID? = nil, reason: Reason? = nil, plannedAt: Instant? = nil, detail: String = ""
    ) {
        self.at = at
        self.kind = kind
        self.lead = lead
        self.enrollment = enrollment
        self.campaign = campaign
        self.step = step
        self.reason = reason
        self.plannedAt = plannedAt
        self.detail = detail
    }
}
