// Tokens in addresses: which delivery a mail that comes back is about, sealed.
//
// The rule: a token is a key's number, a 10-byte HMAC-SHA256 over purpose, enrollment and step, and the enrollment's number
// masked by a second HMAC over the first. It names the enrollment; the step is proved, not told: who verifies tries the
// campaign's steps, a handful. 31 letters a–z and digits 2–7: local parts lose their case on the way.
// Edge cases: `bounce+` and the token are 38 octets and `unsubscribe+` 43, under the 64 of RFC 5321 §4.5.3.1.1; the case of
// a token does not matter, and beside it one token has one spelling; a token of an old key verifies as long as that key is
// kept; comparison takes the same time wherever the difference is; a token in an address is refused in a link, and the
// other way round, because their HMACs begin with different words.
// Worked example: `bounce+aet5…@example.com` came back: `enrollment(in:)` names enrollment 7, whose campaign has the steps
// `welcome` and `webinar`; `verify` answers `webinar`.
// Source: as `LinkSigner`; 80 bits (RFC 2104 §5 asks for at least 80) for guesses that have to be mailed.

import Crypto
package import DripCore

/// Makes and checks the tokens of `bounce+TOKEN@` and `unsubscribe+TOKEN@`.
package struct ReturnMark: Sendable {
    /// What comes back to the address; a token made for one is refused for the other.
    package enum Purpose: UInt8, CaseIterable, Sendable {
        /// The envelope's sender (VERP).
        case bounce = 1
        /// The mailto of `List-Unsubscribe`.
        case unsubscribe = 2
        /// What came back is about a note to a colleague: it says nothing about the lead.
        case notice = 3

        /// What stands before the `+`.
        package var localPart: String {
            switch self {
            case .bounce, .notice: "bounce"
            case .unsubscribe: "unsubscribe"
            }
        }
    }

    private static let macLength = 10
    private static let tokenLength = 31

    /// Each with its HMAC begun, so that a token costs no key set-up.
    private let keys: [(id: UInt8, key: HMAC<SHA256>)]

    /// The first key signs; all of them verify.
    ///
    /// The keys are those of the links.
    package init(keys: [LinkSigner.Key]) throws(LinkSigner.Refusal) {
        try LinkSigner.check(keys)
        self.keys = keys.map { ($0.id, HMAC<SHA256>(key: SymmetricKey(data: $0.secret))) }
    }

    /// `bounce+TOKEN@domain`.
    package func address(
        for enrollment: EnrollmentID, step: StepID, purpose: Purpose, domain: String
    ) -> String {
        "\(purpose.localPart)+\(token(for: enrollment, step: step, purpose: purpose))@\(domain)"
    }

    /// The same enrollment, step and purpose always give the same token.
    package func token(for enrollment: EnrollmentID, step: StepID, purpose: Purpose) -> String {
        // There is at least one key: the initialiser refused an empty list.
        guard let (id, key) = keys.first else { return "" }
        let plain = Self.bytes(of: enrollment.rawValue)
        let mac = Self.mac(plain, step, purpose, key)
        return Base32.text([id] + mac + Self.masked(plain, by: mac, key))
    }

    /// Which enrollment a token says it is for: unproved until `verify` has found its step.
    package func enrollment(in token: String) -> EnrollmentID? {
        parts(of: token).map { EnrollmentID(rawValue: $0.plain.reduce(0) { $0 << 8 | Int64($1) }) }
    }

    /// Which of these steps the token was made for, by one of the keys and for this purpose; nil where for none.
    package func verify(_ token: String, purpose: Purpose, steps: some Sequence<StepID>) -> StepID? {
        guard let (key, mac, plain) = parts(of: token) else { return nil }
        return steps.first { LinkSigner.areEqual(Self.mac(plain, $0, purpose, key), mac) }
    }

    private func parts(of token: String) -> (key: HMAC<SHA256>, mac: [UInt8], plain: [UInt8])? {
        guard token.utf8.count == Self.tokenLength, let bytes = Base32.bytes(token),
            bytes.count == 1 + Self.macLength + 8,
            let (_, key) = keys.first(where: { $0.id == bytes[0] })
        else { return nil }
        let mac = Array(bytes[1...Self.macLength])
        return (key, mac, Self.masked(Array(bytes[(1 + Self.macLength)...]), by: mac, key))
    }

    private static func bytes(of number: Int64) -> [UInt8] {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
    }

    private static func mac(_ plain: [UInt8], _ step: StepID, _ purpose: Purpose, _ key: HMAC<SHA256>) -> [UInt8] {
        var mac = key
        // The number has a fixed length and the step comes last, so that no two of them run together into one.
        mac.update(data: Array("dripd-return".utf8) + [purpose.rawValue] + plain + Array(step.rawValue.utf8))
        return Array(mac.finalize().prefix(macLength))
    }

    /// Its own inverse.
    private static func masked(_ plain: [UInt8], by mac: [UInt8], _ key: HMAC<SHA256>) -> [UInt8] {
        var mask = key
        mask.update(data: Array("dripd-return-mask".utf8) + mac)
        return zip(plain, mask.finalize()).map { $0 ^ $1 }
    }
}
