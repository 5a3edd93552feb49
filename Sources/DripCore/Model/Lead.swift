/// A person whom campaigns may write to.
package struct Lead: Hashable, Sendable {
    package var id: LeadID
    /// The external id that the lead was imported with, or else its normalised e-mail address.
    package var key: String
    package var address: EmailAddress?
    /// An IANA zone that was known when it was stored; nil takes the campaign's zone, then the policy's.
    package var zoneName: String?
    /// A BCP 47 language tag, in lower case: `id`, `en`, `pt-br`.
    package var locale: String?
    package var attributes: [String: AttributeValue]
    /// Its last pause, also one that is over; nil where it never had one.
    package var pause: LeadPause?
    /// What it did, as far as conditions ask.
    package var history: EventHistory
    /// When it was forgotten, as it had asked; nil for every other.
    package var erasedAt: Instant?
    /// How near to buying it is.
    package var stage: LeadStage

    package init(
        id: LeadID, key: String, address: EmailAddress?, zoneName: String? = nil, locale: String? = nil,
        attributes: [String: AttributeValue] = [:], pause: LeadPause? = nil, history: EventHistory = EventHistory(),
        erasedAt: Instant? = nil, stage: LeadStage = LeadStage()
    ) {
        self.id = id
        self.key = key
        self.address = address
        self.zoneName = zoneName
        self.locale = locale
        self.attributes = attributes
        self.pause = pause
        self.history = history
        self.erasedAt = erasedAt
        self.stage = stage
    }
}

/// A do-not-send entry of one mailbox.
package struct Suppression: Hashable, Sendable, Codable {
    package enum Cause: String, Sendable, Codable, CaseIterable {
        case unsubscribed, bounced, complained, manual, erased
        /// A sign-up form has its address, and the mailbox's owner has not said yet that it was them.
        case unconfirmed

        /// Whether this says more than what is on record, and replaces it.
        ///
        /// An unsubscribe leaves transactional steps alone and the others do not, so it must not hide a later bounce;
        /// what may not be taken back (`complained`, `erased`) must not be hidden by what may. What nobody has confirmed yet
        /// hides nothing.
        package func outranks(_ other: Cause) -> Bool { rank > other.rank }

        private var rank: Int {
            switch self {
            case .unconfirmed: 0
            case .unsubscribed: 1
            case .bounced, .manual: 2
            case .complained: 3
            case .erased: 4
            }
        }

        /// Whether what is transactional goes all the same.
        package var sparesTransactional: Bool { self == .unsubscribed || self == .unconfirmed }
    }

    package var cause: Cause
    /// Who said so and where, for support: `dripd suppress by root`, `550 5.1.1 user unknown`.
    package var note: String
    package var since: Instant

    package init(cause: Cause, note: String, since: Instant) {
        self.cause = cause
        self.note = note
        self.since = since
    }

    /// `manual: asked by phone`.
    package var words: String { note.isEmpty ? cause.rawValue : "\(cause.rawValue): \(note)" }
}

/// A topic that one mailbox does not want to hear of.
package struct OptOut: Hashable, Sendable, Codable {
    package var topic: TopicID
    /// Who said so and where, for support.
    package var note: String
    package var since: Instant

    package init(topic: TopicID, note: String, since: Instant) {
        self.topic = topic
        self.note = note
        self.since = since
    }
}
