import CCurl
import DripCore
import Synchronization

/// What crosses from the callers' threads to the pool's queue, and the way back.
///
/// Mails lie here until the pool's next turn, so that those that are submitted from within a report leave in the very
/// turn that reported.
final class SMTPInbox: Sendable {
    private struct State {
        var submissions: [Submission] = []
        var receive: (@Sendable ([AttemptResult]) -> Void)?
        /// Whether a turn that runs now will look before it ends.
        var isLookedAfter = false
        /// Wakes the pool; nil before there is a pool, and after its end.
        ///
        /// Rung under the lock, so that its number never means another descriptor.
        var bell: Int32?
    }

    private let state = Mutex(State())

    func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void) {
        state.withLock { $0.receive = receive }
    }

    func open(bell: Int32) {
        state.withLock { $0.bell = bell }
    }

    /// Returns false when no turn will ever look again.
    func add(_ submissions: [Submission]) -> Bool {
        state.withLock { state in
            guard let bell = state.bell else { return false }
            let wasEmpty = state.submissions.isEmpty
            state.submissions += submissions
            if wasEmpty && !state.submissions.isEmpty && !state.isLookedAfter { drip_bell_ring(bell) }
            return true
        }
    }

    func takeAll() -> [Submission] {
        state.withLock { state in
            let all = state.submissions
            state.submissions = []
            state.isLookedAfter = false
            return all
        }
    }

    /// Reports from within a turn, which calls `takeAll` afterwards.
    func reportInTurn(_ results: [AttemptResult]) {
        let receive = state.withLock { state in
            state.isLookedAfter = true
            return state.receive
        }
        receive?(results)
    }

    /// Reports from outside of any turn.
    func report(_ results: [AttemptResult]) {
        state.withLock { $0.receive }?(results)
    }

    /// Takes nothing more from now on, and returns what came too late to be looked at.
    func close() -> [Submission] {
        state.withLock { state in
            defer { state.submissions = [] }
            state.bell = nil
            return state.submissions
        }
    }
}
