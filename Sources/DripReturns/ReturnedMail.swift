// A mail that came back: what it means, and whom it may be about.
//
// The rule, the first that fits: a complaint (RFC 5965) · a delivery report (RFC 3464) · a failure reported in words · a mail
// to the address of `List-Unsubscribe` · an automatic answer · a reply.
// Edge cases: a report comes before an unsubscribe, so that a bounced mail which names that address unsubscribes nobody;
// an unsubscribe comes before an automatic answer, because mail programs send it by themselves; "delayed" is never a failure.
// Nothing in a mail throws: what cannot be read means `nothing`.
//
// Nothing here is believed: whoever acts upon a meaning first finds the delivery, by a sealed token or a Message-ID in
// `origin`. A forged mail has neither.

/// One mail out of the mailbox for bounces, complaints, replies and unsubscribes, read.
package struct ReturnedMail: Hashable, Sendable {
    package enum Meaning: Hashable, Sendable {
        /// It was refused, for good or (`delayed`) only so far.
        case bounce(Bounce)
        /// A report that it arrived, or was handed on to a system that reports no more: an attempt in doubt was accepted.
        case arrival(recipients: [String])
        /// A spam report.
        case complaint(Complaint)
        /// A mail to an address of `List-Unsubscribe`: the tokens in it, unchecked.
        case unsubscribe(tokens: [String])
        /// What a person wrote back.
        case reply(Reply)
        /// An answer or notice that no person wrote: it counts for nothing.
        case automatic
        /// Not to be made sense of.
        case nothing
    }

    package let meaning: Meaning
    /// What leads back to the delivery that it is about.
    package let origin: Origin

    /// Reads at most the first mebibyte; the same bytes always give the same value.
    package init(_ bytes: [UInt8], addresses: ReturnAddresses = ReturnAddresses()) {
        let mail = MailTree(bytes)
        origin = Origin(mail, addresses: addresses)
        meaning = ReturnedMail.meaning(of: mail, origin)
    }

    private static func meaning(of mail: MailTree, _ origin: Origin) -> Meaning {
        if let complaint = FeedbackReport.meaning(of: mail) { return complaint }
        if let report = DeliveryReport.meaning(of: mail) { return report }
        if let failure = WordedReport.meaning(of: mail) { return failure }
        if !origin.unsubscribeTokens.isEmpty { return .unsubscribe(tokens: origin.unsubscribeTokens) }
        if AutomaticMail.isAutomatic(mail) { return .automatic }
        guard let sender = mail.headers.first("from").flatMap({ MailAddresses.all(in: $0).first }) else {
            return .nothing
        }
        let subject = OneLine.clean(mail.headers.first("subject") ?? "", longest: 200)
        return .reply(Reply(sender: sender, subject: subject))
    }
}

/// A refusal that was reported by mail.
package struct Bounce: Hashable, Sendable {
    package enum Severity: String, CaseIterable, Hashable, Sendable {
        /// The address itself is no good: suppress it.
        case hard
        /// Given up for a cause that may pass: count it.
        case soft
        /// Not given up: no bounce at all.
        case delayed
    }

    package var severity: Severity
    /// The code that decided, where one was given.
    package var status: EnhancedStatus?
    /// What was said, on one line of at most 500 characters; the words of a stranger.
    package var diagnostic: String
    /// Whom it names, in lower case: the final and the original recipients; from a report in words, any address in it.
    package var recipients: [String]
}

/// A spam report.
package struct Complaint: Hashable, Sendable {
    /// `abuse`, `fraud`, `virus`, `opt-out` or another word of RFC 5965 §7.3.
    package var kind: String
    /// Whom it names, in lower case; most providers name nobody.
    package var recipients: [String]
}

/// What a person wrote back.
package struct Reply: Hashable, Sendable {
    /// In lower case.
    package var sender: String
    package var subject: String
}

/// The local parts that lead back here: `bounce+TOKEN@…` and `unsubscribe+TOKEN@…`.
package struct ReturnAddresses: Hashable, Sendable {
    package var bounce: String
    package var unsubscribe: String

    /// Both without `+` and in lower case.
    package init(bounce: String = "bounce", unsubscribe: String = "unsubscribe") {
        self.bounce = bounce
        self.unsubscribe = unsubscribe
    }
}
