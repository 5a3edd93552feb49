/// How leads are scored, and when they move on: `scoring.yaml`.
package struct Scoring: Hashable, Sendable {
    /// Points for who a lead is.
    package struct FitRule: Hashable, Sendable {
        /// What people read: the rule's name, or else its condition.
        package var name: String
        package var condition: Condition
        package var points: Int
        package var group: String?

        package init(name: String, condition: Condition, points: Int, group: String? = nil) {
            self.name = name
            self.condition = condition
            self.points = points
            self.group = group
        }
    }

    /// Points for what a lead did.
    package struct EngagementRule: Hashable, Sendable {
        package var name: String
        package var event: EventName
        package var points: Int
        /// Whether only the last one counts.
        package var countsOnce: Bool
        /// How many points the rule gives or takes at most.
        package var most: Int?
        /// Nil for points that last.
        package var halfLife: HalfLife?
        package var group: String?

        package init(
            name: String, event: EventName, points: Int, countsOnce: Bool = false, most: Int? = nil,
            halfLife: HalfLife? = nil, group: String? = nil
        ) {
            self.name = name
            self.event = event
            self.points = points
            self.countsOnce = countsOnce
            self.most = most
            self.halfLife = halfLife
            self.group = group
        }
    }

    /// When leads come to a stage.
    package struct StageRule: Hashable, Sendable {
        /// Whoever meets it comes to the stage.
        package var condition: Condition?
        /// Whoever does it comes to the stage.
        package var events: [EventName]
        /// Of `mql` alone: whoever meets it is a lead again.
        package var until: Condition?

        package init(condition: Condition? = nil, events: [EventName] = [], until: Condition? = nil) {
            self.condition = condition
            self.events = events
            self.until = until
        }
    }

    package var fit: [FitRule]
    package var engagement: [EngagementRule]
    /// How many points the rules of a group give or take together at most.
    package var groups: [String: Int]
    /// Of points that steps of campaigns give.
    package var halfLife: HalfLife?
    package var stages: [Stage: StageRule]
    /// Who in sales takes leads over; nil where nobody is named.
    package var handoff: Handoff?
    /// Which CRMs hear of leads by themselves.
    package var crm: [CRMTarget]

    package init(
        fit: [FitRule] = [], engagement: [EngagementRule] = [], groups: [String: Int] = [:], halfLife: HalfLife? = nil,
        stages: [Stage: StageRule] = [:], handoff: Handoff? = nil, crm: [CRMTarget] = []
    ) {
        self.crm = crm
        self.handoff = handoff
        self.fit = fit
        self.engagement = engagement
        self.groups = groups
        self.halfLife = halfLife
        self.stages = stages
    }
}

extension EventName {
    /// A step gave points: how many stands with the occurrence, under `points`.
    package static let scored = EventName(rawValue: "scored")
}
