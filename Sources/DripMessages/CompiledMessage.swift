package import DripCore

/// A message ready to be rendered, as often as there are leads; immutable and safe to share between threads.
package struct CompiledMessage: Sendable {
    /// The file that it was compiled from: `ebook-nurture/welcome.md`.
    package let path: String
    /// The message's own sender; nil takes the policy's.
    package let from: Policy.Sender?
    package let replyTo: EmailAddress?
    /// Variables that some lead could lack and that have no default: `["lead.first_name"]`, sorted.
    package let requiredVariables: [String]

    /// Which needed variables are blank for this lead, given the branches that its values take.
    ///
    /// Costs look-ups only: nothing is rendered, and nothing allocated where none is missing.
    package func missingVariables(in context: MessageContext) -> [String] { [] }

    /// Subject, preheader and both parts.
    package func render(_ context: MessageContext) throws(RenderFailure) -> RenderedMessage {
        throw .emptySubject
    }

    /// The text part without the footer of a mail, for a webhook.
    package func renderBody(_ context: MessageContext) throws(RenderFailure) -> [UInt8] {
        throw .emptySubject
    }
}
