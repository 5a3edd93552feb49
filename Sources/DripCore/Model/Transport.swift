/// What a transport is handed: one attempt of one delivery, complete and checked.
package struct OutgoingMessage: Sendable {
    package enum Payload: Sendable {
        case mail(Mail)
        case post(Post)
    }

    /// An RFC 5322 message with its envelope.
    package struct Mail: Sendable {
        /// Where bounces go; the From header may say another.
        package var sender: EmailAddress
        package var recipient: EmailAddress
        /// Canonical: every line ends in CRLF and has at most 998 octets; not dot-stuffed; 7-bit, but for a recipient's
        /// address that needs SMTPUTF8.
        package var bytes: [UInt8]

        package init(sender: EmailAddress, recipient: EmailAddress, bytes: [UInt8]) {
            self.sender = sender
            self.recipient = recipient
            self.bytes = bytes
        }
    }

    /// A JSON POST.
    package struct Post: Sendable {
        package var body: [UInt8]
        /// The same for every attempt of one delivery, so that the other side can drop a repeat.
        package var idempotencyKey: String

        package init(body: [UInt8], idempotencyKey: String) {
            self.body = body
            self.idempotencyKey = idempotencyKey
        }
    }

    package var delivery: DeliveryID
    package var payload: Payload

    package init(delivery: DeliveryID, payload: Payload) {
        self.delivery = delivery
        self.payload = payload
    }
}

/// A way out: SMTP or HTTP.
///
/// It never throws and never forgets: every message that was submitted comes back as exactly one `AttemptResult`.
/// It may be called from any thread and calls back on a thread of its own.
package protocol Transport: AnyObject, Sendable {
    var name: String { get }
    var channel: Channel { get }
    /// How many deliveries it works on at once; the engine marks at most twice as many.
    var inFlight: Int { get }

    /// Sets who hears of results, before the first `submit`. Called with one or more at a time, in no promised order.
    func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void)

    /// Takes messages to send now, in this order as far as connections allow.
    func submit(_ messages: [OutgoingMessage])

    /// Ends: what was not begun comes back as a `transientFailure`; what is under way has until `limit`, then what had
    /// its final dot sent is `unknown` and the rest is a `transientFailure`. Calls `done` after the last result.
    func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void)
}
