/// Leads that one list tells of twice, and not the same: by which of the two rows a run of that moment was planned, nobody outside
/// can tell. (A list names a lead twice where it names it by the key of one that was merged as well.)
struct UnclearFacts: Sendable {
    private var last: [String: (step: Int, plan: LeadPlan)] = [:]
    private var unclear: [String: Int] = [:]

    mutating func hear(_ fact: Fact) {
        guard case .lead(let plan, _) = fact.what else { return }
        if let before = last[plan.key], before.step == fact.step,
            before.plan.zone != plan.zone || before.plan.endsOn != plan.endsOn
        {
            unclear[plan.key] = fact.step
        }
        last[plan.key] = (fact.step, plan)
    }

    /// Whether a run that began by this fact is of such a lead.
    func holds(_ run: Run, in fact: Fact) -> Bool { unclear[run.lead] == fact.step }
}
