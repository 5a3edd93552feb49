/// One step's message for one enrollment, from its reservation to its end.
package struct Delivery: Hashable, Sendable {
    package enum State: Int, Sendable, Codable {
        /// Its cap slot is taken; nothing has left yet, or an attempt definitely failed and another will follow.
        case reserved = 0
        /// A send was marked: whether anything left is unknown until its outcome is recorded.
        case sending = 1
        case accepted = 2
        case failed = 3
        /// Marked, and the outcome will never be known: treated as sent, listed until a person resolves it.
        case inDoubt = 4

        package var name: String {
            switch self {
            case .reserved: "reserved"
            case .sending: "sending"
            case .accepted: "accepted"
            case .failed: "failed"
            case .inDoubt: "inDoubt"
            }
        }
    }

    package var id: DeliveryID
    package var enrollment: EnrollmentID
    package var step: StepID
    /// What its step was called first: by that name its messages are sealed and known to the world, whatever it is called now.
    package var sealedAs: StepID
    package var state: State
    /// How many attempts were marked so far.
    package var attempts: Int
    /// When the last attempt was marked.
    package var markedAt: Instant?

    package init(
        id: DeliveryID, enrollment: EnrollmentID, step: StepID, sealedAs: StepID? = nil, state: State,
        attempts: Int = 0, markedAt: Instant? = nil
    ) {
        self.id = id
        self.enrollment = enrollment
        self.step = step
        self.sealedAs = sealedAs ?? step
        self.state = state
        self.attempts = attempts
        self.markedAt = markedAt
    }
}

/// What is known after one attempt.
package enum Outcome: String, Sendable, Codable, CaseIterable {
    /// The other side took responsibility (an SMTP 2xx after the final dot, an HTTP 2xx). Not "delivered".
    case accepted
    /// Definitely not taken; another attempt may succeed.
    case transientFailure
    /// Definitely not taken; another attempt will not succeed.
    case permanentFailure
    /// The message was handed over whole and no answer came: it may or may not have been taken.
    case unknown
}

/// One attempt's result, as a transport reports it.
package struct AttemptResult: Hashable, Sendable {
    /// Whose fault a failure is.
    ///
    /// A fault of the transport (wrong password, refused sender, no TLS) opens its breaker
    /// and costs the delivery nothing; every other fault is the delivery's own.
    package enum Blame: String, Sendable, Codable {
        case delivery, transport
        /// The other side wants fewer at a time (429): the transport pauses, for `retryAfter` where one was given, and the
        /// delivery pays nothing.
        case pace
        /// No message could be made of the step: nothing was handed to any transport.
        case composing
    }

    package var delivery: DeliveryID
    package var outcome: Outcome
    package var blame: Blame
    /// The last SMTP or HTTP status that was read, 0 where none was.
    package var code: Int
    /// RFC 3463 enhanced status such as `5.1.1`, where the server gave one.
    package var enhancedCode: String?
    /// What the server or libcurl said, cleaned for a log: one line, at most 300 characters.
    package var text: String
    /// A wish of the other side for the next attempt (HTTP `Retry-After`), counted from the result.
    package var retryAfter: TimeSpan?
    /// The provider's own name of a message that it took, to match its events by.
    package var providerMessageID: String?
    /// Whether a provider's answer says, in its own words, that the mailbox is not to be written to again.
    package var refusesMailbox: Bool

    package init(
        delivery: DeliveryID, outcome: Outcome, blame: Blame = .delivery, code: Int = 0, enhancedCode: String? = nil,
        text: String, retryAfter: TimeSpan? = nil, providerMessageID: String? = nil, refusesMailbox: Bool = false
    ) {
        self.delivery = delivery
        self.outcome = outcome
        self.blame = blame
        self.code = code
        self.enhancedCode = enhancedCode
        self.text = text
        self.retryAfter = retryAfter
        self.providerMessageID = providerMessageID
        self.refusesMailbox = refusesMailbox
    }

    /// Whether it tells that the other side is unwell, rather than anything of this message.
    ///
    /// It was silent, or spoke of itself (SMTP 421, 452, 454, x.3.x, x.4.x; HTTP 408, 425, 5xx). Greylisting (450, 451) is
    /// none of it.
    package var isOutageLike: Bool {
        guard blame == .delivery else { return false }
        switch outcome {
        case .accepted, .permanentFailure: return false
        case .unknown: return true
        case .transientFailure:
            if let enhancedCode { return enhancedCode.hasPrefix("4.3.") || enhancedCode.hasPrefix("4.4.") }
            return [0, 408, 421, 425, 452, 454].contains(code) || code >= 500
        }
    }

    /// Whether the refusal says that the mailbox does not exist (RFC 3463 5.1.x, 5.2.1, or a provider's own word for
    /// it): only then is it suppressed.
    package var isHardBounce: Bool {
        guard outcome == .permanentFailure, blame == .delivery else { return false }
        if refusesMailbox { return true }
        guard let enhancedCode else { return false }
        return ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"].contains(enhancedCode)
    }
}
