import DripCore

/// G6: the steps of a run go one at a time, in the order of the file, never before their plan, and the gap apart.
///
/// The order is that of true time; plan and gap are judged by the engine's clock at the marks. A further attempt of a
/// step has passed its gap already.
package struct OrderChecker: Checker, Sendable {
    package static let guarantee = "G6"
    package private(set) var judged = 0

    private struct Sent {
        var step: String
        var at: Instant
        var plannedAt: Instant
    }

    private var live: FolderPlan?
    private var underWay: [Run: (mark: Mark, at: Instant)] = [:]
    private var last: [Run: Sent] = [:]
    private var sent: [Run: [String]] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .live(let folder): live = folder
        case .marked(let mark):
            let complaints = judge(mark, at: fact.shown)
            underWay[mark.run] = (mark, fact.shown)
            return complaints
        case .answered(let number, let outcome):
            guard let (run, (mark, at)) = underWay.first(where: { $0.value.mark.number == number }) else { return [] }
            underWay[run] = nil
            if outcome == .accepted || outcome == .unknown { take(mark, at) }
        case .died:
            for (mark, at) in underWay.values { take(mark, at) }
            underWay = [:]
        default: break
        }
        return []
    }

    private mutating func take(_ mark: Mark, _ at: Instant) {
        last[mark.run] = Sent(step: mark.step, at: at, plannedAt: mark.plannedAt)
        sent[mark.run, default: []].append(mark.step)
    }

    private mutating func judge(_ mark: Mark, at now: Instant) -> [String] {
        judged += 1
        var complaints: [String] = []
        if let other = underWay[mark.run]?.mark {
            complaints.append("\(mark.name) was marked while \(other.step) was under way")
        }
        if now < mark.plannedAt { complaints.append("\(mark.name) was marked at \(now), before \(mark.plannedAt)") }
        let order = live?.campaigns[mark.run.campaign]?.steps.map(\.id) ?? []
        guard let place = order.firstIndex(of: mark.step) else {
            return complaints + ["\(mark.name) was marked, and the file has no such step"]
        }
        for earlier in sent[mark.run] ?? [] where order.firstIndex(of: earlier).map({ $0 > place }) ?? false {
            complaints.append("\(mark.name) was marked after \(earlier), which stands behind it")
        }
        let isTransactional = live?.campaigns[mark.run.campaign]?.steps[place].isTransactional ?? false
        if mark.attempt == 1, !isTransactional, let last = last[mark.run], let minGap = live?.policy.minGap {
            let gap = max(.zero, min(minGap, mark.plannedAt - last.plannedAt))
            if now < last.at + gap {
                complaints.append(
                    "\(mark.name) was marked at \(now), less than \(gap) after \(last.step) at \(last.at)")
            }
        }
        return complaints
    }
}
