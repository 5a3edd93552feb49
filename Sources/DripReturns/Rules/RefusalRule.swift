// How bad a final refusal is for the address: hard (never write to it again) or soft (count it).
//
// The rule: what the refusing server said in its own numbers comes first; its words refine numbers that say little, and
// decide where there are none.
//   4.x.x                         soft, whatever the words: somebody gave up waiting
//   5.1.x, 5.2.1                  hard, unless the words say that the mailbox is full
//   5.1.7, 5.1.8                  soft: the sender's address is what was refused (RFC 3463 §3.2)
//   5.2.2, 5.2.3, 5.2.4, 5.6.x    soft: full, too large, a list, the content
//   5.0.x                         hard, unless the words name a cause that is not the address
//   5.2.x, 5.3.x, 5.4.x, 5.5.x, 5.7.x   soft, unless the words say that there is no such mailbox or domain
//   no enhanced code: 550, 551, 553, 556 hard unless the words name another cause; other replies by their words, else soft
// Edge cases: a report's own `Status` is the reading of a relay; where the diagnostic quotes a code of the refusing server
// that says more, that one is taken. Spam blocks are soft whatever the code says of the recipient.
// Worked examples: `5.0.0` + "550 mailbox is full" → soft; `5.7.1` + "no such user" → hard; `5.4.4` + "Host not found, try
// again" → soft; `5.4.4` + "domain does not exist" → hard.
// Source: RFC 3463, RFC 3464 §2.3.3, RFC 5248; `5.7.x`, `5.4.x` and full mailboxes are not the address's fault.

/// The verdict on one refusal.
struct RefusalRule {
    let isHard: Bool
    /// The code that was taken, where there is one.
    let status: EnhancedStatus?
    /// Whether any number or phrase said why; a verdict without is a guess.
    let knowsWhy: Bool

    /// `status` is the report's own; `text` is what was said beside it; `isFinal` says that it was given up for good.
    init(status own: EnhancedStatus?, text: String, whenUnsaid isHardWhenUnsaid: Bool) {
        let quoted = EnhancedStatus.first(in: text)
        let reply = ReplyCode.first(in: text)
        let cause = CausePhrases.cause(in: text)
        let status = RefusalRule.choose(own, quoted)
        self.status = status
        if let status, !(status.saysNothing && reply.map { $0 < 500 } ?? false) {
            knowsWhy = !status.saysNothing || cause != nil
            isHard = RefusalRule.isHard(status, cause)
        } else if let reply {
            knowsWhy = true
            isHard = RefusalRule.isHard(reply: reply, cause)
        } else {
            knowsWhy = cause != nil
            isHard = cause.map { $0 == .gone } ?? isHardWhenUnsaid
        }
    }

    private static func choose(_ own: EnhancedStatus?, _ quoted: EnhancedStatus?) -> EnhancedStatus? {
        guard let own, let quoted else { return own ?? quoted }
        if own.saysNothing { return quoted }
        return quoted.kind == own.kind && !quoted.saysNothing ? quoted : own
    }

    private static func isHard(_ status: EnhancedStatus, _ cause: RefusalCause?) -> Bool {
        guard status.kind == .permanent else { return false }
        switch (status.subject, status.detail) {
        case (1, 7), (1, 8): return false
        case (1, 0), (0, _): return cause == nil || cause == .gone
        case (1, _), (2, 1): return cause != .full && cause != .sender
        case (2, 2), (2, 3), (2, 4), (6, _): return false
        default: return cause == .gone
        }
    }

    private static func isHard(reply: Int, _ cause: RefusalCause?) -> Bool {
        guard reply >= 500 else { return false }
        guard let cause else { return [550, 551, 553, 556].contains(reply) }
        return cause == .gone
    }
}

/// Whose fault a refusal is, as far as its words tell.
enum RefusalCause: Hashable, Sendable {
    /// No such mailbox or domain, or one that is closed for good.
    case gone
    /// The mailbox takes no more for now.
    case full
    /// The sender, its host or its reputation: spam, blocks, relaying, authentication.
    case sender
    /// The message: its size, its content.
    case content
    /// The way there: time-outs, loops, name servers, a system that is down.
    case route
}
