import DripCore

/// Calm: where nothing goes wrong, each step goes at the very instant that the rules say, or is skipped because they say.
///
/// The other checkers forbid; this one demands. It judges at the end of a history without faults, edits and pauses, step
/// by step along the ledger: a message went when gap, caps and hours first permitted, no later, and a refused one gave its
/// place back at once; what was skipped had to
/// be; a wait ended within `defer_max`; of two campaigns that want one place under a cap the more important one got it
/// (`CalmRivals.swift`). What depends on what nobody outside can see is left out.
package struct CalmChecker: Checker, Sendable {
    package static let guarantee = "calm"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private let isCalm: Bool
    private var history: CalmHistory
    private var counts = Judged("punctual", "defer_max", "skipped", "priority", "look-ahead")

    package init(clocks: [String: WallClock], isCalm: Bool) {
        self.isCalm = isCalm
        history = CalmHistory(clocks: clocks)
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        guard isCalm else { return [] }
        history.hear(fact)
        guard case .ledger(let ledger) = fact.what else { return [] }
        var complaints: [String] = []
        for line in ledger.lines where history.canBeJudged(line.run) { complaints += judge(line) }
        let rivals = CalmRivals(history: history, lines: ledger.lines)
        for line in ledger.lines where history.canBeJudged(line.run) {
            complaints += rivals.judge(line) { counts.note($0) }
        }
        return complaints
    }

    private mutating func judge(_ line: Ledger.Line) -> [String] {
        var complaints: [String] = []
        for stage in line.stages(in: history) {
            switch stage.end.kind {
            case "accepted", "failed": complaints += judgeSent(stage)
            case "skipped": complaints += judgeSkipped(stage)
            default: break
            }
        }
        return complaints
    }

    // MARK: Sent

    private mutating func judgeSent(_ stage: Stage) -> [String] {
        guard let send = stage.send, let step = history.step(send.mark) else { return [] }
        let lead = history.leads[send.mark.run.lead]
        if let tier = step.tier, lead?.tier != tier {
            return ["\(send.mark.name) went, and its condition does not hold"]
        }
        if step.needsCode, lead?.code == nil { return ["\(send.mark.name) went without the code that it needs"] }
        guard stage.waitedFor.isSubset(of: Stage.waitsOfTime) else { return [] }
        let start = max(send.mark.plannedAt, stage.startsAt)
        let before = (send.mark.mailbox.flatMap { history.sends[$0] } ?? []).filter {
            $0.at < send.at || ($0.at == send.at && $0.mark.number < send.mark.number)
        }
        guard let isOvertaken = history.isOvertaken(step, in: stage) else { return [] }
        let gapEnd = history.gapEnd(send.mark, after: stage.last, isOvertaken: isOvertaken)
        guard let permitted = history.permitted(send.mark, from: start, gapEnd: gapEnd, by: before) else { return [] }
        counts.note("punctual")
        var complaints: [String] = []
        if send.at != permitted {
            complaints.append("\(send.mark.name) could go at \(permitted) and went at \(send.at)")
        }
        guard !step.isTransactional, let open = history.opening(send.mark.run, from: start), send.at > open,
            !stage.waitedFor.isDisjoint(with: ["capped", "gap"])
        else { return complaints }
        counts.note("defer_max")
        let isUnlimited = history.campaign(send.mark.run)?.window == nil && history.live?.policy.quietHours == nil
        switch stage.limit(of: step, in: history) {
        case .span(let most) where isUnlimited && send.at - start > most:
            complaints.append("\(send.mark.name) waited for \(send.at - start), and may for \(most)")
        case .before(let next) where send.at >= next:
            complaints.append("\(send.mark.name) went at \(send.at), when the next step was due at \(next)")
        default: break
        }
        return complaints
    }

    // MARK: Skipped

    private mutating func judgeSkipped(_ stage: Stage) -> [String] {
        guard let step = stage.step, let reason = stage.end.reason else { return [] }
        let lead = history.leads[stage.run.lead]
        let name = "\(stage.run)/\(step.id)"
        counts.note("skipped")
        switch reason {
        case "conditionNotMet":
            return step.tier.map { $0 == lead?.tier } ?? true ? ["\(name) was skipped, and its condition holds"] : []
        case "missingVariable":
            return step.needsCode && lead?.code == nil ? [] : ["\(name) was skipped for a variable that is there"]
        case "noAddress":
            return step.channel == .email && !step.isNotice && lead?.email == nil
                ? [] : ["\(name) was skipped, and it has an address"]
        case "late":
            // A date that has passed is late from the beginning.
            return step.anchor.attribute == nil ? ["\(name) was skipped as late, and nothing held it up"] : []
        case "beforeEnrollment":
            return step.anchor.attribute == nil ? ["\(name) was skipped as before the enrollment"] : []
        case "suppressed", "optedOut":
            let refused = lead?.mailbox.flatMap { history.refusedAt[$0] }
            return refused.map { $0 <= stage.end.at } ?? false ? [] : ["\(name): \(reason), and nobody said no"]
        case "capped", "gap": return judgeCapped(stage, step, name)
        default: return ["\(name) was skipped as \(reason), in a calm history"]
        }
    }

    /// A step that waited for too long, if it did.
    private func judgeCapped(_ stage: Stage, _ step: StepPlan, _ name: String) -> [String] {
        guard stage.waitedFor.isSubset(of: Stage.waitsOfTime), !step.needsCode, step.anchor == .enrollment,
            let isOvertaken = history.isOvertaken(step, in: stage), let planned = stage.plannedAt,
            let mailbox = history.leads[stage.run.lead]?.mailbox,
            let sent = history.sends[mailbox]
        else { return [] }
        var mark = Mark(
            number: .max, run: stage.run, step: step.id, channel: step.channel, mailbox: mailbox, attempt: 1,
            plannedAt: planned)
        mark.topic = history.topic(of: mark)
        // While a message is under way nobody knows how long its charge will last.
        guard !sent.contains(where: { stage.end.at - $0.at < .seconds(1) && $0.at <= stage.end.at }) else { return [] }
        let before = sent.filter { $0.at <= stage.end.at }
        let start = max(planned, stage.startsAt)
        let gapEnd = history.gapEnd(mark, after: stage.last, isOvertaken: isOvertaken)
        guard let capped = history.capsPermit(mark, from: max(start, gapEnd ?? start), by: before),
            let permitted = history.permitted(mark, from: stage.end.at, gapEnd: gapEnd, by: before)
        else { return [] }
        return switch stage.limit(of: step, in: history) {
        case .span(let most) where capped - start <= most:
            ["\(name) was skipped as capped, and had to wait for \(capped - start) only: it may for \(most)"]
        case .before(let next) where permitted < next:
            ["\(name) was skipped as capped, and might have gone at \(permitted), before \(next)"]
        default: []
        }
    }
}

/// One step of a run, from where it could begin to its end.
struct Stage: Sendable {
    /// What passes by itself, and is judged by when it does.
    static let waitsOfTime: Set<String> = ["order", "gap", "capped", "outsideWindow", "quietHours", "holiday"]

    var run: Run
    var step: StepPlan?
    var enrolledAt: Instant
    /// When the step in front had ended, or the enrollment began.
    var startsAt: Instant
    /// The last message of this run before it.
    var last: CountedSend?
    var waitedFor: Set<String>
    var end: Ledger.Entry
    /// Where it was sent.
    var send: CountedSend?
    /// Where the ledger, or the message, says so.
    var plannedAt: Instant?
    /// The plan of the step behind it, where that went and counts from the enrollment.
    var nextPlannedAt: Instant?
    var isLast: Bool

    enum Limit {
        case span(TimeSpan)
        case before(Instant)
        case unknown
    }

    /// How long a cap or a gap may hold it.
    func limit(of step: StepPlan, in history: CalmHistory) -> Limit {
        if let own = step.deferMax { return .span(own) }
        if isLast { return .span(.days(7)) }
        guard step.anchor == .enrollment, let next = nextPlannedAt, let planned = plannedAt, next > planned else {
            return .unknown
        }
        return .before(next)
    }
}

extension Ledger.Line {
    /// Its steps in the order of their ends.
    func stages(in history: CalmHistory) -> [Stage] {
        let steps = history.campaign(run)?.steps ?? []
        let sends = Dictionary(grouping: history.sendsOf[run] ?? [], by: \.mark.step)
        var stages: [Stage] = []
        var (startsAt, last) = (enrolledAt, CountedSend?.none)
        var waitedFor: Set<String> = []
        for entry in entries {
            guard ["accepted", "failed", "skipped", "deferred"].contains(entry.kind) else { continue }
            if entry.kind == "deferred" {
                waitedFor.insert(entry.reason ?? "")
                continue
            }
            let index = steps.firstIndex { $0.id == entry.step }
            let send = entry.step.flatMap { sends[$0]?.last }
            let next = index.flatMap { $0 + 1 < steps.count ? steps[$0 + 1] : nil }
            stages.append(
                Stage(
                    run: run, step: index.map { steps[$0] }, enrolledAt: enrolledAt, startsAt: startsAt, last: last,
                    waitedFor: waitedFor,
                    end: entry, send: entry.kind == "skipped" ? nil : send,
                    plannedAt: send?.mark.plannedAt ?? entry.plannedAt,
                    nextPlannedAt: next.flatMap { $0.anchor == .enrollment ? sends[$0.id]?.last?.mark.plannedAt : nil },
                    isLast: index == steps.count - 1))
            startsAt = entry.at
            if entry.kind == "accepted" { last = send ?? last }
            waitedFor = []
        }
        return stages
    }
}
