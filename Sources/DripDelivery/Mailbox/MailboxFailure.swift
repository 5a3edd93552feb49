/// Why a visit to the mailbox ended early.
package struct MailboxFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What ended it, on one line; a server's words are quoted in it, a password never is.
    package let description: String

    init(_ description: String) { self.description = LogText.clean(description) }
}

/// One message out of the mailbox.
package struct MailboxLetter: Sendable {
    /// The server's own name for it, the same in every session: POP3's unique id, or `UIDVALIDITY/UID`.
    package let id: String
    /// At most `MailboxReader.longestLetter` of it, with CR LF at the line ends.
    package let bytes: [UInt8]
}
