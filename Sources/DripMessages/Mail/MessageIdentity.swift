import Crypto
package import DripCore

/// The names that one delivery has in the world, derived from its key, so that a repeat is recognised as one.
package struct MessageIdentity: Hashable, Sendable {
    /// With its angle brackets: `<k3j…@example.com>`.
    package let messageID: String
    /// For an HTTP transport.
    package let idempotencyKey: String

    /// `instanceID` tells one installation's enrollment 7 from another's; `domain` is the sender's.
    package init(instanceID: String, enrollment: EnrollmentID, step: StepID, domain: String) {
        self.messageID = ""
        self.idempotencyKey = ""
    }
}
