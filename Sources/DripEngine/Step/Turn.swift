import DripCore
import DripStore

/// What a turn did, kept apart until its commit is on disk: a commit that fails must leave no trace in memory either.
struct TurnDraft {
    var outlets: [Outlet]
    var lanes: [Lane]
    var landed: Set<DeliveryID> = []
    var started: [Flight] = []
    var landedPushes: Set<PushID> = []
    var startedPushes: [PushFlight] = []
    var digests: DigestBook
    /// By the number of the transport.
    var digestsSent: [[DigestOrder]]
    /// Flights whose enrollment was exited meanwhile, and why.
    var exitedFlights: [DeliveryID: (enrollment: Enrollment, reason: Reason)] = [:]
    /// Flights whose lead was imported anew meanwhile.
    var changedLeads: [DeliveryID: Lead] = [:]
    /// Under way, and known to have arrived.
    var proved: Set<DeliveryID> = []
    var logs: [LogLine] = []
    var problems: [StatusReport.Problem] = []
    /// By the number of the transport.
    var sends: [[SendOrder]]
    /// Transports that work again: their problem is over.
    var mended: [String] = []
    var moreIsDue = false
    /// Mailboxes that this turn has charged or freed: their next claim must see it (G3).
    var charged: Set<String> = []
    /// Leads of which a step of this turn has changed a fact or an enrollment.
    var changed: Set<LeadID> = []
    var release: Release

    init(outlets: [Outlet], lanes: [Lane], release: Release, digests: DigestBook) {
        self.digests = digests
        self.digestsSent = Array(repeating: [], count: outlets.count)
        self.outlets = outlets
        self.lanes = lanes
        self.release = release
        self.sends = Array(repeating: [], count: outlets.count)
    }
}

extension Engine {
    /// One group commit: records the outcomes that came in, then claims, decides and marks as far as credit goes.
    func turn(now: Instant, effects: inout [Effect]) {
        if let failure = storeFailure, !failure.kind.isPassing {
            // Whoever noticed it, the alarm must not go on ringing for what cannot be done.
            setWakeAfterFailure(now: now, effects: &effects)
            return
        }
        noticeInterruption(now: now)
        let results = unrecorded
        let mayMark = state == .running
        do {
            let draft = try store.commit(at: now, today: today(at: now)) { transaction in
                var draft = TurnDraft(outlets: outlets, lanes: lanes, release: release, digests: digests)
                transaction.pruneCharges(before: now - FrequencyCap.longestPeriod)
                if bringsPushesForward { try transaction.bringForward(pushesTo: nil, to: now) }
                for result in results { try record(result, now: now, in: transaction, draft: &draft) }
                if mayMark {
                    try lookAtStages(now: now, in: transaction, draft: &draft)
                    try fillPushes(now: now, in: transaction, draft: &draft)
                    try fillDigests(now: now, in: transaction, draft: &draft)
                    for lane in draft.lanes.indices { try fill(lane, now: now, in: transaction, draft: &draft) }
                }
                if mayMark { try transaction.setLastTurn(now) }
                try draft.release.write(to: transaction, since: release)
                try writeDays(of: draft.outlets, to: transaction)
                return draft
            }
            unrecorded.removeFirst(results.count)
            bringsPushesForward = false
            adopt(draft, now: now, effects: &effects)
            try setWake(now: now, effects: &effects)
        } catch {
            storeFailed(error, now: now, effects: &effects)
            setWakeAfterFailure(now: now, effects: &effects)
        }
    }

    /// Makes a draft the truth, its commit being on disk, and hands out its sends.
    func adopt(_ draft: TurnDraft, now: Instant, effects: inout [Effect]) {
        if storeFailure != nil {
            if let failure = storeFailure { problems.end(failure.description) }
            storeFailure = nil
            release.note(.everything, from: storeFailedSince ?? now, until: now)
            effects.append(.log(LogLine(.info, "store works again: sending goes on")))
        }
        outlets = draft.outlets
        lanes = draft.lanes
        release = draft.release
        for id in draft.landed {
            if let flight = flights.removeValue(forKey: id) { flightOfEnrollment[flight.enrollment.id] = nil }
        }
        for flight in draft.started {
            flights[flight.delivery.id] = flight
            flightOfEnrollment[flight.enrollment.id] = flight.delivery.id
        }
        for id in draft.landedPushes { pushFlights[id] = nil }
        for flight in draft.startedPushes { pushFlights[flight.push.id] = flight }
        digests = draft.digests
        for (id, exited) in draft.exitedFlights {
            flights[id]?.enrollment = exited.enrollment
            flights[id]?.exitReason = exited.reason
        }
        for (id, lead) in draft.changedLeads { flights[id]?.leadNow = lead }
        for id in draft.proved { flights[id]?.isProved = true }
        for name in draft.mended { problems.end(Engine.problem(ofTransport: name)) }
        for problem in draft.problems { problems.add(problem) }
        effects += draft.logs.map { .log($0) }
        for (outlet, orders) in zip(outlets, draft.sends) where !orders.isEmpty {
            effects.append(.send(outlet.transport.name, orders))
        }
        for (number, flights) in Dictionary(grouping: draft.startedPushes, by: \.outlet).sorted(by: { $0.key < $1.key })
        {
            let orders = flights.map { PushOrder(push: $0.push, sender: programme.policy.sender) }
            effects.append(.push(outlets[number].transport.name, orders))
        }
        for (outlet, orders) in zip(outlets, draft.digestsSent) where !orders.isEmpty {
            effects.append(.digest(outlet.transport.name, orders))
        }
        if draft.moreIsDue { effects.append(.again) }
    }

    /// Claims what is due on one lane, decides it, and marks what may go.
    private func fill(_ lane: Int, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft) throws {
        let today = today(at: now)
        var decisions = 0
        while true {
            let room = credit(of: draft.lanes[lane], draft.outlets, at: now, today)
            guard room > 0 else { return }
            guard decisions < Engine.decisionsPerCommit else {
                draft.moreIsDue = true
                return
            }
            let wanted = min(room, Engine.decisionsPerCommit - decisions)
            let claims = try transaction.claimDue(draft.lanes[lane].route, now: now, limit: wanted)
            guard !claims.isEmpty else { return }
            decisions += claims.count
            for claim in byPriority(claims) {
                // What is claimed together may be more than was asked for: the rest stays due.
                guard credit(of: draft.lanes[lane], draft.outlets, at: now, today) > 0 else { return }
                try take(claim, lane: lane, now: now, in: transaction, draft: &draft)
            }
        }
    }

    /// Decides a claim with what this very turn has changed of its mailbox.
    private func take(
        _ claimed: Claim, lane: Int, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        var claim = claimed
        if draft.changed.contains(claim.lead.id) {
            // A step of another campaign has changed this lead, or ended this enrollment.
            guard let now = try transaction.enrolled(claim.enrollment.id), now.enrollment.current == claim.pending
            else {
                return
            }
            (claim.enrollment, claim.lead) = now
        }
        if let address = claim.lead.address, draft.charged.contains(address.normalised) {
            claim.ledger = try transaction.ledger(of: address)
            claim.suppression = try transaction.suppression(of: address)
        }
        // Those that were decided before it may have moved on to steps that are planned soon.
        if !claim.rivals.isEmpty { claim.rivals = try transaction.rivals(of: claim.enrollment.id) }
        if try decideAndMark(claim, lane: lane, now: now, in: transaction, draft: &draft),
            let address = claim.lead.address
        {
            draft.charged.insert(address.normalised)
        }
    }

    /// The claims of one mailbox, which stand together, by priority, due instant and number; the rest as it was.
    private func byPriority(_ claims: [Claim]) -> [Claim] {
        guard claims.contains(where: { !$0.rivals.isEmpty }) else { return claims }
        func priority(_ claim: Claim) -> Int { programme.entry(of: claim.enrollment)?.campaign.priority ?? 0 }
        var ordered: [Claim] = []
        for group in claims.chunked(by: { !$0.rivals.isEmpty && $0.sharesMailbox(with: $1) }) {
            ordered += group.sorted { a, b in
                (-priority(a), a.pending.dueAt, a.enrollment.id) < (-priority(b), b.pending.dueAt, b.enrollment.id)
            }
        }
        return ordered
    }

    /// Takes one claim through the gates and writes what they say; true where its mailbox changed.
    private func decideAndMark(
        _ claim: Claim, lane: Int, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Bool {
        guard let entry = programme.entry(of: claim.enrollment) else {
            try holdForBrokenCampaign(claim, draft, now: now, in: transaction)
            return false
        }
        let facts = planFacts(of: claim.lead, in: entry.campaign)
        if claim.enrollment.finished.contains(claim.pending.step) {
            // It ended while no version of its campaign could run (`doubt`): only the next one was not found then.
            let moved = claim.enrollment.movedOn(after: claim.pending.step, in: entry.campaign, by: facts, now: now)
            try transaction.advance(moved, was: claim.pending, entry: nil)
            try journalCompletion(of: moved, at: now, in: transaction)
            return false
        }
        guard let written = entry.campaign.step(claim.pending.step) else {
            try skipDeletedStep(claim, in: entry.campaign, by: facts, now: now, transaction: transaction)
            return false
        }
        let step = programme.addressed(written, for: claim.lead)
        guard step.route == draft.lanes[lane].route else {
            var moved = claim.enrollment
            moved.current = claim.pending.claimed(at: now, resting: step.rest(of: claim.lead))
            moved.current?.needsSlot = isLateWork(claim, draft, now: now)
            moved.current?.route = step.route
            moved.current?.dueAt = now
            try transaction.advance(moved, was: claim.pending, entry: nil)
            return false
        }
        guard !step.isTouch || !draft.lanes[lane].members.isEmpty else {
            return try holdForMissingTransport(claim, step, now: now, in: transaction, draft: &draft)
        }
        let compiled = entry.compiled(step, for: claim.lead)
        let (situation, choice) = situation(
            of: claim, step: step, entry: entry, compiled: compiled, by: facts, lanes: draft.lanes,
            outlets: draft.outlets, release: draft.release, now: now)
        let decision = decide(situation, now: now)
        if step.isTouch, let slot = situation.slotAt, decision == .send || decision == .defer(until: slot, .rateLimited)
        {
            keep(slot, for: situation, choice, goes: decision == .send, now: now, draft: &draft)
        }
        switch decision {
        case .send:
            guard step.isTouch else {
                try perform(claim, situation, in: entry, by: facts, now: now, transaction: transaction, draft: &draft)
                return false
            }
            let touch = step.counts ? entry.campaign.touch(of: step) : nil
            let delivery = try transaction.mark(claim, at: now, charging: touch)
            var enrollment = claim.enrollment
            var pending = situation.pending
            // It goes: another attempt has an instant of its own.
            pending.needsSlot = false
            enrollment.current = pending
            let outlet = take(choice, lane: lane, now: now, draft: &draft)
            draft.started.append(
                Flight(
                    delivery: delivery, lead: claim.lead, leadNow: claim.lead, enrollment: enrollment,
                    pending: pending, step: step, campaign: entry.campaign, outlet: outlet, markedAt: now))
            draft.sends[outlet].append(
                SendOrder(
                    delivery: delivery, lead: claim.lead, campaign: entry.campaign, step: step,
                    plannedAt: situation.pending.plannedAt, markedAt: now, compiled: compiled, policy: programme.policy,
                    data: claim.enrollment.data,
                    brief: compiled.holdsHandover ? try brief(of: claim.lead, now: now, in: transaction) : nil)
            )
            return true
        case .defer(let until, let reason):
            var put = claim.enrollment
            put.current = situation.deferring(until: until, reason: reason, now: now)
            let isNews = claim.pending.waitingFor != reason
            try transaction.advance(
                put, was: claim.pending,
                entry: isNews
                    ? entryOf(
                        claim, .deferred, at: now, reason: reason, plannedAt: until, detail: situation.why(now)) : nil)
            return false
        case .skip(let reason):
            let moved = claim.enrollment.skipped(situation, for: reason, by: facts, now: now)
            try end(
                claim, as: .skipped, reason: reason, situation.why(now), moved: moved, now: now, in: transaction)
            return claim.delivery != nil
        case .exit(let reason):
            if reason == .goalReached,
                try jump(claim, situation, in: entry.campaign, by: facts, now: now, transaction: transaction)
            {
                return claim.delivery != nil
            }
            try end(
                claim, as: .exited, reason: reason, situation.why(now), moved: claim.enrollment.exited(), now: now,
                in: transaction)
            return claim.delivery != nil
        }
    }

    /// All the facts of one decision, by the transports and the release of late work as they stand within the turn, and
    /// which transports it may go by.
    func situation(
        of claim: Claim, step: Step, entry: Programme.Entry, compiled: CompiledStep, by facts: PlanFacts,
        lanes: [Lane], outlets: [Outlet], release: Release, now: Instant
    ) -> (Situation, OutletChoice) {
        let isLateWork = isLateWork(claim, lanes: lanes, outlets: outlets, release: release, now: now)
        var situation = programme.situation(
            of: claim, step: step, entry: entry, compiled: compiled, by: facts, now: now)
        situation.pending.needsSlot = isLateWork
        // A copy that nobody confirmed sends nothing, as if everything were paused.
        situation.hold = holds[.everything] ?? holds[.campaign(entry.campaign.id)]
        situation.pausedReason = situation.hold != nil || state == .recovered ? .paused : nil
        let lane = lanes.first { $0.route == step.route }
        if let lane {
            situation.transportHold = hold(of: lane, outlets)
            situation.transportPausedUntil = pausedUntil(lane, outlets, at: now)
        }
        for index in situation.rivals.indices {
            let route = situation.rivals[index].step.route
            let lane = lanes.first { $0.route == route }
            situation.rivals[index].isTransportClosed = lane.map { isClosed($0, outlets, at: now) } ?? true
        }
        let choice = choice(for: claim, step, in: lane, outlets, at: now)
        if isLateWork { situation.slotAt = max(now, release.nextSlot) }
        if choice.slot > now { situation.slotAt = max(situation.slotAt ?? now, choice.slot) }
        situation.isSlotOfDomain = choice.slot > now && situation.slotAt == choice.slot
        return (situation, choice)
    }

    /// Ends a step that sends nothing; a delivery that waited for another attempt gives its cap slot back.
    func end(
        _ claim: Claim, as kind: JournalEntry.Kind, reason: Reason?, _ detail: String = "", moved: Enrollment,
        now: Instant, in transaction: any StoreTransaction
    ) throws {
        if let delivery = claim.delivery {
            let isDoubtful = claim.pending.mayHaveArrived
            let entry = entryOf(
                claim, isDoubtful ? .inDoubt : kind == .skipped ? .failed : kind, at: now, reason: reason,
                plannedAt: claim.pending.plannedAt, detail: detail)
            try transaction.settle(delivery.id, as: isDoubtful ? .inDoubt : .failed, enrollment: moved, entry: entry)
            try countMessage(claim.pending.step, of: moved, as: entry.kind, in: transaction)
            if isDoubtful, kind == .exited {
                try transaction.journal(entryOf(claim, kind, at: now, reason: reason, plannedAt: nil, detail: detail))
            }
        } else {
            let entry = entryOf(
                claim, kind, at: now, reason: reason, plannedAt: claim.pending.plannedAt, detail: detail)
            try transaction.advance(moved, was: claim.pending, entry: entry)
        }
        try journalCompletion(of: moved, at: now, in: transaction)
    }

    /// A campaign that no version of can run: its leads wait visibly, and are asked again every ten minutes.
    private func holdForBrokenCampaign(
        _ claim: Claim, _ draft: TurnDraft, now: Instant, in transaction: any StoreTransaction
    ) throws {
        var put = claim.enrollment
        let isResting = claim.lead.pause?.holds(at: now) ?? false
        put.current = claim.pending.deferring(
            until: now + .minutes(10), reason: .campaignBroken, now: now, burning: isResting ? .zero : nil)
        put.current?.needsSlot = isLateWork(claim, draft, now: now)
        let isNews = claim.pending.waitingFor != .campaignBroken
        try transaction.advance(
            put, was: claim.pending,
            entry: isNews
                ? entryOf(claim, .deferred, at: now, reason: .campaignBroken, plannedAt: now + .minutes(10)) : nil)
    }

    /// The transport that a step names is in `dripd.yaml` no more: its leads wait visibly, and are asked again every ten
    /// minutes, because an edit may name another one.
    private func holdForMissingTransport(
        _ claim: Claim, _ step: Step, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Bool {
        var put = claim.enrollment
        let until = now + .minutes(10)
        put.current = claim.pending.claimed(at: now, resting: step.rest(of: claim.lead))
            .deferring(until: until, reason: .transportPaused, now: now)
        let isNews = claim.pending.waitingFor != .transportPaused
        let what = "dripd.yaml has no transport \"\(step.route.transport ?? step.channel.name)\""
        try transaction.advance(
            put, was: claim.pending,
            entry: isNews
                ? entryOf(
                    claim, .deferred, at: now, reason: .transportPaused, plannedAt: until, detail: what) : nil)
        draft.problems.append(
            .init(
                at: now, what: what,
                mend: "Declare it there and restart, or name another one in \(claim.enrollment.campaign)/campaign.yaml."
            ))
        return false
    }

    /// The awaited step is in the file no more: the enrollment goes on with the next one, on that one's own schedule.
    private func skipDeletedStep(
        _ claim: Claim, in campaign: Campaign, by facts: PlanFacts, now: Instant, transaction: any StoreTransaction
    ) throws {
        let moved = claim.enrollment.movedOn(
            after: claim.pending.step, sent: claim.pending.perhapsSent, in: campaign, by: facts, now: now)
        try end(claim, as: .skipped, reason: .stepDeleted, moved: moved, now: now, in: transaction)
    }

    /// Writes the line that says a lead has come to the end of a campaign, where it has.
    func journalCompletion(of enrollment: Enrollment, at now: Instant, in transaction: any StoreTransaction) throws {
        guard enrollment.status == .completed else { return }
        try transaction.journal(
            JournalEntry(
                at: now, kind: .completed, lead: enrollment.lead, enrollment: enrollment.id,
                campaign: enrollment.campaign))
    }

    private func entryOf(
        _ claim: Claim, _ kind: JournalEntry.Kind, at now: Instant, reason: Reason?, plannedAt: Instant?,
        detail: String = ""
    ) -> JournalEntry {
        JournalEntry(
            at: now, kind: kind, lead: claim.lead.id, enrollment: claim.enrollment.id,
            campaign: claim.enrollment.campaign, step: claim.pending.step, reason: reason, plannedAt: plannedAt,
            detail: detail)
    }
}

extension Claim {
    fileprivate func sharesMailbox(with other: Claim) -> Bool {
        lead.address?.normalised == other.lead.address?.normalised
    }
}

extension Array {
    /// Runs of neighbours that belong together.
    fileprivate func chunked(by belong: (Element, Element) -> Bool) -> [[Element]] {
        var runs: [[Element]] = []
        for element in self {
            if let last = runs.last?.last, belong(last, element) {
                runs[runs.count - 1].append(element)
            } else {
                runs.append([element])
            }
        }
        return runs
    }
}
