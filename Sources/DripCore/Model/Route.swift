/// The way that a step's messages go: any transport of a channel, or the one transport that the step names.
///
/// Every relay delivers any e-mail, so all of them share the work of that channel. A webhook is a place of its own:
/// one that is slow or broken must not hold up another. SMS is shared like e-mail. Due work is kept apart by route.
package struct Route: Hashable, Sendable, Codable {
    package var channel: Channel
    /// The name in `dripd.yaml`; nil where any transport of the channel will do.
    package var transport: String?

    package init(_ channel: Channel, transport: String? = nil) {
        self.channel = channel
        self.transport = transport
    }

    package static let email = Route(.email)
    package static let sms = Route(.sms)
    /// Of steps that send nothing: they wait for no transport.
    package static let inner = Route(.inner)
    /// Of what was stored before steps named their transport; it is moved to its own route when it is due.
    package static let http = Route(.http)
}

extension Route: CustomStringConvertible {
    /// `email`, `http crm`.
    package var description: String { transport.map { "\(channel.name) \($0)" } ?? channel.name }
}
