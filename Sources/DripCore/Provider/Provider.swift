/// A service that is spoken to over HTTP, as its file (`providers/NAME.yaml`) describes it.
///
/// It is data and no code: what a request says, where its secrets stand, and what each answer means. Presets and the
/// files that ops write are read by the same loader into the same value.
package struct Provider: Hashable, Sendable {
    /// What it reaches a lead by.
    package enum Reach: String, CaseIterable, Sendable {
        case email, sms, chat, http

        /// The channel that its transport serves.
        package var channel: Channel {
            switch self {
            case .email: .email
            case .sms: .sms
            case .chat, .http: .http
            }
        }
    }

    package enum Method: String, CaseIterable, Sendable {
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
    }

    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: ProviderText

        package init(name: String, value: ProviderText) {
            self.name = name
            self.value = value
        }
    }

    package enum Body: Hashable, Sendable {
        /// The JSON of docs/operations.md that every plain webhook gets, built by the engine.
        case webhook
        case json(ProviderTree)
        /// `application/x-www-form-urlencoded`, from a group of names.
        case form(ProviderTree)
    }

    /// `sendgrid`, or the file's name without its ending.
    package var name: String
    package var reach: Reach
    /// The lead's attribute that holds where it is reached, such as `phone`; nil is its e-mail address.
    package var recipient: String?
    package var settings: [ProviderSetting]
    package var method: Method
    package var url: ProviderText
    package var headers: [Header]
    package var auth: [ProviderAuth]
    package var body: Body
    package var success: ProviderSuccess
    /// Where the answer holds the provider's own name of the message.
    package var messageID: ProviderSpot?
    /// The header that carries the delivery's key, so that a repeat is recognised.
    package var idempotencyHeader: String?
    /// How fast it may be sent to, where `dripd.yaml` says nothing else.
    package var rate: SendRate?
    /// What answers mean, the first that fits.
    package var errors: [ProviderErrorRule]
    /// What it posts back; nil where nothing is known of that.
    package var hook: ProviderHook?

    package init(
        name: String, reach: Reach, recipient: String? = nil, settings: [ProviderSetting] = [], method: Method = .post,
        url: ProviderText,
        headers: [Header] = [], auth: [ProviderAuth] = [], body: Body, success: ProviderSuccess = ProviderSuccess(),
        messageID: ProviderSpot? = nil, idempotencyHeader: String? = nil, rate: SendRate? = nil,
        errors: [ProviderErrorRule] = [], hook: ProviderHook? = nil
    ) {
        self.name = name
        self.reach = reach
        self.recipient = recipient
        self.settings = settings
        self.method = method
        self.url = url
        self.headers = headers
        self.auth = auth
        self.body = body
        self.success = success
        self.messageID = messageID
        self.idempotencyHeader = idempotencyHeader
        self.rate = rate
        self.errors = errors
        self.hook = hook
    }
}

/// Something that a provider's file asks `dripd.yaml` for.
package struct ProviderSetting: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case text
        /// From a file or a credential; never in a URL, never in a log.
        case secret
        /// Scheme and host of a web address, without a path.
        case origin
        /// A whole web address.
        case url
        /// Names of the provider's own with what stands in them.
        case fields
    }

    package var name: String
    package var kind: Kind
    package var isOptional: Bool
    /// What holds where `dripd.yaml` leaves it out; it may name other settings.
    package var standard: ProviderText?
    /// One sentence on what it is.
    package var summary: String

    package init(
        name: String, kind: Kind, isOptional: Bool = false, standard: ProviderText? = nil, summary: String = ""
    ) {
        self.name = name
        self.kind = kind
        self.isOptional = isOptional
        self.standard = standard
        self.summary = summary
    }

    package var isRequired: Bool { !isOptional && standard == nil }
}

/// How a request proves who sends it.
package enum ProviderAuth: Hashable, Sendable {
    case bearer(ProviderText)
    case basic(username: ProviderText, password: ProviderText)
    case header(name: String, value: ProviderText)
    case awsSigV4(service: ProviderText, region: ProviderText, accessKey: ProviderText, secretKey: ProviderText)
    /// HMAC-SHA256 over the seconds and the body: `t=…,v1=…`.
    case signature(header: String, secret: ProviderText)
    /// An OAuth 2 token, fetched when it is needed, sent as `Authorization: Bearer`.
    case token(ProviderToken)

    /// Every text in it that may name settings.
    package var texts: [ProviderText] {
        switch self {
        case .bearer(let text), .header(_, let text), .signature(_, let text): [text]
        case .basic(let username, let password): [username, password]
        case .awsSigV4(let service, let region, let accessKey, let secretKey): [service, region, accessKey, secretKey]
        case .token(let token):
            [token.url, token.clientID, token.clientSecret] + [token.refreshToken, token.scope].compactMap(\.self)
        }
    }
}

/// Where and how an access token is fetched (RFC 6749 §4.4, §6).
package struct ProviderToken: Hashable, Sendable {
    package enum Grant: String, CaseIterable, Sendable {
        case clientCredentials = "client_credentials"
        case refreshToken = "refresh_token"
    }

    /// How the client names itself to the token's URL (RFC 6749 §2.3.1).
    package enum Client: String, CaseIterable, Sendable {
        case form, basic
    }

    package var url: ProviderText
    package var grant: Grant
    package var client: Client
    package var clientID: ProviderText
    package var clientSecret: ProviderText
    package var refreshToken: ProviderText?
    package var scope: ProviderText?
    /// How long a token lives whose answer does not say.
    package var lifetime: TimeSpan

    package init(
        url: ProviderText, grant: Grant, client: Client = .form, clientID: ProviderText, clientSecret: ProviderText,
        refreshToken: ProviderText? = nil, scope: ProviderText? = nil, lifetime: TimeSpan = .minutes(30)
    ) {
        self.url = url
        self.grant = grant
        self.client = client
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.refreshToken = refreshToken
        self.scope = scope
        self.lifetime = lifetime
    }
}
