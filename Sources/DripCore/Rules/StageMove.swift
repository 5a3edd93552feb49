// When a lead moves from one stage to another.
//
// The rule: something that the lead does moves it where a stage names that event; else the first of these whose condition it
// meets: disqualified, customer, sql, mql. Who is `mql` and meets `until` is a lead again. Moves go on from where the first one
// ends, until none does. From where to where:
//
//   disqualified   from lead, recycled, mql, sql          sql        from lead, recycled, mql
//   customer       from every other                       recycled   from mql, sql; by an event alone
//   mql            from lead, recycled
//
// Whom sales gave back (`recycled`) the score that it had does not qualify again: its condition must have been seen not to hold
// since. An event that names `mql` always does, whatever the score, and who came by one does not sink before `until` was seen not
// to hold. A person may put a lead at any stage.
//
// Hysteresis: `if: { score: { at_least: 60 } }` with `until: { score: { less_than: 40 } }` lets a score swing between the two
// without a move. Where both hold at once, nobody becomes `mql` by the condition.
//
// Edge cases: without `until` nobody sinks back. Each stage is come to at most once at an instant. A threshold that time crosses
// (a score sinks at midnight UTC, `within: 7d` is over) is an instant that is known ahead: `nextLook`. It looks 32 days ahead,
// and where points are left that sink after that, it says to look again then.
//
// Worked example: 60 points qualify, `until` is less than 40, half-life 30 days. A lead with 60 points of today is `mql`, and a
// lead again at the first midnight at which 60 × 2^(−d/30) is below 40: 18 days on.

package struct StageMove: Hashable, Sendable {
    package var stage: Stage
    /// The event, or the condition, in words.
    package var reason: String

    package init(stage: Stage, reason: String) {
        self.stage = stage
        self.reason = reason
    }
}

extension Scoring {
    private static let daysAhead = 32

    /// Every move of a lead at an instant, in order; `event` is what it did just now.
    package func moves(of facts: ConditionFacts, by event: EventName?) -> [StageMove] {
        var (facts, event, moves) = (facts.scored, event, [StageMove]())
        var seen: Set<Stage> = [facts.lead.stage.stage]
        while let move = next(facts, by: event), seen.insert(move.stage).inserted {
            moves.append(move)
            facts.lead.stage = LeadStage(move.stage, since: facts.at)
            facts.lead.stage.isArmed = arms(facts)
            event = nil
        }
        return moves
    }

    /// Whether the threshold stands on the other side for a lead that is recycled or `mql`: see `LeadStage.isArmed`.
    package func arms(_ facts: ConditionFacts) -> Bool {
        switch facts.lead.stage.stage {
        case .recycled: stages[.mql]?.condition.map { !$0.holds(for: facts) } ?? false
        case .mql: stages[.mql]?.until.map { !$0.holds(for: facts) } ?? false
        case .lead, .sql, .customer, .disqualified: false
        }
    }

    private func next(_ facts: ConditionFacts, by event: EventName?) -> StageMove? {
        let from = facts.lead.stage.stage
        if let event {
            for to in Self.order where from.mayMove(to: to) && stages[to]?.events.contains(event) ?? false {
                return StageMove(stage: to, reason: event.rawValue)
            }
        }
        for to in Self.order where from.mayMove(to: to) {
            guard let rule = stages[to], let condition = rule.condition, condition.holds(for: facts) else { continue }
            if to == .mql, rule.until?.holds(for: facts) ?? false { continue }
            if to == .mql, from == .recycled, !facts.lead.stage.isArmed { continue }
            return StageMove(stage: to, reason: "\(condition)")
        }
        if from == .mql, facts.lead.stage.isArmed, let until = stages[.mql]?.until, until.holds(for: facts) {
            return StageMove(stage: .lead, reason: "\(until)")
        }
        return nil
    }

    private static let order: [Stage] = [.disqualified, .customer, .sql, .recycled, .mql]

    /// When time alone moves a lead, or it must be looked at again to know; nil where time changes nothing.
    package func nextLook(_ facts: ConditionFacts) -> Instant? {
        let asked = conditionsAsked(of: facts.lead.stage.stage)
        var instants = Set(asked.flatMap { $0.turns(for: facts) }.filter { $0 > facts.at })
        var end: Instant?
        if asked.contains(where: \.asksForPoints) {
            let lines = score(of: facts).lines.filter(sinks)
            let gains = lines.contains { $0.parts.contains { $0.worth < .zero } }
            if !lines.isEmpty, asked.contains(where: { $0.asksForPoints && (gains || $0.mayHoldWithLess) }) {
                let today = HalfLife.day(of: facts.at)
                instants.formUnion((1...Self.daysAhead).map { HalfLife.midnight(of: today + $0) })
                // Those who came in one day's crowd are not looked at in one.
                let part = Int64(StableHash(facts.lead.key).value % 86_400_000)
                end = HalfLife.midnight(of: today + Self.daysAhead) + .milliseconds(part)
                instants.formUnion([end].compactMap(\.self))
            }
        }
        return instants.sorted().first { instant in
            if instant == end { return true }
            var then = facts
            then.at = instant
            then = then.scored
            return next(then, by: nil) != nil || !facts.lead.stage.isArmed && arms(then)
        }
    }

    /// What decides whether a lead leaves that stage; what keeps it there is asked for by its contrary.
    private func conditionsAsked(of stage: Stage) -> [Condition] {
        var asked = Self.order.filter { stage.mayMove(to: $0) }.compactMap { stages[$0]?.condition }
        let (condition, until) = (stages[.mql]?.condition, stages[.mql]?.until)
        if stage == .mql, let until { asked += [until, .not(until)] }
        if stage.mayMove(to: .mql), let until { asked.append(.not(until)) }
        if stage == .recycled, let condition { asked.append(.not(condition)) }
        return asked
    }

    /// Whether what a rule gave is worth less from day to day.
    private func sinks(_ line: Score.Line) -> Bool {
        if line.isFit { return false }
        if line.rule == Self.stepsLine, halfLife != nil { return true }
        return engagement.contains { $0.name == line.rule && $0.halfLife != nil }
    }
}

extension Stage {
    /// Whether rules move a lead from here to there.
    func mayMove(to stage: Stage) -> Bool {
        switch stage {
        case .lead: self == .mql
        case .mql: self == .lead || self == .recycled
        case .sql: self == .lead || self == .recycled || self == .mql
        case .recycled: self == .mql || self == .sql
        case .customer: self != .customer
        case .disqualified: self != .customer && self != .disqualified
        }
    }
}
