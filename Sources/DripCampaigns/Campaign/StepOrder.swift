import DripCore

/// Steps stand in the file in the order in which they are planned, for every lead and every moment of enrollment.
///
/// The rule:
/// - `day` after `day`: the day must not decrease, and on one day the time must not decrease. A step without `at`
///   counts with the moment at which its window opens.
/// - `after` after `after`: the time must not decrease.
/// - a mixture: `after` is exact, a `day` depends on the hour of the enrollment and on closed days, so the two are
///   compared as ranges of time since the enrollment, which must not overlap (they may touch).
///
/// A `day` at `t` lies at most `(day − 1) × 24 h + t` after the enrollment (someone who enrolled at midnight), plus the
/// longest row of closed days; and at least `(day − 2) × 24 h + t` (someone who enrolled just before midnight). Each
/// end gets 2 h for a change of the clocks. Day 1 may be the very moment of the enrollment, or the next opening.
///
/// Edge cases: equal instants are in order, the file's order decides. That weekends move `day: 3 at 15:00` and `day: 4
/// at 09:00` to one Monday is no mistake: the order is kept when they are sent (G6).
///
/// Worked example: window mon-fri from 08:00. `day: 2` at 09:00 lies between 7 h (0 + 9 − 2) and 83 h (24 + 9 + 48 + 2)
/// after the enrollment. `after: 1h` before it is fine; `after: 72h` behind it is a mistake, `after: 83h` is not.
enum StepOrder {
    struct Planned {
        var id: String
        var timing: Step.Timing
        var place: Place
    }

    /// Tells of every step that may be planned before an earlier one.
    static func check(_ steps: [Planned], window: SendWindow, findings: Findings) {
        let reach = Reach(window: window)
        var lastDay: Planned?
        var lastAfter: Planned?
        for step in steps {
            switch step.timing {
            case .day(let day, let at):
                if let lastDay, case .day(let earlierDay, let earlierAt) = lastDay.timing,
                    let hint = disorder(day, at, behind: earlierDay, earlierAt, earlier: lastDay.id, reach: reach)
                {
                    tell(step, lastDay, hint: hint, findings: findings)
                    continue
                }
                if let lastAfter, case .after(let span) = lastAfter.timing, span > reach.earliest(day: day, at: at) {
                    tell(step, lastAfter, hint: reach.hint(mixing: span, with: day), findings: findings)
                    continue
                }
                lastDay = step
            case .after(let span):
                if let lastAfter, case .after(let earlier) = lastAfter.timing, span < earlier {
                    tell(step, lastAfter, hint: "Put it first, or write \(earlier) or more.", findings: findings)
                    continue
                }
                if let lastDay, case .day(let day, let at) = lastDay.timing, span < reach.latest(day: day, at: at) {
                    let least = reach.latest(day: day, at: at).wholeHours
                    tell(
                        step, lastDay, hint: "Use `day` for both, or an `after` of at least \(least).",
                        findings: findings)
                    continue
                }
                lastAfter = step
            }
        }
    }

    private static func tell(_ step: Planned, _ earlier: Planned, hint: String, findings: Findings) {
        findings.error(
            at: step.place, "the step `\(step.id)` may be planned before `\(earlier.id)`, which stands above it",
            hint: hint)
    }

    /// How to mend two `day` steps that stand in the wrong order; nil where they are right.
    private static func disorder(
        _ day: Int, _ at: LocalTime?, behind earlierDay: Int, _ earlierAt: LocalTime?, earlier: String, reach: Reach
    ) -> String? {
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

/// How far from the enrollment a `day` can lie, for a given window.
struct Reach {
    /// The first moment of a day at which the window can be open.
    let opensFirst: LocalTime
    private let opensLast: LocalTime
    private let isAlwaysOpen: Bool
    /// The longest row of days on which the window does not open.
    let closedDays: Int
    private let clockChange = TimeSpan.hours(2)

    init(window: SendWindow) {
        let wraps = window.opens > window.closes
        opensFirst = wraps ? .midnight : window.opens
        opensLast = window.opens
        let allHours = window.opens == .midnight && window.closes == .endOfDay || window.opens == window.closes
        isAlwaysOpen = allHours && window.days.count == Weekday.allCases.count
        var longest = 0
        var row = 0
        // Twice round the week, so that a row over its end is seen whole.
        for day in Weekday.allCases + Weekday.allCases {
            row = window.days.contains(day) ? 0 : row + 1
            longest = max(longest, row)
        }
        closedDays = min(longest, 6)
    }

    /// The least time from an enrollment to the planned instant.
    func earliest(day: Int, at: LocalTime?) -> TimeSpan {
        guard day > 1 else { return .zero }
        return max(.zero, .days(Int64(day) - 2) + time(at ?? opensFirst) - clockChange)
    }

    /// The most time from an enrollment to the planned instant.
    func latest(day: Int, at: LocalTime?) -> TimeSpan {
        if day == 1, at == nil, isAlwaysOpen { return .zero }
        // Day 1 may be over for this campaign when someone enrols: then the next opening counts.
        let nextOpening: TimeSpan = day == 1 ? .days(1) : .zero
        let onTheDay = TimeSpan.days(Int64(day) - 1) + time(at ?? opensLast)
        return max(onTheDay, isAlwaysOpen ? .zero : nextOpening) + .days(Int64(closedDays)) + clockChange
    }

    /// The most time between two `day` steps that are both kept to their plan.
    func longest(from day: Int, at: LocalTime?, to laterDay: Int, at laterAt: LocalTime?) -> TimeSpan {
        let days = TimeSpan.days(Int64(laterDay - day))
        let moved: TimeSpan = laterDay == day ? .zero : .days(Int64(closedDays)) + clockChange
        return days + time(laterAt ?? opensLast) - time(at ?? opensFirst) + moved
    }

    /// The most by which waiting for the window can stretch the time between two `after` steps.
    var longestClosure: TimeSpan { isAlwaysOpen ? .zero : .days(Int64(closedDays) + 1) + clockChange }

    func hint(mixing span: TimeSpan, with day: Int) -> String {
        "Use `day` for both, `after` for both, or a later day than \(day)."
    }

    private func time(_ time: LocalTime) -> TimeSpan { .seconds(Int64(time.secondOfDay)) }
}

extension TimeSpan {
    /// Rounded up to hours, as a file writes it.
    fileprivate var wholeHours: String { "\((milliseconds + 3_599_999) / 3_600_000)h" }
}
