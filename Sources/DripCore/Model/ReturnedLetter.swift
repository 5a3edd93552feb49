/// What came back about a message, read and not yet believed: a letter out of the mailbox, or an event of a provider's
/// webhook.
package struct ReturnedLetter: Hashable, Sendable {
    package enum Meaning: Hashable, Sendable {
        /// The address is no good.
        case hardBounce(String)
        /// Given up for a cause that may pass.
        case softBounce(String)
        /// It arrived after all.
        case arrival
        case complaint(String)
        case unsubscribe
        case reply
        /// It did not arrive, for a cause that says nothing about the mailbox.
        case failure(String)

        /// As people read it.
        package var name: String {
            switch self {
            case .hardBounce: "hard bounce"
            case .softBounce: "soft bounce"
            case .arrival: "arrival"
            case .complaint: "complaint"
            case .unsubscribe: "unsubscribe"
            case .reply: "reply"
            case .failure: "failure"
            }
        }
    }

    package enum Source: Hashable, Sendable {
        /// The mailbox, which anybody may write to.
        case mailbox
        /// A provider of that name, whose signature was checked.
        case provider(String)
    }

    package var source: Source
    /// The mail server's or the provider's own name for it, under which it is handed over again until it was taken.
    package var id: String
    package var meaning: Meaning
    /// Tokens of the addresses it came to or tells of: `bounce+TOKEN@` and `unsubscribe+TOKEN@`.
    package var bounceTokens: [String]
    package var unsubscribeTokens: [String]
    /// Of the message that it is about, with angle brackets.
    package var messageIDs: [String]
    /// Whom it names, in lower case: the recipients of a report, the sender of a reply.
    package var addresses: [String]

    package init(
        source: Source = .mailbox, id: String, meaning: Meaning, bounceTokens: [String], unsubscribeTokens: [String],
        messageIDs: [String],
        addresses: [String]
    ) {
        self.source = source
        self.id = id
        self.meaning = meaning
        self.bounceTokens = bounceTokens
        self.unsubscribeTokens = unsubscribeTokens
        self.messageIDs = messageIDs
        self.addresses = addresses
    }
}
