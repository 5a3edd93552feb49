import DripCore

/// A mail on its way through a transport.
struct Submission: Sendable {
    let delivery: DeliveryID
    let mail: OutgoingMessage.Mail
    /// Whether it found a kept connection dead, and has its second and last chance on a fresh one.
    var isRetry = false

    /// What it comes to where the transport stops first.
    var notBegun: AttemptResult {
        AttemptResult(
            delivery: delivery, outcome: .transientFailure, blame: .transport, text: "stopped before it was begun")
    }
}

/// How a submission left a dialogue.
enum SMTPEnding {
    case result(AttemptResult)
    /// The connection ended before anything of the mail's body was handed over. A fresh connection may take it; where
    /// none is tried, the result stands.
    case lost(Submission, AttemptResult)
}

/// One SMTP connection's conversation after EHLO, STARTTLS and AUTH: replies in, commands and endings out.
///
/// The rule: one recipient a transaction. With PIPELINING (RFC 2920), MAIL, RCPT and DATA go out together, and the next
/// mail's three go out right behind the final dot, so that a mail costs one round trip; without, each waits for its
/// reply. After a refusal comes RSET; where every recipient is refused but DATA says 354, a lone dot ends the empty mail
/// and its reply is dropped. The outcomes are `SMTPVerdict`'s.
/// Edge cases: 421, a reply nobody asked for and a reply that is not SMTP end the conversation (`isOver`), each mail in
/// it judged by itself. "Handed over" means that the connection took the bytes, as told by `handedOver`; until then a
/// command counts as unsaid, whatever the server answers.
/// Worked example, pipelined: `MAIL RCPT DATA` → `250 250 354` → body, dot, `MAIL RCPT DATA` → `250` (first mail is
/// accepted) `250 550 503` (second is refused) → `RSET MAIL RCPT DATA`.
/// No I/O and no clock: time-outs come in as `end`.
struct SMTPDialogue {
    /// What a command or a result is appended to; the caller takes both out.
    struct Effects {
        var output: [UInt8] = []
        var endings: [SMTPEnding] = []
    }

    /// What kind of silence the server is in.
    enum Wait: Hashable {
        case nothing, reply, finalReply, farewell
    }

    private enum Command: Hashable {
        case mail, rcpt, data, finalDot
        /// Ends an empty mail that no recipient takes.
        case loneDot
        case reset, quit
    }

    private struct Question {
        let command: Command
        /// How many octets of output there are up to its last one.
        let end: Int
    }

    private struct Transaction {
        let submission: Submission
        let form: CanonicalMail
        /// Set as soon as its result is known, while replies to it are still to come.
        var isDecided = false
        var wasRefusedAtMail = false
        var body: (start: Int, end: Int)?

        var delivery: DeliveryID { submission.delivery }
    }

    private let capabilities: SMTPCapabilities
    private let pipelines: Bool
    private var reader = SMTPReplyReader()
    /// Unanswered commands, oldest first; at most six.
    private var questions: [Question] = []
    private var current: Transaction?
    /// Its envelope went out behind `current`'s final dot.
    private var next: Transaction?
    private var produced = 0
    private var handed = 0
    private var isLeaving = false
    /// The connection is of no more use; every mail it had was judged.
    private(set) var isOver = false
    /// How many mails were begun.
    private(set) var taken = 0
    /// Grows whenever the server answered or the connection took bytes: what is not progress does not move a deadline.
    private(set) var progress = 0

    init(capabilities: SMTPCapabilities, pipelines: Bool = true) {
        self.capabilities = capabilities
        self.pipelines = pipelines && capabilities.pipelining
    }

    /// Whether it can take a mail that goes out at once.
    var isReady: Bool { !isOver && !isLeaving && current == nil && (pipelines || questions.isEmpty) }
    /// Whether it can take a mail whose envelope goes out behind the final dot of the one before.
    var canLookAhead: Bool { !isOver && !isLeaving && pipelines && next == nil && current?.body != nil }
    /// Whether nothing is under way, and nothing unanswered.
    var isIdle: Bool { current == nil && questions.isEmpty }
    /// Whether a mail is under way whose result is not known.
    var holdsMail: Bool { next != nil || current.map { !$0.isDecided } ?? false }
    /// Whether a mail waits behind another one's final dot.
    var looksAhead: Bool { next != nil }

    var wait: Wait {
        guard let question = questions.first else { return .nothing }
        switch question.command {
        case .quit: return .farewell
        case .finalDot where handed >= question.end: return .finalReply
        default: return .reply
        }
    }
}

// What goes out.
extension SMTPDialogue {
    /// Begins a mail; call it while `isReady` or `canLookAhead`.
    ///
    /// A mail that this server cannot take is refused before anything of it is sent.
    mutating func take(_ submission: Submission, into effects: inout Effects) {
        let form: CanonicalMail
        do {
            form = try check(submission.mail)
        } catch {
            effects.endings.append(
                .result(
                    AttemptResult(delivery: submission.delivery, outcome: .permanentFailure, text: error.text)))
            return
        }
        taken += 1
        let transaction = Transaction(submission: submission, form: form)
        if current == nil { current = transaction } else { next = transaction }
        sayMail(transaction, into: &effects)
        guard pipelines else { return }
        sayRecipient(transaction, into: &effects)
        say("DATA\r\n", as: .data, into: &effects)
    }

    /// Says QUIT; call it while `isIdle`.
    mutating func leave(into effects: inout Effects) {
        guard !isOver, !isLeaving else { return }
        isLeaving = true
        say("QUIT\r\n", as: .quit, into: &effects)
    }

    /// Takes back the mail that waits behind an unanswered final dot, so that another connection can send it.
    ///
    /// The conversation ends with the answer to that dot: its DATA may already be granted, and an ended connection is
    /// the only way not to send an empty mail.
    mutating func withdraw() -> Submission? {
        guard let withdrawn = next else { return nil }
        next = nil
        isLeaving = true
        return withdrawn.submission
    }

    /// Notes that the connection took `count` more octets of the output.
    mutating func handedOver(_ count: Int) {
        handed += count
        progress += 1
    }

    private func check(_ mail: OutgoingMessage.Mail) throws(CanonicalMail.Refusal) -> CanonicalMail {
        let form = try CanonicalMail(checking: mail.bytes)
        if let largest = capabilities.largestMessage, mail.bytes.count > largest {
            throw CanonicalMail.Refusal(
                text: "the message has \(mail.bytes.count) octets, the server takes at most \(largest) (SIZE)")
        }
        guard !mail.needsSMTPUTF8 || capabilities.smtpUTF8 else {
            throw CanonicalMail.Refusal(text: "the address needs SMTPUTF8, which the relay does not offer")
        }
        guard !form.isEightBit || capabilities.eightBitMIME else {
            throw CanonicalMail.Refusal(text: "the message has 8-bit text, and the server does not offer 8BITMIME")
        }
        return form
    }

    private mutating func sayMail(_ transaction: Transaction, into effects: inout Effects) {
        let mail = transaction.submission.mail
        var line = "MAIL FROM:<\(mail.sender.text)>"
        if capabilities.size { line += " SIZE=\(mail.bytes.count)" }
        if transaction.form.isEightBit { line += " BODY=8BITMIME" }
        if mail.needsSMTPUTF8 { line += " SMTPUTF8" }
        say(line + "\r\n", as: .mail, into: &effects)
    }

    private mutating func sayRecipient(_ transaction: Transaction, into effects: inout Effects) {
        say("RCPT TO:<\(transaction.submission.mail.recipient.text)>\r\n", as: .rcpt, into: &effects)
    }

    private mutating func say(_ line: String, as command: Command, into effects: inout Effects) {
        effects.output.append(contentsOf: line.utf8)
        produced += line.utf8.count
        questions.append(Question(command: command, end: produced))
    }

    private mutating func sayBody(into effects: inout Effects) {
        guard let transaction = current else { return }
        let before = effects.output.count
        transaction.form.append(transaction.submission.mail.bytes, to: &effects.output)
        let start = produced
        produced += effects.output.count - before
        current?.body = (start, produced)
        questions.append(Question(command: .finalDot, end: produced))
    }
}

// What comes in.
extension SMTPDialogue {
    /// Reads what the server said.
    mutating func received(_ bytes: UnsafeRawBufferPointer, into effects: inout Effects) {
        var position = 0
        while !isOver {
            switch reader.next(in: bytes, at: &position) {
            case .needsMore: return
            case .malformed(let text): end(SMTPLoss(text: text), into: &effects)
            case .reply(let reply): answer(reply, into: &effects)
            }
        }
    }

    /// Ends the conversation: the connection closed, broke, or was silent for too long.
    mutating func end(_ loss: SMTPLoss, into effects: inout Effects) {
        guard !isOver else { return }
        isOver = true
        questions = []
        for transaction in [current, next].compactMap({ $0 }) where !transaction.isDecided {
            let result = SMTPVerdict.lost(
                loss, finalDotWasHandedOver: transaction.body.map { handed >= $0.end } ?? false,
                delivery: transaction.delivery)
            let bodyWasBegun = transaction.body.map { handed > $0.start } ?? false
            effects.endings.append(bodyWasBegun ? .result(result) : .lost(transaction.submission, result))
        }
        current = nil
        next = nil
    }

    private mutating func answer(_ reply: SMTPReply, into effects: inout Effects) {
        progress += 1
        guard let question = questions.first else {
            return end(SMTPLoss(code: reply.code, text: reply.text), into: &effects)
        }
        guard handed >= question.end else { return answerTooEarly(reply, to: question, into: &effects) }
        questions.removeFirst()
        switch question.command {
        case .finalDot: answerFinalDot(reply, into: &effects)
        case let command where reply.code == 421:
            // The service goes away; before a recipient was named that is nobody's fault but its own.
            let blame: AttemptResult.Blame = command == .mail ? .transport : .delivery
            end(SMTPLoss(code: reply.code, text: reply.text, blame: blame), into: &effects)
        case .mail, .rcpt: answerEnvelope(reply, to: question.command, into: &effects)
        case .data: answerData(reply, into: &effects)
        case .loneDot: break
        case .reset: if !reply.isPositive { endConfused(by: reply, to: "RSET", into: &effects) }
        case .quit: end(SMTPLoss(text: reply.text), into: &effects)
        }
    }

    private mutating func answerEnvelope(_ reply: SMTPReply, to command: Command, into effects: inout Effects) {
        guard let transaction = current else { return }
        let name = command == .mail ? "MAIL" : "RCPT"
        guard reply.isPositive || reply.isRefusal else { return endConfused(by: reply, to: name, into: &effects) }
        if !transaction.isDecided && reply.isRefusal {
            decide(
                SMTPVerdict.refused(reply, at: command == .mail ? .mail : .rcpt, delivery: transaction.delivery),
                &effects)
            current?.wasRefusedAtMail = command == .mail
        }
        // Pipelined, the replies to the commands behind it are still to come.
        guard !pipelines else { return }
        if reply.isRefusal {
            current = nil
            say("RSET\r\n", as: .reset, into: &effects)
        } else if command == .mail {
            sayRecipient(transaction, into: &effects)
        } else {
            say("DATA\r\n", as: .data, into: &effects)
        }
    }

    private mutating func answerData(_ reply: SMTPReply, into effects: inout Effects) {
        guard let transaction = current else { return }
        guard reply.code == 354 || reply.isRefusal else { return endConfused(by: reply, to: "DATA", into: &effects) }
        if reply.code == 354 && !transaction.isDecided { return sayBody(into: &effects) }
        if reply.code == 354 {
            // A lone dot to a server that took a recipient after it refused the sender could send an empty mail.
            guard !transaction.wasRefusedAtMail else { return endConfused(by: reply, to: "DATA", into: &effects) }
            say(".\r\n", as: .loneDot, into: &effects)
        } else if !transaction.isDecided {
            decide(SMTPVerdict.refused(reply, at: .data, delivery: transaction.delivery), &effects)
        }
        current = nil
        say("RSET\r\n", as: .reset, into: &effects)
    }

    private mutating func answerFinalDot(_ reply: SMTPReply, into effects: inout Effects) {
        guard let transaction = current else { return }
        guard reply.isPositive || reply.isRefusal else { return endConfused(by: reply, to: "the mail", into: &effects) }
        decide(
            reply.isPositive
                ? SMTPVerdict.accepted(reply, delivery: transaction.delivery)
                : SMTPVerdict.refused(reply, at: .finalDot, delivery: transaction.delivery), &effects)
        current = next
        next = nil
        if reply.code == 421 || (isLeaving && questions.contains { $0.command != .quit }) {
            end(SMTPLoss(code: reply.code, text: reply.text), into: &effects)
        }
    }

    /// A reply to something that was not yet said whole: only a refusal in the middle of a mail has a meaning.
    private mutating func answerTooEarly(_ reply: SMTPReply, to question: Question, into effects: inout Effects) {
        if question.command == .finalDot, reply.isRefusal, let transaction = current, !transaction.isDecided {
            decide(SMTPVerdict.refused(reply, at: .finalDot, delivery: transaction.delivery), &effects)
        }
        end(SMTPLoss(code: reply.code, text: "an answer before its time: \(reply.text)"), into: &effects)
    }

    private mutating func endConfused(by reply: SMTPReply, to command: String, into effects: inout Effects) {
        end(
            SMTPLoss(code: reply.code, text: "an answer to \(command) that makes no sense: \(reply.text)"),
            into: &effects)
    }

    private mutating func decide(_ result: AttemptResult, _ effects: inout Effects) {
        effects.endings.append(.result(result))
        current?.isDecided = true
    }
}

extension OutgoingMessage.Mail {
    /// Whether its envelope is beyond ASCII, and with it its header (RFC 6531 §3.4).
    fileprivate var needsSMTPUTF8: Bool { recipient.needsSMTPUTF8 || sender.needsSMTPUTF8 }
}
