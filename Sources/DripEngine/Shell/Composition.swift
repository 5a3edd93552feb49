package import DripCore
package import DripMessages

/// What a send order becomes on its way to a transport: one function of the order, whatever shell asks for it.
package struct Composition: Sendable {
    private let instanceID: String
    private let signer: LinkSigner?
    private let composer: MailComposer

    /// `instanceID` is the store's; without a signer messages carry no one-click link, without `dkim` no signature.
    package init(instanceID: String, signer: LinkSigner?, dkim: DKIMSigner? = nil) {
        self.composer = MailComposer(dkim: dkim)
        self.instanceID = instanceID
        self.signer = signer
    }

    /// The names that the order's delivery has in the world.
    package func identity(of order: SendOrder) -> MessageIdentity {
        MessageIdentity(
            instanceID: instanceID, enrollment: order.delivery.enrollment, step: order.step.id,
            domain: String(order.policy.sender.address.domain))
    }

    /// Renders and wraps the message; throws where none can be made.
    package func payload(of order: SendOrder) throws -> OutgoingMessage.Payload {
        guard let message = order.compiled.message else { throw CompositionFailure.noMessage }
        let link = signer?.unsubscribeURL(for: order.delivery.enrollment)
        let context = order.compiled.context(
            lead: order.lead, campaign: order.campaign, step: order.step.id, oneClickURL: link)
        let identity = identity(of: order)
        switch order.step.action {
        case .email:
            guard let recipient = order.lead.address else { throw CompositionFailure.noAddress }
            let details = MailDetails(
                recipient: recipient, identity: identity, composedAt: order.markedAt, plannedAt: order.plannedAt)
            return .mail(try composer.compose(message, for: context, details))
        case .http:
            return .post(
                OutgoingMessage.Post(
                    body: try WebhookBody.json(of: order, message: message, context: context),
                    idempotencyKey: identity.idempotencyKey))
        }
    }
}

/// Why no message could be made, beside what rendering and composing say themselves.
enum CompositionFailure: Error, CustomStringConvertible {
    case noMessage, noAddress

    var description: String {
        switch self {
        case .noMessage: "the step's message is not compiled"
        case .noAddress: "the lead has no e-mail address"
        }
    }
}
