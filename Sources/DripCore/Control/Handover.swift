/// What somebody in sales asks who holds the sealed link out of a note about a lead.
package struct HandoverRequest: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Changes nothing.
        case look
        case accept
        /// With why, in one line.
        case reject(String)
        /// They have called, written or met.
        case followUp
    }

    package var enrollment: EnrollmentID
    /// To whom the note was written.
    package var owner: String
    /// Which handoff it was about: when the lead was given to them.
    package var since: String
    package var action: Action

    package init(enrollment: EnrollmentID, owner: String, since: String, action: Action) {
        self.enrollment = enrollment
        self.owner = owner
        self.since = since
        self.action = action
    }
}

/// A lead as whoever in sales has it sees it.
package struct HandoverView: Hashable, Sendable {
    /// Nil where there is no such lead any more.
    package var brief: HandoverBrief?
    package var state: Handoff.State?
    /// Whose the lead is now, where it is not the asker's.
    package var isOf: String?

    package init(brief: HandoverBrief? = nil, state: Handoff.State? = nil, isOf: String? = nil) {
        self.brief = brief
        self.state = state
        self.isOf = isOf
    }
}

/// A lead in short, for a colleague.
package struct HandoverBrief: Hashable, Sendable {
    package var owner: String
    /// When it was given to them, as the lead's attribute says it: the link is about that.
    package var since: String
    /// What it is called: `Budi Santoso, budi@example.com`.
    package var lead: String
    package var stage: String
    /// `85 (fit 35, engagement 50)`.
    package var score: String
    /// Until when it is to be accepted, and then to be followed up, where the owner works; blank for no promise.
    package var acceptBy: String
    package var followUpBy: String
    /// The lead's attributes, by name.
    package var facts: [Fact]
    /// What it did, newest first, a line each.
    package var history: [String]
    /// Where to accept it and to say more; blank where no public URL is configured.
    package var link = ""

    package struct Fact: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        owner: String, since: String = "", lead: String, stage: String, score: String, acceptBy: String,
        followUpBy: String, facts: [Fact],
        history: [String]
    ) {
        self.owner = owner
        self.since = since
        self.lead = lead
        self.stage = stage
        self.score = score
        self.acceptBy = acceptBy
        self.followUpBy = followUpBy
        self.facts = facts
        self.history = history
    }
}

/// Somebody in sales, with what their promises came to.
package struct OwnerView: Hashable, Sendable, Codable {
    package var name: String
    /// Nil for somebody who is in scoring.yaml no more.
    package var address: EmailAddress?
    package var isAway: Bool
    package var isAtWork: Bool
    /// By month, the newest first.
    package var months: [OwnerFigures]

    package init(name: String, address: EmailAddress?, isAway: Bool, isAtWork: Bool, months: [OwnerFigures]) {
        self.name = name
        self.address = address
        self.isAway = isAway
        self.isAtWork = isAtWork
        self.months = months
    }
}

/// What an owner promised for one lead and has not answered yet.
package struct PromiseView: Hashable, Sendable, Codable {
    package enum Kind: String, Sendable, Codable {
        case accept
        case followUp = "follow_up"
    }

    /// The lead's key.
    package var lead: String
    package var address: EmailAddress?
    /// To whom it was given, and when.
    package var owner: String
    package var since: Instant
    package var promise: Kind
    package var by: Instant
    /// The same on the owner's clock; on the policy's for somebody who is in scoring.yaml no more.
    package var byLocal: String
    package var isOverdue: Bool

    package init(_ promise: OpenPromise, of lead: Lead, byLocal: String, now: Instant) {
        self.lead = lead.key
        address = lead.address
        owner = promise.owner
        since = promise.since
        self.promise = promise.isFollowUp ? .followUp : .accept
        by = promise.by
        self.byLocal = byLocal
        isOverdue = promise.by < now
    }
}

/// A person gives a lead to somebody in sales.
package struct HandoffRequest: Hashable, Sendable, Codable {
    package var lead: String
    /// By their name under `handoff` in scoring.yaml.
    package var owner: String
    /// Why, for the history.
    package var because: String

    package init(lead: String, owner: String, because: String) {
        self.lead = lead
        self.owner = owner
        self.because = because
    }
}

/// What came of it.
package struct HandoffAnswer: Hashable, Sendable, Codable {
    package var lead: String
    package var owner: String
    /// Whose it was; nil for nobody.
    package var was: String?
    /// Whether it was given to them now: what is theirs already, and promised, stays as it is.
    package var isGiven: Bool
    /// Until when they promise to accept it; nil for no promise.
    package var acceptBy: Instant?
    /// The same on their clock.
    package var acceptByLocal: String?
    package var enrolledIn: [CampaignID] = []
    package var exitedFrom: [CampaignID] = []

    package init(lead: String, owner: String, was: String?, isGiven: Bool) {
        self.lead = lead
        self.owner = owner
        self.was = was
        self.isGiven = isGiven
    }
}
