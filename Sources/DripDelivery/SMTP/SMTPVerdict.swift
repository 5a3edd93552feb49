import DripCore

/// What one attempt over SMTP came to.
///
/// The rule is a table of what happened and how far the transaction had come:
///
/// | what happens | outcome | blame |
/// | --- | --- | --- |
/// | no connection; greeting, EHLO, TLS or AUTH refused | transient failure | transport |
/// | MAIL refused, 5xx (not 552) or 421 | transient failure | transport |
/// | MAIL refused, 552 (too large) | permanent failure | delivery |
/// | MAIL refused, other 4xx | transient failure | delivery |
/// | RCPT, DATA or the final dot refused, 4xx | transient failure | delivery |
/// | RCPT, DATA or the final dot refused, 5xx | permanent failure | delivery |
/// | 530, 534, 535 or 538 anywhere: the relay wants another login | transient failure | transport |
/// | 2xx after the final dot | accepted | – |
/// | closed, silent or senseless before the final dot was handed over whole | transient failure | delivery |
/// | closed, silent or senseless after that | **unknown** | delivery |
///
/// Edge cases: a refusal that comes while the mail is still being written is a refusal; a 2xx that comes before the
/// final dot was handed over is senseless, and the mail was not taken. Worked example: RCPT answered `550 5.1.1` is
/// a permanent failure of the delivery; the same 550 to MAIL says that *we* may not send, and fails nobody's delivery.
/// Source: RFC 5321 §4.2.1, §4.2.5, §6.1; RFC 4954 §6; `unknown` because RFC 1047's window cannot be closed.
enum SMTPVerdict {
    /// How far a transaction had come when a reply was read.
    enum Stage: Hashable, CaseIterable {
        case mail, rcpt, data, finalDot
    }

    /// Codes that only ever speak about authentication (RFC 4954 §6).
    private static let loginCodes: Set<Int> = [530, 534, 535, 538]

    /// Judges a refusal: a reply of 400 to 599.
    static func refused(_ reply: SMTPReply, at stage: Stage, delivery: DeliveryID) -> AttemptResult {
        let isTransient = reply.code < 500
        let (outcome, blame): (Outcome, AttemptResult.Blame) =
            if loginCodes.contains(reply.code) {
                (.transientFailure, .transport)
            } else if stage == .mail && reply.code != 552 && (!isTransient || reply.code == 421) {
                (.transientFailure, .transport)
            } else {
                (isTransient ? .transientFailure : .permanentFailure, .delivery)
            }
        return AttemptResult(
            delivery: delivery, outcome: outcome, blame: blame, code: reply.code, enhancedCode: reply.enhancedCode,
            text: reply.text)
    }

    static func accepted(_ reply: SMTPReply, delivery: DeliveryID) -> AttemptResult {
        AttemptResult(delivery: delivery, outcome: .accepted, code: reply.code, text: reply.text)
    }

    /// Judges a connection that ended, fell silent or spoke nonsense in the middle of a transaction.
    static func lost(_ cause: SMTPLoss, finalDotWasHandedOver: Bool, delivery: DeliveryID) -> AttemptResult {
        AttemptResult(
            delivery: delivery, outcome: finalDotWasHandedOver ? .unknown : .transientFailure, blame: cause.blame,
            code: cause.code, text: cause.text)
    }
}

/// Why nothing more comes from a connection.
struct SMTPLoss: Error, Hashable {
    /// The status that was read last, where it says why (421), else 0.
    let code: Int
    let text: String
    let blame: AttemptResult.Blame

    init(code: Int = 0, text: String, blame: AttemptResult.Blame = .delivery) {
        self.code = code
        self.text = LogText.clean(text)
        self.blame = blame
    }
}
