package import Foundation

/// A request that a provider posted, as it came, not yet believed.
package struct HookRequest: Hashable, Sendable, Codable {
    package struct Header: Hashable, Sendable, Codable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The transport whose provider it says it is from, as `dripd.yaml` names it.
    package var transport: String
    package var headers: [Header]
    package var body: Data
    /// The whole address that it was posted to, as the provider knows it; empty where nobody told.
    package var url: String
    /// When it came, in milliseconds since 1970, for one that was kept; nil is now.
    package var receivedAtMilliseconds: Int64?

    package init(
        transport: String, headers: [Header], body: Data, url: String = "", receivedAtMilliseconds: Int64? = nil
    ) {
        self.transport = transport
        self.headers = headers
        self.body = body
        self.url = url
        self.receivedAtMilliseconds = receivedAtMilliseconds
    }
}

/// What became of each event of a posted request.
package struct HookAnswer: Hashable, Sendable, Codable {
    package enum Done: String, Sendable, Codable {
        case acted
        /// It was acted upon before.
        case known
        /// Nothing proves that it is about a delivery of this installation: nothing was changed.
        case unproved
        /// The provider's file gives it no meaning here.
        case ignored
        /// It is not of the form that the provider's file describes.
        case unreadable
        /// What it says of a lead is not taken, for the reason that an import would give.
        case refused
    }

    package struct Event: Hashable, Sendable, Codable {
        /// The provider's own name of it.
        package var id: String
        /// `hard bounce`, `lead`; empty where it means nothing.
        package var meaning: String
        package var done: Done
        /// What it says, or what is wrong with it.
        package var detail: String

        package init(id: String, meaning: String, done: Done, detail: String) {
            self.id = id
            self.meaning = meaning
            self.done = done
            self.detail = detail
        }
    }

    package var transport: String
    package var provider: String
    package var events: [Event]

    package init(transport: String, provider: String, events: [Event]) {
        self.transport = transport
        self.provider = provider
        self.events = events
    }
}
