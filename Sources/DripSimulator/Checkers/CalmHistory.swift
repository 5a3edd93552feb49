import DripCore

/// What an observer knows of a calm history when it is over: who was there, what went when, and what the ledger says.
///
/// Its answers are found by looking, not by the engine's arithmetic: quarter by quarter whether it is open, and from one
/// charge to the next whether a cap is full.
struct CalmHistory: Sendable {
    let clocks: [String: WallClock]
    private var plans = RunPlans()
    var live: FolderPlan? { plans.live }
    private(set) var leads: [String: LeadPlan] = [:]
    /// Leads that moved, or of which nobody knows: they, and whoever shares a mailbox with them, are not judged.
    private var disturbed: Set<String> = []
    private var disturbedMailboxes: Set<String> = []
    /// When a mailbox first said no to anything.
    private(set) var refusedAt: [String: Instant] = [:]
    private(set) var sends: [String: [CountedSend]] = [:]
    /// When a message that was refused for good gave its place under the caps back.
    private var freedAt: [Int: Instant] = [:]
    private(set) var sendsOf: [Run: [CountedSend]] = [:]

    init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    mutating func hear(_ fact: Fact) {
        plans.hear(fact)
        switch fact.what {
        case .lead(let plan, let isCertain):
            let before = leads.updateValue(plan, forKey: plan.key)
            guard !isCertain || before.map({ $0 != plan }) ?? false else { return }
            disturbed.insert(plan.key)
            disturbedMailboxes.formUnion([plan.mailbox, before?.mailbox].compactMap(\.self))
        case .suppressed(let mailbox, _), .optedOut(let mailbox, _):
            refusedAt[mailbox] = refusedAt[mailbox] ?? fact.shown
        case .marked(var mark):
            mark.topic = topic(of: mark)
            let send = CountedSend(mark: mark, at: fact.shown)
            sendsOf[mark.run, default: []].append(send)
            if let mailbox = mark.mailbox, step(mark)?.counts != false { sends[mailbox, default: []].append(send) }
        case .answered(let number, .permanentFailure, _): freedAt[number] = fact.shown
        default: break
        }
    }

    func campaign(_ run: Run) -> CampaignPlan? { plans.plan(of: run) }
    func topic(of mark: Mark) -> String? { plans.topic(of: mark) }
    func step(_ mark: Mark) -> StepPlan? { campaign(mark.run)?.steps.first { $0.id == mark.step } }

    func canBeJudged(_ run: Run) -> Bool {
        !disturbed.contains(run.lead) && !(leads[run.lead]?.mailbox.map { disturbedMailboxes.contains($0) } ?? false)
    }

    func clock(of run: Run) -> WallClock? {
        [leads[run.lead]?.zone, campaign(run)?.zone, live?.policy.zone].compactMap { $0 }.lazy
            .compactMap { clocks[$0] }.first
    }

    // MARK: Open

    func isOpen(_ run: Run, at instant: Instant) -> Bool? {
        guard let campaign = campaign(run), let policy = live?.policy else { return nil }
        if campaign.window == nil, policy.quietHours == nil { return true }
        return clock(of: run)?.isOpen(campaign.window, policy, at: instant)
    }

    /// The first instant at or after one at which it is open: itself, or a whole quarter of an hour, as every time of a
    /// generated folder and every change of clocks is.
    func opening(_ run: Run, from instant: Instant) -> Instant? {
        var instant = instant
        for _ in 0..<90 * 96 {
            guard let isOpen = isOpen(run, at: instant) else { return nil }
            if isOpen { return instant }
            instant = Instant(seconds: instant.seconds - instant.seconds % 900 + 900)
        }
        return nil
    }

    // MARK: Caps

    /// The caps that hold a message, which of its mailbox's other messages they count, and since when.
    ///
    /// `sent` are the messages before it.
    func isCapped(_ mark: Mark, at instant: Instant, by sent: [CountedSend]) -> Bool? {
        guard mark.mailbox != nil else { return false }
        for cap in plans.caps(on: mark) where cap.matches(mark) {
            guard let first = cap.countsFrom(instant, clock(of: mark.run)) else { return nil }
            let counted = sent.count { send in
                send.at >= first && cap.counts(send.mark, against: mark)
                    && freedAt[send.mark.number].map { instant < $0 } ?? true
            }
            if counted >= cap.atMost { return true }
        }
        return false
    }

    /// The first instant at or after one at which no cap is full: that one, the end of some message's period or of its
    /// hopes, or the quarter of an hour in which a day, a week or a month begins.
    func capsPermit(_ mark: Mark, from instant: Instant, by sent: [CountedSend]) -> Instant? {
        guard isCapped(mark, at: instant, by: sent) == true else {
            return isCapped(mark, at: instant, by: sent).map { _ in instant }
        }
        let caps = plans.caps(on: mark)
        var candidates = sent.flatMap { send in caps.filter { $0.calendar == nil }.map { send.at + $0.per } }
        candidates += sent.compactMap { freedAt[$0.mark.number] }
        let days = caps.compactMap { $0.calendar.map { [.day: 3, .week: 8, .month: 32][$0] ?? 32 } }.max() ?? 0
        if days > 0 {
            // From now on, and from the last message that may fill it later.
            for from in Set([instant] + sent.map(\.at).filter { $0 > instant }.suffix(2)) {
                let quarter = from.seconds - from.seconds % 900
                candidates += (1...Int64(96 * days)).map { Instant(seconds: quarter + 900 * $0) }
            }
        }
        return candidates.sorted().first { $0 > instant && isCapped(mark, at: $0, by: sent) == false }
    }

    // MARK: Both

    /// When a step may go that could go from `start` on, with its mailbox's messages before it as they were.
    ///
    /// Nil where this judge does not know.
    func permitted(_ mark: Mark, from start: Instant, gapEnd: Instant?, by sent: [CountedSend]) -> Instant? {
        guard let step = step(mark) else { return nil }
        if step.isTransactional { return start }
        var instant = max(start, gapEnd ?? start)
        for _ in 0..<100 {
            guard let capped = capsPermit(mark, from: instant, by: sent),
                let open = opening(mark.run, from: capped)
            else { return nil }
            if open == instant { return instant }
            instant = open
        }
        return nil
    }

    /// The end of the gap behind the last step that was sent before `mark`, where there is one.
    ///
    /// Whether that one has overtaken it is the oracle's to say.
    func gapEnd(_ mark: Mark, after last: CountedSend?, isOvertaken: Bool) -> Instant? {
        guard let last, let minGap = live?.policy.minGap else { return nil }
        if isOvertaken { return last.at + minGap }
        let from = step(mark)?.anchor == .previous ? last.at : last.mark.plannedAt
        return last.at + max(.zero, min(minGap, mark.plannedAt - from))
    }
    /// Whether a step's own plan lies before that of the last one sent, and that one was not where its own plan put it; nil
    /// where this judge cannot tell.
    func isOvertaken(_ step: StepPlan, in stage: Stage) -> Bool? {
        guard let last = stage.last, step.anchor != .previous else { return false }
        guard let campaign = campaign(stage.run), let policy = live?.policy, let lead = leads[stage.run.lead],
            let clock = clock(of: stage.run)
        else { return nil }
        let oracle = PlanOracle(
            clock: clock, campaign: campaign, policy: policy, lead: lead, enrolledAt: stage.enrolledAt)
        guard case .between(let first, let latest)? = oracle.plan(of: step, previousEndedAt: stage.startsAt) else {
            return nil
        }
        if first >= last.mark.plannedAt { return false }
        // It, or what it was not planned before.
        for sent in campaign.steps where sent.anchor != .previous {
            if case .between(let from, let until)? = oracle.plan(of: sent, previousEndedAt: nil),
                from <= last.mark.plannedAt, last.mark.plannedAt <= until
            {
                return false
            }
        }
        return latest < last.mark.plannedAt ? true : nil
    }
}
