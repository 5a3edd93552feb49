import DripCore

/// Steps stand in the file in the order in which they are planned, for every lead and every moment of enrollment.
///
/// The rule, for steps that count from the enrollment:
/// - `day` after `day`: the day must not decrease, and on one day the time must not decrease. A step without `at`
///   counts with the moment at which its window opens.
/// - `after` after `after`: the time must not decrease.
/// - a mixture: `after` is exact, a `day` depends on the hour of the enrollment and on closed days, so the two are
///   compared as ranges of time since the enrollment, which must not overlap (they may touch).
///
/// A step that counts from the `previous` one is always in order behind it. One that counts from the enrollment again
/// must lie behind all that such a step can be planned for, if every step goes as planned.
///
/// Steps that count from one date of the lead follow the same rule among themselves. They may stand behind steps that
/// count from the enrollment, since each waits for its turn; but nothing that counts from the enrollment, or from another
/// date, may stand behind them, because nobody can tell which of the two comes first.
///
/// A `day` at `t` lies at most `(day − 1) × 24 h + t` after the enrollment (someone who enrolled at midnight), plus the
/// longest row of closed days; and at least `(day − 2) × 24 h + t` (someone who enrolled just before midnight). Each
/// end gets 2 h for a change of the clocks. Day 1 may be the very moment of the enrollment, or the next opening.
///
/// Edge cases: equal instants are in order, the file's order decides. That weekends move `day: 3 at 15:00` and `day: 4
/// at 09:00` to one Monday is no mistake: the order is kept when they are sent (G6). So is what a spread does to two
/// steps that are near.
///
/// Worked example: window mon-fri from 08:00. `day: 2` at 09:00 lies between 7 h (0 + 9 − 2) and 83 h (24 + 9 + 48 + 2)
/// after the enrollment. `after: 1h` before it is fine; `after: 72h` behind it is a mistake, `after: 83h` is not.
struct StepOrder {
    struct Planned {
        var id: String
        var timing: Step.Timing
        var anchor: Anchor = .enrollment
        var place: Place
    }

    private let reach: Reach
    private let findings: Findings
    /// What steps count from at this point of the file.
    private var clock = Anchor.enrollment
    private var lastDay: Planned?
    private var lastAfter: Planned?
    /// The last step that counts from its previous one, and the most time from the clock at which it is planned.
    private var chained: (step: Planned, latest: TimeSpan)?
    /// When the last step is planned, counted from the clock.
    private var last: (earliest: TimeSpan, latest: TimeSpan) = (.zero, .zero)

    /// Tells of every step that may be planned before an earlier one.
    static func check(_ steps: [Planned], times: SendTimes, findings: Findings) {
        var order = StepOrder(reach: Reach(times: times), findings: findings)
        for step in steps { order.add(step) }
    }

    private init(reach: Reach, findings: Findings) {
        self.reach = reach
        self.findings = findings
    }

    private mutating func add(_ step: Planned) {
        guard step.anchor != .previous else {
            last = (
                last.earliest + reach.earliest(step.timing, isFloored: true),
                last.latest + reach.latest(step.timing, isFloored: true)
            )
            chained = (step, last.latest)
            return
        }
        if step.anchor != clock {
            if let before = lastDay ?? lastAfter ?? chained?.step, clock != .enrollment {
                return tellOfClocks(step, before)
            }
            (clock, lastDay, lastAfter, chained) = (step.anchor, nil, nil, nil)
        }
        let isFloored = clock == .enrollment
        let range = (
            earliest: reach.earliest(step.timing, isFloored: isFloored),
            latest: reach.latest(step.timing, isFloored: isFloored)
        )
        guard isInOrder(step, range) else { return }
        last = range
        chained = nil
        if case .day = step.timing { lastDay = step } else { lastAfter = step }
    }

    /// Compares a step with those in front of it that count from the same; false once it has told of a mistake.
    private func isInOrder(_ step: Planned, _ range: (earliest: TimeSpan, latest: TimeSpan)) -> Bool {
        switch step.timing {
        case .day(let day, let at):
            if let lastDay, case .day(let earlierDay, let earlierAt) = lastDay.timing,
                let hint = disorder(day, at, behind: earlierDay, earlierAt)
            {
                return tell(step, lastDay, hint: hint)
            }
            if let lastAfter, case .after(let span) = lastAfter.timing, span > range.earliest {
                return tell(
                    step, lastAfter, hint: "Use `day` for both, `after` for both, or a later day than \(day).")
            }
        case .after(let span):
            if let lastAfter, case .after(let earlier) = lastAfter.timing, span < earlier {
                return tell(step, lastAfter, hint: "Put it first, or write \(earlier) or more.")
            }
            if let lastDay {
                let latest = reach.latest(lastDay.timing, isFloored: clock == .enrollment)
                guard span < latest else { break }
                return tell(step, lastDay, hint: "Use `day` for both, or an `after` of at least \(latest.wholeHours).")
            }
        }
        if let chained, range.earliest < chained.latest {
            return tell(step, chained.step, hint: "Plan it later, or count it from `previous` too.")
        }
        return true
    }

    private func tell(_ step: Planned, _ earlier: Planned, hint: String) -> Bool {
        findings.error(
            at: step.place, "the step `\(step.id)` may be planned before `\(earlier.id)`, which stands above it",
            hint: hint)
        return false
    }

    private func tellOfClocks(_ step: Planned, _ before: Planned) {
        findings.error(
            at: step.place,
            "nobody can tell whether the step `\(step.id)` comes before `\(before.id)`, which stands above it: "
                + "they count from \(step.anchor.inWords) and from \(clock.inWords)",
            hint: "Put it in front of those, count it from `previous`, or make a campaign of its own.")
    }

    /// How to mend two `day` steps that stand in the wrong order; nil where they are right.
    private func disorder(_ day: Int, _ at: LocalTime?, behind earlierDay: Int, _ earlierAt: LocalTime?) -> String? {
        if day < earlierDay { return "Put it first, or write day \(earlierDay) or later." }
        guard day == earlierDay else { return nil }
        // The same day and both as soon as the window opens: the file's order decides.
        guard at != nil || earlierAt != nil else { return nil }
        guard let earlierAt else {
            guard let at, at < reach.opensFirst else { return nil }
            return "Put it first, or write an `at` of \(reach.opensFirst) or later."
        }
        guard let at else {
            return earlierAt > reach.opensFirst ? "Give it an `at` of \(earlierAt) or later, or put it first." : nil
        }
        return at < earlierAt ? "Put it first, or write an `at` of \(earlierAt) or later." : nil
    }
}

extension Anchor {
    fileprivate var inWords: String {
        switch self {
        case .enrollment: "the enrollment"
        case .previous: "the previous step"
        case .attribute(let name): "`\(name)`"
        }
    }
}

extension TimeSpan {
    /// Rounded up to hours, as a file writes it.
    fileprivate var wholeHours: String { "\((milliseconds + 3_599_999).floorDivided(by: 3_600_000))h" }
}
