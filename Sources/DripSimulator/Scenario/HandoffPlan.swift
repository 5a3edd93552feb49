package import DripCore

/// A `handoff` of `scoring.yaml` as the simulator means it; its judge goes by these values, the engine reads the YAML.
package struct HandoffPlan: Hashable, Sendable {
    package struct Owner: Hashable, Sendable {
        package var name: String
        /// Whom they take, by tier; empty: whoever is nobody else's.
        package var tiers: [String] = []
        package var weight = 1
        /// Nil takes the policy's.
        package var zone: String?
        /// When they work; nil is always.
        package var window: CampaignPlan.Window?
        package var away: [Holidays.Entry] = []

        package init(name: String, tiers: [String] = []) {
            self.name = name
            self.tiers = tiers
        }

        /// Where notes to them go.
        package var mailbox: String { "\(name.lowercased())@sales.example" }

        fileprivate var yaml: String {
            var parts = ["name: \(name)", "email: \(mailbox)"]
            if !tiers.isEmpty { parts.append("takes: { tier: [\(tiers.joined(separator: ", "))] }") }
            if weight != 1 { parts.append("weight: \(weight)") }
            if let zone { parts.append("time_zone: \(zone)") }
            if let window {
                parts.append("days: \"\(window.days.map(\.rawValue).joined(separator: ","))\"")
                parts.append("hours: \"\(window.hours.text)\"")
                if window.keepsHolidays { parts.append("holidays: h") }
            }
            if !away.isEmpty { parts.append("away: [ \(away.map(\.yaml).joined(separator: ", ")) ]") }
            return "{ \(parts.joined(separator: ", ")) }"
        }
    }

    /// In the order of the file.
    package var owners: [Owner]
    package var acceptWithin: TimeSpan?
    package var followUpWithin: TimeSpan?

    package init(owners: [Owner], acceptWithin: TimeSpan? = nil, followUpWithin: TimeSpan? = nil) {
        self.owners = owners
        self.acceptWithin = acceptWithin
        self.followUpWithin = followUpWithin
    }

    package var yaml: String {
        var text = "handoff:\n"
        if let acceptWithin { text += "  accept_within: \(acceptWithin)\n" }
        if let followUpWithin { text += "  follow_up_within: \(followUpWithin)\n" }
        return text + "  owners:\n" + owners.map { "    - \($0.yaml)\n" }.joined()
    }

    /// Events that they, or programs for them, say.
    package static let events = ["sales_accepted", "sales_rejected", "followed_up"]

    /// What has happened to a lead that a person gave to somebody.
    package static let byHand = "given_by_hand"
}

/// What somebody in sales does behind the link in one of the notes that have arrived by then.
package struct PressPlan: Hashable, Sendable {
    package enum Deed: String, Hashable, Sendable, CaseIterable {
        case look, accept, reject, followUp

        var action: HandoverRequest.Action {
            switch self {
            case .look: .look
            case .accept: .accept
            case .reject: .reject("no budget")
            case .followUp: .followUp
            }
        }
    }

    package var deed: Deed
    /// Of which of the notes; the last ones are meant more often.
    package var pick: Int
    /// Whether it is pressed once more at once.
    package var comesTwice = false

    package init(deed: Deed, pick: Int, comesTwice: Bool = false) {
        self.deed = deed
        self.pick = pick
        self.comesTwice = comesTwice
    }

    /// For people, and for figures.
    package var text: String { "\(deed.rawValue)\(comesTwice ? ", twice" : "")" }
}

extension Scenario {
    /// Whether leads are given to sales in it.
    var hasHandoffs: Bool { folders.contains { $0.scoring?.handoff != nil } }
}
