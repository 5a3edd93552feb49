/// Why the store could not do what it was asked, by what has to happen next.
package struct StoreError: Error, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// No space left: sending stops until there is.
        case full
        /// A read, write or sync failed: sending stops until a restart, because a later sync may succeed and lie.
        case io
        /// Another process holds the state.
        case locked
        /// The database was written by a newer version.
        case newerSchema
        case corrupt
        /// A mistake of ours.
        case misuse

        /// Whether it can pass by itself, nothing being written until it has: what failed is tried again.
        package var isPassing: Bool { self == .full || self == .locked }
    }

    package var kind: Kind
    /// What happened and what to do, in one line.
    package var description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
