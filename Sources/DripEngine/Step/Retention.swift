import DripCore
import DripStore

// Old lines of the history go, a few at a time, so that sending never waits for it.
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

    func pruneHistory(now: Instant, effects: inout [Effect]) {
        guard let journalIsKept, state == .running, storeFailure == nil, now >= pruneAt else { return }
        let before = prunedAt ?? now
        prunedAt = now
        guard now - before <= Self.leap else {
            pruneAt = now + .hours(24)
            return
        }
        do {
            let gone = try store.commit(at: now, today: today(at: now)) { transaction in
                try transaction.pruneJournal(before: now - journalIsKept, limit: Self.atOnce)
            }
            pruneAt = now + (gone == Self.atOnce ? .seconds(1) : .hours(1))
            if gone > 0 { effects.append(.log(LogLine(.debug, "history pruned", ["lines": "\(gone)"]))) }
        } catch {
            storeFailed(error, now: now, effects: &effects)
        }
    }
}
