import DripCore
import Synchronization

/// Answers that come one by one, until all are there.
final class GatheredAnswers: Sendable {
    private struct Gathered {
        var answers: [Result<EventAnswer, ControlError>?]
        var missing: Int
    }

    private let gathered: Mutex<Gathered>

    init(count: Int) {
        gathered = Mutex(Gathered(answers: Array(repeating: nil, count: count), missing: count))
    }

    /// Answers all of them, in order, with the last that was missing.
    func put(
        _ answer: Result<EventAnswer, ControlError>, at index: Int
    ) -> [Result<EventAnswer, ControlError>]? {
        gathered.withLock { gathered in
            gathered.answers[index] = answer
            gathered.missing -= 1
            return gathered.missing == 0 ? gathered.answers.compactMap(\.self) : nil
        }
    }
}
