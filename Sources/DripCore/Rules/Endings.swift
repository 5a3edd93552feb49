/// What ends an enrollment early: its campaign's goal, or its exit.
///
/// The rule: the goal is asked before the exit. Each has events (`on`), a condition (`if`), or both. With events, it is
/// judged when one of them comes, and both must hold then; with a condition alone it is judged whenever a fact of the
/// lead changes and again at every decision, so that what time alone brings is seen there too.
///
/// Edge cases: a goal that jumps (`then: { jump_to: … }`) is reached once; behind it only the exit ends the enrollment. One
/// that comes while the last step is under way finds the run completed as soon as that is known, and leads on to nothing. With
/// events and a condition it is reached as soon as both are so, whichever came last: the gate that leads on asks the facts.
/// An event that carries the value of the campaign's `key` ends the run of that value only; one without it ends all.
///
/// Worked example: `goal: { on: purchased, if: { plan: pro } }`: a purchase by a lead whose plan is `basic` is none.
package struct Ending: Hashable, Sendable {
    package var reason: Reason
    /// Where a goal leads on to instead of ending it.
    package var jumpTo: StepID?

    package init(reason: Reason, jumpTo: StepID? = nil) {
        self.reason = reason
        self.jumpTo = jumpTo
    }
}

/// What a campaign is for.
package struct Goal: Hashable, Sendable {
    package var on: [EventName]
    package var condition: Condition?
    /// The step that whoever reaches it goes on with; nil ends the enrollment.
    package var jumpTo: StepID?

    package init(on: [EventName] = [], condition: Condition? = nil, jumpTo: StepID? = nil) {
        self.on = on
        self.condition = condition
        self.jumpTo = jumpTo
    }
}

extension Goal: CustomStringConvertible {
    /// `demo_booked`, `purchased if plan is pro`.
    package var description: String {
        let events = on.map(\.rawValue).joined(separator: " or ")
        guard let condition else { return events }
        return on.isEmpty ? "\(condition)" : "\(events) if \(condition)"
    }
}

extension Campaign {
    /// Under this name an enrollment notes that it has reached its goal and gone on.
    package static let goalChoice = StepID(rawValue: "goal!")
    package static let reached = "reached"

    /// How an event ends an enrollment; nil where it does not.
    package func ending(by event: EventName, of enrollment: Enrollment, _ facts: ConditionFacts) -> Ending? {
        if let goal, goal.on.contains(event), enrollment.choices[Campaign.goalChoice] == nil,
            goal.condition?.holds(for: facts) ?? true
        {
            return Ending(reason: .goalReached, jumpTo: goal.jumpTo)
        }
        guard exitOn.contains(event), exitIf?.holds(for: facts) ?? true else { return nil }
        return Ending(reason: .exitCondition)
    }

    /// How the facts end an enrollment; nil where they do not.
    package func ending(of enrollment: Enrollment, _ facts: ConditionFacts) -> Ending? {
        if let goal, enrollment.choices[Campaign.goalChoice] == nil, goal.isReached(by: facts) {
            return Ending(reason: .goalReached, jumpTo: goal.jumpTo)
        }
        guard exitOn.isEmpty, let exitIf, exitIf.holds(for: facts) else { return nil }
        return Ending(reason: .exitCondition)
    }
}

extension Goal {
    /// Whether the facts say that it is reached; one with events that ends the enrollment does so when they come.
    fileprivate func isReached(by facts: ConditionFacts) -> Bool {
        guard condition?.holds(for: facts) ?? true else { return false }
        if on.isEmpty { return true }
        return jumpTo != nil
            && on.contains { Condition.did(.init(event: $0, isSinceEnrollment: true)).holds(for: facts) }
    }
}

extension Campaign {
    /// Whether the facts say something to an enrollment that need not wait for its step's time: its end, what its step
    /// waits for, or the end of the repetition that it stands in.
    package func speaks(to enrollment: Enrollment, _ facts: ConditionFacts) -> Bool {
        if ending(of: enrollment, facts) != nil { return true }
        guard let current = enrollment.current, let step = steps.first(where: { $0.id == current.step }) else {
            return false
        }
        if case .inner(.waitFor(let condition, _)) = step.action, condition.holds(for: facts) { return true }
        return step.repetitions.contains { $0.until.holds(for: facts) }
    }

    /// Whether it looks at facts of a lead at any other time than when a step is due.
    package var watchesFacts: Bool {
        goal?.condition != nil || goal?.jumpTo != nil || exitIf != nil || enrollWhen != nil
            || steps.contains { step in
                if case .inner(.waitFor) = step.action { return true }
                return !step.repetitions.isEmpty
            }
    }
}

extension Enrollment {
    /// The same enrollment gone on to the step behind its goal; nil where the campaign has that step no more.
    package func jumped(to step: StepID, in campaign: Campaign, by facts: PlanFacts, now: Instant) -> Enrollment? {
        guard isOngoing, let target = campaign.steps.first(where: { $0.id == step }) else { return nil }
        var moved = choosing(Campaign.reached, at: Campaign.goalChoice)
        // Its timing counts from the jump where it counts from the step in front of it.
        moved.lastEndedAt = now
        moved.current = PendingStep(
            target, plan: moved.plan(target, by: facts), notBefore: lastSent?.plannedAt, now: now)
        return moved
    }
}
