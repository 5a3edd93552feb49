/// What must be true of a lead: data, not a language.
///
/// ```yaml
/// if: { industry: [fintech, banking], employees: { at_least: 50 }, not: { did: { event: clicked, within: 7d } } }
/// ```
///
/// Of an attribute that is a list, `is` and `starts_with` hold where they hold of one of its values, `is_not` where `is` does
/// not; it contains what is equal to one of them, and is neither a number nor a date.
package indirect enum Condition: Hashable, Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case attribute(String, Test)
    case did(Did)
    /// It stands at one of these.
    case stage([Stage])
    /// Its points; without a `scoring.yaml` it has none.
    case points(Measure, Test)

    /// Which points.
    package enum Measure: String, CaseIterable, Sendable {
        case score, fit, engagement
    }

    package enum Test: Hashable, Sendable {
        /// Equal to one of these; text compares without regard to case.
        case isOneOf([AttributeValue])
        case isNot(AttributeValue)
        case atLeast(Double)
        case atMost(Double)
        case moreThan(Double)
        case lessThan(Double)
        case contains(String)
        case startsWith(String)
        case exists(Bool)
        /// A date that lies before that one, or after it.
        case before(DateBound)
        case after(DateBound)
    }

    /// A date, or an instant counted from now.
    package enum DateBound: Hashable, Sendable {
        case date(LocalDate)
        /// `in: 7d`; negative for `ago: 7d`.
        case fromNow(TimeSpan)
    }

    /// Something that the lead did.
    package struct Did: Hashable, Sendable {
        package var event: EventName
        /// Only what was about this step of the campaign that asks.
        package var step: StepID?
        package var atLeast: Int
        package var within: TimeSpan?
        /// Only what came behind the enrollment: what a wait waits for, and what ends a repetition.
        package var isSinceEnrollment: Bool

        package init(
            event: EventName, step: StepID? = nil, atLeast: Int = 1, within: TimeSpan? = nil,
            isSinceEnrollment: Bool = false
        ) {
            self.event = event
            self.step = step
            self.atLeast = atLeast
            self.within = within
            self.isSinceEnrollment = isSinceEnrollment
        }
    }

    /// Whether it holds for these facts.
    ///
    /// A missing attribute fails every test but `is_not` and `exists: false`; one that is no date is neither before nor
    /// after anything.
    package func holds(for facts: ConditionFacts) -> Bool {
        switch self {
        case .all(let parts): parts.allSatisfy { $0.holds(for: facts) }
        case .any(let parts): parts.contains { $0.holds(for: facts) }
        case .not(let part): !part.holds(for: facts)
        case .attribute(let name, let test): test.holds(for: facts.lead.attributes[name], facts)
        case .did(let did): did.count(in: facts) >= did.atLeast
        case .stage(let stages): stages.contains(facts.lead.stage.stage)
        case .points(let measure, let test): test.holds(for: .number(facts.points(measure).number), facts)
        }
    }
}

/// What a condition may look at.
package struct ConditionFacts: Sendable {
    /// Its attributes, and what it did.
    package var lead: Lead
    /// Whose steps `did: { step: … }` names.
    package var campaign: CampaignID
    /// Nil where nobody is enrolled yet.
    package var enrolledAt: Instant?
    /// What tells the runs of the campaign apart, and which of them asks: what happened to another did not happen to it.
    package var again: Again
    package var key: String?
    package var at: Instant
    /// The lead's zone, in which dates begin.
    package var zone: Zone
    /// What its points follow from.
    package var scoring: Scoring?
    /// Those points, where they are worked out already.
    private var known: Score?

    package init(
        lead: Lead, campaign: CampaignID, enrolledAt: Instant? = nil, again: Again = .never, key: String? = nil,
        at: Instant, zone: Zone, scoring: Scoring? = nil
    ) {
        self.lead = lead
        self.campaign = campaign
        self.enrolledAt = enrolledAt
        self.again = again
        self.key = key
        self.at = at
        self.zone = zone
        self.scoring = scoring
    }

    /// What a run of a campaign looks at.
    package init(
        lead: Lead, of enrollment: Enrollment, in campaign: Campaign, at now: Instant, zone: Zone, scoring: Scoring?
    ) {
        self.init(
            lead: lead, campaign: campaign.id, enrolledAt: enrollment.enrolledAt, again: campaign.again,
            key: enrollment.key, at: now, zone: zone, scoring: scoring)
    }

    /// The same with its points worked out, for whoever asks for them again and again; nothing else of it may change then but the
    /// stage.
    var scored: ConditionFacts {
        var scored = self
        scored.known = scoring?.score(of: self)
        return scored
    }

    func points(_ measure: Condition.Measure) -> Points {
        guard let scoring else { return .zero }
        let score = known ?? scoring.score(of: self)
        return switch measure {
        case .score: score.total
        case .fit: score.fit
        case .engagement: score.engagement
        }
    }
}

extension Condition {
    /// The parts that keep it from holding, with what the lead has there: `employees is "40"; wanted: at_least 50`.
    package func obstacles(for facts: ConditionFacts) -> [String] {
        guard !holds(for: facts) else { return [] }
        switch self {
        case .all(let parts): return parts.flatMap { $0.obstacles(for: facts) }
        case .any(let parts):
            return ["none of this is so: " + parts.map(\.description).joined(separator: "; ")]
        case .not(let part): return ["it is so that \(part); wanted: not so"]
        case .attribute(let name, let test):
            guard let value = facts.lead.attributes[name], !value.isBlank else { return ["\(name) is unknown"] }
            return ["\(name) is \"\(value.text)\"; wanted: \(test)"]
        case .did(let did):
            let times = did.count(in: facts)
            return ["not so: \(did)" + (times == 0 ? "" : " (\(times) \(times == 1 ? "time" : "times") so far)")]
        case .stage: return ["the stage is \(facts.lead.stage.stage.rawValue); wanted: \(self)"]
        case .points(let measure, let test):
            return ["\(measure.rawValue) is \(facts.points(measure)); wanted: \(test)"]
        }
    }

    /// Whether time alone can change what it says.
    package var looksAtTheClock: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.looksAtTheClock)
        case .not(let part): part.looksAtTheClock
        case .attribute(_, .before(.fromNow)), .attribute(_, .after(.fromNow)): true
        case .attribute, .stage, .points(.fit, _): false
        case .points: true
        case .did(let did): did.within != nil
        }
    }

    /// Whether it asks for points.
    package var asksForPoints: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.asksForPoints)
        case .not(let part): part.asksForPoints
        case .points: true
        case .attribute, .did, .stage: false
        }
    }

    /// Whether it asks for attributes alone, and not for the time.
    package var isOfAttributes: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.allSatisfy(\.isOfAttributes)
        case .not(let part): part.isOfAttributes
        case .attribute: !looksAtTheClock
        case .did, .stage, .points: false
        }
    }

    /// Whether it asks for the stage.
    package var asksForStage: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.asksForStage)
        case .not(let part): part.asksForStage
        case .stage: true
        case .attribute, .did, .points: false
        }
    }

    /// Whether it may begin to hold because points become less.
    var mayHoldWithLess: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.mayHoldWithLess)
        case .not(let part): part.mayEndWithLess
        case .points(_, .atMost), .points(_, .lessThan): true
        case .points, .attribute, .did, .stage: false
        }
    }

    /// Whether it may hold no more because points become less.
    var mayEndWithLess: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.mayEndWithLess)
        case .not(let part): part.mayHoldWithLess
        case .points(_, .atLeast), .points(_, .moreThan): true
        case .points, .attribute, .did, .stage: false
        }
    }

    /// The instants at which time alone may change what it says of these facts, points aside.
    func turns(for facts: ConditionFacts) -> [Instant] {
        switch self {
        case .all(let parts), .any(let parts): return parts.flatMap { $0.turns(for: facts) }
        case .not(let part): return part.turns(for: facts)
        case .attribute(let name, .before(.fromNow(let span))), .attribute(let name, .after(.fromNow(let span))):
            guard let point = AnchorPoint(facts.lead.attributes[name], in: facts.zone) else { return [] }
            let met = point.instant - span
            return [met, met + .milliseconds(1)]
        case .did(let did):
            guard let within = did.within else { return [] }
            return (facts.lead.history.occurrences[did.event] ?? []).map { $0.at + within }
        case .attribute, .stage, .points: return []
        }
    }

    /// The steps that it names.
    package var stepsAskedFor: Set<StepID> {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.stepsAskedFor) }
        case .not(let part): part.stepsAskedFor
        case .attribute, .stage, .points: []
        case .did(let did): did.step.map { [$0] } ?? []
        }
    }
}

extension Condition.Did {
    func count(in facts: ConditionFacts) -> Int {
        let all = facts.lead.history.occurrences[event] ?? []
        let wanted = step.map { EventHistory.StepOfCampaign(facts.campaign, $0) }
        return all.count { occurrence in
            (wanted == nil || occurrence.step == wanted)
                && !facts.again.isOfAnotherRun(occurrence.keys, than: facts.key)
                && within.map { occurrence.at > facts.at - $0 } ?? true
                && (!isSinceEnrollment || occurrence.at >= facts.enrolledAt ?? .distantFuture)
        }
    }
}

extension Condition.Test {
    fileprivate func holds(for value: AttributeValue?, _ facts: ConditionFacts) -> Bool {
        let present = value.flatMap { $0.isBlank ? nil : $0 }
        switch self {
        case .exists(let wanted): return (present != nil) == wanted
        case .isNot(let other): return present.map { !$0.isEqual(other) } ?? true
        case .isOneOf(let others): return present.map { others.contains(where: $0.isEqual) } ?? false
        case .atLeast(let bound): return present?.number.map { $0 >= bound } ?? false
        case .atMost(let bound): return present?.number.map { $0 <= bound } ?? false
        case .moreThan(let bound): return present?.number.map { $0 > bound } ?? false
        case .lessThan(let bound): return present?.number.map { $0 < bound } ?? false
        case .contains(let part): return present?.contains(.text(part)) ?? false
        case .startsWith(let part): return present?.starts(with: part) ?? false
        case .before(let bound):
            guard let point = AnchorPoint(present, in: facts.zone) else { return false }
            switch bound {
            case .date(let date): return point.date < date
            case .fromNow(let span): return point.instant < facts.at + span
            }
        case .after(let bound):
            guard let point = AnchorPoint(present, in: facts.zone) else { return false }
            switch bound {
            case .date(let date): return point.date > date
            case .fromNow(let span): return point.instant > facts.at + span
            }
        }
    }
}

extension Condition: CustomStringConvertible {
    /// As support reads it in `explain`: `industry is fintech or banking, and employees at_least 50`.
    package var description: String {
        switch self {
        case .all(let parts): parts.map(\.description).joined(separator: ", and ")
        case .any(let parts): "any of (" + parts.map(\.description).joined(separator: "; ") + ")"
        case .not(let part): "not (\(part))"
        case .attribute(let name, let test): "\(name) \(test)"
        case .did(let did): "\(did)"
        case .stage(let stages): "stage is " + stages.map(\.rawValue).joined(separator: " or ")
        case .points(let measure, let test): "\(measure.rawValue) \(test)"
        }
    }
}

extension Condition.Did: CustomStringConvertible {
    /// `did clicked of welcome at_least 2 times within 7d`.
    package var description: String {
        "did \(event)" + (step.map { " of \($0)" } ?? "") + (atLeast > 1 ? " at_least \(atLeast) times" : "")
            + (within.map { " within \($0)" } ?? "") + (isSinceEnrollment ? " since the enrollment" : "")
    }
}

extension Condition.Test: CustomStringConvertible {
    package var description: String {
        switch self {
        case .isOneOf(let values): "is " + values.map(\.text).joined(separator: " or ")
        case .isNot(let value): "is_not \(value.text)"
        case .atLeast(let bound): "at_least \(AttributeValue.number(bound).text)"
        case .atMost(let bound): "at_most \(AttributeValue.number(bound).text)"
        case .moreThan(let bound): "more_than \(AttributeValue.number(bound).text)"
        case .lessThan(let bound): "less_than \(AttributeValue.number(bound).text)"
        case .contains(let part): "contains \(part)"
        case .startsWith(let part): "starts_with \(part)"
        case .exists(let wanted): "exists: \(wanted)"
        case .before(let bound): "before \(bound)"
        case .after(let bound): "after \(bound)"
        }
    }
}

extension Condition.DateBound: CustomStringConvertible {
    package var description: String {
        switch self {
        case .date(let date): "\(date)"
        case .fromNow(let span): span < .zero ? "\(.zero - span) ago" : "\(span) from now"
        }
    }
}
