import DripCore

/// G3: in no period does a mailbox get more counted messages than any cap allows.
///
/// Recounted at every mark over what was handed out before, by the engine's clock at the marks: what was accepted, what
/// is unknown, and what is under way. Charges later than the mark (the clock stepped back) count; what is transactional
/// is not held, and what does not count is not counted.
package struct CapsChecker: Checker, Sendable {
    package static let guarantee = "G3"
    package private(set) var judged = 0

    private let clocks: [String: WallClock]
    private var plans = RunPlans()
    private var people = People()
    private var leads: [String: LeadPlan] = [:]
    package private(set) var judgedByRule = [
        "rolling": 0, "day": 0, "week": 0, "month": 0, "channel": 0, "topic": 0, "campaign": 0, "each": 0,
        "of a campaign": 0, "merged": 0,
    ]
    private var charges: [String: [CountedSend]] = [:]
    private var mailboxes: [Int: String] = [:]
    /// What one step handed out to each mailbox.
    private var together: (step: Int, marks: [String: [(mark: Mark, caps: [PolicyPlan.Cap])]]) = (-1, [:])

    package init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .lead(let plan, _): leads[plan.key] = plan
        case .marked(var mark):
            guard let mailbox = mark.mailbox else { return [] }
            // What nobody knows the files of is neither held against anybody nor counted.
            guard let campaign = plans.plan(of: mark.run) else { return [] }
            mark.topic = plans.topic(of: mark)
            let step = campaign.steps.first { $0.id == mark.step }
            let caps = step?.isTransactional == true ? [] : plans.caps(on: mark)
            if !caps.isEmpty { judgedByRule["of a campaign", default: 0] += campaign.caps.count }
            if together.step != fact.step { together = (fact.step, [:]) }
            together.marks[mailbox, default: []].append((mark, caps))
            if step?.counts != false {
                mailboxes[mark.number] = mailbox
                charges[mailbox, default: []].append(CountedSend(mark: mark, at: fact.shown, isOpen: true))
            }
            for cap in caps { note(mark, mailbox, cap, at: fact.shown) }
            let complaints = judge(mark, caps, mailbox, at: fact.shown)
            return complaints.isEmpty || isInSomeOrder(mailbox, at: fact.shown) ? [] : complaints
        case .answered(let number, let outcome, _):
            guard let mailbox = mailboxes[number],
                let index = charges[mailbox]?.firstIndex(where: { $0.mark.number == number })
            else { return [] }
            if outcome == .accepted || outcome == .unknown {
                charges[mailbox]?[index].isOpen = false
            } else {
                charges[mailbox]?.remove(at: index)
            }
        case .died:
            for mailbox in charges.keys {
                for index in charges[mailbox, default: []].indices { charges[mailbox]?[index].isOpen = false }
            }
        default: break
        }
        return []
    }

    /// Whether there is an order in which a step may have decided what it handed out to a mailbox: each transport is handed its
    /// own, so that nobody sees it, and leads of two zones count by weeks of their own.
    private func isInSomeOrder(_ mailbox: String, at now: Instant) -> Bool {
        let marks = together.marks[mailbox] ?? []
        guard Set(marks.map(\.mark.transport)).count > 1, marks.count <= 5 else { return false }
        func goesOn(_ left: [(mark: Mark, caps: [PolicyPlan.Cap])]) -> Bool {
            left.indices.contains { index in
                let next = left[index]
                var behind = left
                behind.remove(at: index)
                let unseen = Set(behind.map(\.mark.number))
                return judge(next.mark, next.caps, mailbox, at: now, without: unseen).isEmpty && goesOn(behind)
            } || left.isEmpty
        }
        return goesOn(marks)
    }

    private func clock(of mark: Mark) -> WallClock? {
        let zones = [leads[people.now(mark.run)]?.zone, plans.plan(of: mark.run)?.zone, plans.live?.policy.zone]
        return zones.compactMap { $0 }.compactMap { clocks[$0] }.first
    }

    /// Notes what is judged.
    private mutating func note(_ mark: Mark, _ mailbox: String, _ cap: PolicyPlan.Cap, at now: Instant) {
        guard cap.matches(mark), cap.countsFrom(now, clock(of: mark)) != nil else { return }
        judged += 1
        if people.isMerged(mark.run.lead) { judgedByRule["merged", default: 0] += 1 }
        for rule in cap.rules { judgedByRule[rule, default: 0] += 1 }
    }

    /// What a mark breaks, by what was handed out before it.
    private func judge(
        _ mark: Mark, _ caps: [PolicyPlan.Cap], _ mailbox: String, at now: Instant, without: Set<Int> = []
    ) -> [String] {
        let all = (charges[mailbox] ?? []).filter { $0.mark.number != mark.number && !without.contains($0.mark.number) }
        // A message that goes again because it is in doubt is not held by its own last attempt, and both count for others.
        let own = all.last { $0.mark.name == mark.name }
        return caps.compactMap { cap in
            guard cap.matches(mark), let first = cap.countsFrom(now, clock(of: mark)) else { return nil }
            let counted = all.filter {
                ($0.isOpen || $0.at >= first) && $0.mark.number != own?.mark.number
                    && cap.counts($0.mark, against: mark)
            }
            guard counted.count >= cap.atMost else { return nil }
            return "\(mailbox) gets \(mark.name) at \(now) above \(cap.yaml): "
                + counted.map { "\($0.mark.name) at \($0.at)" }.joined(separator: ", ")
        }
    }
}
