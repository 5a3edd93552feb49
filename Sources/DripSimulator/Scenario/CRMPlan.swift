package import DripCore

/// A CRM that hears of leads, as the `scoring.yaml` of a history describes it, and how it behaves.
package struct CRMPlan: Hashable, Sendable {
    /// Its transport's name.
    package static let transport = "crm"

    /// Whom it hears of first; empty for everybody.
    package var stages: [String]
    /// What makes a push; empty for every attribute and the stage.
    package var watched: [String]
    package var giveUpAfter: TimeSpan
    package var tellsHistory: Bool
    /// `permanent`, `transient`, `unknown` and `slow` alone; `transportFault` stands for a wish for fewer.
    package var temper: Temper

    package init(
        stages: [String] = [], watched: [String] = [], giveUpAfter: TimeSpan = .days(3), tellsHistory: Bool = false,
        temper: Temper = .calm
    ) {
        self.stages = stages
        self.watched = watched
        self.giveUpAfter = giveUpAfter
        self.tellsHistory = tellsHistory
        self.temper = temper
    }

    var yaml: String {
        var parts = ["to: \(Self.transport)", "give_up_after: \(giveUpAfter)"]
        if !stages.isEmpty { parts.append("leads: { stage: [\(stages.joined(separator: ", "))] }") }
        if !watched.isEmpty { parts.append("when_changed: [\(watched.joined(separator: ", "))]") }
        if tellsHistory { parts.append("history: true") }
        return "crm: [ { \(parts.joined(separator: ", ")) } ]\n"
    }

    /// Whether a change of that fact makes a push; points are not watched.
    func watches(_ name: String) -> Bool { watched.isEmpty || watched.contains(name) }
}

extension Scenario {
    var crm: CRMPlan? { folders.lazy.compactMap { $0.scoring?.crm }.first }
}
