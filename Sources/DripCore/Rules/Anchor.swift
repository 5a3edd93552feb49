/// What a step's timing counts from: the enrollment, the end of the step in front of it, or a date of the lead.
///
/// The rule: a date attribute is `2026-12-01`, which begins at its midnight in the lead's zone, or an instant such as
/// `2026-12-01T09:00:00Z`, whose day is the local date at that instant. Day 1 is the anchor's own day and day -1 the day
/// before it: people count the days before a date from it, and there is no day 0.
///
/// Edge cases: blanks around a date are ignored; a day that no calendar has (`2027-02-29`), a date before 1900 or after
/// 2999 and any other text is unreadable, which is treated as missing: the step waits visibly. An attribute that a form
/// sent as a number is no date.
///
/// Worked example: `trial_ends_on` is 2026-12-01 in Asia/Jakarta: day -3 is 2026-11-28, day 1 is 2026-12-01, and
/// `after: -72h` is 2026-11-27T17:00:00Z.
package enum Anchor: Hashable, Sendable {
    case enrollment
    /// The instant at which the previous step ended, however it ended; the enrollment for a first step.
    case previous
    case attribute(String)

    /// The attribute it reads; nil where it reads none.
    package var attribute: String? {
        if case .attribute(let name) = self { return name }
        return nil
    }
}

/// The point that a timing counts from: an instant and its local date.
package struct AnchorPoint: Hashable, Sendable {
    package var instant: Instant
    package var date: LocalDate

    package init(at instant: Instant, in zone: Zone) {
        self.instant = instant
        self.date = zone.local(at: instant).date
    }

    /// The point that an attribute names; nil where it is missing or no date.
    package init?(_ value: AttributeValue?, in zone: Zone) {
        guard case .text(let text)? = value else { return nil }
        let begin = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? begin
        let written = String(text[begin..<end])
        if let date = LocalDate(written) {
            self.init(at: zone.instant(of: LocalDateTime(date: date, time: .midnight)), in: zone)
            // A midnight that its zone skips may be another day's.
            self.date = date
        } else if let instant = Instant(written) {
            self.init(at: instant, in: zone)
        } else {
            return nil
        }
        guard (1_900...2_999).contains(date.year) else { return nil }
    }

    /// The date of a day counted from it: 1 is its own, -1 the one before.
    package func date(ofDay number: Int) -> LocalDate { date.adding(days: number > 0 ? number - 1 : number) }
}
