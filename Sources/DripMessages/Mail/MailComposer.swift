// A message as a mail: headers, both parts, canonical.
//
// The rules: every line ends in CRLF and has at most 998 octets; the bytes are 7-bit, but for the `To` of a recipient whose
// address needs SMTPUTF8; every header that providers demand is there once (RFC 5322 §3.6, RFC 2919, RFC 8058); what
// stands in a header went through `HeaderWriter`, so no value can add one. `List-Unsubscribe-Post` stands only beside an
// https link. `Auto-Submitted` and `Precedence` are left out: the one says that nobody wants an answer (RFC 3834 §5), and a
// reply is what such a message hopes for; the other was never standard, and responders know a list by its `List-Id`.
// The boundary comes from the identity: the same delivery composed twice with the same values gives the same bytes,
// and `=_` cannot occur in quoted-printable text, so no value can end a part.

package import DripCore

/// What a mail says beside its message.
package struct MailDetails: Sendable {
    package var recipient: EmailAddress
    package var identity: MessageIdentity
    /// The `Date` header.
    package var composedAt: Instant
    /// The step's planned instant: the `X-Dripd-Due` header.
    package var plannedAt: Instant
    /// Where bounces go: the envelope's sender, such as a VERP address; nil for the From header's.
    package var bounceAddress: EmailAddress?
    /// Where the mail of `List-Unsubscribe` goes, such as an address with a token; nil for the policy's mailbox.
    package var unsubscribeMailto: EmailAddress?
    /// Who is answered, in place of whom the message names.
    package var replyTo: EmailAddress?
    /// What of it is followed; nil for nothing.
    package var tracking: LinkTracking?

    package init(
        recipient: EmailAddress, identity: MessageIdentity, composedAt: Instant, plannedAt: Instant,
        bounceAddress: EmailAddress? = nil, unsubscribeMailto: EmailAddress? = nil, replyTo: EmailAddress? = nil,
        tracking: LinkTracking? = nil
    ) {
        self.replyTo = replyTo
        self.tracking = tracking
        self.recipient = recipient
        self.identity = identity
        self.composedAt = composedAt
        self.plannedAt = plannedAt
        self.bounceAddress = bounceAddress
        self.unsubscribeMailto = unsubscribeMailto
    }
}

/// Puts a message into RFC 5322 form.
package struct MailComposer: Sendable {
    private let dkim: DKIMSigner?

    /// Without a signer the relay signs, or nobody.
    package init(dkim: DKIMSigner? = nil) {
        self.dkim = dkim
    }

    /// Renders the message for a lead and wraps it; throws rather than make anything half right.
    package func compose(
        _ message: CompiledMessage, for context: MessageContext, _ details: MailDetails
    ) throws(ComposeFailure) -> OutgoingMessage.Mail {
        let values = try resolve(message, context)
        let sender = message.from ?? context.sender
        let boundary = "=_\(details.identity.token)"
        var headers = HeaderWriter(reserving: 2_048 + message.mailText.size + message.mailHTML.size)
        try address(&headers, message, sender, values.subject, details)
        try list(&headers, context, sender, details.unsubscribeMailto)
        try origin(&headers, context, details)
        var writer = QuotedPrintableWriter(output: headers.takeBytes())
        writer.appendLines(
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"", boundary, "\"\r\n\r\n--",
            boundary, Self.textPart)
        message.mailText.run(values.frame, into: &writer)
        writer.appendLines("\r\n--", boundary, Self.htmlPart)
        if let tracking = details.tracking {
            writer.append(tracking.rewritten(message.html.run(values.frame)))
        } else {
            message.mailHTML.run(values.frame, into: &writer)
        }
        writer.appendLines("\r\n--", boundary, "--\r\n")
        return OutgoingMessage.Mail(
            sender: details.bounceAddress ?? sender.address, recipient: details.recipient,
            bytes: try signed(writer.finish(), sender, details))
    }

    /// A note to a colleague: the text alone, and nothing of a list.
    ///
    /// `Auto-Submitted` says that a program wrote it (RFC 3834 §5): a colleague's out-of-office must not go to the lead.
    package func composeNote(
        _ message: CompiledMessage, for context: MessageContext, _ details: MailDetails
    ) throws(ComposeFailure) -> OutgoingMessage.Mail {
        let values = try resolve(message, context)
        let sender = message.from ?? context.sender
        let text = message.note(values.frame)
        var headers = HeaderWriter(reserving: 2_048 + 2 * text.count)
        try address(&headers, message, sender, values.subject, details)
        try headers.token("Auto-Submitted", "auto-generated")
        try origin(&headers, context, details)
        var writer = QuotedPrintableWriter(output: headers.takeBytes())
        writer.appendLines("MIME-Version: 1.0", Self.textPart)
        writer.append(text)
        return OutgoingMessage.Mail(
            sender: details.bounceAddress ?? sender.address, recipient: details.recipient,
            bytes: try signed(writer.finish(), sender, details))
    }

    /// The weekly digest for one of those who get it: both parts, and nothing of a list.
    package func composeDigest(
        _ digest: DigestMail, from sender: Policy.Sender, _ details: MailDetails
    ) throws(ComposeFailure) -> OutgoingMessage.Mail {
        let boundary = "=_\(details.identity.token)"
        var headers = HeaderWriter(reserving: 2_048 + 2 * (digest.text.utf8.count + digest.html.utf8.count))
        try headers.named("From", phrase: sender.name, sender.address.text)
        try headers.address("To", details.recipient)
        try headers.text("Subject", digest.subject)
        try headers.token("Date", MailDate.text(details.composedAt))
        try headers.token("Message-ID", details.identity.messageID)
        try headers.token("Auto-Submitted", "auto-generated")
        var writer = QuotedPrintableWriter(output: headers.takeBytes())
        writer.appendLines(
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"", boundary, "\"\r\n\r\n--",
            boundary, Self.textPart)
        writer.append(Array(digest.text.utf8))
        writer.appendLines("\r\n--", boundary, Self.htmlPart)
        writer.append(Array(digest.html.utf8))
        writer.appendLines("\r\n--", boundary, "--\r\n")
        return OutgoingMessage.Mail(
            sender: details.bounceAddress ?? sender.address, recipient: details.recipient,
            bytes: try signed(writer.finish(), sender, details))
    }

    private func resolve(
        _ message: CompiledMessage, _ context: MessageContext
    ) throws(ComposeFailure) -> (frame: Frame, subject: String, preheader: String) {
        do throws(RenderFailure) {
            return try message.resolve(context)
        } catch {
            throw .render(error)
        }
    }

    private func address(
        _ headers: inout HeaderWriter, _ message: CompiledMessage, _ sender: Policy.Sender, _ subject: String,
        _ details: MailDetails
    ) throws(ComposeFailure) {
        try headers.named("From", phrase: sender.name, sender.address.text)
        try headers.address("To", details.recipient)
        if let replyTo = details.replyTo {
            try headers.address("Reply-To", replyTo)
        } else if let replyTo = message.replyTo {
            try headers.token("Reply-To", replyTo.text)
        }
        try headers.text("Subject", subject)
        try headers.token("Date", MailDate.text(details.composedAt))
        try headers.token("Message-ID", details.identity.messageID)
    }

    private func origin(
        _ headers: inout HeaderWriter, _ context: MessageContext, _ details: MailDetails
    ) throws(ComposeFailure) {
        try headers.token("X-Dripd-Campaign", Self.token(context.campaign.rawValue))
        try headers.token("X-Dripd-Step", Self.token(context.step.rawValue))
        try headers.token("X-Dripd-Due", details.plannedAt.description)
    }

    private func signed(
        _ mail: [UInt8], _ sender: Policy.Sender, _ details: MailDetails
    ) throws(ComposeFailure) -> [UInt8] {
        guard let dkim else { return mail }
        do {
            return try dkim.fields(for: mail, from: String(sender.address.domain), at: details.composedAt) + mail
        } catch {
            throw .unsigned("\(error)")
        }
    }

    private func list(
        _ headers: inout HeaderWriter, _ context: MessageContext, _ sender: Policy.Sender, _ mailbox: EmailAddress?
    ) throws(ComposeFailure) {
        let (campaign, step) = (Self.token(context.campaign.rawValue), Self.token(context.step.rawValue))
        try headers.named(
            "List-Id", phrase: context.campaignName, "\(Self.label(campaign)).\(sender.address.domain)")
        let mailto = "<\(UnsubscribeRoute.mailto(mailbox ?? context.unsubscribe.mailbox))>"
        if let url = context.unsubscribe.oneClickURL {
            try headers.tokens("List-Unsubscribe", ["<\(url)>", mailto], separator: ",")
            try headers.token("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        } else {
            try headers.token("List-Unsubscribe", mailto)
        }
        try headers.token("Feedback-ID", "\(campaign):\(step):dripd")
    }

    private static let textPart =
        "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    private static let htmlPart =
        "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"

    /// An id as a token of a header: what is not a letter, digit, `.`, `_` or `-` becomes `-`.
    private static func token(_ id: String) -> String {
        func isSafe(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        let isWhole = id.utf8.allSatisfy(isSafe) && !id.isEmpty && id.utf8.count <= 200
        if isWhole { return id }
        let text = id.unicodeScalars.prefix(200).map { scalar in
            UInt8(exactly: scalar.value).flatMap { isSafe($0) ? $0 : nil } ?? UInt8(ascii: "-")
        }
        return text.isEmpty ? "-" : String(decoding: text, as: UTF8.self)
    }

    /// A token as a part of a dot-atom, for `List-Id` (RFC 2919 §3): no dot at an end or twice in a row.
    private static func label(_ token: String) -> String {
        token.split(separator: ".").joined(separator: ".")
    }
}

/// An instant as RFC 5322 §3.3 writes it, in UTC: `Mon, 23 Nov 2026 06:19:48 +0000`.
enum MailDate {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ instant: Instant) -> String {
        let wall = LocalDateTime(wallSeconds: instant.seconds)
        let (year, month, day) = wall.date.civil
        return
            "\(weekdays[wall.date.weekday.index]), \(day) \(months[month - 1]) \(year) \(wall.time.withSeconds) +0000"
    }
}
