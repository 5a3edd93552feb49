import DripCore

/// The keys of one DKIM signature.
enum DKIMKeys {
    static let domain = Key(
        "domain", .domain, required: true, example: "domain: example.com",
        "The domain to sign for: the sender's, or one above it.")
    static let selector = Key(
        "selector", .selector, required: true, example: "selector: s1",
        "Under which name the DNS has the public half: `s1._domainkey.example.com`.")
    static let key = Key(
        "key", .secret, required: true, example: "key: { credential: dkim-rsa }",
        "The private key in PEM: RSA of 2048 to 4096 bits, or Ed25519.")

    static let spec = MappingSpec("a `dkim` key", keys: [domain.spec, selector.spec, key.spec])

    static func build(_ group: MappingReader) -> DKIMSettings? {
        let domain = group.value(domain)
        let selector = group.value(selector)
        let key = group.value(key)
        guard let domain, let selector, let key else { return nil }
        return DKIMSettings(domain: domain, selector: selector, key: key)
    }

    /// Two keys under one name of the DNS: one of the two signatures would fail.
    static func check(_ keys: [DKIMSettings], _ group: MappingReader) {
        var seen: Set<String> = []
        for key in keys where !seen.insert("\(key.selector)._domainkey.\(key.domain)").inserted {
            group.reading.error(
                at: group.place(of: ConfigurationKeys.dkim),
                "two keys have the selector \(quoted(key.selector)) of \(key.domain)",
                hint: "Give each key a selector of its own.")
        }
    }
}

extension ValueKind where Value == String {
    /// A domain name of at least two labels, in ASCII and lower case.
    fileprivate static let domain = ValueKind(shape: .form("domain", pattern: "^[^@\\s]+\\.[^@\\s]+$")) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "a domain name") else { return nil }
        guard let wire = try? DomainName.wire(text), wire.contains(".") else {
            reading.refuse(node, key, "a domain name")
            return nil
        }
        return wire.lowercased()
    }

    /// Labels of a domain name (RFC 6376 §3.1).
    fileprivate static let selector = ValueKind(shape: .form("selector", pattern: "^[A-Za-z0-9._-]+$")) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "a selector") else { return nil }
        guard let wire = try? DomainName.wire("\(text.replacing("_", with: "x")).example"), wire.utf8.count <= 200,
            text.allSatisfy(\.isASCII)
        else {
            reading.refuse(node, key, "a selector")
            return nil
        }
        return text.lowercased()
    }
}
