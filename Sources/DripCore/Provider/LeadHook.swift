/// Where a CRM's post says something of a lead, as `lead:` of its file's `hook` describes it.
package struct LeadHook: Hashable, Sendable {
    /// Which event the post is, beside what it says of the lead.
    package enum Event: Hashable, Sendable {
        case always(EventName)
        /// By what stands at a place; a word that is not among these is no event.
        case told(at: ProviderPath, values: [String: EventName])

        /// Every event that it may be.
        package var names: [EventName] {
            switch self {
            case .always(let name): [name]
            case .told(_, let values): Set(values.values).sorted()
            }
        }
    }

    /// What holds for those that are about a lead; nil is all.
    package var test: ProviderTest?
    package var key: ProviderPath?
    package var email: ProviderPath?
    package var timeZone: ProviderPath?
    package var locale: ProviderPath?
    /// By the names that leads have them under.
    package var attributes: [String: ProviderPath]
    package var event: Event?

    package init(
        test: ProviderTest? = nil, key: ProviderPath? = nil, email: ProviderPath? = nil, timeZone: ProviderPath? = nil,
        locale: ProviderPath? = nil, attributes: [String: ProviderPath] = [:], event: Event? = nil
    ) {
        self.test = test
        self.key = key
        self.email = email
        self.timeZone = timeZone
        self.locale = locale
        self.attributes = attributes
        self.event = event
    }
}
