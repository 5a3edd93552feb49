import DripSimulator
import Foundation
import Synchronization

/// Runs seeds, several at once, and gives out what became of each in the order of the seeds.
///
/// A seed shares nothing with another, not even zones, which threads would only fight over; so what becomes of it is the
/// same whatever runs beside it.
final class SeedRuns: Sendable {
    private struct State {
        /// The first seed that nobody has taken.
        var next: UInt64
        var isOver = false
        var threads: Int
        var outcomes: [UInt64: Result<Verdict, any Error>] = [:]
    }

    private let state: Mutex<State>
    private let last: UInt64
    private let until: Date?
    private let isVerbose: Bool
    /// Signalled after every change of the state.
    private let changed = DispatchSemaphore(value: 0)

    /// Begins at once; takes no new seed after `until`.
    init(_ seeds: ClosedRange<UInt64>, atOnce: Int, until: Date?, isVerbose: Bool) {
        state = Mutex(State(next: seeds.lowerBound, threads: atOnce))
        last = seeds.upperBound
        self.until = until
        self.isVerbose = isVerbose
        for _ in 0..<atOnce { Thread.detachNewThread { self.work() } }
    }

    /// What became of a seed, once that is known; nil where it is not run any more.
    func verdict(of seed: UInt64) throws -> Verdict? {
        while true {
            let (outcome, isIdle) = state.withLock { ($0.outcomes.removeValue(forKey: seed), $0.threads == 0) }
            if let outcome { return try outcome.get() }
            if isIdle { return nil }
            changed.wait()
        }
    }

    /// Takes no more seeds, and waits for those that run.
    func stop() {
        state.withLock { $0.isOver = true }
        while state.withLock({ $0.threads > 0 }) { changed.wait() }
    }

    private func work() {
        defer {
            state.withLock { $0.threads -= 1 }
            changed.signal()
        }
        let ground = Result { try Ground() }
        defer { (try? ground.get())?.clear() }
        while let seed = take() {
            let outcome = Result {
                let ground = try ground.get()
                return try Simulation.run(Scenario(seed: seed, zones: ground.zones), on: ground, isVerbose: isVerbose)
            }
            state.withLock { $0.outcomes[seed] = outcome }
            changed.signal()
        }
    }

    private func take() -> UInt64? {
        if let until, Date() >= until { return nil }
        return state.withLock { state in
            guard !state.isOver, state.next <= last else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}
