package import DripCore
import DripStore

// Events that came in together share one commit: a disk that syncs a few thousand times a second takes many more of them.
//
// The rule: each stands or falls alone, in the order in which they came, and is answered once the commit of all is on disk.
// One that is refused has written nothing. A store that fails takes none, and says so of each.
//
// Worked example: of `[ebook_downloaded of budi, ebook_downlaoded of siti]` the first is taken; the second is no event that
// anybody knows, and its sender hears that.

/// An event, and who waits to hear what came of it.
package struct AskedEvent: Sendable {
    package var event: EventBody
    package var ticket: Ticket

    package init(_ event: EventBody, _ ticket: Ticket) {
        self.event = event
        self.ticket = ticket
    }
}

extension Engine {
    /// At most so many share a commit, so that sending goes on in between.
    package static let eventsPerCommit = 500

    func take(_ asked: [AskedEvent], now: Instant, effects: inout [Effect]) {
        do {
            let answers = try change(now: now, effects: &effects) { transaction, draft in
                var answers: [Result<EventAnswer, ControlError>] = []
                for one in asked {
                    do {
                        let answer = try take(one.event, now: now, in: transaction, draft: &draft)
                        answers.append(.success(answer))
                    } catch let refusal as ControlError {
                        answers.append(.failure(refusal))
                    }
                }
                return answers
            }
            log(asked, answers, &effects)
            for (one, answer) in zip(asked, answers) {
                effects.append(.answer(one.ticket, answer.map(Reply.event)))
            }
        } catch {
            let refusal = failure(error, now: now, effects: &effects)
            for one in asked { effects.append(.answer(one.ticket, .failure(refusal))) }
        }
    }

    private func log(
        _ asked: [AskedEvent], _ answers: [Result<EventAnswer, ControlError>], _ effects: inout [Effect]
    ) {
        let taken = answers.compactMap { try? $0.get() }.filter { !$0.isRepeat }
        guard let first = taken.first else { return }
        var fields = [
            "enrolled": "\(taken.reduce(0) { $0 + $1.enrolledIn.count })",
            "ended": "\(taken.reduce(0) { $0 + $1.exitedFrom.count })",
        ]
        if taken.count == 1 { fields["event"] = first.event.rawValue } else { fields["count"] = "\(taken.count)" }
        effects.append(.log(LogLine(.info, taken.count == 1 ? "event" : "events", fields)))
    }
}
