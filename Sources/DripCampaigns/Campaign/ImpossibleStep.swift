import DripCore

/// Warns of a step that a cap of the policy will always push past its `defer_max`.
///
/// The rule: if a step and the `count` steps before it (those that can go, and that no condition can drop) are planned
/// nearer to each other than the cap's period, then the step must wait for at least `period − distance`. If that is
/// more than it may wait, it is skipped for every lead whose earlier steps went. Distances are taken at their longest,
/// so that nothing is warned of that could go.
///
/// It may wait for `defer_max`, or by default until the next step's planned instant, and 7 days for a last step.
///
/// Edge cases: only steps of one anchor and one kind of timing are compared, because the distance of a `day` from an
/// `after` depends on the enrollment. Other campaigns' messages count too, but not here: they may not be.
///
/// Worked example: cap 1 per 24 h, two steps on day 1 at 09:00 and 15:00, `defer_max: 6h` on the second. Distance 6 h,
/// so it must wait 18 h, and may wait 6: a warning. Without `defer_max`, and the next step on day 3: no warning.
enum ImpossibleStep {
    static func warn(_ steps: [Step], places: [Place], times: SendTimes, caps: [FrequencyCap], findings: Findings) {
        let reach = Reach(times: times)
        for cap in caps {
            var sent: [Step] = []
            for (index, step) in steps.enumerated() {
                let next = index + 1 < steps.count ? steps[index + 1] : nil
                if let wait = leastWait(step, after: sent, cap: cap, reach: reach),
                    let patience = mostPatience(step, next: next, reach: reach), wait > patience
                {
                    findings.warning(
                        at: places[index],
                        "the cap of \(cap.count) per \(cap.period.inHours) leaves the step `\(step.id)` no moment to go: "
                            + "it must wait \(wait.inHours) and may wait \(patience.inHours)",
                        hint: "Plan it later, or raise its `defer_max` to \(wait.inHours) or more.")
                } else if step.condition == nil {
                    sent.append(step)
                }
            }
        }
    }

    /// How long the cap holds the step at least; nil where it may not hold it at all.
    private static func leastWait(_ step: Step, after sent: [Step], cap: FrequencyCap, reach: Reach) -> TimeSpan? {
        guard sent.count >= cap.count,
            let distance = reach.longest(from: sent[sent.count - cap.count], to: step)
        else { return nil }
        let wait = cap.period - distance
        return wait > .zero ? wait : nil
    }

    private static func mostPatience(_ step: Step, next: Step?, reach: Reach) -> TimeSpan? {
        if let deferMax = step.deferMax { return deferMax }
        guard let next else { return .days(7) }
        // What counts from the end of this one leaves it all the time there is.
        return next.anchor == .previous ? .days(7) : reach.longest(from: step, to: next)
    }
}

extension TimeSpan {
    fileprivate var inHours: String {
        milliseconds % 3_600_000 == 0 ? "\(milliseconds / 3_600_000)h" : description
    }
}
