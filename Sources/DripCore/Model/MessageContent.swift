/// A composed message in its parts, for a provider that wants them apart.
///
/// Everything in it went through the composer: no part holds what a header or a mailbox may not.
package struct MessageContent: Sendable {
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var subject: String
    /// Empty where the message has none.
    package var preheader: String
    package var html: String
    /// The plain-text part of a mail, or what a short message says.
    package var text: String
    package var fromName: String
    package var fromAddress: EmailAddress
    package var replyTo: EmailAddress?
    /// Nil for a lead without an address, which only an `http` step can have.
    package var recipient: EmailAddress?
    /// Those beside sender, recipient, subject and date, in their order.
    package var headers: [Header]
    /// The one-click link; nil without a public URL.
    package var unsubscribeURL: String?
    /// With its angle brackets.
    package var messageID: String
    package var idempotencyKey: String
    /// Seals which delivery it is, for what the provider posts back; nil without a link key.
    package var returnToken: String?
    package var campaign: CampaignID
    package var step: StepID
    package var dueAt: Instant
    package var leadKey: String
    package var attributes: [String: AttributeValue]
    /// The whole mail, for a provider that takes it as it is; nil for an `http` step.
    package var mail: OutgoingMessage.Mail?

    package init(
        subject: String, preheader: String = "", html: String, text: String, fromName: String,
        fromAddress: EmailAddress, replyTo: EmailAddress? = nil, recipient: EmailAddress?, headers: [Header] = [],
        unsubscribeURL: String? = nil, messageID: String, idempotencyKey: String, returnToken: String? = nil,
        campaign: CampaignID, step: StepID, dueAt: Instant, leadKey: String, attributes: [String: AttributeValue] = [:],
        mail: OutgoingMessage.Mail? = nil
    ) {
        self.subject = subject
        self.preheader = preheader
        self.html = html
        self.text = text
        self.fromName = fromName
        self.fromAddress = fromAddress
        self.replyTo = replyTo
        self.recipient = recipient
        self.headers = headers
        self.unsubscribeURL = unsubscribeURL
        self.messageID = messageID
        self.idempotencyKey = idempotencyKey
        self.returnToken = returnToken
        self.campaign = campaign
        self.step = step
        self.dueAt = dueAt
        self.leadKey = leadKey
        self.attributes = attributes
        self.mail = mail
    }
}
