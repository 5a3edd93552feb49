/// Which way a lead goes on behind a step that decides.
///
/// The rule: a campaign's steps are one list in the order of the file, those inside of `then`, `otherwise`, `branch`,
/// `split` and `repeat` behind the step that holds them; each names the arms that lead to it. A step that decides notes
/// the arm that it takes, and the next step is the first one behind the last finished one all of whose arms were taken
/// (`nextStep`). So what was decided stays decided, whatever is edited behind it.
///
/// - `wait_for`: `then` where its condition holds when it is looked at, `otherwise` once `up_to` has passed.
/// - `branch`: the first arm whose condition holds; where none does, no arm, and the lead goes on behind the branch.
/// - `split`: by a hash of lead, campaign and step, in proportion to the weights; arms in the order of the file.
/// - `repeat`: `again`; `over` once its `until` holds, which leaves the rest of it out.
///
/// Edge cases: a condition that both holds and is out of time holds: what a lead did counts. Adding an arm to a split, or
/// changing weights, moves nobody who has passed it.
///
/// Worked example: split with weights 1 and 3: the hash gives a number below 4; 0 is the first arm, 1, 2 and 3 the second.
extension Situation {
    /// The arm that the step takes; nil where it decides nothing, or takes none.
    package func arm(now: Instant) -> String? {
        guard case .inner(let action) = step.action else { return nil }
        switch action {
        case .waitFor(let condition, _):
            return condition.holds(for: conditionFacts(at: now)) ? InnerAction.then : InnerAction.otherwise
        case .branch(let arms):
            let facts = conditionFacts(at: now)
            return arms.first { $0.condition?.holds(for: facts) ?? true }?.name
        case .split(let shares):
            var hash = StableHash(lead.key)
            hash.add(campaign.id.rawValue)
            hash.add(step.id.rawValue)
            var rest = hash.number(below: shares.reduce(0) { $0 + Int64($1.weight) })
            for share in shares {
                if rest < Int64(share.weight) { return share.name }
                rest -= Int64(share.weight)
            }
            return shares.last?.name
        case .repetition: return InnerAction.again
        case .set, .score, .enrollIn, .exitFrom, .handoff: return nil
        }
    }

    /// Until when a step waits for its condition; nil where it waits for none, or no longer.
    package func awaited(now: Instant) -> Instant? {
        guard case .inner(.waitFor(let condition, let upTo)) = step.action else { return nil }
        let end = end(of: upTo, from: pending.plannedAt)
        return now < end && !condition.holds(for: conditionFacts(at: now)) ? end : nil
    }

    /// The repetition that is over before this step of it; nil where none is.
    package func finishedRepetition(now: Instant) -> StepID? {
        guard !step.repetitions.isEmpty else { return nil }
        let facts = conditionFacts(at: now)
        return step.repetitions.first { $0.until.holds(for: facts) }?.of
    }

    /// What the conditions of its campaign look at.
    package func conditionFacts(at now: Instant) -> ConditionFacts {
        ConditionFacts(
            lead: lead, of: enrollment, in: campaign, at: now, zone: zone, scoring: policy.scoring)
    }
}

extension Enrollment {
    /// The same enrollment with the arm noted that a step has taken.
    package func choosing(_ arm: String?, at step: StepID) -> Enrollment {
        var chosen = self
        if let arm { chosen.choices[step] = arm }
        return chosen
    }
}

extension Step {
    /// Whether the arms that lead to it were all taken.
    func isReached(by choices: [StepID: String]) -> Bool {
        arms.allSatisfy { choices[$0.of] == $0.name }
    }

    /// Whether it is left out for ever: another arm was taken, or the step that decides is over and took none.
    package func isLeftOut(by choices: [StepID: String], finished: [StepID] = []) -> Bool {
        arms.contains { arm in choices[arm.of].map { $0 != arm.name } ?? finished.contains(arm.of) }
    }
}

extension Step {
    /// Whether it waits by the clock of whoever has the lead.
    package var waitsForOwner: Bool {
        if case .inner(.waitFor(_, .ofOwner)) = action { true } else { false }
    }

    /// The ways on behind it, in the order of the file; none where it decides nothing.
    package var armNames: [String] {
        switch action {
        case .inner(.waitFor): [InnerAction.then, InnerAction.otherwise]
        case .inner(.branch(let arms)): arms.map(\.name)
        case .inner(.split(let shares)): shares.map(\.name)
        case .email, .sms, .http, .notify, .inner: []
        }
    }
}
