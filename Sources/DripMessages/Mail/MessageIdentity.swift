import Crypto
package import DripCore

/// The names that one delivery has in the world, derived from its key, so that a repeat is recognised as one.
///
/// SHA-256 over the installation, the enrollment and the step: the first half is the Message-ID, the second the
/// idempotency key; neither says anything about the lead. A repeat of one delivery keeps both (`reliability.md` §1.6),
/// and no two deliveries share one.
package struct MessageIdentity: Hashable, Sendable {
    /// With its angle brackets: `<k3j…@example.com>`.
    package let messageID: String
    /// For an HTTP transport.
    package let idempotencyKey: String
    /// The Message-ID's left half, 128 bits in 26 letters and digits.
    let token: String

    /// `instanceID` tells one installation's enrollment 7 from another's; `domain` is the sender's.
    package init(instanceID: String, enrollment: EnrollmentID, step: StepID, domain: String) {
        var hash = SHA256()
        // Each text goes in with its length, so that no two keys run together into one.
        for part in ["dripd-message", instanceID, String(enrollment.rawValue), step.rawValue] {
            hash.update(data: Array("\(part.utf8.count):\(part)".utf8))
        }
        let digest = Array(hash.finalize())
        self.token = Self.base32(digest[..<16])
        self.messageID = "<\(token)@\(domain)>"
        self.idempotencyKey = Self.base32(digest[16...])
    }

    /// RFC 4648 base32 in lower case, without padding: some relays fold the case of a Message-ID.
    private static func base32(_ bytes: ArraySlice<UInt8>) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(26)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                result.append(alphabet[Int(bits >> UInt32(count) & 31)])
            }
        }
        if count > 0 { result.append(alphabet[Int(bits << UInt32(5 - count) & 31)]) }
        return String(decoding: result, as: UTF8.self)
    }
}
