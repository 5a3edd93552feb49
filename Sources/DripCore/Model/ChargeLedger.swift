/// What a message is to a cap: the scopes look at nothing else.
package struct Touch: Hashable, Sendable {
    package var channel: Channel
    package var campaign: CampaignID
    package var topic: TopicID?

    package init(channel: Channel, campaign: CampaignID, topic: TopicID? = nil) {
        self.channel = channel
        self.campaign = campaign
        self.topic = topic
    }
}

/// One counted message of a mailbox.
package struct Charge: Hashable, Comparable, Sendable {
    package var at: Instant
    /// What it was; nil for one that was charged before this was kept, which counts in every scope.
    package var touch: Touch?

    package init(at: Instant, touch: Touch?) {
        self.at = at
        self.touch = touch
    }

    /// By instant; the rest only makes equal ledgers equal.
    package static func < (a: Charge, b: Charge) -> Bool {
        guard a.at == b.at else { return a.at < b.at }
        guard let one = a.touch, let other = b.touch else { return a.touch == nil && b.touch != nil }
        return (one.channel.rawValue, one.campaign.rawValue, one.topic?.rawValue ?? "")
            < (other.channel.rawValue, other.campaign.rawValue, other.topic?.rawValue ?? "")
    }
}

/// The counted messages of one mailbox that a cap may still look at; bounded, whatever the history.
///
/// A charge is made when a delivery is reserved, moves to each attempt's mark, stays where it is when the delivery is
/// `accepted` or `inDoubt`, and is freed when it `failed`. A message that does not count (`counts: false`) is not here.
package struct ChargeLedger: Hashable, Sendable {
    /// One delivery that has not ended yet: it counts at every instant.
    package struct Open: Hashable, Sendable {
        package var delivery: DeliveryID
        package var charge: Charge

        package init(delivery: DeliveryID, charge: Charge) {
            self.delivery = delivery
            self.charge = charge
        }
    }

    /// The charges of ended deliveries, oldest first.
    package private(set) var settled: [Charge]
    package private(set) var open: [Open]

    package init(settled: [Charge] = [], open: [Open] = []) {
        self.settled = settled.sorted()
        self.open = open
    }

    /// Charges a reserved delivery, or moves the charge of one that is attempted again.
    package mutating func charge(_ delivery: DeliveryID, _ charge: Charge) {
        if let index = open.firstIndex(where: { $0.delivery == delivery }) {
            open[index].charge = charge
        } else {
            open.append(Open(delivery: delivery, charge: charge))
        }
    }

    /// Ends a delivery: `keeping` its last charge (`accepted`, `inDoubt`) or freeing it (`failed`).
    package mutating func settle(_ delivery: DeliveryID, keeping: Bool) {
        guard let index = open.firstIndex(where: { $0.delivery == delivery }) else { return }
        let charge = open.remove(at: index).charge
        if keeping { keep(charge) }
    }

    /// Adds a charge as if its delivery had ended.
    package mutating func keep(_ charge: Charge) {
        let place = settled.firstIndex { $0 > charge } ?? settled.endIndex
        settled.insert(charge, at: place)
    }

    /// Forgets settled charges at or before `horizon`, which no cap reaches any more.
    package mutating func prune(before horizon: Instant) {
        settled.removeAll { $0.at <= horizon }
    }

    package func holds(_ delivery: DeliveryID) -> Bool { open.contains { $0.delivery == delivery } }
}
