import DripCore
import DripStore

// What becomes of a delivery in doubt when somebody knows more.
//
// The rule: `sent` takes it off the list; it counted as sent all along. `resend` takes the enrollment back to that step,
// due now and through every gate like any other attempt, and on from there as the file says; the message has the same
// Message-ID. The charge of the attempt in doubt stays: both may have arrived.
//
// Edge cases: `sent` also ends what waits to go again by itself (`on_doubt: resend`). An exited enrollment is not taken up
// again (what ended it still holds); a completed one is, unless the lead goes through the campaign anew by now. While another
// message of the enrollment is under way or waits for its next attempt, it is refused: there is one at a time. Of several runs
// of the lead through the campaign it is about the newest of which that step is in doubt.
//
// Worked example: the daemon was killed while `welcome` was under way, and the relay's log knows nothing of it:
// `dripd resolve budi@example.com ebook-nurture welcome --resend --note "not in the relay's log"`.

extension Engine {
    func resolve(_ request: ResolveRequest, now: Instant, effects: inout [Effect]) throws -> ResolveAnswer {
        try requireOneLine(request.note)
        return try change(now: now, effects: &effects) { transaction, _ in
            let lead = try find(request.lead, in: transaction)
            let runs = try transaction.enrollments(of: lead.id).filter { $0.campaign == request.campaign }
            guard let enrollment = try runs.last(where: { try isDoubtful(request, $0, in: transaction) }) ?? runs.last
            else { throw ControlError(.notFound, "\(lead.key) was never enrolled in \"\(request.campaign)\"") }
            let deliveries = try transaction.deliveries(of: enrollment.id)
            if request.verdict == .sent,
                let waiting = deliveries.last(where: { $0.state == .reserved && $0.step == request.step }),
                enrollment.current?.mayHaveArrived == true
            {
                // It waits to go again by itself (`on_doubt: resend`): it goes no more.
                _ = try runnable(enrollment)
                let origin = Origin(lead: lead, enrollment: enrollment, step: request.step)
                let why = "it was sent" + (request.note.isEmpty ? "" : ": \(request.note)")
                try accept(waiting, of: origin, why, now, transaction)
                return ResolveAnswer(
                    lead: lead.key, campaign: request.campaign, step: request.step, verdict: request.verdict,
                    markedAt: enrollment.current?.doubtedAt)
            }
            guard let doubtful = deliveries.last(where: { $0.state == .inDoubt && $0.step == request.step }) else {
                let others = deliveries.filter { $0.state == .inDoubt }.map(\.step.rawValue)
                throw ControlError(
                    .notFound,
                    "no message of step \"\(request.step)\" to \(lead.key) is in doubt"
                        + (others.isEmpty ? "" : "; in doubt are: \(others.joined(separator: ", "))"))
            }
            if request.verdict == .resend {
                guard deliveries.allSatisfy({ $0.state == .inDoubt }), flightOfEnrollment[enrollment.id] == nil else {
                    throw ControlError(
                        .unavailable, "another message of it is under way or waits for its next attempt: try later")
                }
                if !enrollment.isOngoing, runs.contains(where: { $0.isOngoing && $0.key == enrollment.key }) {
                    throw ControlError(
                        .invalid, "\(lead.key) goes through \(request.campaign) anew by now: not sent again")
                }
                try sendAgain(doubtful, of: enrollment, to: lead, request, now: now, in: transaction)
            }
            _ = try transaction.resolve(doubtful.id, of: enrollment.id)
            if request.verdict == .sent {
                try countMessage(request.step, of: enrollment, as: .accepted, in: transaction)
            }
            try transaction.journal(
                JournalEntry(
                    at: now, kind: .resolved, lead: lead.id, enrollment: enrollment.id, campaign: enrollment.campaign,
                    step: request.step,
                    detail: (request.verdict == .sent ? "it was sent" : "it goes again")
                        + (request.note.isEmpty ? "" : ": \(request.note)")))
            return ResolveAnswer(
                lead: lead.key, campaign: request.campaign, step: request.step, verdict: request.verdict,
                markedAt: doubtful.markedAt)
        }
    }

    /// Whether that step of a run is in doubt, or waits to go again behind a doubt.
    private func isDoubtful(
        _ request: ResolveRequest, _ run: Enrollment, in reader: any StoreReader
    ) throws -> Bool {
        try reader.deliveries(of: run.id).contains { delivery in
            guard delivery.step == request.step else { return false }
            let waits = delivery.state == .reserved && run.current?.mayHaveArrived == true
            return delivery.state == .inDoubt || (request.verdict == .sent && waits)
        }
    }

    /// Takes the enrollment back to the step.
    private func sendAgain(
        _ delivery: Delivery, of enrollment: Enrollment, to lead: Lead, _ request: ResolveRequest, now: Instant,
        in transaction: any StoreTransaction
    ) throws {
        guard enrollment.status == .active || enrollment.status == .completed else {
            throw ControlError(
                .invalid, "\(lead.key) has left \(request.campaign) (\(enrollment.status.name)): not sent again")
        }
        let running = try runnable(enrollment)
        let campaign = running.campaign
        // By another one it would go on to steps that were never meant for it.
        if let version = enrollment.version, running.version.hash != version {
            throw ControlError(
                .invalid,
                "\(lead.key) went through version \(version) of \(request.campaign), which nobody goes by any more: "
                    + "not sent again")
        }
        guard let step = campaign.step(request.step) else {
            throw ControlError(.invalid, "the file of \(request.campaign) has no step \"\(request.step)\" any more")
        }
        let heard = ((campaign.goal?.on ?? []) + campaign.exitOn).first { name in
            lead.history.occurrences[name]?.contains { $0.at >= delivery.markedAt ?? now } ?? false
        }
        if let heard {
            throw ControlError(
                .invalid,
                "\(heard) has come since, which ends \(request.campaign) for \(lead.key): not sent again")
        }
        var back = enrollment
        back.status = .active
        back.finished.removeAll { $0 == step.id }
        back.current = PendingStep(
            step: step.id, route: step.route, plannedAt: delivery.markedAt ?? now, dueAt: now,
            waitingFor: .unknownOutcome)
        let entry = JournalEntry(
            at: now, kind: .reopened, lead: lead.id, enrollment: enrollment.id, campaign: enrollment.campaign,
            step: step.id)
        try transaction.advance(
            back, was: enrollment.current, entry: enrollment.status == .completed ? entry : nil)
    }
}
