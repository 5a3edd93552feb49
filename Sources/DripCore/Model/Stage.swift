/// How near to buying a lead is.
package enum Stage: String, CaseIterable, Sendable, Codable {
    /// Known, and no more.
    case lead
    /// Marketing-qualified: ready to be handed to sales.
    case mql
    /// Sales-qualified: sales has accepted it.
    case sql
    case customer
    /// Back from sales for now.
    case recycled
    /// Never a customer: a competitor, a student.
    case disqualified

    /// Of two leads that turn out to be one person, the stage that stands higher is the person's.
    package var rank: Int {
        switch self {
        case .lead: 0
        case .recycled: 1
        case .disqualified: 2
        case .mql: 3
        case .sql: 4
        case .customer: 5
        }
    }
}

/// Where a lead stands.
package struct LeadStage: Hashable, Sendable {
    package var stage: Stage
    /// Nil where it never moved.
    package var since: Instant?
    /// Whether the threshold was seen on the other side since the lead came here.
    ///
    /// The one of `if` not met by one that is `recycled`, that of `until` not met by one that is `mql`: until then its score moves it
    /// neither up again nor down.
    package var isArmed: Bool
    /// When time alone moves it, or must be looked at to know: the engine looks at it then.
    package var lookAt: Instant?

    package init(_ stage: Stage = .lead, since: Instant? = nil, isArmed: Bool = false, lookAt: Instant? = nil) {
        self.stage = stage
        self.since = since
        self.isArmed = isArmed
        self.lookAt = lookAt
    }
}
