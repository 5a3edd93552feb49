/// What holds for every campaign: `policy.yaml`.
package struct Policy: Hashable, Sendable {
    package struct Sender: Hashable, Sendable {
        package var name: String
        package var address: EmailAddress

        package init(name: String, address: EmailAddress) {
            self.name = name
            self.address = address
        }
    }

    package var sender: Sender
    /// The sender's postal address, as CAN-SPAM demands in every message; one line.
    package var postalAddress: String
    /// Where `List-Unsubscribe: <mailto:…>` points.
    package var unsubscribeAddress: EmailAddress
    /// The zone of leads and campaigns that name none.
    package var zoneName: String
    package var caps: [FrequencyCap]
    /// When nobody may send, in the lead's own zone.
    package var quietHours: QuietHours?
    /// Calendars that campaigns may name.
    package var holidays: [String: Holidays]
    /// The least time between two messages of one enrollment; see `Gap.swift`.
    package var minGap: TimeSpan
    /// How much lateness a step survives that does not say so itself.
    package var lateMax: TimeSpan
    /// How far ahead a step looks for one of higher priority that it would cap; zero looks nowhere.
    package var lookAhead: TimeSpan
    /// How fast goes out what an interruption made late.
    package var catchUp: CatchUp
    /// Events that campaigns may name, each with a line on what it means.
    package var events: [EventName: String]
    /// What a lead can opt out of, each with a line on what it is.
    package var topics: [TopicID: String]
    /// What the amount is that an event brings along as `value`; nothing for events that bring none.
    package var eventValues: [EventName: EventValue] = [:]
    /// What reports need to know beside what happened.
    package var report = ReportPolicy()
    /// What messages tell of how they are read.
    package var track = Tracking()
    /// How leads are scored: `scoring.yaml`; nil where there is none.
    package var scoring: Scoring?

    /// Whether links and a picture tell that they were followed and shown; nothing does by itself.
    package struct Tracking: Hashable, Sendable {
        package var clicks: Bool
        package var opens: Bool

        package init(clicks: Bool = false, opens: Bool = false) {
            self.clicks = clicks
            self.opens = opens
        }

        package var isAny: Bool { clicks || opens }

        /// The same as a message has it that says something of its own.
        package func with(_ own: OwnTracking?) -> Tracking {
            Tracking(clicks: own?.clicks ?? clicks, opens: own?.opens ?? opens)
        }
    }

    /// What a message says of it; nil leaves it to the policy.
    package struct OwnTracking: Hashable, Sendable {
        package var clicks: Bool?
        package var opens: Bool?

        package init(clicks: Bool? = nil, opens: Bool? = nil) {
            self.clicks = clicks
            self.opens = opens
        }
    }

    package init(
        sender: Sender, postalAddress: String, unsubscribeAddress: EmailAddress, zoneName: String = "UTC",
        caps: [FrequencyCap] = [], minGap: TimeSpan = .hours(20), lateMax: TimeSpan = .hours(24),
        lookAhead: TimeSpan = .hours(24), catchUp: CatchUp = .standard, events: [EventName: String] = [:],
        topics: [TopicID: String] = [:], quietHours: QuietHours? = nil, holidays: [String: Holidays] = [:]
    ) {
        self.sender = sender
        self.postalAddress = postalAddress
        self.unsubscribeAddress = unsubscribeAddress
        self.zoneName = zoneName
        self.caps = caps
        self.minGap = minGap
        self.lateMax = lateMax
        self.lookAhead = lookAhead
        self.catchUp = catchUp
        self.events = events
        self.topics = topics
        self.quietHours = quietHours
        self.holidays = holidays
    }
}
