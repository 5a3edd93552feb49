/// Where a lead stands: its stage, and every point of its score.
package struct Standing: Hashable, Sendable, Codable {
    /// What one rule gives or takes.
    package struct Line: Hashable, Sendable, Codable {
        package var rule: String
        /// `fit` or `engagement`.
        package var of: String
        package var group: String?
        package var points: Double
        /// What it would be without the rule's cap, where that is more.
        package var uncapped: Double?
        /// What the lead did, oldest first; empty for fit.
        package var parts: [Part]
    }

    /// One thing that the lead did.
    package struct Part: Hashable, Sendable, Codable {
        package var at: Instant
        package var campaign: CampaignID?
        package var step: StepID?
        /// What it gave on its day.
        package var gave: Int
        /// What is left of that.
        package var worth: Double
    }

    /// A group whose rules come to more than its cap.
    package struct Cut: Hashable, Sendable, Codable {
        package var group: String
        package var uncapped: Double
        package var points: Double
    }

    package var stage: Stage
    package var since: Instant?
    /// When time alone may move it, as far as that is known.
    package var looksAt: Instant?
    package var score: Double
    package var fit: Double
    package var engagement: Double
    package var lines: [Line]
    package var cuts: [Cut]

    package init(_ stage: LeadStage, _ score: Score) {
        self.stage = stage.stage
        since = stage.since
        looksAt = stage.lookAt
        (self.score, fit, engagement) = (score.total.number, score.fit.number, score.engagement.number)
        lines = score.lines.map { line in
            Line(
                rule: line.rule, of: (line.isFit ? Condition.Measure.fit : .engagement).rawValue, group: line.group,
                points: line.points.number, uncapped: line.sum == line.points ? nil : line.sum.number,
                parts: line.parts.map {
                    Part(
                        at: $0.at, campaign: $0.step?.campaign, step: $0.step?.step, gave: $0.gave,
                        worth: $0.worth.number)
                })
        }
        cuts = score.cuts.map { Cut(group: $0.group, uncapped: $0.sum.number, points: $0.points.number) }
    }
}

/// A person puts a lead at a stage.
package struct StageRequest: Hashable, Sendable, Codable {
    package var lead: String
    package var stage: Stage
    /// Why, for the history.
    package var because: String

    package init(lead: String, stage: Stage, because: String) {
        self.lead = lead
        self.stage = stage
        self.because = because
    }
}

/// What came of it.
package struct StageAnswer: Hashable, Sendable, Codable {
    package var lead: String
    package var was: Stage
    /// Where it stands now: the rules may have led it on at once.
    package var stage: Stage
    package var enrolledIn: [CampaignID]
    package var exitedFrom: [CampaignID]

    package init(
        lead: String, was: Stage, stage: Stage, enrolledIn: [CampaignID] = [], exitedFrom: [CampaignID] = []
    ) {
        self.lead = lead
        self.was = was
        self.stage = stage
        self.enrolledIn = enrolledIn
        self.exitedFrom = exitedFrom
    }
}
