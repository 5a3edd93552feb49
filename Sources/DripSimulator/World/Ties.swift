import DripCore

/// Runs that began in the very millisecond in which their goal's event came: which was first, no instant tells, so that such a
/// run may be led on by it.
struct Ties {
    private var shown = Instant.epoch
    private var begun: Set<Run> = []
    private var happened: Set<String> = []

    mutating func take(_ fact: Fact, _ plans: RunPlans, _ people: People) -> [Run] {
        if fact.shown != shown { (shown, begun, happened) = (fact.shown, [], []) }
        func goal(of run: Run) -> String? {
            guard let campaign = plans.plan(of: run), campaign.jumpTo != nil else { return nil }
            return campaign.goal.map { "\(people.now(run))/\($0)" }
        }
        switch fact.what {
        case .enrolled(let run, _, _):
            begun.insert(run)
            return goal(of: run).map(happened.contains) ?? false ? [run] : []
        case .happened(let lead, let event, _, _):
            happened.insert("\(lead)/\(event)")
            return begun.filter { goal(of: $0) == "\(lead)/\(event)" }.sorted { "\($0)" < "\($1)" }
        default: return []
        }
    }
}
