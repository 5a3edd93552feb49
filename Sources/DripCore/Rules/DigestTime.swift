// When the weekly digest goes, and of which days it tells.
//
// The rule: a digest is due on its weekday at its local time in the policy's zone, and tells of the seven local days before that day.
// It is due once for each week. One that could not go when it was due (dripd was down) goes as soon as it can within two days; after
// that the next week's is the next. None goes when the key appears: the first is the next that comes due.
//
// Whoever sends notes `until`, the midnight with which the period ended, and hands it in as `reportedUntil`, once `settled` has made of
// it what is noted from then on: where nothing was noted yet, that is what a digest that went in time would have noted.
//
// Edge cases: a local time in a gap is the first instant behind it, one that comes twice is its first occurrence; a week with a clock
// change has seven local days all the same. Where the weekday was changed, the next digest ends at least four days behind the last, so
// that nobody gets two for nearly the same days. A note that is more than a day ahead, as of a clock that ran ahead, says nothing.
//
// Worked example: on Mondays at 08:00 in Jakarta, reported until Monday 23 November: due on Monday 30 November at 01:00 UTC, of
// 23 to 29 November.

/// Seven local days.
package struct DigestPeriod: Hashable, Sendable {
    package var first: LocalDate

    package init(first: LocalDate) {
        self.first = first
    }

    package var last: LocalDate { first.adding(days: 6) }
    package var days: ClosedRange<LocalDate> { first...last }
    /// The day behind them: the one on which a digest of them is due.
    package var dueDay: LocalDate { first.adding(days: 7) }
    /// The seven days before.
    package var before: DigestPeriod { DigestPeriod(first: first.adding(days: -7)) }
}

/// A digest that comes due.
package struct DueDigest: Hashable, Sendable {
    /// May be over: it then goes at once.
    package var dueAt: Instant
    package var period: DigestPeriod
    /// The midnight with which the period begins.
    package var since: Instant
    /// The midnight with which the period ends: to be noted once it went.
    package var until: Instant

    /// Whether a whole week lies between what was reported and this.
    package func passesOver(since reported: Instant) -> Bool { since - reported >= .days(6) }
}

package struct DigestTime: Sendable {
    /// How long after its time a digest still goes.
    package static let latest = TimeSpan.days(2)
    /// Between the ends of two digests, where the weekday was changed.
    private static let fewestDays = 4

    package var day: Weekday
    package var at: LocalTime
    package var zone: Zone

    package init(day: Weekday, at: LocalTime, zone: Zone) {
        self.day = day
        self.at = at
        self.zone = zone
    }

    /// The last seven full days before the digest's weekday, as of now.
    package func lastPeriod(before now: Instant) -> DigestPeriod {
        let today = zone.local(at: now).date
        let past = (today.weekday.index - day.index + 7) % 7
        return DigestPeriod(first: today.adding(days: -past - 7))
    }

    /// What to note where no digest was ever noted: the next due one is the first.
    private func baseline(at now: Instant) -> Instant {
        let last = lastPeriod(before: now)
        let due = self.due(last)
        return due.dueAt <= now ? due.until : midnight(last.first)
    }

    /// What is to be noted from now on, where `noted` is what the last digest noted, or nothing is.
    package func settled(_ noted: Instant?, now: Instant) -> Instant {
        noted.flatMap { $0 > now + .days(1) ? nil : $0 } ?? baseline(at: now)
    }

    /// The next digest, due now or later; `reportedUntil` is what is noted, and is settled.
    package func next(reportedUntil: Instant, now: Instant) -> DueDigest {
        let fewest = zone.local(at: reportedUntil).date.adding(days: Self.fewestDays)
        var period = lastPeriod(before: now)
        // A local time that a gap moved past midnight makes no week too early: instants are compared, and not dates.
        while true {
            let due = due(period)
            if period.dueDay >= fewest, now - due.dueAt <= Self.latest { return due }
            period = DigestPeriod(first: period.dueDay)
        }
    }

    private func due(_ period: DigestPeriod) -> DueDigest {
        DueDigest(
            dueAt: zone.instant(of: LocalDateTime(date: period.dueDay, time: at)), period: period,
            since: midnight(period.first), until: midnight(period.dueDay))
    }

    private func midnight(_ date: LocalDate) -> Instant {
        zone.instant(of: LocalDateTime(date: date, time: .midnight))
    }
}
