import DripCore

/// G4: no send starts outside the send window, in the lead's own zone, by the engine's clock.
package struct HoursChecker: Checker, Sendable {
    package static let guarantee = "G4"
    package private(set) var judged = 0

    private let clocks: [String: WallClock]
    private var leads: [String: LeadPlan] = [:]
    private var live: FolderPlan?

    package init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .live(let folder): live = folder
        case .lead(let plan, _): leads[plan.key] = plan
        case .marked(let mark):
            guard let campaign = live?.campaigns[mark.run.campaign], let window = campaign.window else { return [] }
            let names = [leads[mark.run.lead]?.zone, campaign.zone, live?.policy.zone]
            guard let zone = names.compactMap({ $0 }).first(where: { clocks[$0] != nil }),
                let isOpen = clocks[zone]?.isOpen(window, at: fact.shown)
            else { return [] }
            judged += 1
            if !isOpen { return ["\(mark.name) was marked at \(fact.shown), outside the window in \(zone)"] }
        default: break
        }
        return []
    }
}
