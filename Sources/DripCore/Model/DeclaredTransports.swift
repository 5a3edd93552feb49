/// What the steps of campaigns may be sent by, as `dripd.yaml` declares it.
package struct DeclaredTransports: Hashable, Sendable {
    /// The names that an `http` step or a `notify` may give: all but those of e-mail.
    package var posts: Set<String>
    /// Those of them that write to the lead itself, and so tell no colleague.
    package var writingToLeads: Set<String>
    /// Those of them that send SMS, which `sms` steps share.
    package var sms: Set<String>
    /// The attribute in which they find the lead's number; nil where they look for none.
    package var smsRecipient: String?

    /// The attribute, where nobody knows the transports.
    package static let standardSMSRecipient = "phone"

    package init(
        posts: Set<String> = [], writingToLeads: Set<String> = [], sms: Set<String> = [],
        smsRecipient: String? = standardSMSRecipient
    ) {
        self.posts = posts.union(sms).union(writingToLeads)
        self.writingToLeads = writingToLeads.union(sms)
        self.sms = sms
        self.smsRecipient = smsRecipient
    }

    package init(_ transports: [TransportSettings]) {
        let posts = transports.filter { $0.channel != .email }
        let sms = posts.filter { $0.channel == .sms }
        self.init(
            posts: Set(posts.map(\.name)),
            writingToLeads: Set(posts.filter { $0.provider?.recipient != nil }.map(\.name)),
            sms: Set(sms.map(\.name)),
            smsRecipient: sms.isEmpty ? Self.standardSMSRecipient : sms.lazy.compactMap { $0.provider?.recipient }.first
        )
    }
}
