import DripCore

// The keys of `public:` in `dripd.yaml`: where it listens for the people who get messages.

enum PublicKeys {
    static let listen = Key(
        "listen", .listener, required: true, example: "listen: 127.0.0.1:8080",
        "The address and port, or `unix:` and the path of a socket, that the web server in front passes requests to.")
    static let trustedProxies = Key(
        "trusted_proxies", .oneOrMany(.network), standard: "none", example: "trusted_proxies: [127.0.0.1, \"::1\"]",
        "Whose `X-Forwarded-For` is believed: addresses or networks. Behind a Unix socket it is always believed.")

    static let spec = MappingSpec("`public`", keys: [listen.spec, trustedProxies.spec])

    static func build(_ group: MappingReader) -> PublicSettings? {
        let proxies = group.value(trustedProxies) ?? []
        return group.value(listen).map { PublicSettings(listen: $0, trustedProxies: proxies) }
    }
}

/// The keys of `admin:`, where monitoring and programs on this machine ask.
enum AdminKeys {
    static let listen = Key(
        "listen", .listener, required: true, example: "listen: 127.0.0.1:8081",
        "The address and port on this machine, or `unix:` and the path of a socket.")

    static let requestsPerSecond = Key(
        "requests_per_second", .integer(1...1_000_000), standard: "2000", example: "requests_per_second: 2000",
        "How often one token may ask; a request may hold a thousand events.")

    static let spec = MappingSpec("`admin`", keys: [listen.spec, requestsPerSecond.spec])

    static func build(_ group: MappingReader) -> AdminSettings? {
        let address = group.value(listen)
        if case .port(let host, _)? = address, !WebAddress.isLoopback(host) {
            group.reading.error(
                at: group.place(of: listen),
                "whoever reaches \(host) could read all figures, and tokens would cross the network in the clear",
                hint: "Write `\(listen.spec.example)`, and let a web server that speaks TLS pass `/v1/` on.")
            return nil
        }
        let most = group.value(requestsPerSecond) ?? AdminSettings.standardRequestsPerSecond
        return address.map { AdminSettings(listen: $0, requestsPerSecond: most) }
    }
}

extension ValueKind where Value == ListenAddress {
    /// Where to listen: an address of this machine with a port, or a Unix socket.
    static let listener = ValueKind(shape: .form("address to listen at", pattern: Pattern.listener)) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "an address to listen at") else { return nil }
        if let path = text.split(separator: ":", maxSplits: 1).last, text.hasPrefix("unix:"), path.hasPrefix("/") {
            guard path.utf8.count <= 100 else {
                reading.refuse(node, key, "a socket's path", hint: "A socket's path has at most 100 bytes.")
                return nil
            }
            return .socket(String(path))
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = Naming.integer(String(text[text.index(after: colon)...])), (1...65_535).contains(port)
        else {
            reading.refuse(node, key, "an address with a port")
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard host == "localhost" || IPAddress(host) != nil else {
            reading.refuse(
                node, key, "an address with a port",
                hint: "Write an address of this machine, as in `\(key.example)`; `0.0.0.0` is all of them.")
            return nil
        }
        return .port(host: host, port)
    }
}

extension ValueKind where Value == IPNetwork {
    /// One address, or a network in CIDR notation.
    static let network = ValueKind.scalar(
        .form("network", pattern: Pattern.network), "an address or a network", parse: { IPNetwork($0) },
        hint: { _ in "Write it as in `127.0.0.1`, `10.0.0.0/8` or `\"fd00::/8\"`." })
}
