/// The zones of one version of the system's tzdata, by name.
package struct ZoneTable: Sendable {
    /// As the status shows it: `2026f`.
    package let version: String
    private let zones: [String: Zone]

    /// Takes zones by their names; of two with one name the last one counts.
    package init(version: String, zones: [Zone]) {
        self.version = version
        self.zones = Dictionary(zones.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// In alphabetical order.
    package var names: [String] { zones.keys.sorted() }

    /// The zone of that IANA name, which is case-sensitive.
    package subscript(name: String) -> Zone? { zones[name] }

    /// The first of the three that is known, else UTC: a lead is never dropped for its zone.
    package func resolve(lead: String?, campaign: String?, policy: String) -> Zone {
        lead.flatMap { zones[$0] } ?? campaign.flatMap { zones[$0] } ?? zones[policy] ?? .utc
    }
}
