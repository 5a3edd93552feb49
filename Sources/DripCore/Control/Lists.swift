/// Which of the things that there are many of, and from where on.
package struct ListRequest: Hashable, Sendable {
    package enum What: Hashable, Sendable {
        /// By number, oldest first.
        case leads
        /// What happened to a lead, newest first.
        case timeline(lead: String)
        /// Mailboxes on the do-not-send list, by number.
        case suppressions
        /// Deliveries in doubt, oldest first.
        case inDoubt
        /// Changes that a CRM never took, oldest first; nil is every CRM.
        case deadLetters(transport: String?)
        /// What owners promised and have not answered yet, by the lead's number.
        case promises
    }

    /// How many a page may have.
    package static let limits = 1...100
    package static let standardLimit = 25

    package var what: What
    /// The cursor of the page before: its last one's number; nil begins.
    package var after: Int64?
    package var limit: Int

    package init(_ what: What, after: Int64? = nil, limit: Int = ListRequest.standardLimit) {
        self.what = what
        self.after = after
        self.limit = limit
    }
}

/// Some of many.
package struct Page<Item: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    package var data: [Item]
    /// Whether there are more behind them.
    package var hasMore: Bool
    /// What to ask with for those; nil where there are none.
    package var nextCursor: String?

    /// `found` holds one more than the page where there are more; `number` says what the page behind it begins after.
    package init(_ found: [(number: Int64, item: Item)], limit: Int) {
        data = found.prefix(limit).map(\.item)
        hasMore = found.count > limit
        nextCursor = hasMore ? found.prefix(limit).last.map { String($0.number) } : nil
    }
}

/// A lead in a list.
package struct LeadSummary: Hashable, Sendable, Codable {
    package var key: String
    package var address: EmailAddress?
    package var timeZone: String?
    package var locale: String?
    package var attributes: [String: AttributeValue]
    /// Where it stands now; all four are nil without a scoring.yaml.
    package var stage: Stage?
    package var score: Double?
    package var fit: Double?
    package var engagement: Double?

    package init(_ lead: Lead, _ score: Score? = nil) {
        key = lead.key
        address = lead.address
        timeZone = lead.zoneName
        locale = lead.locale
        attributes = lead.attributes
        guard let score else { return }
        stage = lead.stage.stage
        (self.score, fit, engagement) = (score.total.number, score.fit.number, score.engagement.number)
    }
}

/// A mailbox on the do-not-send list.
package struct SuppressionView: Hashable, Sendable, Codable {
    package var address: String
    package var suppression: Suppression

    package init(address: String, suppression: Suppression) {
        self.address = address
        self.suppression = suppression
    }
}

/// A delivery of which nobody knows whether it arrived.
package struct DoubtView: Hashable, Sendable, Codable {
    package var lead: String
    package var campaign: CampaignID
    package var step: StepID
    /// When the attempt in doubt was made.
    package var markedAt: Instant?

    package init(lead: String, campaign: CampaignID, step: StepID, markedAt: Instant?) {
        self.lead = lead
        self.campaign = campaign
        self.step = step
        self.markedAt = markedAt
    }
}
