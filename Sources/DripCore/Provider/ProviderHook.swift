/// What a provider posts, about messages that it took or about leads, as the `hook:` of its file describes it.
///
/// It is data like the rest of the file: how a request is proved, where its events stand, and what each of them means.
package struct ProviderHook: Hashable, Sendable {
    package enum Body: String, CaseIterable, Sendable {
        case json
        /// `application/x-www-form-urlencoded`: one event; the parameters of the URL count among its fields.
        case form
    }

    /// Where to switch it on at the provider, in one sentence.
    package var summary: String
    package var auth: HookAuth
    package var body: Body
    /// Where the events stand; nil is the body itself.
    ///
    /// A list on the way, and at its end, stands for each of its items.
    package var events: ProviderPath?
    /// What together is the provider's own name of an event, under which it is acted upon once; empty where it has none.
    package var id: [ProviderSpot]
    /// Where an event holds what `$return_token` put into the message; empty where none is about a message.
    package var token: [ProviderPath]
    /// Whom an event names.
    package var recipient: [ProviderPath]
    /// What it says of the cause, the first that says anything.
    package var reason: [ProviderPath]
    /// What events mean, the first that fits; what fits none of them is a lead, or else ignored.
    package var rules: [HookRule]
    /// How an event that fits none of them says something of a lead; nil where none does.
    package var lead: LeadHook?

    package init(
        summary: String = "", auth: HookAuth, body: Body = .json, events: ProviderPath? = nil, id: [ProviderSpot] = [],
        token: [ProviderPath] = [], recipient: [ProviderPath] = [], reason: [ProviderPath] = [],
        rules: [HookRule] = [], lead: LeadHook? = nil
    ) {
        self.summary = summary
        self.auth = auth
        self.body = body
        self.events = events
        self.id = id
        self.token = token
        self.recipient = recipient
        self.reason = reason
        self.rules = rules
        self.lead = lead
    }
}

/// One row of a hook's `means`: when it fits, and what it means then.
package struct HookRule: Hashable, Sendable {
    package enum Meaning: String, CaseIterable, Sendable {
        /// The mailbox is no good.
        case hardBounce = "hard_bounce"
        /// Given up for a cause that may pass.
        case softBounce = "soft_bounce"
        case arrival
        case complaint
        case unsubscribe
        /// It did not arrive, for a cause that says nothing about the mailbox.
        case failure
        case ignored

        /// Whether it shuts a mailbox, or counts towards that.
        package var isAboutMailbox: Bool {
            switch self {
            case .hardBounce, .softBounce, .complaint, .unsubscribe: true
            case .arrival, .failure, .ignored: false
            }
        }
    }

    package var test: ProviderTest
    package var meaning: Meaning

    package init(test: ProviderTest, meaning: Meaning) {
        self.test = test
        self.meaning = meaning
    }
}

/// How a posted request proves that the provider sent it.
package enum HookAuth: Hashable, Sendable {
    /// `Authorization: Bearer`, for a provider that signs nothing.
    case bearer(ProviderText)
    case basic(username: ProviderText, password: ProviderText)
    case header(name: String, value: ProviderText)
    case signature(HookSignature)

    /// Every text in it that may name settings.
    package var texts: [ProviderText] {
        switch self {
        case .bearer(let text), .header(_, let text): [text]
        case .basic(let username, let password): [username, password]
        case .signature(let signature): [signature.key]
        }
    }
}

/// A signature over parts of the request.
package struct HookSignature: Hashable, Sendable {
    package enum Scheme: String, CaseIterable, Sendable {
        case hmacSHA256 = "hmac_sha256"
        case hmacSHA1 = "hmac_sha1"
        /// ECDSA over the curve P-256 with SHA-256; its key is the public one.
        case ecdsaP256 = "ecdsa_p256"
    }

    /// How the text of a shared key becomes bytes.
    package enum KeyForm: String, CaseIterable, Sendable {
        case text
        /// Base64, behind a `whsec_` where there is one.
        case base64
    }

    package enum Coding: String, CaseIterable, Sendable {
        case hex, base64
    }

    package enum Part: Hashable, Sendable {
        case timestamp
        /// The bytes as they came.
        case body
        /// The whole URL, as the provider knows it.
        case url
        /// The form's names and values, in the order of the names, one behind the other.
        case form
        case spot(ProviderSpot)
    }

    package var scheme: Scheme
    package var key: ProviderText
    package var keyForm: KeyForm
    /// Where it stands; several, apart by blanks, are any of them good.
    package var spot: ProviderSpot
    /// What stands before it: `sha256=`.
    package var prefix: String
    package var coding: Coding
    package var parts: [Part]
    /// What stands between the parts.
    package var separator: String
    /// Where the seconds since 1970 stand at which it was signed; nil for a provider that tells none.
    package var timestamp: ProviderSpot?
    /// How far that may lie from now, either way: what is older may be a copy.
    package var tolerance: TimeSpan

    package static let usualTolerance = TimeSpan.minutes(5)

    package init(
        scheme: Scheme, key: ProviderText, keyForm: KeyForm = .text, spot: ProviderSpot, prefix: String = "",
        coding: Coding, parts: [Part], separator: String = "", timestamp: ProviderSpot? = nil,
        tolerance: TimeSpan = HookSignature.usualTolerance
    ) {
        self.scheme = scheme
        self.key = key
        self.keyForm = keyForm
        self.spot = spot
        self.prefix = prefix
        self.coding = coding
        self.parts = parts
        self.separator = separator
        self.timestamp = timestamp
        self.tolerance = tolerance
    }

    /// Whether any of it stands in the body, which has to be read before it is proved then.
    package var isInBody: Bool {
        let spots = [spot] + [timestamp].compactMap(\.self)
        return spots.contains(where: Self.isJSON)
            || parts.contains { part in
                switch part {
                case .spot(let spot): Self.isJSON(spot)
                case .form: true
                case .timestamp, .body, .url: false
                }
            }
    }

    private static func isJSON(_ spot: ProviderSpot) -> Bool {
        if case .json = spot { true } else { false }
    }
}
