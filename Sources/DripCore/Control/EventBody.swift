/// An event as whoever knows of it says it.
///
/// A sender that got no answer says it again: the two are one event where both have the same `id`.
package struct EventBody: Hashable, Sendable, Codable {
    /// An `id` is one line of at most so many bytes.
    package static let longestID = 200

    package var lead: String
    package var name: EventName
    /// What came along with it, such as an order's number.
    package var data: [String: AttributeValue]
    /// The step that it was about.
    package var step: EventHistory.StepOfCampaign?
    /// What the sender calls it, among all that any sender sent in the last seven days; nil where each is a new one.
    package var id: String?

    package init(
        lead: String, name: EventName, data: [String: AttributeValue] = [:],
        step: EventHistory.StepOfCampaign? = nil, id: String? = nil
    ) {
        self.lead = lead
        self.name = name
        self.data = data
        self.step = step
        self.id = id
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lead = try container.decode(String.self, forKey: .lead)
        name = try container.decode(EventName.self, forKey: .name)
        data = try container.decodeIfPresent(NestedFacts.self, forKey: .data)?.facts ?? [:]
        step = try container.decodeIfPresent(EventHistory.StepOfCampaign.self, forKey: .step)
        id = try container.decodeIfPresent(String.self, forKey: .id)
    }

    /// All that it says, in one spelling: two that differ in it are not the same event.
    package var spelling: String {
        var parts = [lead, name.rawValue, step.map { "\($0.campaign)/\($0.step)" } ?? ""]
        parts += data.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
        // No part holds a line's end, so that no two different ones are spelled the same.
        return parts.joined(separator: "\n")
    }
}

/// Whether an event came before.
package enum EventRecognition: Hashable, Sendable {
    case new
    case repeated
    /// The same name, and another event.
    case contradicted
}
