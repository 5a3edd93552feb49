/// Leads as a program hands them in: what it says of each, typed.
package struct LeadsRequest: Hashable, Sendable, Codable {
    /// One of them; what it leaves out stays as it is stored.
    package struct Body: Hashable, Sendable, Codable {
        package var key: String?
        package var email: String?
        package var timeZone: String?
        package var locale: String?
        package var attributes: [String: AttributeValue]

        package init(
            key: String? = nil, email: String? = nil, timeZone: String? = nil, locale: String? = nil,
            attributes: [String: AttributeValue] = [:]
        ) {
            self.key = key
            self.email = email
            self.timeZone = timeZone
            self.locale = locale
            self.attributes = attributes
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            key = try container.decodeIfPresent(String.self, forKey: .key)
            email = try container.decodeIfPresent(String.self, forKey: .email)
            timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone)
            locale = try container.decodeIfPresent(String.self, forKey: .locale)
            attributes = try container.decodeIfPresent(NestedFacts.self, forKey: .attributes)?.facts ?? [:]
        }
    }

    /// At most `ImportBatch.limit`.
    package var leads: [Body]
    /// Enrols every lead that is taken; nil only stores them.
    package var campaign: CampaignID?
    /// The same as a list's.
    package var isOperators = true
    package var id: String?

    private enum CodingKeys: String, CodingKey { case leads, campaign }

    package init(leads: [Body], campaign: CampaignID? = nil) {
        self.leads = leads
        self.campaign = campaign
    }
}
