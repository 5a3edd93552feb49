/// Who may use the API: what is kept of a bearer token, which is not the token.
package struct AccessToken: Hashable, Sendable, Codable {
    /// What a token allows; each is a right of its own, and `admin` has all of them.
    package enum Scope: String, Sendable, Codable, CaseIterable, Comparable {
        /// To ask: leads, campaigns, figures.
        case read
        /// To hand in leads, events and enrollments, and nothing to read.
        case ingest
        /// Whatever `dripd` can do on this machine, but making tokens.
        case admin

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// A name may be so long.
    package static let longestName = 64

    package var name: String
    /// Sorted, not empty.
    package var scopes: [Scope]
    /// SHA-256 of the token, in hexadecimal digits: 256 random bits need no slower one.
    package var hash: String
    package var createdAt: Instant

    package init(name: String, scopes: some Sequence<Scope>, hash: String, createdAt: Instant) {
        self.name = name
        self.scopes = Set(scopes).sorted()
        self.hash = hash
        self.createdAt = createdAt
    }

    package func allows(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
