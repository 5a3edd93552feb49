import DripCore
import DripStore

extension Engine {
    /// Does what a step that sends nothing does, and moves its enrollment on, in the turn's own transaction.
    ///
    /// Which arm is taken is `Situation.arm`'s to say; what changes beside the enrollment is written here.
    func perform(
        _ claim: Claim, _ situation: Situation, in entry: Programme.Entry, by facts: PlanFacts, now: Instant,
        transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        guard case .inner(let action) = situation.step.action else { return }
        var (facts, detail, changed) = (facts, situation.deed(now), Lead?.none)
        switch action {
        case .waitFor, .branch, .split, .repetition: break
        case .score(let points):
            let scored = EventHistory.Occurrence(
                at: now, step: .init(entry.campaign.id, situation.step.id), keys: ["points": "\(points)"])
            try transaction.add(.scored, scored, to: claim.lead.id)
            changed = claim.lead
            changed?.history.add(.scored, scored)
        case .set(let changes):
            let (values, refused) = changes.applied(to: claim.lead.attributes)
            for (name, values) in refused.sorted(by: { $0.key < $1.key }) {
                detail += ", no room in \(name) for \(values.map(\.text).joined(separator: ", "))"
            }
            let stored = try transaction.upsert(LeadDraft(key: claim.lead.key, address: nil, attributes: values)).lead
            facts = planFacts(of: stored, in: entry.campaign)
            changed = stored
        case .enrollIn(let id):
            draft.changed.insert(claim.lead.id)
            detail += try enroll(claim.lead, byStepIn: id, now: now, in: transaction).map { ", not done: \($0)" } ?? ""
        case .handoff(let rule):
            let given = try handOver(
                claim.lead, rule, by: situation.step.id, of: claim.enrollment, now: now, in: transaction, draft: &draft)
            (changed, detail) = (given.lead, given.detail)
            facts = planFacts(of: given.lead, in: entry.campaign)
        case .exitFrom(let id):
            draft.changed.insert(claim.lead.id)
            for other in try transaction.enrollments(of: claim.lead.id) where other.campaign == id && other.isOngoing {
                try exit(other, reason: .exitCondition, now: now, in: transaction, draft: &draft)
            }
        }
        let moved = claim.enrollment.performed(situation, by: facts, now: now)
        try end(claim, as: .performed, reason: nil, detail, moved: moved, now: now, in: transaction)
        if let changed {
            draft.changed.insert(changed.id)
            try attributesChanged(from: claim.lead, to: changed, now: now, in: transaction, draft: &draft)
        }
    }

    /// Enrols a lead in another campaign; answers why not, nil where it is done.
    private func enroll(
        _ lead: Lead, byStepIn id: CampaignID, now: Instant, in transaction: any StoreTransaction
    ) throws -> String? {
        guard let entry = programme.campaigns[id] else { return "there is no campaign \(id) that can run" }
        guard try doNotSend(lead, in: transaction).ending(at: nil, of: entry.campaign) == nil else {
            return "the mailbox has said no"
        }
        switch try start(lead, in: entry, now: now, transaction: transaction) {
        case .started: return nil
        case .refused(let refusal): return refusal.inWords
        }
    }

    /// Leads an enrollment whose goal is reached on to the step behind it; false where it ends instead.
    func jump(
        _ claim: Claim, _ situation: Situation, in campaign: Campaign, by facts: PlanFacts, now: Instant,
        transaction: any StoreTransaction
    ) throws -> Bool {
        guard let target = campaign.goal?.jumpTo,
            let moved = claim.enrollment.jumped(to: target, in: campaign, by: facts, now: now)
        else { return false }
        let entry = JournalEntry(
            at: now, kind: .jumped, lead: claim.lead.id, enrollment: claim.enrollment.id, campaign: campaign.id,
            step: claim.pending.step, reason: .goalReached, plannedAt: nil, detail: "on to \(target)")
        guard let delivery = claim.delivery else {
            try transaction.advance(moved, was: claim.pending, entry: entry)
            return true
        }
        if target == claim.pending.step || claim.enrollment.finished.contains(target) {
            // It is there, or behind it: what waits for its next attempt goes on waiting.
            let put = claim.enrollment.choosing(Campaign.reached, at: Campaign.goalChoice)
            try transaction.advance(put, was: claim.pending, entry: entry)
            return true
        }
        // What was attempted and did not arrive is not attempted again.
        var end = entry
        end.kind = claim.pending.mayHaveArrived ? .inDoubt : .failed
        try transaction.settle(
            delivery.id, as: claim.pending.mayHaveArrived ? .inDoubt : .failed, enrollment: moved, entry: end)
        try countMessage(claim.pending.step, of: moved, as: end.kind, in: transaction)
        try transaction.journal(entry)
        return true
    }
}

extension Situation {
    /// What a step that sends nothing does, for the journal and for `plan`.
    func deed(_ now: Instant) -> String {
        guard case .inner(let action) = step.action else { return "" }
        switch action {
        case .waitFor(let condition, _):
            return arm(now: now) == InnerAction.then ? "it is so: \(condition)" : "time is over without: \(condition)"
        case .branch: return arm(now: now).map { "takes the branch \($0)" } ?? "takes no branch"
        case .split: return "takes the share \(arm(now: now) ?? "")"
        case .repetition: return "the repetition begins"
        case .set(let changes):
            return changes.sorted { $0.key < $1.key }.map { $1.words($0) }.joined(separator: ", ")
        case .score(let points): return "\(points < 0 ? "" : "+")\(points) points"
        case .enrollIn(let id): return "enrols in \(id)"
        case .exitFrom(let id): return "ends \(id)"
        case .handoff(.next): return "gives the lead to whoever's turn it is"
        case .handoff(.another): return "gives the lead to somebody else"
        }
    }
}

extension Again.Refusal {
    /// `the lead was enrolled in it before`.
    var inWords: String {
        switch self {
        case .before: "the lead was enrolled in it before"
        case .active: "the lead is enrolled in it now"
        case .noKey: "nothing says which run it is: the campaign's `key` has no value"
        case .tooMany: "the lead has run through \(Again.limit) campaigns"
        case .tooSoon(let at): "the lead was enrolled in it before, and may be again from \(at) on"
        }
    }
}
