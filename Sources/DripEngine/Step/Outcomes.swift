package import DripCore
package import DripStore

extension Engine {
    /// Records one attempt's result: the third of the three moves.
    func record(
        _ result: AttemptResult, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        if let push = PushID(result.delivery) {
            return try record(result, of: push, now: now, in: transaction, draft: &draft)
        }
        if let letter = DigestLetterID(result.delivery) {
            return try record(result, of: letter, now: now, in: transaction, draft: &draft)
        }
        guard let flight = flights[result.delivery], !draft.landed.contains(result.delivery) else {
            draft.logs.append(
                LogLine(.warning, "a result for no flight", ["delivery": "\(result.delivery.rawValue)"]))
            return
        }
        draft.landed.insert(result.delivery)
        draft.outlets[flight.outlet].sending -= 1
        hear(result, ofOutlet: flight.outlet, now: now, draft: &draft)
        var result = result
        if flight.isProved, result.outcome != .accepted {
            result.text = "it has arrived; the answer to this attempt: \(result.text)"
            (result.outcome, result.blame) = (.accepted, .delivery)
        }
        // A suppression in this very turn may have exited it.
        let enrollment = draft.exitedFlights[result.delivery]?.enrollment ?? flight.enrollment
        let exitReason = draft.exitedFlights[result.delivery]?.reason ?? flight.exitReason
        let settlement = Settlement.of(
            result, step: flight.step, pending: flight.pending, policy: programme.policy,
            attempts: flight.delivery.attempts, key: "\(flight.enrollment.id.rawValue)/\(flight.step.id)", now: now)
        let facts = planFacts(of: flight.leadNow, in: flight.campaign)
        let sent = SentStep(sentAt: flight.markedAt, plannedAt: flight.pending.plannedAt)
        switch settlement {
        case .accepted:
            draft.outlets[flight.outlet].accepted += 1
            let moved = enrollment.movedOn(
                after: flight.step.id, sent: sent, in: flight.campaign, by: facts, now: now)
            try settle(flight, as: .accepted, .accepted, nil, moved, result, now, transaction)
        case .inDoubt:
            let moved = enrollment.movedOn(
                after: flight.step.id, sent: sent, in: flight.campaign, by: facts, now: now)
            try settle(flight, as: .inDoubt, .inDoubt, .unknownOutcome, moved, result, now, transaction)
        case .failed where flight.pending.mayHaveArrived:
            // This attempt failed; the one before it may have arrived.
            let moved = enrollment.movedOn(
                after: flight.step.id, sent: sent, in: flight.campaign, by: facts, now: now)
            try settle(flight, as: .inDoubt, .inDoubt, .unknownOutcome, moved, result, now, transaction)
            if result.isHardBounce { try suppressBounced(flight, result, now, transaction, &draft) }
        case .failed(let reason):
            let moved = enrollment.movedOn(after: flight.step.id, in: flight.campaign, by: facts, now: now)
            try settle(flight, as: .failed, .failed, reason, moved, result, now, transaction)
            if let notice = flight.step.notice {
                draft.problems.append(
                    Engine.failed(notice, flight.step.id, of: flight.campaign.id, result.text, now: now))
            }
            if result.isHardBounce { try suppressBounced(flight, result, now, transaction, &draft) }
        case .retry, .putBack:
            if exitReason != nil, result.outcome == .unknown || flight.pending.mayHaveArrived {
                // It may have arrived, although nobody will try it again.
                try settle(flight, as: .inDoubt, .inDoubt, .unknownOutcome, enrollment, result, now, transaction)
            } else if let exitReason {
                try settle(flight, as: .failed, .failed, exitReason, enrollment, result, now, transaction)
            } else {
                let lane = draft.lanes.first { $0.route == flight.step.route }
                let pausedUntil = lane.flatMap { self.pausedUntil($0, draft.outlets, at: now) }
                try tryAgain(settlement, flight, result, pausedUntil, now, transaction)
            }
        }
        if let address = flight.lead.address { draft.charged.insert(address.normalised) }
    }

    /// Tells the breaker and, where it opens, the log and the problems.
    func hear(_ result: AttemptResult, ofOutlet number: Int, now: Instant, draft: inout TurnDraft) {
        // At a stop, what was not begun comes back as if the transport could not: that is no fault of its.
        guard state == .running else { return }
        let before = draft.outlets[number].breaker.state(at: now)
        let faultySince = draft.outlets[number].breaker.faultySince ?? now
        draft.outlets[number].breaker.hear(result, at: now)
        let outlet = draft.outlets[number]
        let name = outlet.transport.name
        let error = outlet.breaker.lastError ?? result.text
        if outlet.breaker.state(at: now) == .paused, before != .paused, let until = outlet.breaker.openUntil {
            // Once for an outage, however often it is probed; the problem below and the status say how it stands.
            if before == .open {
                draft.logs.append(
                    LogLine(
                        result.blame == .pace ? .warning : .error, "transport paused",
                        ["transport": name, "until": until.description, "error": error]))
            }
            draft.mended.append(name)
            draft.problems.append(
                .init(
                    at: now, what: "\(Engine.problem(ofTransport: name)) \(error)",
                    mend: (result.blame == .pace
                        ? "It wants fewer at a time: give it a `rate` in dripd.yaml that it allows. "
                        : "Mend its settings in dripd.yaml or the server. ")
                        + "dripd probes it again by itself; "
                        + meanwhile(outlet.transport)))
        } else if outlet.breaker.openUntil == nil, before != .open {
            draft.mended.append(name)
            // What the outage put back is due a millisecond behind its end (`tryAgain`).
            draft.release.note(
                .channel(outlet.transport.channel), from: faultySince, until: now + .milliseconds(1))
            draft.logs.append(LogLine(.info, "transport works again", ["transport": name]))
        }
    }

    /// What becomes of a paused transport's messages.
    private func meanwhile(_ transport: TransportDescription) -> String {
        if let fallback = transport.traffic.fallback { return "meanwhile its messages go by \(fallback)." }
        let share = lanes.first { $0.route == Route(transport.channel) }?.members.count ?? 0
        return share > 1
            ? "meanwhile its messages go by the others for \(transport.channel == .email ? "e-mail" : "SMS")."
            : "what is due waits for it, as long as late_max allows"
                + (programme.policy.scoring?.crm.contains { $0.transport == transport.name } ?? false
                    ? ", and changes for the CRM as long as give_up_after." : ".")
    }

    /// How every problem of that transport begins.
    static func problem(ofTransport name: String) -> String { "transport \(name) is paused:" }

    private func settle(
        _ flight: Flight, as end: Delivery.State, _ kind: JournalEntry.Kind, _ reason: Reason?, _ moved: Enrollment,
        _ result: AttemptResult, _ now: Instant, _ transaction: any StoreTransaction
    ) throws {
        let entry = JournalEntry(
            at: now, kind: kind, lead: flight.lead.id, enrollment: flight.enrollment.id, campaign: flight.campaign.id,
            step: flight.step.id, reason: reason, plannedAt: flight.pending.plannedAt,
            detail: detail(of: result, for: flight))
        let moved = listening(moved, of: flight.leadNow, in: flight.campaign, now: now)
        try transaction.settle(flight.delivery.id, as: end, enrollment: moved, entry: entry)
        try countMessage(flight.step.id, flight.step, of: moved, as: kind, in: transaction)
        try journalCompletion(of: moved, at: now, in: transaction)
    }

    private func tryAgain(
        _ settlement: Settlement, _ flight: Flight, _ result: AttemptResult, _ pausedUntil: Instant?, _ now: Instant,
        _ transaction: any StoreTransaction
    ) throws {
        var put = flight.enrollment
        let isPutBack = settlement == .putBack
        let reason: Reason = isPutBack ? .transportPaused : result.outcome == .unknown ? .unknownOutcome : .retry
        if case .retry(let at) = settlement {
            put.current = flight.pending.deferring(until: at, reason: reason, now: now)
        } else {
            // Behind what became due meanwhile, so that one message that the transport chokes on is not its only probe.
            let at = max(now, pausedUntil ?? now) + .milliseconds(1)
            put.current = flight.pending.deferring(until: at, reason: .transportPaused, now: now)
        }
        if result.outcome == .unknown { put.current?.doubtedAt = flight.markedAt }
        let entry = JournalEntry(
            at: now, kind: .retried, lead: flight.lead.id, enrollment: put.id, campaign: put.campaign,
            step: flight.step.id, reason: reason, plannedAt: put.current?.dueAt,
            detail: detail(of: result, for: flight))
        try transaction.retry(flight.delivery.id, countsAttempt: !isPutBack, enrollment: put, entry: entry)
    }

    /// A note that did not reach a colleague is nobody's to see but ours.
    static func failed(
        _ notice: Step.Notice?, _ step: StepID, of campaign: CampaignID, _ text: String, now: Instant
    ) -> StatusReport.Problem {
        let whom =
            switch notice {
            case .email(let colleague)?: colleague.text
            case .owner?: "the lead's owner"
            case .http(let transport)?: "the transport \(transport)"
            case nil: "a colleague"
            }
        return .init(
            at: now, what: "the note \(campaign)/\(step) did not reach \(whom): \(text)",
            mend: "Mend `notify` in \(campaign)/campaign.yaml, or that mailbox; what was not told is not told again.")
    }

    /// The server says that the mailbox does not exist: nothing goes there any more.
    ///
    /// A colleague's is no lead's.
    private func suppressBounced(
        _ flight: Flight, _ result: AttemptResult, _ now: Instant, _ transaction: any StoreTransaction,
        _ draft: inout TurnDraft
    ) throws {
        guard flight.step.notice == nil, let address = flight.lead.address else { return }
        let suppression = Suppression(cause: .bounced, note: result.text, since: now)
        _ = try suppress(address, suppression, now: now, in: transaction, draft: &draft)
    }

    /// What a journal row says about an attempt: which one it was, by which transport where there are several, what the
    /// other side answered, and what it calls the message.
    private func detail(of result: AttemptResult, for flight: Flight) -> String {
        let transport = outlets[flight.outlet].transport
        let isOneOfSeveral = outlets.count { $0.transport.channel == transport.channel } > 1
        let code = result.code == 0 || result.text.hasPrefix("\(result.code)") ? "" : "\(result.code) "
        return
            "attempt \(flight.delivery.attempts)\(isOneOfSeveral ? " via \(transport.name)" : ""): \(code)\(result.text)"
            + (result.providerMessageID.map { " (its id \($0))" } ?? "")
    }

    /// After a crash: what was marked may or may not have left, so it is in doubt, treated as sent, and listed.
    ///
    /// `reserved` deliveries need nothing: their timers stand, and they are decided again through every gate.
    package func recover(now: Instant) throws(StoreError) -> Int {
        let today = today(at: now)
        let count = try store.commit(at: now, today: today) { transaction -> Int in
            let left = try transaction.unresolved().filter { $0.delivery.state == .sending }
            return try left.reduce(0) { try doubt($1, now: now, in: transaction) ? $0 + 1 : $0 }
        }
        state = try store.read { try $0.isRecovered() } ? .recovered : .running
        let lastTurnAt = try store.read { try $0.lastTurnAt() }
        if let lastTurnAt {
            release.clockStepped(from: lastTurnAt, to: now)
            release.note(.everything, from: lastTurnAt, until: now)
            if now - lastTurnAt > .days(2) { looksFrom = now + .hours(1) }
            bringsPushesForward = lastTurnAt - now > Engine.pushPatience
        }
        if state == .recovered {
            problems.add(
                .init(
                    at: now,
                    what: "\(Engine.recoveredProblem): it was restored from a backup or moved, so nothing goes out",
                    mend:
                        "Make sure that the original does not run, then `dripd resume --recovered`. What was sent after "
                        + "the copy was made would be sent again: pause or suppress what must not be."))
        }
        if count > 0 {
            problems.add(
                .init(
                    at: now, what: "\(count) deliveries were under way when dripd last ended: they are in doubt",
                    mend: "They count as sent. `dripd status` lists them; ask the relay's log whether they left."))
        }
        return count
    }

    /// False where the step is to go again (`on_doubt: resend`), or is known to have arrived.
    private func doubt(_ item: UnresolvedDelivery, now: Instant, in transaction: any StoreTransaction) throws -> Bool {
        let delivery = item.delivery
        let step = programme.entry(of: item.enrollment)?.campaign.step(delivery.step)
        let isProved = try transaction.hasTaken(letter: Engine.proofOfArrival(delivery.id))
        if let step, step.onDoubt == .resend, !isProved, item.enrollment.status == .active,
            let pending = item.enrollment.current?.claimed(at: now, resting: step.rest(of: item.lead)),
            pending.step == delivery.step,
            let at = Retry.nextAttemptAt(
                step: step, pending: pending, policy: programme.policy, attempts: delivery.attempts,
                key: "\(item.enrollment.id.rawValue)/\(step.id)", now: now)
        {
            var put = item.enrollment
            put.current = pending.deferring(until: at, reason: .unknownOutcome, now: now)
            put.current?.doubtedAt = delivery.markedAt ?? now
            let entry = JournalEntry(
                at: now, kind: .retried, lead: item.lead.id, enrollment: put.id, campaign: put.campaign,
                step: delivery.step, reason: .unknownOutcome, plannedAt: at,
                detail: "attempt \(delivery.attempts): dripd ended before the outcome was recorded; it goes again")
            try transaction.retry(delivery.id, countsAttempt: true, enrollment: put, entry: entry)
            return false
        }
        let markedAt = delivery.markedAt ?? now
        let planned = item.enrollment.current?.plannedAt ?? markedAt
        let sent = SentStep(sentAt: markedAt, plannedAt: planned)
        var moved = item.enrollment
        if let entry = programme.entry(of: item.enrollment) {
            let facts = planFacts(of: item.lead, in: entry.campaign)
            moved = item.enrollment.movedOn(
                after: delivery.step, sent: sent, in: entry.campaign, by: facts, now: now)
            moved = listening(moved, of: item.lead, in: entry.campaign, now: now)
        } else if moved.status == .active {
            // No version of its campaign can run: it stays on the finished step, and moves on once one can.
            moved.finished.append(delivery.step)
            moved.lastSent = sent
            moved.lastEndedAt = now
            moved.current?.dueAt = now
            moved.current?.waitingFor = .campaignBroken
        }
        let entry = JournalEntry(
            at: now, kind: isProved ? .accepted : .inDoubt, lead: item.lead.id, enrollment: moved.id,
            campaign: moved.campaign, step: delivery.step, reason: isProved ? nil : .unknownOutcome,
            plannedAt: planned,
            detail: "attempt \(delivery.attempts): dripd ended before the outcome was recorded"
                + (isProved ? ", and it has arrived" : ""))
        try transaction.settle(
            delivery.id, as: isProved ? .accepted : .inDoubt, enrollment: moved, entry: entry)
        try countMessage(delivery.step, of: moved, as: entry.kind, in: transaction)
        try journalCompletion(of: moved, at: now, in: transaction)
        return !isProved
    }
}
