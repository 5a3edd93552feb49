// When so much working time has passed: the clock of a promise that people keep in their working hours.
//
// The rule: only time counts at which the hours are open: listed weekdays, between the first time and the second, on no day of the
// calendars, on the wall clock of those people. A clock that begins outside begins to run at the next opening. Where the time is
// over at the very end of a day, that end is the instant, not the next morning.
//
// Edge cases: an hour that a clock skips in spring is not worked, one that it shows twice is worked twice, so that a day may have
// one hour less or more. Quiet hours are no part of it: nobody is written to. Hours that never open end nowhere
// (`Instant.distantFuture`).
//
// Worked example: `mon-fri 09:00-17:00` in Asia/Jakarta, from Friday 2026-12-18 at 15:00: 4 working hours are over on Monday at
// 11:00, 2 on Friday at 17:00; with Monday a holiday, 4 are over on Tuesday at 11:00.

extension SendTimes {
    /// The first instant at which `span` of open time has passed since `start`.
    package func instant(after span: TimeSpan, from start: Instant, in zone: Zone) -> Instant {
        var (left, at) = (span, nextOpening(atOrAfter: start, in: zone))
        while at < .distantFuture {
            let end = at + left
            guard let closing = closing(after: at, before: end, in: zone) else { return end }
            left = left - (closing - at)
            at = nextOpening(atOrAfter: closing, in: zone)
        }
        return .distantFuture
    }
}

/// How long a wait lasts at most.
package enum WaitLimit: Hashable, Sendable {
    /// Exact elapsed time.
    case elapsed(TimeSpan)
    /// Time of the campaign's send window, by its own zone's clock.
    case working(TimeSpan)
    /// Working time of whoever the lead was given to, from when they got it; of the campaign's send window where it is nobody's.
    case ofOwner(TimeSpan)
}

extension Situation {
    /// When a wait that began at that instant is over.
    ///
    /// Whoever gets a lead in the middle of it has the whole time.
    func end(of limit: WaitLimit, from start: Instant) -> Instant {
        switch limit {
        case .elapsed(let span): start + span
        case .working(let span): officeTimes.instant(after: span, from: start, in: officeZone)
        case .ofOwner(let span):
            if let owner = policy.scoring?.handoff?.owner(of: lead) {
                owner.workingTimes.instant(after: span, from: max(start, lead.ownedSince ?? start), in: ownerZone)
            } else {
                officeTimes.instant(after: span, from: start, in: officeZone)
            }
        }
    }

    private var officeTimes: SendTimes {
        SendTimes(window: campaign.window, holidays: campaign.holidays)
    }
}
