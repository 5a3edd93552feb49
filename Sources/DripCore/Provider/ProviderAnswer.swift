/// Which answers mean that the provider took the message.
package struct ProviderSuccess: Hashable, Sendable {
    package var statuses: [ClosedRange<Int>]
    /// What the body must say beside that, for providers that refuse with a 200.
    package var test: ProviderTest?

    package init(statuses: [ClosedRange<Int>] = [200...299], test: ProviderTest? = nil) {
        self.statuses = statuses
        self.test = test
    }
}

/// One row of a provider's `errors`: when it fits, and what it means then.
package struct ProviderErrorRule: Hashable, Sendable {
    package enum Meaning: String, CaseIterable, Sendable {
        /// This message will never be taken.
        case permanent
        /// The same, and the mailbox itself is what is refused: it is suppressed.
        case suppress
        /// Another attempt may succeed.
        case transient
        /// The transport is set up wrongly: key, sender, account. Its breaker opens, and no delivery pays for it.
        case auth
        /// Too many at a time.
        case rateLimited = "rate_limited"
        /// An earlier attempt of this delivery may have been taken: a person has to look.
        case inDoubt = "in_doubt"
    }

    /// Empty for any.
    package var statuses: [ClosedRange<Int>]
    package var test: ProviderTest?
    package var meaning: Meaning

    package init(statuses: [ClosedRange<Int>] = [], test: ProviderTest? = nil, meaning: Meaning) {
        self.statuses = statuses
        self.test = test
        self.meaning = meaning
    }
}

/// A value of an answer and what it must say; nothing named means that it is there.
package struct ProviderTest: Hashable, Sendable {
    package var spot: ProviderSpot
    /// Texts, numbers and flags as JSON writes them, without quotes; of a header what stands before `:` or `;`.
    package var values: [String]
    /// Words of which one is in it, whatever the case of its letters.
    package var words: [String]

    package init(spot: ProviderSpot, values: [String] = [], words: [String] = []) {
        self.spot = spot
        self.values = values
        self.words = words
    }
}

/// A place in JSON: names and positions, such as `errors.0.code`.
package struct ProviderPath: Hashable, Sendable, CustomStringConvertible {
    package var parts: [String]

    /// Nil where a part is empty or holds what no such path needs.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let isSound = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"[]$*\"'".utf8.contains($0) }
        }
        guard parts.count <= 16, isSound else { return nil }
        self.parts = parts
    }

    package var description: String { parts.joined(separator: ".") }
}

/// Where an answer holds a value.
package enum ProviderSpot: Hashable, Sendable {
    case header(String)
    case json(ProviderPath)
}
