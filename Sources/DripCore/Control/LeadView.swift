/// A lead as support sees it.
package struct LeadView: Hashable, Sendable, Codable {
    package struct EnrollmentView: Hashable, Sendable, Codable {
        package var campaign: CampaignID
        package var status: String
        package var enrolledAt: Instant
        /// Instants on the lead's wall clock are those of the campaign's own judgement, with the zone.
        package var enrolledLocal: String
        package var finished: [StepID]
        package var nextStep: StepID?
        /// Nil where nobody knows: what is paused has none.
        package var nextDueAt: Instant?
        package var nextDueLocal: String?
        package var waitingFor: Reason?
        /// What a person paused of it, beside the lead.
        package var hold: Hold?
        /// The version of the campaign's files by which it goes, where that is not the latest.
        package var version: String?

        package init(
            campaign: CampaignID, status: String, enrolledAt: Instant, enrolledLocal: String, finished: [StepID],
            nextStep: StepID?, nextDueAt: Instant?, nextDueLocal: String?, waitingFor: Reason?, hold: Hold?,
            version: String? = nil
        ) {
            self.campaign = campaign
            self.status = status
            self.enrolledAt = enrolledAt
            self.enrolledLocal = enrolledLocal
            self.finished = finished
            self.nextStep = nextStep
            self.nextDueAt = nextDueAt
            self.nextDueLocal = nextDueLocal
            self.waitingFor = waitingFor
            self.hold = hold
            self.version = version
        }
    }

    package var key: String
    package var address: EmailAddress?
    package var timeZone: String?
    package var locale: String?
    package var attributes: [String: AttributeValue]
    package var suppression: Suppression?
    package var optOuts: [OptOut]
    /// Its pause, where it is paused now.
    package var pause: LeadPause?
    package var enrollments: [EnrollmentView]
    /// Newest first.
    package var timeline: [TimelineEntry]
    /// Whether there are older ones than these.
    package var timelineHasMore: Bool
    /// What it agreed to in sign-up forms, newest first; an export has the words and what is not written yet.
    package var consents: [Consent]
    /// Where it stands and why; nil without a scoring.yaml.
    package var standing: Standing?
    /// What CRMs have not taken yet of it, then what they never took, the oldest first; an export has all of it.
    package var pushes: [PushView] = []

    package init(
        key: String, address: EmailAddress?, timeZone: String?, locale: String?,
        attributes: [String: AttributeValue], suppression: Suppression?, optOuts: [OptOut], pause: LeadPause?,
        enrollments: [EnrollmentView], timeline: [TimelineEntry], consents: [Consent] = [],
        standing: Standing? = nil, timelineHasMore: Bool = false
    ) {
        self.timelineHasMore = timelineHasMore
        self.standing = standing
        self.consents = consents
        self.key = key
        self.address = address
        self.timeZone = timeZone
        self.locale = locale
        self.attributes = attributes
        self.suppression = suppression
        self.optOuts = optOuts
        self.pause = pause
        self.enrollments = enrollments
        self.timeline = timeline
    }
}
