import DripCore

// How a posted request is signed: `signature:` of a hook.

enum HookSignatureKeys {
    static let scheme: Key<HookSignature.Scheme> = Key(
        "scheme", .choice(meaning: ["hmac": "hmac_sha256", "sha256": "hmac_sha256", "ecdsa": "ecdsa_p256"]),
        required: true, example: "scheme: hmac_sha256", "`hmac_sha256`, `hmac_sha1` or `ecdsa_p256`.")
    static let key = Key(
        "key", .template(.auth), required: true, example: "key: \"{hook_key}\"",
        "What both sides know; for `ecdsa_p256` the provider's public key.")
    static let keyForm: Key<HookSignature.KeyForm> = Key(
        "key_form", .choice, standard: "text", example: "key_form: base64",
        "Whether the key is a `text`, or `base64` of bytes, such as `whsec_…`.")
    static let spot = Key(
        "in", .group(ProviderSpotKeys.spec, build: ProviderSpotKeys.build), required: true,
        example: "in: { header: X-Signature }", "Where the signature stands.")
    static let prefix = Key("prefix", .text, example: "prefix: \"sha256=\"", "What stands before it there.")
    static let coding: Key<HookSignature.Coding> = Key(
        "coding", .choice, required: true, example: "coding: hex", "How it is written: `hex` or `base64`.")
    static let over = Key(
        "over", .oneOrMany(.signedPart), required: true, example: "over: [timestamp, body]",
        "What is signed: `timestamp`, `body`, `url`, `form`, or a place such as `{ header: svix-id }`.")
    static let joined = Key("joined", .text, example: "joined: \".\"", "What stands between the parts.")
    static let timestamp = Key(
        "timestamp", .group(ProviderSpotKeys.spec, build: ProviderSpotKeys.build),
        example: "timestamp: { header: X-Timestamp }", "Where the seconds stand at which it was signed.")
    static let tolerance = Key(
        "tolerance", .span(.seconds(10) ... .hours(48)), standard: "5m", example: "tolerance: 5m",
        "How old a request may be.")

    static let spec = MappingSpec(
        "`signature`",
        keys: [
            scheme.spec, key.spec, keyForm.spec, spot.spec, prefix.spec, coding.spec, over.spec, joined.spec,
            timestamp.spec, tolerance.spec,
        ],
        rules: [.needs("tolerance", "timestamp")])

    static func build(_ group: MappingReader) -> HookSignature? {
        let (scheme, key, keyForm) = (group.value(scheme), group.value(key), group.value(keyForm))
        let (spot, coding, parts) = (group.value(spot), group.value(coding), group.value(over))
        let (prefix, joined) = (group.value(prefix), group.value(joined))
        let (timestamp, tolerance) = (group.value(timestamp), group.value(tolerance))
        if let parts, parts.contains(.timestamp) != group.has(Self.timestamp) {
            group.reading.error(
                at: group.place(of: over),
                "a time that is not signed proves nothing, and one that is signed has a place",
                hint: "Write `timestamp` both as a key and in `over`, or in neither.")
        }
        if group.has(Self.tolerance), !group.has(Self.timestamp) {
            group.reading.error(
                at: group.keyPlace(of: Self.tolerance), "`tolerance` is about a `timestamp`",
                hint: "Write where it stands, as in `\(Self.timestamp.spec.example)`, or delete this line.")
        }
        if scheme == .ecdsaP256, group.has(Self.keyForm) {
            group.reading.error(
                at: group.keyPlace(of: Self.keyForm), "a public key is PEM or base64, and is told apart by itself",
                hint: "Delete this line.")
        }
        guard let scheme, let key, let spot, let coding, let parts else { return nil }
        return HookSignature(
            scheme: scheme, key: key, keyForm: keyForm ?? .text, spot: spot, prefix: prefix ?? "", coding: coding,
            parts: parts, separator: joined ?? "", timestamp: timestamp,
            tolerance: tolerance ?? HookSignature.usualTolerance)
    }
}

extension ValueKind where Value == HookSignature.Part {
    static let signedPart = ValueKind(
        shape: .either(.choice(["timestamp", "body", "url", "form"]), .group(ProviderSpotKeys.spec))
    ) { node, key, reading in
        guard let scalar = node.scalar else {
            return MappingReader(node, as: ProviderSpotKeys.spec, for: key, reading: reading)
                .flatMap(ProviderSpotKeys.build).map(HookSignature.Part.spot)
        }
        switch scalar.text {
        case "timestamp": return .timestamp
        case "body": return .body
        case "url": return .url
        case "form": return .form
        default:
            reading.refuse(node, key, "`timestamp`, `body`, `url`, `form` or a place such as `{ header: svix-id }`")
            return nil
        }
    }
}
