import Crypto
package import DripCore

/// Makes and checks the tokens in links, which say nothing about the lead.
package struct LinkSigner: Sendable {
    /// What a token may be used for; one made for one purpose is refused for every other.
    package enum Purpose: UInt8, CaseIterable, Sendable {
        case unsubscribe = 1
        case preferences = 2
        case click = 3
        case open = 4
    }

    package struct Key: Sendable {
        /// Written into every token, so that keys can rotate.
        package var id: UInt8
        package var secret: [UInt8]

        package init(id: UInt8, secret: [UInt8]) {
            self.id = id
            self.secret = secret
        }
    }

    package enum Refusal: Error, Hashable, Sendable {
        case noKey
        /// Fewer than 32 bytes.
        case shortKey(id: UInt8)
        case doubledKey(id: UInt8)
        /// Not `https://host…`.
        case badURL(String)
    }

    /// The first key signs; all of them verify.
    package init(publicURL: String, keys: [Key]) throws(Refusal) {
        throw .noKey
    }

    /// `https://mail.example.com/u/TOKEN`.
    package func unsubscribeURL(for enrollment: EnrollmentID) -> String { "" }

    package func token(for number: Int64, purpose: Purpose) -> String { "" }

    /// The number inside a token, or nil where it was not made by one of the keys for this purpose.
    package func verify(_ token: String, purpose: Purpose) -> Int64? { nil }
}
