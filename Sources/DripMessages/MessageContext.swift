package import DripCore

/// Everything that a message may say about one delivery: the values behind its template variables.
package struct MessageContext: Sendable {
    package var lead: Lead
    package var campaign: CampaignID
    package var campaignName: String
    package var step: StepID
    /// In which instants are shown: the one that judges the lead in that campaign.
    package var zone: Zone
    /// The policy's sender; a message's own `from` goes before it.
    package var sender: Policy.Sender
    package var postalAddress: String
    package var unsubscribe: UnsubscribeRoute
    /// A signed https link to the page that confirms a sign-up form; nil where no public URL is configured.
    package var confirmURL: String?
    /// What came along with the event that began the run.
    package var data: [String: AttributeValue]
    /// The lead in short, for a colleague; nil in a message to the lead.
    package var handover: HandoverBrief?

    package init(
        lead: Lead, campaign: CampaignID, campaignName: String, step: StepID, zone: Zone,
        sender: Policy.Sender, postalAddress: String, unsubscribe: UnsubscribeRoute,
        data: [String: AttributeValue] = [:]
    ) {
        self.lead = lead
        self.campaign = campaign
        self.campaignName = campaignName
        self.step = step
        self.zone = zone
        self.sender = sender
        self.postalAddress = postalAddress
        self.unsubscribe = unsubscribe
        self.data = data
    }

    /// What `{{ links.confirm }}` shows: the page, or else a mail to the sender, whom a person answers.
    var confirmation: String { confirmURL ?? UnsubscribeRoute.mailto(sender.address, subject: "confirm") }
}

/// How a lead can say no.
package struct UnsubscribeRoute: Hashable, Sendable {
    /// A signed https link, as `LinkSigner` makes it; nil where no public URL is configured.
    package var oneClickURL: String?
    /// A signed https link to the page of preferences; nil beside a nil `oneClickURL`.
    package var preferencesURL: String?
    /// A mailbox that is always there beside it.
    package var mailbox: EmailAddress

    package init(oneClickURL: String?, preferencesURL: String? = nil, mailbox: EmailAddress) {
        self.oneClickURL = oneClickURL
        self.preferencesURL = preferencesURL
        self.mailbox = mailbox
    }

    /// `mailto:…?subject=unsubscribe`.
    package var mailto: String { Self.mailto(mailbox) }

    /// The address as a URI (RFC 6068 §2): what would have a meaning of its own there is written by its code.
    static func mailto(_ mailbox: EmailAddress, subject: String = "unsubscribe") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let plain = "-._~!$'*+@".utf8
        var address: [UInt8] = []
        for byte in mailbox.text.utf8 {
            let isAlphanumeric =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isAlphanumeric || plain.contains(byte) {
                address.append(byte)
            } else {
                address += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return "mailto:\(String(decoding: address, as: UTF8.self))?subject=\(subject)"
    }

    /// What `{{ links.unsubscribe }}` shows: the https link if there is one.
    package var link: String { oneClickURL ?? mailto }

    /// What `{{ links.preferences }}` shows: the page of preferences, or else the way to say no to all.
    package var preferences: String { preferencesURL ?? link }
}

/// A message with its values in place, before it is put into a mail.
package struct RenderedMessage: Hashable, Sendable {
    /// One line, without control characters.
    package var subject: String
    /// One line; empty where the message has none.
    package var preheader: String
    /// UTF-8, lines end in LF.
    package var html: [UInt8]
    /// UTF-8, lines end in LF.
    package var text: [UInt8]
}

/// Why a message cannot be rendered for a lead.
///
/// It is never sent half empty.
package enum RenderFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Variables without a default that this lead has no value for: `lead.first_name`.
    case missing([String])
    /// A value holds a line end, NUL or another control character, which the door should have refused.
    case controlCharacter(variable: String)
    /// Nothing but blanks is left of the subject.
    case emptySubject

    package var description: String {
        switch self {
        case .missing(let names): "nothing to show for \(names.joined(separator: ", "))"
        case .controlCharacter(let variable): "\(variable) holds a control character"
        case .emptySubject: "the subject is empty"
        }
    }
}
