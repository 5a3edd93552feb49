import DripCore

/// Warns of a step that a cap of the policy or of its campaign will always push past its `defer_max`.
///
/// The rule: if a step and the `count` steps before it (those that can go, and that no condition can drop) are planned
/// nearer to each other than the cap's period, then the step must wait for at least `period − distance`. If that is
/// more than it may wait, it is skipped for every lead whose earlier steps went. Distances are taken at their longest,
/// so that nothing is warned of that could go.
///
/// A calendar cap is sure only of steps on one and the same day of the campaign: then the step must wait until that day
/// is over at least, whether the cap is per day, week or month. A cap counts the steps that its scope names, and not
/// those with `counts: false`; a transactional step waits for none.
///
/// It may wait for `defer_max`, or by default until the next step's planned instant, and 7 days for a last step.
///
/// Edge cases: only steps of one anchor and one kind of timing are compared, because the distance of a `day` from an
/// `after` depends on the enrollment. Other campaigns' messages count too, but not here: they may not be. On day 1 a
/// step may be planned at any hour, so that nothing is said of calendar caps there; nor of steps with another anchor
/// than the enrollment, or a spread.
///
/// Worked example: cap 1 per 24 h, two steps on day 1 at 09:00 and 15:00, `defer_max: 6h` on the second. Distance 6 h,
/// so it must wait 18 h, and may wait 6: a warning. Without `defer_max`, and the next step on day 3: no warning.
enum ImpossibleStep {
    /// `caps` are all that may match: the policy's and the campaign's own; `places` are those of the steps' timings.
    static func warn(
        _ campaign: Campaign, places: [Place], times: SendTimes, caps: [FrequencyCap], findings: Findings
    ) {
        let reach = Reach(times: times)
        let steps = campaign.steps
        for cap in caps {
            var sent: [Step] = []
            for (index, step) in steps.enumerated() {
                let next = index + 1 < steps.count ? steps[index + 1] : nil
                let touch = campaign.touch(of: step)
                let counted = sent.filter {
                    cap.counts(Charge(at: .epoch, touch: campaign.touch(of: $0)), against: touch)
                }
                if cap.matches(touch), !step.isTransactional,
                    let wait = leastWait(step, after: counted, cap: cap, reach: reach),
                    let patience = mostPatience(step, next: next, reach: reach), wait > patience
                {
                    let scope = cap.scope.description.isEmpty ? "" : " of \(cap.scope)"
                    findings.warning(
                        at: places[index],
                        "the cap of \(cap.count) per \(cap.periodText)\(scope) leaves the step `\(step.id)` no moment to "
                            + "go: it must wait \(wait.inHours) and may wait \(patience.inHours)",
                        hint: "Plan it later, or raise its `defer_max` to \(wait.inHours) or more.")
                } else if step.condition == nil, step.counts {
                    sent.append(step)
                }
            }
        }
    }

    /// How long the cap holds the step at least; nil where it may not hold it at all.
    private static func leastWait(_ step: Step, after sent: [Step], cap: FrequencyCap, reach: Reach) -> TimeSpan? {
        guard sent.count >= cap.count else { return nil }
        let earlier = sent[sent.count - cap.count]
        let wait: TimeSpan
        switch cap.period {
        case .rolling(let span):
            guard let distance = reach.longest(from: earlier, to: step) else { return nil }
            wait = span - distance
        case .calendar:
            guard case .day(let day, let at?) = step.timing, case .day(day, _) = earlier.timing, day > 1,
                [earlier, step].allSatisfy({ $0.anchor == .enrollment && $0.spread == .zero })
            else { return nil }
            // A change of the clocks between the two may take up to two hours of the day.
            wait = .hours(22) - .seconds(Int64(at.secondOfDay))
        }
        return wait > .zero ? wait : nil
    }

    private static func mostPatience(_ step: Step, next: Step?, reach: Reach) -> TimeSpan? {
        if let deferMax = step.deferMax { return deferMax }
        guard let next else { return .days(7) }
        // What counts from the end of this one leaves it all the time there is.
        return next.anchor == .previous ? .days(7) : reach.longest(from: step, to: next)
    }
}

extension FrequencyCap {
    fileprivate var periodText: String {
        switch period {
        case .rolling(let span): span.inHours
        case .calendar(let unit): "calendar \(unit.rawValue)"
        }
    }
}

extension TimeSpan {
    fileprivate var inHours: String {
        milliseconds % 3_600_000 == 0 ? "\(milliseconds / 3_600_000)h" : description
    }
}
