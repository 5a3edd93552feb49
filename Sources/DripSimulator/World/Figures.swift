package import DripCore

/// What runs reached, summed over seeds: a dead checker or an unreachable rule shows here.
package struct Figures: Sendable {
    package var seeds = 0
    package var steps = 0
    package var commits = 0
    package var decisions = 0
    /// Effects performed, each part of a send by itself.
    package var effects = 0
    package var sends = 0
    package var received = 0
    package var virtualTime = TimeSpan.zero
    /// Injected faults by name.
    package var faults: [String: Int] = [:]
    package var reasons: [Reason: Int] = [:]
    /// `what was → what came`, for each enrollment.
    package var edges: [String: Int] = [:]
    /// Facts that each checker judged.
    package var judged: [String: Int] = [:]
    package var judgedByRule: [String: Int] = [:]

    package init() {}

    package mutating func add(_ other: Figures) {
        seeds += other.seeds
        steps += other.steps
        commits += other.commits
        decisions += other.decisions
        effects += other.effects
        sends += other.sends
        received += other.received
        virtualTime = virtualTime + other.virtualTime
        faults.merge(other.faults, uniquingKeysWith: +)
        reasons.merge(other.reasons, uniquingKeysWith: +)
        edges.merge(other.edges, uniquingKeysWith: +)
        judged.merge(other.judged, uniquingKeysWith: +)
        judgedByRule.merge(other.judgedByRule, uniquingKeysWith: +)
    }
}
