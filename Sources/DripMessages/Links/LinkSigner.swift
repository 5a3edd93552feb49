// Tokens in links: who is meant, sealed.
//
// The rule: a token holds a key's number, a 16-byte HMAC-SHA256 over purpose and number, and the number masked by a
// second HMAC over the first. Whoever has no key learns nothing from it, cannot make one, and cannot turn one made for
// one purpose into another. The same number and purpose always give the same token.
// Edge cases: one token has one spelling (stray bits in the last character are refused); a token of an old key verifies
// as long as that key is kept; comparison takes the same time wherever the difference is.
// Source: the order of steps is that of a synthetic-IV cipher (RFC 5297) on one block.

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
        /// The link that nobody sees.
        case trap = 6
        case confirm = 5
        /// Of a note to whoever a lead was given to.
        case handover = 7
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

    /// Why no signer can be made of what ops configured.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case noKey
        /// Fewer than 32 bytes.
        case shortKey(id: UInt8)
        case doubledKey(id: UInt8)
        /// Not `https://host…`.
        case badURL(String)

        package var description: String {
            switch self {
            case .noKey: "there is no link key"
            case .shortKey(let id): "link key \(id) is shorter than 32 bytes"
            case .doubledKey(let id): "two link keys have the number \(id)"
            case .badURL(let url): "\"\(url)\" is not an https address without ? and #"
            }
        }
    }

    private static let shortestSecret = 32
    private static let macLength = 16

    /// Without a slash at its end.
    var base: String { publicURL }
    private let publicURL: String
    /// Each with its HMAC begun, so that a token costs no key set-up.
    private let keys: [(id: UInt8, key: HMAC<SHA256>)]

    /// The first key signs; all of them verify.
    package init(publicURL: String, keys: [Key]) throws(Refusal) {
        try Self.check(keys)
        let bytes = Array(publicURL.utf8)
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#<>\"\\,".utf8.contains($0) }
        guard isPlain, bytes.count <= 500, Placement.startsURL(bytes, with: "https://") else {
            throw .badURL(publicURL)
        }
        self.publicURL = String(publicURL.reversed().drop { $0 == "/" }.reversed())
        self.keys = keys.map { ($0.id, HMAC<SHA256>(key: SymmetricKey(data: $0.secret))) }
    }

    /// `https://mail.example.com/u/TOKEN`.
    package func unsubscribeURL(for enrollment: EnrollmentID) -> String {
        "\(publicURL)/u/\(token(for: enrollment.rawValue, purpose: .unsubscribe))"
    }

    /// `https://mail.example.com/p/TOKEN`.
    package func preferencesURL(for enrollment: EnrollmentID) -> String {
        "\(publicURL)/p/\(token(for: enrollment.rawValue, purpose: .preferences))"
    }

    /// `https://mail.example.com/d/TOKEN`: the page on which the owner of a mailbox confirms a sign-up form.
    package func confirmURL(for enrollment: EnrollmentID) -> String {
        "\(publicURL)/d/\(token(for: enrollment.rawValue, purpose: .confirm))"
    }

    /// 34 letters, digits, `-` and `_`.
    package func token(for number: Int64, purpose: Purpose) -> String {
        // There is at least one key: the initialiser refused an empty list.
        guard let (id, key) = keys.first else { return "" }
        let plain = Self.bytes(of: number)
        let mac = Self.mac(plain, purpose, key)
        return Base64.urlText([id] + mac + Self.masked(plain, by: mac, key))
    }

    /// The number inside a token, or nil where it was not made by one of the keys for this purpose.
    package func verify(_ token: String, purpose: Purpose) -> Int64? {
        guard token.utf8.count <= 64, let bytes = Base64.bytes(fromURLText: token),
            bytes.count == 1 + Self.macLength + 8, let (_, key) = keys.first(where: { $0.id == bytes[0] })
        else { return nil }
        let mac = Array(bytes[1...Self.macLength])
        let plain = Self.masked(Array(bytes[(1 + Self.macLength)...]), by: mac, key)
        guard Self.areEqual(Self.mac(plain, purpose, key), mac) else { return nil }
        return plain.reduce(0) { $0 << 8 | Int64($1) }
    }

    var firstKey: (id: UInt8, key: HMAC<SHA256>)? { keys.first }

    func key(_ id: UInt8) -> HMAC<SHA256>? { keys.first { $0.id == id }?.key }

    static func bytes(of number: Int64) -> [UInt8] {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
    }

    private static func mac(_ plain: [UInt8], _ purpose: Purpose, _ key: HMAC<SHA256>) -> [UInt8] {
        var mac = key
        mac.update(data: Array("dripd-link".utf8) + [purpose.rawValue] + plain)
        return Array(mac.finalize().prefix(macLength))
    }

    /// Its own inverse.
    static func masked(_ plain: [UInt8], by mac: [UInt8], _ key: HMAC<SHA256>) -> [UInt8] {
        var mask = key
        mask.update(data: Array("dripd-mask".utf8) + mac)
        return zip(plain, mask.finalize()).map { $0 ^ $1 }
    }

    static func check(_ keys: [Key]) throws(Refusal) {
        guard !keys.isEmpty else { throw .noKey }
        var seen: Set<UInt8> = []
        for key in keys {
            guard key.secret.count >= shortestSecret else { throw .shortKey(id: key.id) }
            guard seen.insert(key.id).inserted else { throw .doubledKey(id: key.id) }
        }
    }

    /// In the same time wherever the difference is.
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
