/// The calendar of one lead in one campaign: what happens if nothing but time does.
package struct PlanAnswer: Hashable, Sendable, Codable {
    package struct StepPlan: Hashable, Sendable, Codable {
        package enum Outlook: String, Sendable, Codable {
            /// It goes at `at`.
            case goes
            /// It sends nothing, and does what it does at `at`.
            case does
            /// It is on its way since `at`; what comes after it is foretold as if it were accepted.
            case underWay
            case skipped
            /// The enrollment ends there.
            case exits
            /// It waits for what time alone does not bring; what comes after it is not foretold.
            case waits
        }

        package var step: StepID
        package var outlook: Outlook
        /// When the file means it to go; nil where its date is not known.
        package var plannedAt: Instant?
        package var plannedLocal: String?
        /// When it goes, went on its way, is skipped or ends; nil while it waits.
        package var at: Instant?
        package var local: String?
        package var reason: Reason?
        /// Why then: what the file says, and every wait on the way.
        package var because: [String]

        package init(
            step: StepID, outlook: Outlook, plannedAt: Instant?, plannedLocal: String?, at: Instant?, local: String?,
            reason: Reason?, because: [String]
        ) {
            self.step = step
            self.outlook = outlook
            self.plannedAt = plannedAt
            self.plannedLocal = plannedLocal
            self.at = at
            self.local = local
            self.reason = reason
            self.because = because
        }
    }

    /// Its key; nil for an invented lead.
    package var lead: String?
    package var campaign: CampaignID
    package var zone: String
    package var enrolledAt: Instant
    package var enrolledLocal: String
    /// Whether the lead is enrolled; otherwise this is what would happen if it were, now.
    package var isEnrolled: Bool
    /// How an enrollment that is over ended.
    package var ended: String?
    /// Steps that ended already; `dripd explain` says how.
    package var finished: [StepID]
    package var steps: [StepPlan]
    /// The version of the campaign's files by which the lead goes, where that is not the latest.
    package var version: String?

    package init(
        lead: String?, campaign: CampaignID, zone: String, enrolledAt: Instant, enrolledLocal: String, isEnrolled: Bool,
        ended: String?, finished: [StepID], steps: [StepPlan]
    ) {
        self.lead = lead
        self.campaign = campaign
        self.zone = zone
        self.enrolledAt = enrolledAt
        self.enrolledLocal = enrolledLocal
        self.isEnrolled = isEnrolled
        self.ended = ended
        self.finished = finished
        self.steps = steps
    }
}
