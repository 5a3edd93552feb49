/// Who is to be forgotten.
package struct EraseRequest: Hashable, Sendable, Codable {
    /// By its key or address.
    package var lead: String
    /// Whether all who share its mailbox are meant: the address is theirs too.
    package var everybody: Bool

    package init(lead: String, everybody: Bool = false) {
        self.lead = lead
        self.everybody = everybody
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lead = try container.decode(String.self, forKey: .lead)
        everybody = try container.decodeIfPresent(Bool.self, forKey: .everybody) ?? false
    }
}

/// What came of it; it names nobody.
package struct EraseAnswer: Hashable, Sendable, Codable {
    /// How many leads are no more.
    package var erased: Int
    /// What they were enrolled in, and is ended.
    package var exitedFrom: [CampaignID]

    package init(erased: Int, exitedFrom: [CampaignID] = []) {
        self.erased = erased
        self.exitedFrom = exitedFrom
    }
}

/// All that is kept of a lead, for the person who asks for it.
///
/// GDPR articles 15 and 20, UU PDP 27/2022 articles 6 and 13.
package struct LeadExport: Hashable, Sendable, Codable {
    /// Something that it did, as conditions see it.
    package struct Event: Hashable, Sendable, Codable {
        package var name: EventName
        package var at: Instant
        package var campaign: CampaignID?
        package var step: StepID?

        package init(name: EventName, at: Instant, campaign: CampaignID? = nil, step: StepID? = nil) {
            self.name = name
            self.at = at
            self.campaign = campaign
            self.step = step
        }
    }

    package var writtenAt: Instant
    /// With its whole history, not the newest of it.
    package var lead: LeadView
    package var events: [Event]
    /// What the events that began its runs brought along, by campaign and when the run began.
    package var runData: [String: [String: AttributeValue]]

    package init(writtenAt: Instant, lead: LeadView, events: [Event], runData: [String: [String: AttributeValue]]) {
        self.writtenAt = writtenAt
        self.lead = lead
        self.events = events
        self.runData = runData
    }
}
