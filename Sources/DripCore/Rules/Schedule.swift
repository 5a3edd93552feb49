/// When a step is planned, counted from the enrollment.
///
/// The rule: `after: 72h` is exact elapsed time. `day: N` is a calendar day in the lead's zone, day 1 being the local
/// date of the enrollment. With `at` it is that local time; a day on which the window does not open moves to the next
/// one on which it does, **at its `at`**. Without `at` it is the first moment of that day, or of the next open one, that
/// is inside the window. What would lie before the enrollment (day 1, `at` already past) is the enrollment itself if
/// the window is open, else its next opening. A step is never planned before the one in front of it.
///
/// Edge cases: a local time that DST skips or doubles is resolved by `Zone.instant(of:)`. An `at` outside of the hours
/// keeps its plan, and the window gate holds it until the window opens; so does a plan of `after`. Where the hours wrap
/// midnight, an `at` in their early part belongs to the day before (`mon-fri 22:00-06:00`, `at: "02:00"`: closed on a
/// Monday, open on a Saturday), and without `at` the first moment of a day may be its midnight.
///
/// Worked example: window `mon-fri 08:00-17:00`, enrolled on Friday 2026-11-20 at 18:30. Day 1 without `at`: Monday
/// 08:00. Day 1 at 09:00: past, and the window is closed: Monday 08:00. Day 2 (Saturday) at 09:00: Monday 09:00. Day 4
/// at 10:00: Monday 10:00. `after: 72h`: Monday 18:30.
package func plannedAt(_ step: Step, enrolledAt: Instant, window: SendWindow, zone: Zone) -> Instant {
    let number: Int
    let at: LocalTime?
    switch step.timing {
    case .after(let span): return enrolledAt + span
    case .day(let day, let time): (number, at) = (day, time)
    }
    let date = zone.local(at: enrolledAt).date.adding(days: number - 1)
    let planned: Instant
    if let at {
        // A week holds every weekday; a window that never opens is a load error and leaves the date as it is.
        let open = (0..<7).lazy.map { date.adding(days: $0) }.first { window.opens(on: $0, for: at) }
        planned = zone.instant(of: LocalDateTime(date: open ?? date, time: at))
    } else {
        let midnight = zone.instant(of: LocalDateTime(date: date, time: .midnight))
        planned = window.nextOpening(atOrAfter: midnight, in: zone)
    }
    return planned < enrolledAt ? window.nextOpening(atOrAfter: enrolledAt, in: zone) : planned
}

/// Every step of a campaign with its planned instant, in file order: what `plan` prints and the daemon does.
package func calendar(
    of campaign: Campaign, enrolledAt: Instant, zone: Zone
) -> [(step: Step, plannedAt: Instant)] {
    var earliest = enrolledAt
    return campaign.steps.map { step in
        earliest = max(earliest, plannedAt(step, enrolledAt: enrolledAt, window: campaign.window, zone: zone))
        return (step, earliest)
    }
}

/// The step after the last finished one, in file order; nil when there is none left.
///
/// Finished ids that the file no longer has are ignored; a step inserted in front of a finished one is not back-filled.
package func nextStep(in campaign: Campaign, finished: [StepID]) -> Step? {
    let last = campaign.steps.lastIndex { finished.contains($0.id) }
    let next = last.map { $0 + 1 } ?? 0
    return next < campaign.steps.count ? campaign.steps[next] : nil
}
