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
        var complaints = judgeWaits(line)
        for stage in stages[line.run] ?? [] {
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

    /// Nothing gives way where there is nobody more important, nor for longer than `look_ahead`.
    private func judgeWaits(_ line: Ledger.Line) -> [String] {
        let waits = line.entries.filter { $0.kind == "deferred" && $0.reason == "priority" }
        guard !waits.isEmpty else { return [] }
        if rivals(of: line).isEmpty { return ["\(line.run) gave way, and nobody is more important"] }
        return waits.filter { wait in wait.plannedAt.map { $0 - wait.at > Self.lookAhead } ?? false }.map {
            "\(line.run)/\($0.step ?? "") gave way for longer than \(Self.lookAhead), from \($0.at) on"
        }
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
                let isOvertaken = history.isOvertaken(rivalStep, in: next),
                history.gapEnd(later.mark, after: next.last, isOvertaken: isOvertaken).map({ $0 <= now }) ?? true
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
