import DripCore
import DripStore

// What has had its time goes, a few at a time, so that sending never waits for it: old lines of the history, and leads of whom
// only a form knows (`UnconfirmedLeads.swift`).
//
// The rule: whenever the engine has nothing else to do at an instant, it takes away up to 5,000 lines that are older than they
// are kept; again a second later while there are more, else an hour later. Figures, suppressions, consents and what a lead is
// waiting for are not lines of the history, and stay.
//
// Edge case: a clock that leaps by more than two days is perhaps wrong, and what is gone cannot be brought back: nothing goes in
// the day after such a leap, nor after as long a standstill.
//
// Worked example: with `retention: { journal: 730d }` what happened on 1 March 2024 is gone on 2 March 2026.

extension Engine {
    private static let atOnce = 5_000
    private static let leap = TimeSpan.days(2)

    func tidy(now: Instant, effects: inout [Effect]) {
        guard state == .running, storeFailure == nil, now >= pruneAt else { return }
        let before = prunedAt ?? now
        prunedAt = now
        guard now - before <= Self.leap else {
            pruneAt = now + .hours(24)
            return
        }
        do {
            let hasOldLines = try pruneHistory(now: now, effects: &effects)
            let hasUnconfirmed = try forgetUnconfirmed(now: now, effects: &effects)
            pruneAt = now + (hasOldLines || hasUnconfirmed ? .seconds(1) : .hours(1))
        } catch {
            _ = failure(error, now: now, effects: &effects)
        }
    }

    /// Answers whether there are more.
    private func pruneHistory(now: Instant, effects: inout [Effect]) throws -> Bool {
        guard let journalIsKept else { return false }
        let gone = try store.commit(at: now, today: today(at: now)) { transaction in
            try transaction.pruneJournal(before: now - journalIsKept, limit: Self.atOnce)
        }
        if gone > 0 { effects.append(.log(LogLine(.debug, "history pruned", ["lines": "\(gone)"]))) }
        return gone == Self.atOnce
    }
}
