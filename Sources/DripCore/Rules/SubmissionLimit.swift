// The rule: how often a form may be sent for one mailbox, so that none is a cannon against a stranger.
//
//   the same form again         an hour later at the earliest
//   all forms, asking           three a day and twelve in thirty days: each sends a mail to whoever owns the address
//   a mailbox that has unsubscribed   one in thirty days: it said no, and may still ask for something itself
//   all forms, without asking   ten a day: what each begins is held by the campaigns' own `again` and caps
//
// What is beyond is answered like every other, and nothing of it is kept. A consent counts by when it was asked for, whatever
// became of it.
//
// One form may ask so many mailboxes in an hour (`per_hour`, else 500): a program that types in addresses by the thousand must not
// send a mail to each. That is counted in memory, over any sixty minutes; a restart begins anew.
//
// Edge cases: one that lies ahead, because the clock was set back, counts as just now. Two leads that share a mailbox are the
// one that the form takes, which is always the same.
//
// Worked example: asked at 09:00, 10:30 and 12:00; at 13:30 nothing goes, at 09:00 on the next day it does.

/// How many consents of one lead may come, by those that have come.
package enum SubmissionLimit {
    package static let gap = TimeSpan.hours(1)
    package static let asksPerDay = 3
    package static let asksPerMonth = 12
    package static let notesPerDay = 10

    /// Whether another one of that form may be taken.
    package static func permits(
        _ form: FormID, asks: Bool, hasSaidNo: Bool = false, after consents: [Consent], now: Instant
    ) -> Bool {
        func within(_ span: TimeSpan) -> [Consent] { consents.filter { now - $0.askedAt < span } }
        guard !within(gap).contains(where: { $0.form == form }) else { return false }
        guard asks else { return within(.days(1)).count < notesPerDay }
        let asked = within(.days(30)).filter { $0.state != .given }
        return asked.count < (hasSaidNo ? 1 : asksPerMonth) && asked.count { now - $0.askedAt < .days(1) } < asksPerDay
    }
}

/// How many confirmations one form has asked for within the last hour.
package struct FormCeiling: Hashable, Sendable {
    package static let span = TimeSpan.hours(1)
    /// Where the form says nothing.
    package static let standard = 500
    package static let limits = 1...100_000

    /// Oldest first.
    private var asked: [Instant] = []
    /// When somebody was turned away last.
    package private(set) var metAt: Instant?

    package init() {}

    /// Whether another one may be asked for; notes that it may not.
    package mutating func permits(_ most: Int, now: Instant) -> Bool {
        asked.removeFirst(asked.prefix { now - $0 >= Self.span }.count)
        guard asked.count >= most else { return true }
        metAt = now
        return false
    }

    package mutating func note(_ now: Instant) { asked.append(now) }

    /// Whether somebody was turned away within the last hour.
    package func isMet(at now: Instant) -> Bool { metAt.map { now - $0 < Self.span } ?? false }
}
