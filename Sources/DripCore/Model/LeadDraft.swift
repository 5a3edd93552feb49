/// What an import or a command says about a lead.
package struct LeadDraft: Hashable, Sendable {
    package var key: String
    package var address: EmailAddress?
    package var zoneName: String?
    package var locale: String?
    /// Merged into what is stored; a blank one removes.
    package var attributes: [String: AttributeValue]

    package init(
        key: String, address: EmailAddress?, zoneName: String? = nil, locale: String? = nil,
        attributes: [String: AttributeValue] = [:]
    ) {
        self.key = key
        self.address = address
        self.zoneName = zoneName
        self.locale = locale
        self.attributes = attributes
    }
}
