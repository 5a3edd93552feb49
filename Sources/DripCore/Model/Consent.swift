/// That somebody agreed to something: which words, when, from where, and whether the mailbox's owner confirmed it.
package struct Consent: Hashable, Sendable, Codable {
    package enum State: String, Sendable, Codable, CaseIterable {
        /// It counts as it was given.
        case given
        /// The mailbox's owner was asked, and has not answered.
        case asked
        case confirmed
    }

    /// How many are kept of one lead.
    package static let limit = 50

    /// The row's number.
    package var number: Int64
    package var form: FormID
    /// The words that were agreed to, in the language in which they were read.
    package var text: String
    package var state: State
    package var askedAt: Instant
    /// The address of whoever sent the form; empty where nobody knows.
    package var askedFrom: String
    /// The page that the form stood on.
    package var page: String
    package var confirmedAt: Instant?
    package var confirmedFrom: String
    /// Whether the mailbox was put on the do-not-send list until it is confirmed.
    package var holds: Bool
    /// What was filled in and is not written yet, because nobody has confirmed it.
    package var values: [String: AttributeValue]

    package init(
        number: Int64 = 0, form: FormID, text: String, state: State, askedAt: Instant, askedFrom: String = "",
        page: String = "", confirmedAt: Instant? = nil, confirmedFrom: String = "", holds: Bool = false,
        values: [String: AttributeValue] = [:]
    ) {
        self.number = number
        self.form = form
        self.text = text
        self.state = state
        self.askedAt = askedAt
        self.askedFrom = askedFrom
        self.page = page
        self.confirmedAt = confirmedAt
        self.confirmedFrom = confirmedFrom
        self.holds = holds
        self.values = values
    }

    /// Without its words and values, as a list shows it.
    package var short: Consent {
        var consent = self
        (consent.text, consent.values) = ("", [:])
        return consent
    }
}
