/// The answer to `enroll`.
package struct EnrollAnswer: Hashable, Sendable, Codable {
    package var lead: String
    package var campaign: CampaignID
    /// False where no run begins, which changes nothing.
    package var isNew: Bool
    /// The first step's planned instant, where the enrollment is new and has one.
    package var firstStepAt: Instant?
    /// Why no run begins; nil where one does.
    package var refusal: String?
    /// Whether the same request came before, and nothing was done now.
    package var isRepeat: Bool

    package init(
        lead: String, campaign: CampaignID, isNew: Bool, firstStepAt: Instant?, refusal: String? = nil,
        isRepeat: Bool = false
    ) {
        self.lead = lead
        self.campaign = campaign
        self.isNew = isNew
        self.firstStepAt = firstStepAt
        self.refusal = refusal
        self.isRepeat = isRepeat
    }
}
