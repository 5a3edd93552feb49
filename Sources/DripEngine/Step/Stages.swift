import DripCore
import DripStore

// How stages move, in the turn or command that changes what they follow from.
//
// The rule: `StageMove.swift` says where a lead stands; here it is noted and journaled, and the next instant at which time alone
// may move it is set. What a move ends and begins in campaigns, `factsChanged` sees, because the stage is a fact like others.
//
// Edge cases: without a scoring.yaml nobody moves, and who moved before stays. A changed scoring.yaml moves nobody by itself: each
// lead is judged by it at its next event, changed fact or known instant. An erased lead has no stage.

extension Engine {
    private static let looksPerCommit = 500

    /// The lead where its facts, and what it did just now, have led it.
    func staged(
        _ lead: Lead, by event: EventName?, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Lead {
        guard lead.erasedAt == nil else { return lead }
        try mark(lead, now: now, in: transaction)
        var lead = lead
        let before = lead.stage
        lead.stage.lookAt = nil
        if let scoring = programme.policy.scoring {
            for move in scoring.moves(of: programme.stageFacts(of: lead, now: now), by: event) {
                try journal(move, of: lead, now: now, in: transaction)
                lead.stage = LeadStage(move.stage, since: now)
            }
            let facts = programme.stageFacts(of: lead, now: now)
            if scoring.arms(facts) { lead.stage.isArmed = true }
            lead.stage.lookAt = scoring.nextLook(programme.stageFacts(of: lead, now: now))
        }
        guard lead.stage != before else { return lead }
        try transaction.setStage(lead.stage, of: lead.id)
        if lead.stage.stage != before.stage {
            for (id, flight) in flights where flight.lead.id == lead.id { draft.changedLeads[id] = lead }
        }
        return lead
    }

    func journal(
        _ move: StageMove, of lead: Lead, now: Instant, in transaction: any StoreTransaction
    ) throws {
        try transaction.countStage(move.stage, of: lead.id, at: now)
        let words = "\(lead.stage.stage.rawValue) → \(move.stage.rawValue): \(move.reason)"
        try transaction.journal(JournalEntry(at: now, kind: .stageMoved, lead: lead.id, detail: words))
    }

    /// Looks at the leads whose stage time alone may have moved.
    ///
    /// Not in the hour after the clock leapt over the alarm by more than two days, or stood as long: one that is wrong for a moment
    /// moves nobody.
    func lookAtStages(now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft) throws {
        guard now >= looksFrom else { return }
        let leads = try transaction.leadsToLookAt(by: now, limit: Self.looksPerCommit)
        for lead in leads {
            let staged = try staged(lead, by: nil, now: now, in: transaction, draft: &draft)
            guard staged.stage.stage != lead.stage.stage else { continue }
            draft.changed.insert(lead.id)
            _ = try consequences(from: lead, to: staged, now: now, in: transaction, draft: &draft)
        }
        if leads.count == Self.looksPerCommit { draft.moreIsDue = true }
    }

    /// Puts a lead at a stage because a person says so.
    func stage(_ request: StageRequest, now: Instant, effects: inout [Effect]) throws -> StageAnswer {
        let because = Self.line(request.because, 200)
        guard !because.allSatisfy(\.isWhitespace) else {
            throw ControlError(.invalid, "say why, in one line: it is kept in the history")
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let lead = try find(request.lead, in: transaction)
            if let refusal = Forgotten.refusal(try doNotSend(lead, in: transaction).suppression) {
                throw ControlError(.invalid, "not moved: \(refusal)")
            }
            guard programme.policy.scoring != nil else {
                throw ControlError(.invalid, "nobody has a stage without a scoring.yaml: write one beside policy.yaml")
            }
            var answer = StageAnswer(lead: lead.key, was: lead.stage.stage, stage: request.stage)
            try journal(
                StageMove(stage: request.stage, reason: because), of: lead, now: now, in: transaction)
            var moved = lead
            let isMove = lead.stage.stage != request.stage
            moved.stage = LeadStage(request.stage, since: isMove ? now : lead.stage.since)
            try transaction.setStage(moved.stage, of: lead.id)
            for (id, flight) in flights where flight.lead.id == lead.id { draft.changedLeads[id] = moved }
            let came = try factsChanged(from: lead, to: moved, now: now, in: transaction, draft: &draft)
            (answer.enrolledIn, answer.exitedFrom) = (came.enrolledIn, came.exitedFrom)
            answer.stage = try transaction.lead(key: lead.key)?.stage.stage ?? request.stage
            return answer
        }
    }
}
