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
        self.init(["dripd-message", instanceID, String(enrollment.rawValue), step.rawValue], domain)
    }

    /// Of a change on its way to a CRM, which was made at that instant.
    ///
    /// Should a clock that stood wrong have given a restored backup's change a number once more, the two are not of one instant.
    package init(instanceID: String, push: PushID, at: Instant, domain: String) {
        self.init(["dripd-push", instanceID, String(push.rawValue), String(at.milliseconds)], domain)
    }

    /// Of the digest of seven days for one of those who get it.
    package init(instanceID: String, digestOf period: DigestPeriod, to recipient: EmailAddress, domain: String) {
        self.init(["dripd-digest", instanceID, period.first.description, recipient.normalised], domain)
    }

    /// Each text goes in with its length, so that no two keys run together into one.
    private init(_ texts: [String], _ domain: String) {
        let key = texts.map { "\($0.utf8.count):\($0)" }.joined()
        let digest = Array(SHA256.hash(data: Array(key.utf8)))
        // In base32: some relays fold the case of a Message-ID.
        self.token = Base32.text(digest[..<16])
        self.messageID = "<\(token)@\(domain)>"
        self.idempotencyKey = Base32.text(digest[16...])
    }
}
