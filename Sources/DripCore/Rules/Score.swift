// What a lead's score is, at an instant.
//
// The rule: the score is fit and engagement. Fit sums the points of every rule whose condition the lead meets now. Engagement
// sums, for every rule, what each occurrence of its event is worth by now (`HalfLife.swift`), and what steps of campaigns gave;
// each rule gives or takes at most its `cap`, and the rules of a group together at most the group's. Nothing of it is stored:
// it follows from the lead's facts, so that a changed rule holds for everybody at once and no job sinks anything at night.
//
// Edge cases: of one event the last 64 occurrences count. `count: once` counts the last. What a program clicked or opened is no
// event, and counts nowhere (`HitKind.swift`). The day of
// UTC on which something happened is day 0. A score may be below zero.
//
// Worked example: `clicked` gives 5 points, cap 12, half-life 30 days. Three clicks today are 15, capped at 12; thirty days
// later they are worth 7.5.

package struct Score: Hashable, Sendable {
    package var fit: Points
    package var engagement: Points
    package var total: Points { fit + engagement }

    /// What one rule gives, and how it comes to that.
    package struct Line: Hashable, Sendable {
        package var rule: String
        package var isFit: Bool
        package var group: String?
        /// What the lead did, oldest first; empty for fit.
        package var parts: [Part]
        /// Before the rule's own cap.
        package var sum: Points
        /// After it.
        package var points: Points
    }

    /// One thing that the lead did.
    package struct Part: Hashable, Sendable {
        package var at: Instant
        package var step: EventHistory.StepOfCampaign?
        /// What it gave on its day.
        package var gave: Int
        package var worth: Points
    }

    /// The rules of a group together, where they come to more than the group's cap.
    package struct Cut: Hashable, Sendable {
        package var group: String
        package var sum: Points
        package var points: Points
    }

    /// Every rule that gives or takes something, fit first, in the order of the file; points of steps last.
    package var lines: [Line]
    package var cuts: [Cut]
}

extension Scoring {
    /// What points of steps are called among the rules.
    package static let stepsLine = "steps of campaigns"

    package func score(of facts: ConditionFacts) -> Score {
        var lines = fit.filter { $0.condition.holds(for: facts) }.map {
            Score.Line(
                rule: $0.name, isFit: true, group: $0.group, parts: [], sum: Points($0.points),
                points: Points($0.points))
        }
        let today = HalfLife.day(of: facts.at)
        lines += engagement.compactMap { line(of: $0, facts.lead.history, today: today) }
        if let given = line(ofSteps: facts.lead.history, today: today) { lines.append(given) }
        var cuts: [Score.Cut] = []
        func sum(isFit: Bool) -> Points {
            var (total, byGroup) = (Points.zero, [String: Points]())
            for line in lines where line.isFit == isFit {
                if let group = line.group {
                    byGroup[group, default: .zero] += line.points
                } else {
                    total += line.points
                }
            }
            for (group, points) in byGroup.sorted(by: { $0.key < $1.key }) {
                let capped = points.capped(at: groups[group])
                if capped != points { cuts.append(Score.Cut(group: group, sum: points, points: capped)) }
                total += capped
            }
            return total
        }
        let (fitting, engaged) = (sum(isFit: true), sum(isFit: false))
        return Score(fit: fitting, engagement: engaged, lines: lines, cuts: cuts)
    }

    private func line(of rule: EngagementRule, _ history: EventHistory, today: Int) -> Score.Line? {
        var counted = history.occurrences[rule.event] ?? []
        if rule.countsOnce { counted = Array(counted.suffix(1)) }
        let parts = counted.map { part(of: $0, rule.points, rule.halfLife, today: today) }
        return line(rule.name, rule.group, parts, most: rule.most)
    }

    private func line(ofSteps history: EventHistory, today: Int) -> Score.Line? {
        let parts = (history.occurrences[.scored] ?? []).map { occurrence in
            part(
                of: occurrence, min(max(occurrence.keys["points"].flatMap(Int.init) ?? 0, -10_000), 10_000), halfLife,
                today: today)
        }
        return line(Self.stepsLine, nil, parts, most: nil)
    }

    private func part(
        of occurrence: EventHistory.Occurrence, _ points: Int, _ halfLife: HalfLife?, today: Int
    ) -> Score.Part {
        let age = today - HalfLife.day(of: occurrence.at)
        return Score.Part(
            at: occurrence.at, step: occurrence.step, gave: points,
            worth: halfLife?.worth(of: points, after: age) ?? Points(points))
    }

    private func line(_ name: String, _ group: String?, _ parts: [Score.Part], most: Int?) -> Score.Line? {
        let sum = parts.reduce(Points.zero) { $0 + $1.worth }
        let left = parts.filter { $0.worth != .zero }
        guard !left.isEmpty else { return nil }
        return Score.Line(
            rule: name, isFit: false, group: group, parts: left, sum: sum, points: sum.capped(at: most))
    }
}
