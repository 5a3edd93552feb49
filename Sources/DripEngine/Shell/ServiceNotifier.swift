import Foundation

/// Tells systemd how the service is (`sd_notify(3)`): one datagram to the socket that `$NOTIFY_SOCKET` names.
package struct ServiceNotifier: Sendable {
    private let path: String?

    /// A notifier that says nothing where no service manager listens.
    package init(environment: [String: String]) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// How often systemd wants to hear from the watchdog, halved as its documentation advises; nil without one.
    package static func watchdogSeconds(environment: [String: String]) -> Double? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Double(text), microseconds > 0 else {
            return nil
        }
        return microseconds / 2_000_000
    }

    package func ready() { send("READY=1") }
    package func stopping() { send("STOPPING=1") }
    package func alive(_ status: String) { send("WATCHDOG=1\nSTATUS=\(status)") }

    /// A lost datagram must never hurt the service, so every failure is silent: systemd itself notices a missing ping.
    private func send(_ text: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        // A leading @ means the abstract name space, where the name begins with NUL.
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let message = Array(text.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
