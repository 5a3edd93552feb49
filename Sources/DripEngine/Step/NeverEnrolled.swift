import DripCore

// Why a lead was never enrolled in a campaign, for whoever asks: what enrols leads there, and what of it this lead lacks.

extension Engine {
    /// Goes on after "was never enrolled in X".
    func whyNeverEnrolled(_ lead: Lead, in campaign: Campaign, _ said: DoNotSend, now: Instant) -> String {
        guard said.ending(at: nil, of: campaign) == nil else { return "the do-not-send list keeps it out" }
        let facts = programme.conditionFacts(of: lead, nil, in: campaign, now: now)
        var ways: [String] = []
        if let condition = campaign.enrollWhen {
            let obstacles = condition.obstacles(for: facts)
            ways.append(
                obstacles.isEmpty
                    ? "it is enrolled when this becomes so: \(condition); nothing followed from it when it became so"
                    : "it is enrolled when this becomes so: \(condition); now \(obstacles.joined(separator: "; "))")
        }
        if !campaign.enrollOn.isEmpty {
            let done = campaign.enrollOn.filter { lead.history.occurrences[$0]?.isEmpty == false }
            let obstacles = campaign.enrollIf?.obstacles(for: facts) ?? []
            let events = campaign.enrollOn.map(\.rawValue).joined(separator: " or ")
            ways.append(
                "\(events) enrols leads" + (campaign.enrollIf.map { ", if \($0)" } ?? "") + "; "
                    + (done.isEmpty
                        ? "it never did that"
                        : "it did \(done.map(\.rawValue).joined(separator: " and ")) when nothing followed from it")
                    + (obstacles.isEmpty ? "" : ", and now \(obstacles.joined(separator: "; "))"))
        }
        let forms = programme.forms.filter { $0.value.enroll == campaign.id || $0.value.confirm == campaign.id }
        ways += forms.keys.map { "the form \($0) enrols whoever signs up" }.sorted()
        let steps = programme.campaigns.flatMap { id, entry in
            entry.campaign.steps.filter { $0.action == .inner(.enrollIn(campaign.id)) }.map {
                "\(id)/\($0.id) enrols leads"
            }
        }
        ways += steps.sorted()
        if ways.isEmpty { ways = ["nothing enrols leads by itself"] }
        return (ways + ["`dripd enroll` does it by hand"]).joined(separator: "; ")
    }
}
