package typealias DigestLetterID = RowID<DigestLetter>

/// A digest on its way to one of those who get it.
///
/// It is in memory alone: whoever did not take one gets it again, under the same Message-ID.
package struct DigestLetter: Hashable, Sendable {
    /// Counts from 1 since the start.
    package var id: DigestLetterID
    package var recipient: EmailAddress
    package var due: DueDigest

    package init(id: DigestLetterID, recipient: EmailAddress, due: DueDigest) {
        self.id = id
        self.recipient = recipient
        self.due = due
    }
}

extension DigestLetterID {
    /// By which a transport and its results know it: see `PushID.asDelivery`.
    package var asDelivery: DeliveryID { DeliveryID(rawValue: .min + rawValue) }

    /// The letter that a transport calls so; nil for anything else.
    package init?(_ delivery: DeliveryID) {
        guard delivery.rawValue < .min / 2 else { return nil }
        self.init(rawValue: delivery.rawValue - .min)
    }
}
