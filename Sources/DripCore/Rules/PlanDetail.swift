/// Why a step is planned for its instant, in plain words: for `dripd plan`.
///
/// The rule: first what the file says, counted from its anchor (`day 3 at 09:00`); then every date that was closed on the
/// way to the plan's own, with its reason; then what kept or moved the time of that day; last, where its own plan lies
/// before that of the step in front of it, that it is not planned before that one. Nothing is said twice.
///
/// Edge cases: a plan that stands on the date the file means says no more than the file. More than three closed dates in
/// a row are counted instead of named.
///
/// Worked example: enrolled on Friday 2026-11-20, window `mon-fri`, 2026-11-23 a holiday named Fair, `day: 3, at: "09:00"`:
/// `day 3 at 09:00; Sun 2026-11-22 is closed, Mon 2026-11-23 is a holiday (Fair)`.
package func planDetail(
    _ step: Step, plannedAt: Instant, enrolledAt: Instant, previousEndedAt: Instant?, by facts: PlanFacts
) -> String {
    var parts = [step.timingText]
    let own = plan(step, enrolledAt: enrolledAt, previousEndedAt: previousEndedAt, by: facts).instant
    if case .day(let number, let at) = step.timing,
        let point = anchorPoint(
            of: step, enrolledAt: enrolledAt, previousEndedAt: previousEndedAt, by: facts)
    {
        let closed = closedDates(
            from: point.date(ofDay: number), to: facts.zone.local(at: min(own ?? plannedAt, plannedAt)).date, for: at,
            by: facts)
        if !closed.isEmpty { parts.append(closed) }
    }
    if step.spread > .zero { parts.append("spread over \(step.spread)") }
    if let own, own < plannedAt { parts.append("not before the step in front of it") }
    return parts.joined(separator: "; ")
}

private func anchorPoint(
    of step: Step, enrolledAt: Instant, previousEndedAt: Instant?, by facts: PlanFacts
) -> AnchorPoint? {
    switch step.anchor {
    case .enrollment: AnchorPoint(at: enrolledAt, in: facts.zone)
    case .previous: AnchorPoint(at: previousEndedAt ?? enrolledAt, in: facts.zone)
    case .attribute(let name): AnchorPoint(facts.lead.attributes[name], in: facts.zone)
    }
}

/// The closed dates before the one it was planned for.
private func closedDates(from first: LocalDate, to last: LocalDate, for at: LocalTime?, by facts: PlanFacts) -> String {
    guard first < last else { return "" }
    let closed = (0..<first.days(to: last)).map { first.adding(days: $0) }.filter {
        !facts.times.opens(on: $0, for: at ?? .midnight)
    }
    if closed.count > 3 { return "the \(closed.count) days from \(closed[0]) on are closed" }
    return closed.map { date in
        guard facts.times.holidays.contains(date) else { return "\(weekday(date)) \(date) is closed" }
        let name = facts.times.holidays.name(of: date).map { " (\($0))" } ?? ""
        return "\(weekday(date)) \(date) is a holiday\(name)"
    }.joined(separator: ", ")
}

private func weekday(_ date: LocalDate) -> String {
    let name = date.weekday.rawValue
    return name.prefix(1).uppercased() + name.dropFirst()
}

extension LocalDate {
    fileprivate func days(to other: LocalDate) -> Int { other.daysSinceEpoch - daysSinceEpoch }
}

extension Step {
    /// What the file says of when it goes: `day 3 at 09:00`, `72h after the previous step`, `day -3 from trial_ends_on`.
    package var timingText: String {
        let from =
            switch anchor {
            case .enrollment: ""
            case .previous: " after the previous step"
            case .attribute(let name): " from \(name)"
            }
        switch timing {
        case .after(let span):
            return anchor == .enrollment ? "\(span) after the enrollment" : "\(span)\(from)"
        case .day(let number, let at):
            return "day \(number)\(from)" + (at.map { " at \($0)" } ?? ", as soon as it is open")
        }
    }
}
