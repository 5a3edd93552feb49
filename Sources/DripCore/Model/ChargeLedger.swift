/// The counted messages of one mailbox that a cap may still look at; bounded, whatever the history.
///
/// A charge is made when a delivery is reserved, moves to each attempt's mark, stays where it is when the delivery is
/// `accepted` or `inDoubt`, and is freed when it `failed`.
package struct ChargeLedger: Hashable, Sendable {
    /// One delivery that has not ended yet: it counts at every instant.
    package struct Open: Hashable, Sendable {
        package var delivery: DeliveryID
        package var at: Instant

        package init(delivery: DeliveryID, at: Instant) {
            self.delivery = delivery
            self.at = at
        }
    }

    /// When ended deliveries were charged, oldest first.
    package private(set) var settled: [Instant]
    package private(set) var open: [Open]

    package init(settled: [Instant] = [], open: [Open] = []) {
        self.settled = settled.sorted()
        self.open = open
    }

    /// Charges a reserved delivery, or moves the charge of one that is attempted again.
    package mutating func charge(_ delivery: DeliveryID, at instant: Instant) {
        if let index = open.firstIndex(where: { $0.delivery == delivery }) {
            open[index].at = instant
        } else {
            open.append(Open(delivery: delivery, at: instant))
        }
    }

    /// Ends a delivery: `keeping` its last charge (`accepted`, `inDoubt`) or freeing it (`failed`).
    package mutating func settle(_ delivery: DeliveryID, keeping: Bool) {
        guard let index = open.firstIndex(where: { $0.delivery == delivery }) else { return }
        let charge = open.remove(at: index)
        guard keeping else { return }
        let place = settled.firstIndex { $0 > charge.at } ?? settled.endIndex
        settled.insert(charge.at, at: place)
    }

    /// Forgets settled charges at or before `horizon`, which no cap reaches any more.
    package mutating func prune(before horizon: Instant) {
        settled.removeAll { $0 <= horizon }
    }

    package func holds(_ delivery: DeliveryID) -> Bool { open.contains { $0.delivery == delivery } }
}
