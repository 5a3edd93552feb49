import DripCore
import DripMessages

/// A message in its parts, for a provider that puts the mail together itself.
///
/// Its headers are read off the composed mail, so that what a provider sends on says just what a relay would.
enum ContentParts {
    /// What the provider writes itself, from the other parts.
    private static let own: Set<String> = [
        "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
        "content-transfer-encoding", "dkim-signature",
    ]

    /// `mail` is the composed one of an e-mail step, or of a note to a colleague; an `http` step has none, and its text no footer.
    static func of(
        _ order: SendOrder, _ message: CompiledMessage, _ context: MessageContext, _ identity: MessageIdentity,
        returnToken: String?, mail: OutgoingMessage.Mail?, tracking: LinkTracking? = nil
    ) throws -> MessageContent {
        let isNote = order.step.notice != nil
        let rendered = isNote ? try message.renderNote(context) : try message.render(context)
        let sender = message.from ?? context.sender
        let text = mail == nil ? try message.renderBody(context) : rendered.text
        return MessageContent(
            subject: rendered.subject, preheader: rendered.preheader,
            html: String(decoding: tracking?.rewritten(rendered.html) ?? rendered.html, as: UTF8.self),
            text: String(decoding: text, as: UTF8.self),
            fromName: sender.name, fromAddress: sender.address,
            replyTo: isNote ? order.lead.address ?? message.replyTo : message.replyTo,
            recipient: mail?.recipient ?? order.lead.address, headers: mail.map { headers(of: $0.bytes) } ?? [],
            unsubscribeURL: context.unsubscribe.oneClickURL, messageID: identity.messageID,
            idempotencyKey: identity.idempotencyKey, returnToken: returnToken, campaign: order.campaign.id,
            step: order.step.id, dueAt: order.plannedAt, leadKey: order.lead.key, attributes: order.lead.attributes,
            mail: mail)
    }

    /// The header fields of a canonical mail but for the provider's own, unfolded (RFC 5322 §2.2.3).
    static func headers(of bytes: [UInt8]) -> [MessageContent.Header] {
        var fields: [[UInt8]] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0D), end > start {
            let line = bytes[start..<end]
            if line.first == 0x20 || line.first == 0x09, !fields.isEmpty {
                fields[fields.count - 1] += line
            } else {
                fields.append(Array(line))
            }
            // Canonical: a line feed follows each carriage return.
            start = min(end + 2, bytes.endIndex)
        }
        return fields.compactMap { field in
            guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let name = String(decoding: field[..<colon], as: UTF8.self)
            let value = field[(colon + 1)...].drop { $0 == 0x20 }
            return own.contains(name.lowercased())
                ? nil : MessageContent.Header(name: name, value: String(decoding: value, as: UTF8.self))
        }
    }
}
