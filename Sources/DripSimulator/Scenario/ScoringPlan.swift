/// A `scoring.yaml` as the simulator means it; its judge goes by these values, the engine reads the YAML.
package struct ScoringPlan: Hashable, Sendable {
    /// Points for an event.
    package struct Rule: Hashable, Sendable {
        package var event: String
        package var points: Int
        package var countsOnce = false
        package var cap: Int?
        /// In days; nil for that of the file.
        package var halfLife: Int?
        /// Whether the group's cap holds it.
        package var isOfGroup = false

        fileprivate var yaml: String {
            let more = [
                countsOnce ? "count: once" : nil, cap.map { "cap: \($0)" }, halfLife.map { "half_life: \($0)d" },
                isOfGroup ? "group: g" : nil,
            ].compactMap(\.self)
            return "{ \((["on: \(event)", "points: \(points)"] + more).joined(separator: ", ")) }"
        }
    }

    /// The two thresholds of `mql`.
    package struct Threshold: Hashable, Sendable {
        /// Whether engagement alone is asked for.
        package var isOfEngagement = false
        package var atLeast: Int
        package var fitAtLeast: Int?
        /// Below it, who is `mql` is a lead again.
        package var until: Int?

        fileprivate var yaml: String {
            let measure = isOfEngagement ? "engagement" : "score"
            let fit = fitAtLeast.map { ", fit: { at_least: \($0) }" } ?? ""
            let until = until.map { ", until: { \(measure): { less_than: \($0) } }" } ?? ""
            return "if: { \(measure): { at_least: \(atLeast) }\(fit) }\(until)"
        }
    }

    /// By tier.
    package var fit: [String: Int]
    package var rules: [Rule]
    /// Of the file, in days.
    package var halfLife: Int?
    package var groupCap = 20
    package var threshold: Threshold
    /// The event that leads to each stage, where one does.
    package var events: [String: String]
    /// Who in sales takes leads over.
    package var handoff: HandoffPlan?
    /// Who else hears of leads.
    package var crm: CRMPlan?

    package var yaml: String {
        let fit = fit.sorted { $0.key < $1.key }.map { "{ if: { tier: \($0.key) }, points: \($0.value) }" }
        var text = "fit: [ \(fit.joined(separator: ", ")) ]\n"
        text += "engagement: [ \(rules.map(\.yaml).joined(separator: ", ")) ]\n"
        if let halfLife { text += "half_life: \(halfLife)d\n" }
        if rules.contains(where: \.isOfGroup) { text += "groups: { g: \(groupCap) }\n" }
        text += "stages:\n  mql: { \(threshold.yaml)\(events["mql"].map { ", on: \($0)" } ?? "") }\n"
        for (stage, event) in events.sorted(by: { $0.key < $1.key }) where stage != "mql" {
            text += "  \(stage): { on: \(event) }\n"
        }
        return text + (handoff?.yaml ?? "") + (crm?.yaml ?? "")
    }
}

extension CampaignPlan {
    /// Whether nothing but the state says who is enrolled in it, because the engine itself finds out at which stage leads are.
    var enrolsByStage: Bool { if case .stage? = enrollWhen { true } else { false } }
}
