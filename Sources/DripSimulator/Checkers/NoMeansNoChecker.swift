import DripCore

/// G5: once a do-not-send entry, an opt-out, a goal or an exit is on disk, no mark commits for that mailbox or run.
///
/// An unsubscribe and an opt-out leave transactional steps alone; an opt-out is of a campaign's topic, or of a step's own.
/// Where an entry is taken back, what it ended stays ended. Who has no mailbox says no by an event of its own.
package struct NoMeansNoChecker: Checker, Sendable {
    package static let guarantee = "G5"
    package private(set) var judged = 0
    package private(set) var judgedByRule = [
        "topic": 0, "step topic": 0, "over": 0, "taken back": 0, "no mailbox": 0, "merged": 0, "own mailbox": 0,
        "back": 0,
    ]

    private var suppressed: [String: Int] = [:]
    private var unsubscribed: [String: Int] = [:]
    private var optedOut: [String: Set<String>] = [:]
    private var plans = RunPlans()
    private var people = People()
    private var over: [Run: Int] = [:]
    /// Mailboxes of leads, as far as they are known for certain, and runs of theirs.
    private var mailboxes: [String: String] = [:]
    private var runs: Set<Run> = []
    /// Leads that have no mailbox, and when they said no; not total: what is transactional may still go.
    private var unreachable: Set<String> = []
    private var refused: [String: (step: Int, isTotal: Bool)] = [:]
    /// Runs that went on no more because their mailbox said so.
    private var endedByMailbox: Set<Run> = []
    /// Runs that an edit may have brought back, each with when it was over, and those of them that were marked since: the ledger
    /// says in the end whether they were completed before.
    private var perhapsBack: [Run: Instant] = [:]
    private var wentOn: [Run: (mark: String, over: Instant)] = [:]
    private var overAt: [Run: Instant] = [:]
    /// Whose entries were once taken back.
    private var takenBack: Set<String> = []

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        let before = plans
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live:
            bringBack(before)
            bringBackCompleted(before)
        case .lead(let plan, let isCertain):
            mailboxes[plan.key] = isCertain ? plan.mailbox : nil
            if isCertain, plan.mailbox == nil { unreachable.insert(plan.key) } else { unreachable.remove(plan.key) }
            if people.mergedAt[plan.key]?.last == fact.shown { endByNos(of: plan.key, by: fact) }
        case .merged(let from, let into):
            (mailboxes[from], mailboxes[into]) = (nil, nil)
            unreachable.subtract([from, into])
            // Who has no mailbox still has said no, also as the other.
            if let no = refused[from] {
                refused[into] = (refused[into]?.step ?? fact.step, no.isTotal || refused[into]?.isTotal == true)
            }
        case .happened(let lead, let event, _, true)
        where unreachable.contains(lead) && ["unsubscribed", "complained"].contains(event):
            let isTotal = event == "complained" || refused[lead]?.isTotal == true
            refused[lead] = (refused[lead]?.step ?? fact.step, isTotal)
        case .enrolled(let run, true, let isNew):
            runs.insert(run)
            let isReceiptOwed = plans.plan(of: run)?.hasTransactionalStep ?? true
            if isNew, unreachable.contains(people.now(run)), let no = refused[people.now(run)], no.step < fact.step,
                no.isTotal || !isReceiptOwed
            {
                return ["\(run) began in step \(fact.step), and \(run.lead) said no in step \(no.step)"]
            }
        case .suppressed(let mailbox, true):
            suppressed[mailbox] = suppressed[mailbox] ?? fact.step
            end(mailbox, by: fact) { _ in true }
        case .suppressed(let mailbox, false):
            unsubscribed[mailbox] = unsubscribed[mailbox] ?? fact.step
            end(mailbox, by: fact) { !$0.hasTransactionalStep }
        case .optedOut(let mailbox, let topic):
            optedOut[mailbox, default: []].insert(topic)
            end(mailbox, by: fact) { $0.topic == topic && !$0.hasTransactionalStep }
        case .unsuppressed(let mailbox, nil):
            takenBack.insert(mailbox)
            (suppressed[mailbox], unsubscribed[mailbox]) = (nil, nil)
        case .unsuppressed(let mailbox, let topic?):
            takenBack.insert(mailbox)
            optedOut[mailbox]?.remove(topic)
        case .over(let run):
            (overAt[run], over[run]) = (over[run] == nil ? fact.shown : overAt[run], over[run] ?? fact.step)
            perhapsBack[run] = nil
        case .ledger(let ledger): return ledger.lines.flatMap { judge($0) }
        // A person has it sent again, which is refused while the mailbox says no: it goes on.
        case .resent(let run, _): (over[run], perhapsBack[run]) = (nil, nil)
        case .marked(let mark):
            judged += 1
            let campaign = plans.plan(of: mark.run)
            let step = plans.step(of: mark)
            // Where nobody knows by which files it goes, it may be.
            let isTransactional = step?.isTransactional ?? (campaign == nil)
            if people.isMerged(mark.run.lead) { judgedByRule["merged", default: 0] += 1 }
            if let own = mailboxes[people.now(mark.run)] {
                judgedByRule["own mailbox", default: 0] += 1
                if mark.mailbox != own {
                    return ["\(mark.name) is for \(mark.mailbox ?? "nobody"), its lead's is \(own)"]
                }
            }
            if !over.isEmpty { judgedByRule["over", default: 0] += 1 }
            if let mailbox = mark.mailbox, takenBack.contains(mailbox) { judgedByRule["taken back", default: 0] += 1 }
            if let mailbox = mark.mailbox, !isTransactional, let no = optedOut[mailbox], !no.isEmpty {
                if campaign?.topic != nil { judgedByRule["topic", default: 0] += 1 }
                if step?.topic != nil { judgedByRule["step topic", default: 0] += 1 }
                for topic in [campaign?.topic, step?.topic].compactMap({ $0 }) where no.contains(topic) {
                    return ["\(mark.name) was marked in step \(fact.step), \(mailbox) has opted out of \(topic)"]
                }
            }
            if let mailbox = mark.mailbox,
                let step = suppressed[mailbox] ?? (isTransactional ? nil : unsubscribed[mailbox])
            {
                return ["\(mark.name) was marked in step \(fact.step), \(mailbox) is suppressed since step \(step)"]
            }
            if unreachable.contains(people.now(mark.run)) {
                judgedByRule["no mailbox", default: 0] += 1
                if let no = refused[people.now(mark.run)], no.isTotal || !isTransactional {
                    return ["\(mark.name) was marked in step \(fact.step), \(mark.run.lead) said no in step \(no.step)"]
                }
            }
            if let at = perhapsBack[mark.run] { wentOn[mark.run] = wentOn[mark.run] ?? (mark.name, at) }
            if let step = over[mark.run] {
                return ["\(mark.name) was marked in step \(fact.step), the run is over since step \(step)"]
            }
        default: break
        }
        return []
    }

    /// What was completed before an event that would have ended it was not ended by that, which nobody outside can tell: an edit
    /// that brings runs back and asks for other events may have it go on.
    private mutating func bringBackCompleted(_ before: RunPlans) {
        for run in over.keys where !endedByMailbox.contains(run) {
            guard let old = before.plan(of: run), let new = plans.plan(of: run),
                (old.goal, old.exitOn) != (new.goal, new.exitOn)
            else { continue }
            let known = old.steps.map(\.id)
            if new.steps.contains(where: { $0.reopens && !known.contains($0.id) }) {
                (over[run], perhapsBack[run]) = (nil, overAt[run])
            }
        }
    }

    /// Of a run that went on behind such an edit: it was completed when it would have been ended, and was not ended by that.
    private mutating func judge(_ line: Ledger.Line) -> [String] {
        guard let (mark, at) = wentOn[line.run] else { return [] }
        judgedByRule["back", default: 0] += 1
        let ended = line.entries.filter {
            $0.kind == "exited" && $0.at == at
                && ["goalReached", "exitCondition", "suppressed", "optedOut"].contains($0.reason)
        }
        let isBack = line.entries.contains { $0.kind == "reopened" }
        return ended.isEmpty && isBack ? [] : ["\(mark) was marked, and the run was over since \(at), not completed"]
    }

    /// What was completed before its mailbox said no was not ended by that, which nobody outside can tell: where the no was
    /// taken back, a step that brings runs back may go.
    private mutating func bringBack(_ before: RunPlans) {
        for run in endedByMailbox {
            let known = before.plan(of: run)?.steps.map(\.id) ?? []
            let added = plans.plan(of: run)?.steps.filter { $0.reopens && !known.contains($0.id) } ?? []
            guard !added.isEmpty, let mailbox = mailboxes[people.now(run)], suppressed[mailbox] == nil,
                unsubscribed[mailbox] == nil,
                // An opt-out of what the campaign is not about does not keep it from that; of a step's own topic the mark tells.
                !(plans.plan(of: run)?.topic.map { optedOut[mailbox]?.contains($0) ?? false } ?? false)
            else { continue }
            (over[run], perhapsBack[run]) = (nil, overAt[run])
            endedByMailbox.remove(run)
        }
    }

    /// What the mailbox of two that are one has said no to, ends the runs that come to it.
    private mutating func endByNos(of lead: String, by fact: Fact) {
        guard let mailbox = mailboxes[lead] else { return }
        if suppressed[mailbox] != nil { end(mailbox, by: fact) { _ in true } }
        if unsubscribed[mailbox] != nil { end(mailbox, by: fact) { !$0.hasTransactionalStep } }
        let topics = optedOut[mailbox] ?? []
        end(mailbox, by: fact) { $0.topic.map(topics.contains) ?? false && !$0.hasTransactionalStep }
    }

    /// Runs of a mailbox that go on no more, whatever becomes of the entry.
    private mutating func end(_ mailbox: String, by fact: Fact, where isEnded: (CampaignPlan) -> Bool) {
        for run in runs where mailboxes[people.now(run)] == mailbox {
            guard let campaign = plans.plan(of: run), isEnded(campaign), over[run] == nil else { continue }
            (over[run], overAt[run]) = (fact.step, fact.shown)
            endedByMailbox.insert(run)
        }
    }
}

extension CampaignPlan {
    fileprivate var hasTransactionalStep: Bool { steps.contains(where: \.isTransactional) }
}
