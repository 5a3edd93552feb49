// The rule: where a request came from, when there are proxies in front.
//
// The address of the connection itself counts, unless it is a trusted proxy's (or a Unix socket, which only a proxy on this
// machine reaches): then the last address in `X-Forwarded-For` that is no trusted proxy's. Each proxy adds the one that it
// saw at the end, so that whatever the client wrote itself stands further to the front and is never looked at.
//
// Edge cases: a trusted proxy that says nothing counts itself; an entry that is no address ends the search at the proxy that
// wrote it; addresses with ports, as some proxies write them, are refused the same way, being no addresses.
//
// Worked example: trusted are 10.0.0.0/8; the connection is from 10.0.0.5 and says `1.2.3.4, 203.0.113.9, 10.0.0.7`:
// the client is 203.0.113.9, and 1.2.3.4 is what it claimed.

import DripCore

/// Finds the client's address behind trusted proxies.
struct ClientAddress: Sendable {
    let trusted: [IPNetwork]

    /// The client's address; nil where nobody knows.
    ///
    /// `connection` is nil for a Unix socket; `forwarded` holds every `X-Forwarded-For` header in order.
    func client(connection: IPAddress?, forwarded: [String]) -> IPAddress? {
        var last = connection
        if let connection, !isTrusted(connection) { return connection }
        let entries = forwarded.joined(separator: ",").split(separator: ",").map { entry in
            String(entry.filter { $0 != " " && $0 != "\t" })
        }
        for entry in entries.reversed().prefix(20) {
            guard let address = IPAddress(entry) else { return last }
            guard isTrusted(address) else { return address }
            last = address
        }
        return last
    }

    private func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
}
