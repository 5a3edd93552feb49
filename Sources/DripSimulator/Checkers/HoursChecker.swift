import DripCore

/// G4: no send starts outside the send window, on a holiday or in quiet hours, in the lead's own zone.
///
/// Judged by the engine's clock. Where nobody knows whether a lead's move was stored, either of its zones will do.
package struct HoursChecker: Checker, Sendable {
    package static let guarantee = "G4"
    package private(set) var judged = 0

    private let clocks: [String: WallClock]
    private var leads: [String: [LeadPlan]] = [:]
    private var plans = RunPlans()
    private var people = People()

    package init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .lead(let plan, let isCertain): leads[plan.key] = isCertain ? [plan] : (leads[plan.key] ?? []) + [plan]
        case .marked(let mark):
            guard let campaign = plans.plan(of: mark.run), let policy = plans.live?.policy,
                campaign.window != nil || policy.quietHours != nil,
                campaign.steps.first(where: { $0.id == mark.step })?.isTransactional != true
            else { return [] }
            let zones = (leads[people.now(mark.run)] ?? [LeadPlan(key: mark.run.lead)]).compactMap { lead in
                [lead.zone, campaign.zone, policy.zone].compactMap { $0 }.first { clocks[$0] != nil }
            }
            let verdicts = zones.compactMap { clocks[$0]?.isOpen(campaign.window, policy, at: fact.shown) }
            guard !verdicts.isEmpty, verdicts.count == zones.count else { return [] }
            judged += 1
            if !verdicts.contains(true) {
                return [
                    "\(mark.name) was marked at \(fact.shown), when it was closed in \(zones.joined(separator: ", "))"
                ]
            }
        default: break
        }
        return []
    }
}
