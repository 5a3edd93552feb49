import DripCore
import DripMessages
import Foundation

/// What a CRM is sent: the parts that a provider's file may name, or the JSON of a plain webhook.
///
/// `$subject` is what changed, `$text` the history, `$lead.NAME` every fact; there is no campaign and no step. A plain webhook gets
///
/// ```json
/// {"changed": "stage", "changed_at": "…", "history": "…", "lead": {"attributes": {…}, "email": "…", "key": "…"}, "number": 17}
/// ```
enum PushParts {
    private struct Body: Encodable {
        struct LeadPart: Encodable {
            var key: String
            var email: EmailAddress?
            var attributes: [String: AttributeValue]
        }

        enum CodingKeys: String, CodingKey {
            case changed, history, lead, number
            case changedAt = "changed_at"
        }

        var changed: String
        var changedAt: Instant
        var history: String?
        var lead: LeadPart
        /// Grows from change to change of the same lead.
        var number: Int64
    }

    static func payload(
        of order: PushOrder, as form: OutgoingMessage.Form, instanceID: String
    ) throws -> OutgoingMessage.Payload {
        let (push, content) = (order.push, order.push.content)
        let identity = MessageIdentity(
            instanceID: instanceID, push: push.id, at: push.at, domain: String(order.sender.address.domain))
        guard form == .content else {
            let body = Body(
                changed: content.changed, changedAt: push.at, history: content.history.isEmpty ? nil : content.history,
                lead: .init(key: content.key, email: content.address, attributes: content.facts),
                number: push.id.rawValue)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return .post(
                OutgoingMessage.Post(body: Array(try encoder.encode(body)), idempotencyKey: identity.idempotencyKey))
        }
        return .content(
            MessageContent(
                subject: content.changed, html: "", text: content.history, fromName: order.sender.name,
                fromAddress: order.sender.address, recipient: content.address, messageID: identity.messageID,
                idempotencyKey: identity.idempotencyKey, campaign: CampaignID(rawValue: ""),
                step: StepID(rawValue: ""), dueAt: push.at, leadKey: content.key, attributes: content.facts))
    }
}
