import DripCore
import DripMessages
import Foundation

/// The JSON that an `http` step posts.
///
/// ```json
/// {"campaign": "ebook-nurture", "due_at": "…", "lead": {"attributes": {…}, "email": "…", "key": "…"},
///  "step": "welcome", "subject": "…", "text": "…"}
/// ```
struct WebhookBody: Encodable {
    struct LeadPart: Encodable {
        var key: String
        var email: EmailAddress?
        var attributes: [String: AttributeValue]
    }

    var campaign: CampaignID
    var step: StepID
    var dueAt: Instant
    var lead: LeadPart
    var subject: String
    var text: String

    /// Built by an encoder, never by pasting: a lead's value stays a value.
    static func json(of order: SendOrder, message: CompiledMessage, context: MessageContext) throws -> [UInt8] {
        let rendered = try message.render(context)
        let body = WebhookBody(
            campaign: order.campaign.id, step: order.step.id, dueAt: order.plannedAt,
            lead: LeadPart(key: order.lead.key, email: order.lead.address, attributes: order.lead.attributes),
            subject: rendered.subject, text: String(decoding: try message.renderBody(context), as: UTF8.self))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return Array(try encoder.encode(body))
    }
}
