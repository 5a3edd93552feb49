/// Settings that no transport can be made from, in words for whoever wrote them.
package struct TransportRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The transport's name in `dripd.yaml`.
    package let transport: String
    /// The key in `dripd.yaml` that is wrong, such as `host`.
    package let key: String
    package let message: String

    package var description: String { "transport \(transport): \(key): \(message)" }
}

/// A user name and a password, read by whoever makes the transport; they never print.
package struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let username: String
    let password: String

    package init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    package var description: String { "Credentials(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
