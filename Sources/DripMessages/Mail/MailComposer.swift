package import DripCore

/// What a mail says beside its message.
package struct MailDetails: Sendable {
    package var recipient: EmailAddress
    package var identity: MessageIdentity
    /// The `Date` header.
    package var composedAt: Instant
    /// The step's planned instant: the `X-Dripd-Due` header.
    package var plannedAt: Instant

    package init(recipient: EmailAddress, identity: MessageIdentity, composedAt: Instant, plannedAt: Instant) {
        self.recipient = recipient
        self.identity = identity
        self.composedAt = composedAt
        self.plannedAt = plannedAt
    }
}

/// Why no mail could be made.
package enum ComposeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case render(RenderFailure)
    /// A value that would have to stand in this header holds a control character.
    case controlCharacter(header: String)
    /// The header cannot be broken into lines of at most 998 octets.
    case headerTooLong(String)

    package var description: String {
        switch self {
        case .render(let failure): failure.description
        case .controlCharacter(let header): "the value for the header \(header) holds a control character"
        case .headerTooLong(let header): "the header \(header) is longer than a line may be"
        }
    }
}

/// Puts a message into RFC 5322 form: canonical, 7-bit, lines within every limit.
package struct MailComposer: Sendable {
    package init() {}

    package func compose(
        _ message: CompiledMessage, for context: MessageContext, _ details: MailDetails
    ) throws(ComposeFailure) -> OutgoingMessage.Mail {
        throw .headerTooLong("")
    }
}
