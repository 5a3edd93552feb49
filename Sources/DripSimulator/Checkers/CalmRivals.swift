import DripCore

/// The part of the calm checker that looks at two campaigns which want one mailbox.
///
/// A message of the lesser one had to give way where, at that instant, the more important one's step was due and could
/// have gone, or was planned within `look_ahead`, had room under the caps without that message, and none with it.
struct CalmRivals {
    private let history: CalmHistory
    private var stages: [Run: [Stage]] = [:]
    private var runs: [String: [Ledger.Line]] = [:]
    private static let lookAhead = TimeSpan.hours(24)

    init(history: CalmHistory, lines: [Ledger.Line]) {
        self.history = history
        for line in lines {
            guard let mailbox = history.leads[line.run.lead]?.mailbox else { continue }
            runs[mailbox, default: []].append(line)
            stages[line.run] = line.stages(in: history)
        }
    }

    func judge(_ line: Ledger.Line, note: (String) -> Void) -> [String] {
        var complaints: [String] = []
        for stage in stages[line.run] ?? [] {
            complaints += judgeWaits(stage, line)
            guard let send = stage.send, let step = stage.step, step.counts, !step.isTransactional else { continue }
            for rival in rivals(of: line) {
                guard let complaint = judge(send, stage, step, against: rival, note: note) else { continue }
                complaints.append(complaint)
                break
            }
        }
        return complaints
    }

    /// Runs of the same mailbox in more important campaigns.
    private func rivals(of line: Ledger.Line) -> [Ledger.Line] {
        guard let mailbox = history.leads[line.run.lead]?.mailbox, let own = history.campaign(line.run)?.priority else {
            return []
        }
        return (runs[mailbox] ?? []).filter { $0.run != line.run && history.campaign($0.run)?.priority ?? 0 > own }
    }

    /// Nothing gives way where there is nobody more important.
    private func judgeWaits(_ stage: Stage, _ line: Ledger.Line) -> [String] {
        guard stage.waitedFor.contains("priority"), rivals(of: line).isEmpty else { return [] }
        return ["\(line.run)/\(stage.end.step ?? "") gave way, and nobody is more important"]
    }

    private func judge(
        _ send: CountedSend, _ stage: Stage, _ step: StepPlan, against rival: Ledger.Line, note: (String) -> Void
    ) -> String? {
        let now = send.at
        // The step that the rival had come to, and that it sent later.
        guard rival.enrolledAt <= now, let next = (stages[rival.run] ?? []).first(where: { $0.end.at > now }),
            let later = next.send, later.at >= now, let rivalStep = next.step, !rivalStep.isTransactional,
            // A millisecond's difference may be the same commit.
            next.startsAt < now, next.waitedFor.isDisjoint(with: ["missingVariable", "missingDate", "priority"])
        else { return nil }
        let planned = later.mark.plannedAt
        let isAhead = now < planned
        let instant = max(now, planned)
        let sent = (send.mark.mailbox.flatMap { history.sends[$0] } ?? []).filter {
            $0.mark.number != later.mark.number
                && ($0.at < now || ($0.at == now && $0.mark.number < send.mark.number))
        }
        if isAhead {
            guard planned - now <= Self.lookAhead else { return nil }
        } else {
            // It was due for the first time at this very instant, and nothing but the cap held it.
            guard max(planned, next.startsAt) == now, history.isOpen(rival.run, at: now) == true,
                history.gapEnd(later.mark, after: next.last).map({ $0 <= now }) ?? true
            else { return nil }
        }
        let until = isAhead ? planned : now + .minutes(1)
        guard mayWait(until: until, send, stage, step), history.isCapped(later.mark, at: instant, by: sent) == false,
            let isCapped = history.isCapped(later.mark, at: instant, by: sent + [send])
        else { return nil }
        note(isAhead ? "look-ahead" : "priority")
        let wasFirst = later.at == now && later.mark.number < send.mark.number
        return isCapped && !wasFirst
            ? "\(send.mark.name) went at \(now), and \(later.mark.name), planned for \(planned), is more important"
            : nil
    }

    /// Whether `defer_max` surely lets it wait.
    private func mayWait(until: Instant, _ send: CountedSend, _ stage: Stage, _ step: StepPlan) -> Bool {
        let start = max(send.mark.plannedAt, stage.startsAt)
        return switch stage.limit(of: step, in: history) {
        case .span(let most): until - start < most
        case .before(let next): until < next
        case .unknown: false
        }
    }
}
