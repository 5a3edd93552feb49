import DripCore
import Synchronization

/// Collects what a transport reports, and wakes whoever waits for it.
final class ResultLog: Sendable {
    private struct State {
        var results: [AttemptResult] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    init(_ transport: any Transport) {
        transport.onResults { [weak self] in self?.receive($0) }
    }

    private func receive(_ results: [AttemptResult]) {
        let woken = state.withLock { state in
            state.results += results
            let woken = state.waiters.filter { $0.count <= state.results.count }
            state.waiters.removeAll { $0.count <= state.results.count }
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    var all: [AttemptResult] { state.withLock { $0.results } }

    /// All results, as soon as there are `count`; a test's time limit guards against waiting for ever.
    func results(_ count: Int) async -> [AttemptResult] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    guard state.results.count < count, !Task.isCancelled else { return true }
                    state.waiters.append((count, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume() }
        }
        return all
    }
}

extension Transport {
    /// Stops, and returns after the last result.
    func stopped(within limit: TimeSpan = .seconds(5)) async {
        await withCheckedContinuation { continuation in
            stop(within: limit) { continuation.resume() }
        }
    }

    /// Sends these and waits for all their results, in the order of the deliveries.
    func results(of messages: [OutgoingMessage]) async -> [AttemptResult] {
        let log = ResultLog(self)
        submit(messages)
        return await log.results(messages.count).sorted { $0.delivery < $1.delivery }
    }
}
