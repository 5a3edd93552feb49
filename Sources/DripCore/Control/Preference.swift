/// What somebody asks who holds a sealed link out of a message: in that lead's name, and of nobody else.
package struct PreferenceRequest: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// What there is to choose from; changes nothing.
        case look
        /// Nothing more, but what is transactional: the one click of RFC 8058, or the button of the page.
        case unsubscribe
        /// Takes an unsubscribe back; no other entry of the do-not-send list.
        case subscribe
        /// Of the topics that were shown, these are wanted.
        case choose(shown: Set<TopicID>, wanted: Set<TopicID>)
        /// Not now: nothing for so many days.
        case pause(days: Int)
        /// Ends that.
        case resume

        /// As the log tells it.
        package var name: String {
            switch self {
            case .look: "look"
            case .unsubscribe: "unsubscribe"
            case .subscribe: "subscribe"
            case .choose: "choose"
            case .pause: "pause"
            case .resume: "resume"
            }
        }
    }

    /// How long somebody may have themselves left alone.
    package static let pauseDays = [7, 30, 90]

    package var enrollment: EnrollmentID
    package var action: Action

    package init(enrollment: EnrollmentID, action: Action) {
        self.enrollment = enrollment
        self.action = action
    }
}

/// What the page says to whoever holds the link.
///
/// Of a lead that was erased, or is no lead of this installation, the answer is that of one that unsubscribed: nobody
/// learns from it who is one.
package struct PreferenceView: Hashable, Sendable {
    package struct Topic: Hashable, Sendable {
        package var id: TopicID
        /// As `policy.yaml` describes it to people.
        package var about: String
        package var isWanted: Bool

        package init(id: TopicID, about: String, isWanted: Bool) {
            self.id = id
            self.about = about
            self.isWanted = isWanted
        }
    }

    /// A BCP 47 tag; nil where nobody knows.
    package var locale: String?
    /// Who writes to the lead, as the policy says.
    package var sender: String
    /// Masked; empty where the lead has none.
    package var address: String
    package var isUnsubscribed: Bool
    /// Whether `subscribe` would be heard: not where somebody complained, or the mailbox bounced.
    package var maySubscribe: Bool
    /// Sorted by name; empty where there is nothing to choose.
    package var topics: [Topic]
    /// The local date until which nothing is sent; nil where nothing is paused.
    package var pausedUntil: LocalDate?

    package init(
        locale: String? = nil, sender: String, address: String = "", isUnsubscribed: Bool = true,
        maySubscribe: Bool = false, topics: [Topic] = [], pausedUntil: LocalDate? = nil
    ) {
        self.locale = locale
        self.sender = sender
        self.address = address
        self.isUnsubscribed = isUnsubscribed
        self.maySubscribe = maySubscribe
        self.topics = topics
        self.pausedUntil = pausedUntil
    }
}
