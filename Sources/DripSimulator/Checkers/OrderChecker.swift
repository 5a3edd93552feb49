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
        /// The how manieth version of the files was live.
        var version: Int
    }

    private var plans = RunPlans()
    private var people = People()
    private var version = 0
    private var underWay: [Run: (mark: Mark, at: Instant)] = [:]
    private var last: [Run: Sent] = [:]
    private var sent: [Run: [String]] = [:]
    /// When the process last died, by the engine's clock: a mark of that moment may be on disk and was never handed out.
    private var diedAt: Instant?
    /// Steps that somebody had sent again, out of their turn.
    private var resent: Set<String> = []

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live: version += 1
        // What the other lead got last, may be what the gap counts from.
        case .merged: last = last.filter { run, _ in !people.isTouched(run) }
        case .resent(let run, let step): resent.insert("\(run)/\(step)")
        case .marked(let mark):
            let complaints = judge(mark, at: fact.shown)
            underWay[mark.run] = (mark, fact.shown)
            return complaints
        case .answered(let number, let outcome, _):
            guard let (run, (mark, at)) = underWay.first(where: { $0.value.mark.number == number }) else { return [] }
            underWay[run] = nil
            if outcome == .accepted || outcome == .unknown { take(mark, at) }
        case .died:
            for (mark, at) in underWay.values { take(mark, at) }
            underWay = [:]
            diedAt = fact.shown
        default: break
        }
        return []
    }

    private mutating func take(_ mark: Mark, _ at: Instant) {
        // A note to a colleague is nothing that the lead got.
        if !mark.isNotice {
            last[mark.run] = Sent(step: mark.step, at: at, plannedAt: mark.plannedAt, version: version)
        }
        sent[mark.run, default: []].append(mark.step)
    }

    /// Whether a step in between may have been in doubt at a death that nobody outside saw the mark of.
    private func mayHideASend(between last: Sent, and place: Int, of order: [String]) -> Bool {
        guard let diedAt, diedAt >= last.at, let lastPlace = order.firstIndex(of: last.step) else { return false }
        return place > lastPlace + 1
    }

    private mutating func judge(_ mark: Mark, at now: Instant) -> [String] {
        judged += 1
        var complaints: [String] = []
        if let other = underWay[mark.run]?.mark {
            complaints.append("\(mark.name) was marked while \(other.step) was under way")
        }
        if now < mark.plannedAt, !resent.contains(mark.name) {
            complaints.append("\(mark.name) was marked at \(now), before \(mark.plannedAt)")
        }
        guard let campaign = plans.plan(of: mark.run) else { return complaints }
        let order = campaign.steps.map(\.id)
        guard let place = order.firstIndex(of: mark.step) else {
            return complaints + ["\(mark.name) was marked, and the file has no such step"]
        }
        for earlier in sent[mark.run] ?? []
        where !resent.contains(mark.name) && order.firstIndex(of: earlier).map({ $0 > place }) ?? false {
            complaints.append("\(mark.name) was marked after \(earlier), which stands behind it")
        }
        let isTransactional = campaign.steps[place].isTransactional
        if mark.attempt == 1, !isTransactional, let last = last[mark.run], let minGap = plans.live?.policy.minGap,
            !mayHideASend(between: last, and: place, of: order)
        {
            let isBehind = campaign.steps[place].anchor == .previous
            let distance = max(.zero, min(minGap, mark.plannedAt - (isBehind ? last.at : last.plannedAt)))
            let gap = isOvertaken(mark, by: last) ? minGap : distance
            if now < last.at + gap {
                complaints.append(
                    "\(mark.name) was marked at \(now), less than \(gap) after \(last.step) at \(last.at)")
            }
        }
        return complaints
    }

    /// Whether a day of its own is planned for the very instant of what stands on no day, or on another: nothing but a wait
    /// that outlasted it brings it there, where every hour is open and the files have not changed.
    private func isOvertaken(_ mark: Mark, by last: Sent) -> Bool {
        guard mark.plannedAt == last.plannedAt, last.version == version,
            let campaign = plans.plan(of: mark.run), campaign.window == nil,
            let step = campaign.steps.first(where: { $0.id == mark.step }), step.anchor == .enrollment,
            case .day(let number, _) = step.timing, number > 1, step.spread == .zero,
            let other = campaign.steps.first(where: { $0.id == last.step }), other.spread == .zero
        else { return false }
        if case .day(let another, _) = other.timing, other.anchor == .enrollment {
            // Of day 1 nothing loud may be left behind the enrollment: its own plan is the next day then.
            return another != number && (another > 1 || plans.live?.policy.quietHours == nil)
        }
        return other.anchor == .previous
    }
}
