import DripCore

/// When a step of a run must be planned, found by looking at walls and calendars: it shares no line with the rules of Core.
///
/// A local time is looked for on the wall; an opening and its end among the moments at which anything could turn: what
/// the hours name, midnight, and changes of the clock, day by day. Of a step with a spread it knows from when until when.
struct PlanOracle {
    enum Answer: Hashable {
        /// The first and the last instant that are right.
        case between(Instant, Instant)
        /// It has no use any more when the lead is enrolled.
        case beforeEnrollment
        /// Its lead has no such date.
        case missingDate
    }

    let clock: WallClock
    let campaign: CampaignPlan
    let policy: PolicyPlan
    let lead: LeadPlan
    let enrolledAt: Instant

    /// Beyond this nothing opens that has not opened before: a campaign that never opens does not load.
    private static let patienceDays: Int64 = 400

    /// When that step is planned; nil where an observer cannot know.
    ///
    /// `planned` are steps that were marked, with what was then said of their plans; `ended` when steps ended.
    func plan(of id: String, planned: [String: Instant], ended: [String: Instant]) -> Answer? {
        var inFront: (first: Instant, last: Instant)?
        var before: String?
        for step in campaign.steps {
            defer { before = step.id }
            if step.id != id, let known = planned[step.id] {
                inFront = (known, known)
                continue
            }
            let previousEndedAt = before.map { ended[$0] } ?? enrolledAt
            let own = plan(of: step, previousEndedAt: previousEndedAt)
            guard case .between(let first, let last)? = own else {
                if step.id == id || own == nil { return own }
                continue
            }
            let floor = inFront ?? (first, last)
            inFront = (max(first, floor.first), max(last, floor.last))
            if step.id == id, let inFront { return .between(inFront.first, inFront.last) }
        }
        return nil
    }

    /// What its own words say, whatever stands in front of it; nil where the end of the step in front is not known.
    func plan(of step: StepPlan, previousEndedAt: Instant?) -> Answer? {
        let anchor: (at: Instant, day: Int64)
        switch step.anchor {
        case .enrollment:
            guard let day = clock.day(at: enrolledAt) else { return nil }
            anchor = (enrolledAt, day)
        case .previous:
            guard let previousEndedAt, let day = clock.day(at: previousEndedAt) else { return nil }
            anchor = (previousEndedAt, day)
        case .attribute:
            guard let date = lead.endsOn else { return .missingDate }
            let day = Int64(date.daysSinceEpoch)
            guard let midnight = clock.instant(showing: day * 86_400) else { return nil }
            anchor = (midnight, day)
        }
        guard var at = nominal(step.timing, at: anchor.at, day: anchor.day) else { return nil }
        if case .attribute = step.anchor {
            if at < enrolledAt {
                guard case .day(_, nil) = step.timing, clock.day(at: at) == clock.day(at: enrolledAt),
                    let opening = opening(atOrAfter: enrolledAt)
                else { return .beforeEnrollment }
                at = opening
            }
        } else if at < anchor.at {
            guard let opening = opening(atOrAfter: anchor.at) else { return nil }
            at = opening
        }
        guard step.spread > .zero, !step.isTransactional else { return .between(at, at) }
        guard let first = opening(atOrAfter: at) else { return nil }
        return .between(first, end(of: step.spread, from: first) - .milliseconds(1))
    }

    /// Just behind the last instant of a spread: its own end, or that of the opening.
    func end(of spread: TimeSpan, from first: Instant) -> Instant {
        turn(to: false, after: first, before: first + spread) ?? first + spread
    }

    private func nominal(_ timing: Step.Timing, at anchor: Instant, day first: Int64) -> Instant? {
        switch timing {
        case .after(let span): return anchor + span
        case .day(let number, let at?):
            var day = first + Int64(number > 0 ? number - 1 : number)
            let last = day + Self.patienceDays
            while !isOpenDay(day, for: at), day < last { day += 1 }
            return clock.instant(showing: day * 86_400 + Int64(at.secondOfDay))
        case .day(let number, nil):
            let day = first + Int64(number > 0 ? number - 1 : number)
            return clock.instant(showing: day * 86_400).flatMap { opening(atOrAfter: $0) }
        }
    }

    /// Whether the hours around that time of a day begin on an open day: it, or where they went past midnight, the one
    /// before.
    private func isOpenDay(_ day: Int64, for time: LocalTime) -> Bool {
        guard let window = campaign.window else { return true }
        let (opens, closes) = (window.hours.opens, window.hours.closes)
        let isNight = closes <= opens && time < closes
        return window.opens(onDay: isNight ? day - 1 : day, policy)
    }

    // MARK: Openings

    private func isOpen(at instant: Instant) -> Bool? { clock.isOpen(campaign.window, policy, at: instant) }

    private func opening(atOrAfter instant: Instant) -> Instant? {
        guard let isOpen = isOpen(at: instant) else { return nil }
        return isOpen ? instant : turn(to: true, after: instant, before: .distantFuture)
    }

    /// The first instant in between at which it is open, or closed.
    private func turn(to isOpen: Bool, after start: Instant, before limit: Instant) -> Instant? {
        guard let today = clock.day(at: start) else { return nil }
        var found: Instant?
        for day in today - 1...today + Self.patienceDays {
            if let bound = found ?? (limit < .distantFuture ? limit : nil),
                clock.day(at: bound).map({ $0 < day - 1 }) ?? true
            {
                break
            }
            for moment in moments(of: day)
            where moment > start && moment < min(limit, found ?? limit) && self.isOpen(at: moment) == isOpen {
                found = moment
            }
        }
        return found
    }

    /// When anything could turn on a local date.
    private func moments(of day: Int64) -> [Instant] {
        let hours = [campaign.window?.hours, policy.quietHours].compactMap { $0 }
        let times = Set([0] + hours.flatMap { [$0.opens.secondOfDay, $0.closes.secondOfDay] })
        let walls = times.map { day * 86_400 + Int64($0) }
        let changes = clock.changes(from: (day - 1) * 86_400, to: (day + 2) * 86_400).map { Instant(seconds: $0) }
        return walls.flatMap { clock.instants(showing: $0) } + changes
    }
}
