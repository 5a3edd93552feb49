import ArgumentParser
import Dispatch
import DripCore
import DripEngine
import DripStore
import DripStoreSQLite
import Foundation
import Logging
import Synchronization

/// How late the real shell hands a step to its transport, over many deadlines of their own.
struct Lateness: ParsableCommand {
    @Option(help: "How many deadlines, 10 ms apart.") var deadlines = 1_000
    @Option(help: "An empty directory for the state.") var dir: String

    func run() throws {
        let clock = SystemClock()
        let store = try SQLiteStore.open(directory: dir, holder: "bench", now: clock.now())
        let start = clock.now() + .seconds(3)
        let now = clock.now()
        let engine = try Engine.boot(
            store: store, update: try Folder.programme(),
            identity: .init(version: "bench", node: "bench", startedAt: now),
            transports: [.init(name: "null", channel: .email, inFlight: 1_000)], now: now)
        try store.commit(at: now, today: LocalDate(daysSinceEpoch: 0)) { transaction in
            for number in 0..<deadlines {
                let lead = try transaction.upsert(
                    LeadDraft(key: "lead\(number)", address: try EmailAddress("lead\(number)@example.com")))
                let due = start + .milliseconds(Int64(number) * 10)
                let first = PendingStep(step: StepID(rawValue: "three"), route: .email, plannedAt: due, dueAt: due)
                _ = try transaction.enroll(lead.lead.id, in: Folder.campaign, at: now, first: first)
            }
        }
        let transport = WatchTransport(expecting: deadlines)
        let shell = EngineShell(
            engine: engine, store: store,
            parts: .init(
                configuration: Configuration(), transports: [transport], signer: nil, clock: clock,
                statusFile: StatusFile(directory: dir), notifier: ServiceNotifier(environment: [:]),
                watchdogSeconds: nil, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
                readFiles: { throw ValidationError("nothing to reload") }))
        try shell.start()
        guard transport.allArrived.wait(timeout: .now() + 60 + Double(deadlines) / 100) == .success else {
            throw ValidationError("not every deadline was kept")
        }
        let arrived = transport.arrivals()
        let late = arrived.map { id, at in
            at - Double(start.milliseconds + (id.rawValue - (arrived.map(\.0.rawValue).min() ?? 0)) * 10) / 1_000
        }.map { $0 * 1_000 }.sorted()
        let stopped = DispatchSemaphore(value: 0)
        shell.stop { _ in stopped.signal() }
        stopped.wait()
        store.close()
        try printFigures([
            "deadlines": Double(late.count), "late_ms_p50": quantile(0.5, of: late),
            "late_ms_p99": quantile(0.99, of: late), "late_ms_max": late.last ?? .nan,
        ])
    }
}

/// Takes everything, says `accepted`, and remembers when.
private final class WatchTransport: Transport {
    private struct State {
        var arrivals: [(DeliveryID, Double)] = []
        var receive: (@Sendable ([AttemptResult]) -> Void)?
    }

    let name = "null"
    let channel = Channel.email
    let inFlight = 1_000
    let allArrived = DispatchSemaphore(value: 0)
    private let expected: Int
    private let state = Mutex(State())

    init(expecting count: Int) {
        self.expected = count
    }

    func arrivals() -> [(DeliveryID, Double)] { state.withLock { $0.arrivals } }

    func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void) {
        state.withLock { $0.receive = receive }
    }

    func submit(_ messages: [OutgoingMessage]) {
        let at = Date().timeIntervalSince1970
        let (receive, isLast) = state.withLock { state in
            state.arrivals += messages.map { ($0.delivery, at) }
            return (state.receive, state.arrivals.count == expected)
        }
        receive?(messages.map { AttemptResult(delivery: $0.delivery, outcome: .accepted, code: 250, text: "250 ok") })
        if isLast { allArrived.signal() }
    }

    func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) { done() }
}
