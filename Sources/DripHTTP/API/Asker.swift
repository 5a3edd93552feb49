import DripCore
import Hummingbird

// What an answer may say depends on who asks.
//
// The rule: whoever has a token that may only hand in learns of nobody whether they are on the do-not-send list, have opted out, asked
// to be forgotten, share a mailbox, or are there at all by an address: every such refusal has one status and the same words, and
// a list is answered with two counts: how many rows were taken, and for how many an enrollment was asked.
//
// Edge cases: what is wrong with the row itself (no address, a cell too long) is told: it stands in what was sent. A token with
// `read` as well is told everything: it may look.
//
// Worked example: a web form's token enrols budi@example.com, who has unsubscribed, and nobody@example.com, who is not known: 422
// for both, in the same words.

/// Who asks, as far as an answer depends on it.
struct Asker: Sendable {
    /// Whether they may see leads.
    var mayRead: Bool
    /// Whether they run dripd.
    var isOperator: Bool

    /// Whoever reaches the control socket.
    static let local = Asker(mayRead: true, isOperator: true)

    init(mayRead: Bool, isOperator: Bool) {
        self.mayRead = mayRead
        self.isOperator = isOperator
    }

    init(_ token: AccessToken) { self.init(mayRead: token.allows(.read), isOperator: token.allows(.admin)) }

    private static let untold =
        "not taken: hand the lead in first, with a key of its own; where that is done, ask whoever runs dripd"

    func told(_ error: ControlError) -> ControlError {
        error.isPrivate && !mayRead ? ControlError(.invalid, Self.untold) : error
    }

    func told(_ summary: ImportSummary) -> ImportSummary {
        guard !mayRead else { return summary }
        var summary = summary
        summary.updated += summary.created
        summary.created = 0
        summary.enrolled += summary.alreadyEnrolled + summary.suppressed
        (summary.alreadyEnrolled, summary.suppressed) = (0, 0)
        summary.refused = summary.refused.map { refusal in
            refusal.isPrivate ? .init(line: refusal.line, column: "", reason: Self.untold) : refusal
        }
        summary.warnings.removeAll { $0.isPrivate }
        return summary
    }
}

/// A request of which it is known who asks.
protocol AskingContext: RequestContext {
    var asker: Asker { get }
}

extension BasicRequestContext: AskingContext {
    var asker: Asker { .local }
}
