/// A number that the store gave to a row; the phantom type keeps a lead's number from being used as a delivery's.
package struct RowID<Entity>: RawRepresentable, Hashable, Comparable, Sendable, Codable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    // Written out, because the ones that `RawRepresentable` gives look up a witness each time.
    package static func == (a: RowID, b: RowID) -> Bool { a.rawValue == b.rawValue }
    package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
    package static func < (a: RowID, b: RowID) -> Bool { a.rawValue < b.rawValue }
}

package typealias LeadID = RowID<Lead>
package typealias EnrollmentID = RowID<Enrollment>
package typealias DeliveryID = RowID<Delivery>

/// A campaign's name in commands, rows and reports: the name of its folder.
package struct CampaignID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static func < (a: CampaignID, b: CampaignID) -> Bool { a.rawValue < b.rawValue }
    package var description: String { rawValue }
}

/// A step's stable name inside its campaign, chosen by the marketer; never an index, so that edits keep its history.
package struct StepID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static func < (a: StepID, b: StepID) -> Bool { a.rawValue < b.rawValue }
    package var description: String { rawValue }
}

/// What a lead can opt out of, as `topics:` in `policy.yaml` names it.
package struct TopicID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static func < (a: TopicID, b: TopicID) -> Bool { a.rawValue < b.rawValue }
    package var description: String { rawValue }
}

/// The name of something a lead did or that happened to it, as campaign files and the `event` command write it.
package struct EventName: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static func < (a: EventName, b: EventName) -> Bool { a.rawValue < b.rawValue }
    package var description: String { rawValue }
}

/// A way to reach a lead.
package enum Channel: Int, CaseIterable, Sendable, Codable {
    case email = 1
    case http = 2
    /// None: of a step that decides or notes something and reaches out to nobody.
    case inner = 3
    case sms = 4

    package var name: String {
        switch self {
        case .email: "email"
        case .http: "http"
        case .sms: "sms"
        case .inner: "inner"
        }
    }
}
