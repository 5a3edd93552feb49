import DripCore
import Foundation

/// What a lead is and did, as far as points go, by facts alone.
struct StageFacts: Hashable, Sendable {
    struct Deed: Hashable, Sendable {
        var at: Instant
        /// What came along with it, or the step that gave points.
        var about: String?
        /// Of steps: what it gave.
        var points = 0
    }

    var tier: String?
    /// Oldest first.
    var did: [String: [Deed]] = [:]

    /// How many of each event count.
    static let most = 64
    /// What points that steps gave are kept under.
    static let steps = "steps"

    mutating func add(_ event: String, _ deed: Deed) {
        did[event, default: []].append(deed)
        did[event] = did[event]?.suffix(Self.most)
    }

    /// What both did; what is the same of both is one thing.
    mutating func take(_ other: StageFacts) {
        tier = tier ?? other.tier
        for (event, deeds) in other.did {
            let own = did[event] ?? []
            let all = own + deeds.filter { !own.contains($0) }
            did[event] = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
                .map(\.element).suffix(Self.most)
        }
    }
}

/// What a scoring plan makes of such facts, worked out with floating point and the table of the manual.
struct StageRules: Sendable {
    let plan: ScoringPlan

    /// Where a lead stands, and whether its threshold was seen on the other side since it came there.
    struct Standing: Hashable, Sendable {
        var stage: String
        var isArmed: Bool
    }

    private static let day = 86_400.0
    /// Points this near to a threshold are nobody's to judge, where they are no whole halves.
    private static let margin = 0.002

    /// The moves of a lead at an instant and where it stands after them; nil where its points are too near to a threshold.
    func moves(
        of facts: StageFacts, from standing: Standing, by event: String? = nil, at: Instant
    ) -> (stages: [String], end: Standing)? {
        let (meets, meetsUntil) = thresholds(of: facts, at: at)
        guard let meets, let meetsUntil else { return nil }
        func armed(_ stage: String) -> Bool {
            stage == "mql" ? plan.threshold.until != nil && !meetsUntil : stage == "recycled" && !meets
        }
        var (end, event, stages, seen) = (standing, event, [String](), Set([standing.stage]))
        while let next = next(end, event, meets, meetsUntil), seen.insert(next).inserted {
            stages.append(next)
            end = Standing(stage: next, isArmed: armed(next))
            event = nil
        }
        end.isArmed = end.isArmed || armed(end.stage)
        return (stages, end)
    }

    private func next(_ standing: Standing, _ event: String?, _ meets: Bool, _ meetsUntil: Bool) -> String? {
        let ways: [(to: String, from: Set<String>)] = [
            ("disqualified", ["lead", "recycled", "mql", "sql"]),
            ("customer", ["lead", "recycled", "mql", "sql", "disqualified"]),
            ("sql", ["lead", "recycled", "mql"]), ("recycled", ["mql", "sql"]), ("mql", ["lead", "recycled"]),
        ]
        if let event, let way = ways.first(where: { $0.from.contains(standing.stage) && plan.events[$0.to] == event }) {
            return way.to
        }
        switch standing.stage {
        case "lead": return meets && !meetsUntil ? "mql" : nil
        case "recycled": return meets && !meetsUntil && standing.isArmed ? "mql" : nil
        case "mql": return meetsUntil && standing.isArmed ? "lead" : nil
        default: return nil
        }
    }

    /// Whether the condition of `mql` holds, and its `until`; nil where nobody can tell.
    private func thresholds(of facts: StageFacts, at: Instant) -> (Bool?, Bool?) {
        let (engaged, isExact) = engagement(of: facts, at: at)
        let fit = Double(facts.tier.flatMap { plan.fit[$0] } ?? 0)
        let points = plan.threshold.isOfEngagement ? engaged : engaged + fit
        func isAtLeast(_ bound: Int) -> Bool? {
            let distance = points - Double(bound)
            if isExact { return distance > -0.000_1 }
            return abs(distance) < Self.margin ? nil : distance > 0
        }
        let fits = plan.threshold.fitAtLeast.map { fit >= Double($0) } ?? true
        let meets = isAtLeast(plan.threshold.atLeast).map { $0 && fits }
        guard let until = plan.threshold.until else { return (meets, false) }
        return (meets, isAtLeast(until).map(!))
    }

    /// The points of what it did, and whether nothing of them was rounded.
    private func engagement(of facts: StageFacts, at: Instant) -> (Double, Bool) {
        var (sum, group, isExact) = (0.0, 0.0, true)
        func worth(_ deeds: [StageFacts.Deed], _ points: (StageFacts.Deed) -> Int, _ halfLife: Int?) -> Double {
            deeds.reduce(0) { sum, deed in
                let age = floor(at.unix / Self.day) - floor(deed.at.unix / Self.day)
                guard let halfLife, age > 0 else { return sum + Double(points(deed)) }
                let halvings = age / Double(halfLife)
                if halvings != halvings.rounded() || halvings > 3 { isExact = false }
                return sum + (Double(points(deed)) * pow(2, -halvings) * 1_000).rounded() / 1_000
            }
        }
        for rule in plan.rules {
            var deeds = facts.did[rule.event] ?? []
            if rule.countsOnce { deeds = deeds.suffix(1) }
            var points = worth(deeds, { _ in rule.points }, rule.halfLife ?? plan.halfLife)
            if let cap = rule.cap { points = min(max(points, -Double(cap)), Double(cap)) }
            if rule.isOfGroup { group += points } else { sum += points }
        }
        sum += min(max(group, -Double(plan.groupCap)), Double(plan.groupCap))
        return (sum + worth(facts.did[StageFacts.steps] ?? [], \.points, plan.halfLife), isExact)
    }
}

extension Instant {
    fileprivate var unix: Double { Double(milliseconds) / 1_000 }
}
