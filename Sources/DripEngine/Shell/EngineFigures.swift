import CoreMetrics
package import DripCore
package import DripStore
import Metrics

/// What the shell measures while it works, by swift-metrics; `help` says what each name means.
package enum EngineFigures {
    package static let help = [
        "dripd_commit_seconds": "How long commits to the store take, until they are on disk.",
        "dripd_timer_lateness_seconds": "How much later than asked the alarm rang.",
        "dripd_step_seconds": "How long the engine works on one input, commits included.",
        "dripd_attempts_total": "Attempts that ended, by transport and outcome.",
    ]

    static let commit = Timer(label: "dripd_commit_seconds")
    private static let lateness = Timer(label: "dripd_timer_lateness_seconds")
    static let step = Timer(label: "dripd_step_seconds")

    /// Brings every series into being at 0: one that comes only with its first event looks like a gap.
    static func begin(_ transports: [any Transport]) {
        _ = (commit, lateness, step)
        for transport in transports {
            for outcome in Outcome.allCases {
                Counter(
                    label: "dripd_attempts_total",
                    dimensions: [("transport", transport.name), ("outcome", outcome.rawValue)]
                ).increment(by: 0)
            }
        }
    }

    static func ringed(late span: TimeSpan) { lateness.recordMilliseconds(span.milliseconds) }

    static func attempts(_ results: [AttemptResult], over transport: String) {
        for (outcome, group) in Dictionary(grouping: results, by: \.outcome) {
            Counter(
                label: "dripd_attempts_total", dimensions: [("transport", transport), ("outcome", outcome.rawValue)]
            ).increment(by: group.count)
        }
    }

    static func measure<Result>(_ timer: Timer, _ body: () throws -> Result) rethrows -> Result {
        let began = ContinuousClock.now
        defer { timer.record(duration: ContinuousClock.now - began) }
        return try body()
    }
}

/// A store whose commits are timed.
package final class TimedStore: DripStore {
    private let inner: any DripStore

    package init(_ inner: any DripStore) {
        self.inner = inner
    }

    package var instanceID: String { inner.instanceID }

    package func commit<Result>(
        at now: Instant, today: LocalDate, _ body: (any StoreTransaction) throws -> Result
    ) throws(StoreError) -> Result {
        let began = ContinuousClock.now
        defer { EngineFigures.commit.record(duration: ContinuousClock.now - began) }
        return try inner.commit(at: now, today: today, body)
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws(StoreError) -> Result {
        try inner.read(body)
    }

    package func scrub() throws(StoreError) { try inner.scrub() }
}
