/// A letter out of the mailbox for what comes back, read and not yet believed.
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
    }

    /// The mail server's own name for it, under which it is handed over again until it was taken.
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
        id: String, meaning: Meaning, bounceTokens: [String], unsubscribeTokens: [String], messageIDs: [String],
        addresses: [String]
    ) {
        self.id = id
        self.meaning = meaning
        self.bounceTokens = bounceTokens
        self.unsubscribeTokens = unsubscribeTokens
        self.messageIDs = messageIDs
        self.addresses = addresses
    }
}
