/// The mails that wait for a connection.
///
/// The rule: first in, first out; but one that found its connection dead goes first, and only as the first mail of a
/// connection that was just opened, because every kept one may be as dead. Worked example: three idle connections, the
/// relay restarts; a mail dies with one of them, and is not lost on the other two as well.
struct SMTPBacklog {
    private var waiting = FIFO<Submission>()
    private var retries = FIFO<Submission>()

    /// How many wait for any connection.
    var waitingCount: Int { waiting.count }
    /// How many wait for a fresh one.
    var retryCount: Int { retries.count }

    mutating func add(_ submissions: [Submission]) {
        waiting.append(contentsOf: submissions)
    }

    /// Puts one first that never was begun.
    mutating func putBack(_ submission: Submission) {
        waiting.prepend(submission)
    }

    /// Gives one its second chance.
    mutating func retry(_ submission: Submission) {
        var submission = submission
        submission.isRetry = true
        retries.append(contentsOf: [submission])
    }

    /// The next one that a connection may take.
    mutating func next(isFresh: Bool) -> Submission? {
        if isFresh, let retry = retries.popFirst() { return retry }
        return waiting.popFirst()
    }

    mutating func takeRetries() -> [Submission] {
        retries.removeAll()
    }

    mutating func takeAll() -> [Submission] {
        retries.removeAll() + waiting.removeAll()
    }
}
