/// What a step does that sends nothing: it decides which way a lead goes on, or notes something.
package enum InnerAction: Hashable, Sendable {
    /// Until the condition holds, or that much time has passed: then the arm `then` or `otherwise` is taken.
    case waitFor(Condition, upTo: WaitLimit)
    /// The first arm whose condition holds; none where all have one and none of them does.
    case branch([Branch])
    /// One of the arms by a hash of lead and step: stable, never drawn again.
    case split([Share])
    /// Where a repetition begins: its steps stand behind it, as often as it repeats them.
    case repetition
    /// Changes facts of the lead.
    case set([String: FactChange])
    /// Points of engagement: see `Score.swift`.
    case score(Int)
    case enrollIn(CampaignID)
    case exitFrom(CampaignID)
    /// Gives the lead to somebody in sales: see `OwnerChoice.swift`.
    case handoff(HandoffRule)

    package struct Branch: Hashable, Sendable {
        package var name: String
        /// Nil takes everybody.
        package var condition: Condition?

        package init(name: String, condition: Condition?) {
            self.name = name
            self.condition = condition
        }
    }

    package struct Share: Hashable, Sendable {
        package var name: String
        package var weight: Int

        package init(name: String, weight: Int) {
            self.name = name
            self.weight = weight
        }
    }

    /// The arms of a wait and of a repetition.
    package static let then = "then"
    package static let otherwise = "otherwise"
    package static let again = "again"
    package static let over = "over"
}

/// One way behind a step that decides: the steps in it are come to only where it was taken.
package struct Arm: Hashable, Sendable {
    package var of: StepID
    package var name: String

    package init(of: StepID, name: String) {
        self.of = of
        self.name = name
    }
}

/// A repetition that a step stands in, and what ends it.
package struct Repetition: Hashable, Sendable {
    package var of: StepID
    package var until: Condition

    package init(of: StepID, until: Condition) {
        self.of = of
        self.until = until
    }
}
