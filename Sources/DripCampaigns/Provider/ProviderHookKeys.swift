import DripCore

// What a provider's file says about what the provider posts: `hook:`.

enum ProviderHookKeys {
    static let about = Key(
        "about", .text, example: "about: \"Settings, Webhooks: add the address, and copy the key.\"",
        "Where to switch it on at the provider.")
    static let auth = Key(
        "auth", .group(HookAuthKeys.spec, build: HookAuthKeys.build), required: true,
        example: "auth: { bearer: \"{hook_key}\" }", "How a request proves that the provider sent it.")
    static let body: Key<ProviderHook.Body> = Key(
        "body", .choice, standard: "json", example: "body: json", "The form of the body: `json` or `form`.")
    static let events = Key(
        "events", .jsonPath, standard: "the body itself", example: "events: data.events",
        "Where the events stand; a list stands for each of its items.")
    static let id = Key(
        "id", .oneOrMany(.hookSpot), example: "id: event_id",
        "The provider's own name of an event, as one or more places of it.")
    static let token = Key(
        "token", .oneOrMany(.jsonPath), example: "token: metadata.dripd_token",
        "Where an event holds what `$return_token` put into the message.")
    static let recipient = Key(
        "recipient", .oneOrMany(.jsonPath), example: "recipient: email", "Whom an event names.")
    static let reason = Key(
        "reason", .oneOrMany(.jsonPath), example: "reason: [details, reason]",
        "What an event says of the cause, the first that says anything.")
    static let means = Key(
        "means", .list(.item(HookRuleKeys.spec, build: HookRuleKeys.build), atMost: 100),
        example: "means: [{ json: event, is: bounce, means: hard_bounce }]",
        "What events mean, the first that fits; what fits none is a `lead`, or else ignored.")
    static let lead = Key(
        "lead", .group(LeadHookKeys.spec, build: LeadHookKeys.build),
        example: "lead: { key: contact.id, email: contact.email, attributes: { first_name: contact.first_name } }",
        "Where other events say something of a lead.")

    static let spec = MappingSpec(
        "`hook`",
        keys: [
            about.spec, auth.spec, body.spec, events.spec, id.spec, token.spec, recipient.spec, reason.spec, means.spec,
            lead.spec,
        ],
        rules: [.atLeastOne(["means", "lead"]), .needs("means", "id"), .needs("means", "token")])

    static func build(_ group: MappingReader) -> ProviderHook? {
        let (auth, body) = (group.value(auth), group.value(body) ?? .json)
        if case .signature(let signature) = auth, signature.parts.contains(.form), body != .form {
            group.reading.error(
                at: group.place(of: Self.auth), "the signature is over a form, and the body is none",
                hint: "Write `body: form`, or sign the `body`.")
        }
        if body == .form, group.has(events) {
            group.reading.error(
                at: group.keyPlace(of: events), "a form is one event, and has no places for others",
                hint: "Delete this line.")
        }
        let (id, token) = (group.value(id), group.value(token))
        let (events, recipient, reason) = (group.value(events), group.value(recipient), group.value(reason))
        let (about, rules, lead) = (group.value(about), group.value(means), group.value(lead))
        requireWhatBelongsTogether(group, firesEvents: lead?.event != nil)
        if lead != nil, case .signature(let signature) = auth { requireSigned(signature, id ?? [], body, group) }
        guard let auth else { return nil }
        return ProviderHook(
            summary: about ?? "", auth: auth, body: body, events: events, id: id ?? [], token: token ?? [],
            recipient: recipient ?? [], reason: reason ?? [], rules: rules ?? [], lead: lead)
    }

    /// What is said of leads has no token for a second proof: the signature is over all of it, and over what names it.
    private static func requireSigned(
        _ signature: HookSignature, _ id: [ProviderSpot], _ body: ProviderHook.Body, _ group: MappingReader
    ) {
        if !signature.parts.contains(where: { $0 == .body || $0 == .form }) {
            group.reading.error(
                at: group.place(of: auth), "what is said of leads is not signed: anybody could change it on its way",
                hint: "Write `body` in `over`, where the CRM signs it.")
        }
        if body == .form, !signature.parts.contains(.url) {
            group.reading.error(
                at: group.place(of: auth), "the query of the URL says facts of a form as well, and it is not signed",
                hint: "Write `url` in `over` too, where the CRM signs it.")
        }
        let signed = signature.parts.compactMap { part in
            if case .spot(.header(let name)) = part { name.lowercased() } else { nil }
        }
        for case .header(let name) in id where !signed.contains(name.lowercased()) {
            group.reading.error(
                at: group.place(of: self.id),
                "the header \(quoted(name)) is not signed: anybody could post the same again",
                hint: "Take an id out of the body, or add `{ header: \(name) }` to `over`, where the CRM signs it.")
        }
    }

    private static func requireWhatBelongsTogether(_ group: MappingReader, firesEvents: Bool) {
        if group.has(means) {
            for key in [id.spec, token.spec] where !group.has(key.name) {
                group.reading.error(
                    at: group.node.place, "`\(key.name)` is missing in \(spec.title)",
                    hint: "Add a line such as `\(key.example)`.")
            }
        } else if !group.has(lead) {
            group.reading.error(
                at: group.node.place, "nothing says what is posted here",
                hint: "Add `means` for what becomes of messages, or `lead` for what a CRM says of leads.")
        } else if firesEvents, !group.has(id) {
            group.reading.error(
                at: group.place(of: lead), "an `event` needs the `id` of what was posted, so that a repeat is none",
                hint: "Add a line such as `\(id.spec.example)` beside `lead`.")
        }
    }

    /// What only the whole file can tell.
    static func check(_ hook: ProviderHook, of provider: Provider, _ group: MappingReader) {
        if provider.reach != .email, let rule = hook.rules.first(where: { $0.meaning.isAboutMailbox }) {
            group.reading.error(
                at: group.place(of: ProviderKeys.hook),
                "`\(rule.meaning.rawValue)` is about a lead's e-mail address, and this provider reaches it by another way",
                hint: "Write `means: failure`.")
        }
        guard !hook.rules.isEmpty else { return }
        var texts = provider.headers.map(\.value) + [provider.url]
        switch provider.body {
        case .webhook: break
        case .json(let tree), .form(let tree): texts += tree.texts
        }
        guard !texts.contains(where: { $0.values.contains(.returnToken) }) else { return }
        group.reading.error(
            at: group.keyPlace(of: ProviderKeys.hook),
            "no request carries `$return_token`, so nothing proves which message an event is about",
            hint:
                "Put it where the provider gives it back, as in `body: { json: { metadata: { dripd_token: $return_token } } }`."
        )
    }
}

enum HookRuleKeys {
    static let meaning: Key<HookRule.Meaning> = Key(
        "means",
        .choice(meaning: [
            "hard": "hard_bounce", "bounce": "hard_bounce", "soft": "soft_bounce", "spam": "complaint",
            "delivered": "arrival", "unsubscribed": "unsubscribe", "ignore": "ignored",
        ]),
        required: true, example: "means: hard_bounce",
        "`hard_bounce`, `soft_bounce`, `arrival`, `complaint`, `unsubscribe`, `failure` or `ignored`.")

    static let spec = MappingSpec(
        "an event", keys: ProviderTestKeys.specs + [meaning.spec],
        rules: ProviderTestKeys.rules + [.atLeastOne(["json", "header"])])

    static func build(_ group: MappingReader) -> HookRule? {
        let (test, meaning) = (ProviderTestKeys.build(group), group.value(meaning))
        if !group.has(ProviderTestKeys.json) && !group.has(ProviderTestKeys.header) {
            group.reading.error(
                at: group.node.place, "this fits every event",
                hint: "Add a line such as `json: event`, and what `is` there.")
        }
        guard let test, let meaning else { return nil }
        return HookRule(test: test, meaning: meaning)
    }
}

enum HookAuthKeys {
    static let signature = Key(
        "signature", .group(HookSignatureKeys.spec, build: HookSignatureKeys.build),
        example:
            "signature: { scheme: hmac_sha256, key: \"{hook_key}\", in: { header: X-Signature }, coding: hex, over: body }",
        "A signature over parts of the request.")

    static let spec = MappingSpec(
        "`auth`",
        keys: [
            ProviderAuthKeys.bearer.spec, ProviderAuthKeys.basic.spec, ProviderAuthKeys.header.spec, signature.spec,
        ],
        rules: [.exactlyOne(["bearer", "basic", "header", "signature"])])

    static func build(_ group: MappingReader) -> HookAuth? {
        let found = [
            group.value(ProviderAuthKeys.bearer).map(HookAuth.bearer),
            group.value(ProviderAuthKeys.basic).flatMap(HookAuth.init),
            group.value(ProviderAuthKeys.header).flatMap(HookAuth.init),
            group.value(signature).map(HookAuth.signature),
        ]
        let written = [
            group.has(ProviderAuthKeys.bearer), group.has(ProviderAuthKeys.basic), group.has(ProviderAuthKeys.header),
            group.has(signature),
        ]
        if written.count(where: { $0 }) != 1 {
            group.reading.error(
                at: group.node.place, "a request is proved in one way",
                hint: "Write one of `signature`, `bearer`, `basic` and `header`.")
            return nil
        }
        return found.compactMap(\.self).first
    }
}

extension HookAuth {
    fileprivate init?(_ auth: ProviderAuth) {
        switch auth {
        case .basic(let username, let password): self = .basic(username: username, password: password)
        case .header(let name, let value): self = .header(name: name, value: value)
        case .bearer(let token): self = .bearer(token)
        case .awsSigV4, .signature, .token: return nil
        }
    }
}

extension ValueKind where Value == ProviderSpot {
    /// A place of an event, or `{ header: NAME }` of the request.
    static let hookSpot = ValueKind(
        shape: .either(.form("place in JSON", pattern: "^[^.\\s]+(\\.[^.\\s]+)*$"), .group(ProviderSpotKeys.spec))
    ) { node, key, reading in
        if node.scalar != nil {
            return ValueKind<ProviderPath>.jsonPath.read(node, key, reading).map(ProviderSpot.json)
        }
        return MappingReader(node, as: ProviderSpotKeys.spec, for: key, reading: reading)
            .flatMap(ProviderSpotKeys.build)
    }
}
