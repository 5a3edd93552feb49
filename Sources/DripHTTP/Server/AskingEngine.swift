import DripCore
import Synchronization

extension EngineControl {
    /// Hands in a command and waits for its answer.
    func ask(_ command: Command) async -> Result<Reply, ControlError> {
        await withCheckedContinuation { continuation in
            perform(command) { continuation.resume(returning: $0) }
        }
    }

    /// The same, but not for longer than that: nil where no answer came.
    func ask(_ command: Command, within patience: Duration) async -> Result<Reply, ControlError>? {
        await withCheckedContinuation { continuation in
            let first = FirstAnswer(continuation)
            perform(command) { first.give($0) }
            Task {
                try? await Task.sleep(for: patience)
                first.give(nil)
            }
        }
    }
}

/// Lets the first of two answers through.
private final class FirstAnswer: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result<Reply, ControlError>?, Never>?>

    init(_ continuation: CheckedContinuation<Result<Reply, ControlError>?, Never>) {
        self.continuation = Mutex(continuation)
    }

    func give(_ answer: Result<Reply, ControlError>?) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: answer)
    }
}
