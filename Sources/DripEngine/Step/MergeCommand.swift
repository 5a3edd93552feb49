import DripCore
import DripStore

// Two leads that are one person.
//
// The rule is `Merge.swift`'s; here it is asked for and carried out in one transaction, which refuses before it writes. What
// one of them did or said holds for the other's enrollments from then on, as if it had always been one lead: an event
// that would have ended a run ends it, and so does INTO's mailbox where it is on the do-not-send list.
//
// Edge cases: a message under way, one that waits for its next attempt and one in doubt are known to the other side by their
// enrollment's number, and may yet end a step: the merge is refused until that is known. While an edit is judged or put live,
// page by page, enrollments must keep their numbers. A merge enrols nobody: a condition that holds of both was each one's
// before; but where both together have the points of a stage, they come to it, with all that begins and ends by it.
//
// Worked example: see `Merge.swift`.

extension Engine {
    /// What a merge is about to change.
    private struct Plan {
        var from: Lead
        var into: Lead
        var merged: Lead
        /// FROM's that end, because INTO's of that campaign and key goes on.
        var yielding: [Enrollment]
        /// Those of either that have more behind them than before, as they are to be.
        var united: [Enrollment]
        /// What each of INTO's waited for before.
        var kept: [Enrollment]
        var given: [Enrollment]
    }

    func merge(_ request: MergeRequest, now: Instant, effects: inout [Effect]) throws -> MergeAnswer {
        guard editWork.isEmpty else {
            throw ControlError(.unavailable, "an edit is being judged or put live: try again in a moment")
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let plan = try planMerge(request, now: now, in: transaction)
            for run in plan.yielding {
                try exit(run, reason: .merged, now: now, in: transaction, draft: &draft)
            }
            if plan.into.handoffState != nil { try takeAway(plan.from, byHand: true, now: now, in: transaction) }
            let moves = try transaction.merge(plan.from.id, into: plan.merged, at: now)
            try transaction.journal(
                JournalEntry(at: now, kind: .mergedInto, lead: plan.from.id, detail: "into \(plan.into.maskedKey)"))
            try transaction.journal(
                JournalEntry(at: now, kind: .merged, lead: plan.into.id, detail: "took in \(plan.from.maskedKey)"))
            for run in plan.united { try unite(run, moves, of: plan, now: now, in: transaction) }
            var exited = try endWhatEnds(moves, of: plan, now: now, in: transaction, draft: &draft)
            try decideCapsAnew(of: plan.into.id, now: now, in: transaction)
            if let lead = try transaction.lead(key: plan.into.key) {
                if plan.merged.pause != nil { try wake(lead, now: now, in: transaction) }
                if lead.stage.stage != plan.into.stage.stage {
                    let move = StageMove(stage: lead.stage.stage, reason: "that of \(plan.from.maskedKey)")
                    try journal(move, of: plan.into, now: now, in: transaction)
                }
                // Runs of both may wait by the clock of either's owner.
                try moveWaits(ofOwnerOf: lead, now: now, in: transaction)
                // The same facts before and after: nobody is enrolled by a merge, but by a stage that both come to together.
                let came = try attributesChanged(from: lead, to: lead, now: now, in: transaction, draft: &draft)
                exited += came.exitedFrom
            }
            return MergeAnswer(
                from: plan.from.key, lead: plan.into.key,
                took: plan.given.filter { run in !plan.yielding.contains { $0.id == run.id } }.map(\.campaign),
                gaveWay: plan.yielding.map(\.campaign), exitedFrom: exited)
        }
    }

    // MARK: Asking

    private func planMerge(_ request: MergeRequest, now: Instant, in reader: any StoreReader) throws -> Plan {
        let (from, into) = (try find(request.from, in: reader), try find(request.into, in: reader))
        guard from.id != into.id else {
            throw ControlError(.invalid, "\(request.from) and \(request.into) are one lead already: \(into.key)")
        }
        for lead in [from, into] {
            guard let refusal = Forgotten.refusal(try doNotSend(lead, in: reader).suppression) else { continue }
            throw ControlError(.invalid, "not merged: \(refusal)")
        }
        let (given, kept) = (try reader.enrollments(of: from.id), try reader.enrollments(of: into.id))
        guard given.count + kept.count <= Again.limit else {
            throw ControlError(.invalid, "together they have more than \(Again.limit) enrollments: not merged")
        }
        for run in given { try requireEnded(run, of: from, in: reader) }
        try requireUntold(from, "not merged")
        let yielding = given.filter { run in
            run.isOngoing && kept.contains { $0.isOngoing && $0.campaign == run.campaign && $0.key == run.key }
        }
        var united: [Enrollment] = []
        for (runs, others) in [(kept, given), (given.filter { !yielding.contains($0) }, kept)] {
            for run in runs {
                let again = programme.entry(of: run)?.campaign.again
                let whole = others.filter { run.shares(with: $0, again: again) }.reduce(run) { $0.united(with: $1) }
                guard whole != run else { continue }
                if run.lead == into.id { try requireEnded(run, of: into, in: reader) }
                if whole.waitsForFinished { _ = try runnable(run) }
                united.append(whole)
            }
        }
        return Plan(
            from: from, into: into, merged: Merge.lead(into, with: from, now: now), yielding: yielding,
            united: united, kept: kept, given: given)
    }

    /// Refuses while a message of an enrollment may still end a step of it; of INTO's own, a doubt may stay.
    private func requireEnded(_ run: Enrollment, of lead: Lead, in reader: any StoreReader) throws {
        for delivery in try reader.deliveries(of: run.id) {
            let what = "\(run.campaign)/\(delivery.step) to \(lead.key)"
            switch delivery.state {
            case .sending: throw ControlError(.unavailable, "not merged: \(what) is under way; try again in a moment")
            case .reserved:
                throw ControlError(
                    .unavailable,
                    "not merged: \(what) waits for its next attempt; try again when it has ended (`dripd explain`)")
            case .inDoubt:
                throw ControlError(
                    .invalid,
                    "not merged: \(what) is in doubt; say first what became of it: `dripd resolve \(lead.key) "
                        + "\(run.campaign) \(delivery.step) --sent` (or --resend)")
            case .accepted, .failed: continue
            }
        }
    }

    // MARK: Changing

    /// Writes what a run has behind it by now, and moves it on where that is the step which it waits for.
    private func unite(
        _ run: Enrollment, _ moves: [EnrollmentID: EnrollmentID], of plan: Plan, now: Instant,
        in transaction: any StoreTransaction
    ) throws {
        var run = run
        (run.id, run.lead) = (moves[run.id] ?? run.id, plan.into.id)
        let was = run.current
        guard let step = was?.step, run.waitsForFinished else {
            return try transaction.advance(run, was: was, entry: nil)
        }
        let campaign = try runnable(run).campaign
        let facts = planFacts(of: plan.merged, in: campaign)
        let moved = run.movedOn(after: step, in: campaign, by: facts, now: now)
        try transaction.advance(
            moved, was: was,
            entry: JournalEntry(
                at: now, kind: .merged, lead: run.lead, enrollment: run.id, campaign: run.campaign, step: step,
                detail: "the other lead has it behind it"))
        try journalCompletion(of: moved, at: now, in: transaction)
    }

    /// Ends what an event of the other lead would have ended, and what INTO's mailbox wants nothing of.
    private func endWhatEnds(
        _ moves: [EnrollmentID: EnrollmentID], of plan: Plan, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws -> [CampaignID] {
        let taken = Set(moves.values)
        let said = try doNotSend(plan.merged, in: transaction)
        var exited: [CampaignID] = []
        for run in try transaction.enrollments(of: plan.into.id) where run.isOngoing {
            guard let campaign = programme.entry(of: run)?.campaign else { continue }
            let heard = (taken.contains(run.id) ? plan.into : plan.from).history.occurrences
                .filter { run.wouldHaveHeard($0.value, again: campaign.again) }.keys.sorted()
            let facts = programme.conditionFacts(of: plan.merged, run, in: campaign, now: now)
            let endings = heard.compactMap { campaign.ending(by: $0, of: run, facts) }.filter { $0.jumpTo == nil }
            let reason = said.ending(at: run.current?.step, of: campaign) ?? endings.first?.reason
            guard let reason else { continue }
            try exit(run, reason: reason, now: now, in: transaction, draft: &draft)
            exited.append(run.campaign)
        }
        return exited
    }
}

extension Lead {
    /// Its key as a journal may say it: masked where that is an address.
    fileprivate var maskedKey: String { (try? EmailAddress(key))?.masked ?? key }
}
