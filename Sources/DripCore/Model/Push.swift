package typealias PushID = RowID<Push>

/// One change of a lead on its way to a CRM.
///
/// What it says was put together in the commit that made the change, so that every attempt says the same under the same key.
package struct Push: Hashable, Sendable {
    package var id: PushID
    /// The transport of `dripd.yaml` that it goes by.
    package var transport: String
    package var lead: LeadID
    package var content: PushContent
    /// When the change was made.
    package var at: Instant
    /// When it is tried next; nil while an earlier one of the same lead is on its way, or once it is a dead letter.
    package var dueAt: Instant?
    /// Attempts that count: faults of the transport itself cost none.
    package var attempts: Int
    /// When the first of them ended.
    package var triedAt: Instant?
    /// What the CRM, or libcurl, said last.
    package var said: String
    /// When it was given up; nil while it is on its way.
    package var diedAt: Instant?

    package init(
        id: PushID, transport: String, lead: LeadID, content: PushContent, at: Instant, dueAt: Instant? = nil,
        attempts: Int = 0, triedAt: Instant? = nil, said: String = "", diedAt: Instant? = nil
    ) {
        self.id = id
        self.transport = transport
        self.lead = lead
        self.content = content
        self.at = at
        self.dueAt = dueAt
        self.attempts = attempts
        self.triedAt = triedAt
        self.said = said
        self.diedAt = diedAt
    }
}

extension PushID {
    /// By which a transport and its results know it.
    ///
    /// Deliveries count up from 1, pushes down from −1 and letters with a digest up from the least number there is, so that a transport
    /// works on all of them and needs to know of none.
    package var asDelivery: DeliveryID { DeliveryID(rawValue: -rawValue) }

    /// The push that a transport calls so; nil for anything else.
    package init?(_ delivery: DeliveryID) {
        guard delivery.rawValue < 0, DigestLetterID(delivery) == nil else { return nil }
        self.init(rawValue: -delivery.rawValue)
    }
}

/// What a push says.
package struct PushContent: Hashable, Sendable {
    package var key: String
    package var address: EmailAddress?
    /// The lead's attributes as the CRM calls their values, with `stage`, `score`, `fit` and `engagement` where leads are scored.
    package var facts: [String: AttributeValue]
    /// What changed, for people: `stage, owner`.
    package var changed: String
    /// The last things that the lead did or got, newest first, a line each; empty where `history` does not ask for it.
    package var history: String

    package init(
        key: String, address: EmailAddress?, facts: [String: AttributeValue], changed: String = "", history: String = ""
    ) {
        self.key = key
        self.address = address
        self.facts = facts
        self.changed = changed
        self.history = history
    }
}

/// Which leads a CRM hears of, and when: an entry of `crm` in `scoring.yaml`.
package struct CRMTarget: Hashable, Sendable {
    /// How long a push is tried that says nothing else.
    package static let standardGiveUp = TimeSpan.days(3)

    /// The transport of `dripd.yaml`.
    package var transport: String
    /// Whom it hears of first; whoever it heard of once, it hears of from then on.
    ///
    /// Nil is everybody.
    package var leads: Condition?
    /// What makes a push when it changes: attributes, `stage`, `score`.
    ///
    /// Nil is every attribute and the stage.
    package var watched: Set<String>?
    /// By attribute: what the CRM calls a value.
    package var values: [String: [String: String]]
    package var tellsHistory: Bool
    /// How long a push is tried before it is a dead letter.
    package var giveUpAfter: TimeSpan

    package init(
        transport: String, leads: Condition? = nil, watched: Set<String>? = nil,
        values: [String: [String: String]] = [:], tellsHistory: Bool = false,
        giveUpAfter: TimeSpan = CRMTarget.standardGiveUp
    ) {
        self.transport = transport
        self.leads = leads
        self.watched = watched
        self.values = values
        self.tellsHistory = tellsHistory
        self.giveUpAfter = giveUpAfter
    }
}
