/// What a lead did, as far as conditions ask for it: the last occurrences of each event, oldest first.
///
/// The journal keeps every event for support; this is what a decision can afford to read with its lead.
package struct EventHistory: Hashable, Sendable {
    /// How many of one event are kept: what `at_least` may ask for at most.
    package static let limit = 64

    package struct Occurrence: Hashable, Sendable {
        package var at: Instant
        /// The step that it was about, such as the one whose link was clicked; nil where it was about none.
        package var step: StepOfCampaign?
        /// What came along with it that tells runs apart (`again: { key: order_id }`), by its name; nothing else is kept.
        package var keys: [String: String]

        package init(at: Instant, step: StepOfCampaign? = nil, keys: [String: String] = [:]) {
            self.at = at
            self.step = step
            self.keys = keys
        }
    }

    /// A step's name is its campaign's own.
    package struct StepOfCampaign: Hashable, Sendable, Codable {
        package var campaign: CampaignID
        package var step: StepID

        package init(_ campaign: CampaignID, _ step: StepID) {
            self.campaign = campaign
            self.step = step
        }
    }

    package private(set) var occurrences: [EventName: [Occurrence]]

    package init(_ occurrences: [EventName: [Occurrence]] = [:]) {
        self.occurrences = occurrences
    }

    package var isEmpty: Bool { occurrences.isEmpty }

    /// Notes one; the oldest of its name is forgotten where there are too many.
    package mutating func add(_ event: EventName, _ occurrence: Occurrence) {
        var list = occurrences[event] ?? []
        list.append(occurrence)
        if list.count > EventHistory.limit { list.removeFirst(list.count - EventHistory.limit) }
        occurrences[event] = list
    }
}
