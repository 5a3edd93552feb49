package import DripCore
package import DripMessages

/// What a send order becomes on its way to a transport: one function of the order, whatever shell asks for it.
package struct Composition: Sendable {
    private let instanceID: String
    private let signer: LinkSigner?
    private let composer: MailComposer
    private let returns: ReturnPath?

    /// `instanceID` is the store's; without a signer messages carry no one-click link, without `dkim` no signature, and
    /// without `returns` bounces go to the sender.
    package init(
        instanceID: String, signer: LinkSigner?, dkim: DKIMSigner? = nil, returns: ReturnPath? = nil
    ) {
        self.returns = returns
        self.composer = MailComposer(dkim: dkim)
        self.instanceID = instanceID
        self.signer = signer
    }

    /// What is to be known of the order's message; nil for nothing.
    private func tracking(of order: SendOrder) -> LinkTracking? {
        let track = order.policy.track.with(order.compiled.message?.track)
        guard let signer, track.isAny else { return nil }
        return LinkTracking(
            signer: signer, enrollment: order.delivery.enrollment, step: order.step.id, clicks: track.clicks,
            opens: track.opens)
    }

    /// The names that the order's delivery has in the world.
    package func identity(of order: SendOrder) -> MessageIdentity {
        MessageIdentity(
            instanceID: instanceID, enrollment: order.delivery.enrollment, step: order.delivery.sealedAs,
            domain: String(order.policy.sender.address.domain))
    }

    /// Renders and wraps the message in the form that its transport takes; throws where none can be made.
    ///
    /// Without a form it is the step's own: a mail, or the POST of a webhook.
    package func payload(
        of order: SendOrder, as form: OutgoingMessage.Form? = nil
    ) throws -> OutgoingMessage.Payload {
        guard let message = order.compiled.message else { throw CompositionFailure.noMessage }
        // A colleague must not come upon the lead's own way out.
        let links = order.step.notice == nil ? signer.map { ($0, order.delivery.enrollment) } : nil
        var context = order.compiled.context(
            lead: order.lead, campaign: order.campaign, step: order.step.id, data: order.data, links: links)
        context.handover = order.brief
        if let signer, let brief = order.brief, !brief.owner.isEmpty, !brief.since.isEmpty {
            context.handover?.link = signer.handoverURL(
                for: order.delivery.enrollment, step: order.step.id, owner: brief.owner, since: brief.since)
        }
        let identity = identity(of: order)
        switch order.step.action {
        case .email:
            guard let recipient = order.lead.address else { throw CompositionFailure.noAddress }
            let tracking = tracking(of: order)
            let details = MailDetails(
                recipient: recipient, identity: identity, composedAt: order.markedAt, plannedAt: order.plannedAt,
                bounceAddress: try returns?.address(.bounce, of: order),
                unsubscribeMailto: try returns?.address(.unsubscribe, of: order), tracking: tracking)
            let mail = try composer.compose(message, for: context, details)
            guard form == .content else { return .mail(mail) }
            return .content(
                try ContentParts.of(
                    order, message, context, identity, returnToken: returns?.token(of: order), mail: mail,
                    tracking: tracking))
        case .notify(.email(let colleague), _):
            let details = MailDetails(
                recipient: colleague, identity: identity, composedAt: order.markedAt, plannedAt: order.plannedAt,
                bounceAddress: try returns?.address(.notice, of: order), replyTo: order.lead.address)
            let mail = try composer.composeNote(message, for: context, details)
            guard form == .content else { return .mail(mail) }
            return .content(
                try ContentParts.of(
                    order, message, context, identity, returnToken: returns?.token(of: order), mail: mail))
        case .notify(.owner, _): throw CompositionFailure.noAddress
        case .inner: throw CompositionFailure.noMessage
        case .http, .sms, .notify(.http, _):
            guard form == .content else {
                return .post(
                    OutgoingMessage.Post(
                        body: try WebhookBody.json(of: order, message: message, context: context),
                        idempotencyKey: identity.idempotencyKey))
            }
            return .content(
                try ContentParts.of(
                    order, message, context, identity, returnToken: returns?.token(of: order), mail: nil))
        }
    }
}

extension Composition {
    /// What a CRM is sent; throws where it cannot be made.
    package func payload(of order: PushOrder, as form: OutgoingMessage.Form) throws -> OutgoingMessage.Payload {
        try PushParts.payload(of: order, as: form, instanceID: instanceID)
    }

    /// The digest for one of those who get it; throws where no mail can be made.
    package func payload(of order: DigestOrder, as form: OutgoingMessage.Form) throws -> OutgoingMessage.Payload {
        let (letter, sender) = (order.letter, order.sender)
        let digest = DigestMail(order.report)
        let identity = MessageIdentity(
            instanceID: instanceID, digestOf: letter.due.period, to: letter.recipient,
            domain: String(sender.address.domain))
        let mail = try composer.composeDigest(
            digest, from: sender,
            MailDetails(
                recipient: letter.recipient, identity: identity, composedAt: order.sentAt,
                plannedAt: letter.due.dueAt))
        guard form == .content else { return .mail(mail) }
        return .content(
            MessageContent(
                subject: digest.subject, html: digest.html, text: digest.text, fromName: sender.name,
                fromAddress: sender.address, recipient: letter.recipient, headers: ContentParts.headers(of: mail.bytes),
                messageID: identity.messageID, idempotencyKey: identity.idempotencyKey,
                campaign: CampaignID(rawValue: ""), step: StepID(rawValue: ""), dueAt: letter.due.dueAt, leadKey: "",
                mail: mail))
    }
}

/// By what it is known which message something that comes back is about: a sealed token, which a provider gives back in its
/// webhooks, and which stands in the addresses that end in the mailbox that dripd reads.
package struct ReturnPath: Sendable {
    package enum Mailbox: Hashable, Sendable {
        /// None is read: bounces go to the sender.
        case none
        /// Its addresses have this domain; nil is the sender's.
        case domain(String?)
    }

    package var mark: ReturnMark
    package var mailbox: Mailbox

    package init(mark: ReturnMark, mailbox: Mailbox) {
        self.mark = mark
        self.mailbox = mailbox
    }

    func token(of order: SendOrder) -> String {
        mark.token(
            for: order.delivery.enrollment, step: order.delivery.sealedAs,
            purpose: order.step.notice == nil ? .bounce : .notice)
    }

    func address(_ purpose: ReturnMark.Purpose, of order: SendOrder) throws -> EmailAddress? {
        guard case .domain(let domain) = mailbox else { return nil }
        return try EmailAddress(
            mark.address(
                for: order.delivery.enrollment, step: order.delivery.sealedAs, purpose: purpose,
                domain: domain ?? String(order.policy.sender.address.domain)))
    }
}

/// Why no message could be made, beside what rendering and composing say themselves.
enum CompositionFailure: Error, CustomStringConvertible {
    case noMessage, noAddress

    var description: String {
        switch self {
        case .noMessage: "the step's message is not compiled"
        case .noAddress: "there is no e-mail address to write to"
        }
    }
}
