import Crypto
import DripCore
import Foundation

/// Makes a provider's requests: the file's texts with settings, secrets and a message's values in them.
///
/// It holds secrets, and never prints.
struct HTTPFiller: Sendable, CustomStringConvertible, CustomReflectable {
    /// Why no request can be made of a message; nothing was sent.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private let settings: HTTPSettings
    private let secrets: [String: String]

    init(settings: HTTPSettings, secrets: [String: String]) {
        self.settings = settings
        self.secrets = secrets
    }

    var description: String { "HTTPFiller(\(settings.provider.name))" }
    var customMirror: Mirror { Mirror(self, children: [:]) }

    /// The request for one message; `atSeconds` is the Unix time that a signature carries.
    func request(
        for payload: OutgoingMessage.Payload, token: String?, atSeconds: Int64
    ) throws(Refusal) -> HTTPRequest {
        let provider = settings.provider
        var body: [UInt8]
        let key: String
        var values: ProviderBody?
        switch payload {
        case .mail: throw Refusal(description: "a mail cannot go by HTTP as it is")
        case .post(let post):
            guard provider.body == .webhook else {
                throw Refusal(description: "\(provider.name) takes messages in their parts")
            }
            body = post.body
            key = post.idempotencyKey
        case .content(let content):
            let maker = try maker(for: content)
            body = try bytes(of: provider.body, maker)
            key = content.idempotencyKey
            values = maker
        }
        guard HTTPTarget.isHeaderValue(key) else {
            throw Refusal(description: "the idempotency key cannot stand in a header")
        }
        let url = settings.filled(provider.url) { values?.value($0)?.word }
        guard let url else { throw Refusal(description: "the message has nothing for the address") }
        var request = HTTPRequest(
            method: provider.method.rawValue, url: url, headers: [HTTPRequest.noExpect], body: body)
        switch provider.body {
        case .webhook: request.headers.append("Content-Type: application/json")
        case .json: request.headers.append("Content-Type: application/json; charset=utf-8")
        case .form: request.headers.append("Content-Type: application/x-www-form-urlencoded")
        }
        for (name, value) in settings.headers.sorted(by: { $0.key < $1.key }) {
            request.headers.append("\(name): \(value)")
        }
        for header in provider.headers {
            guard let value = values?.text(header.value) ?? text(header.value) else { continue }
            try add(header.name, value, to: &request)
        }
        if let name = provider.idempotencyHeader { try add(name, key, to: &request) }
        try prove(&request, token: token, atSeconds: atSeconds)
        return request
    }

    /// The refresh token of the settings; nil where tokens are asked for without one.
    func refreshToken(of token: ProviderToken) -> String? { token.refreshToken.flatMap(text) }

    /// The request for an access token (RFC 6749 §4.4.2, §6); `refresh` stands in place of the configured refresh token.
    func request(for token: ProviderToken, refresh: String? = nil) throws(Refusal) -> HTTPRequest {
        guard let url = settings.filled(token.url, with: { _ in nil }), let id = text(token.clientID),
            let secret = text(token.clientSecret)
        else { throw Refusal(description: "the token's address, client id or client secret is missing") }
        var pairs = [("grant_type", token.grant.rawValue)]
        if let refresh = refreshToken(of: token).map({ refresh ?? $0 }) { pairs.append(("refresh_token", refresh)) }
        if let scope = token.scope.flatMap(text) { pairs.append(("scope", scope)) }
        var login: HTTPRequest.Login?
        switch token.client {
        case .form: pairs += [("client_id", id), ("client_secret", secret)]
        case .basic: login = .basic(username: id, password: secret)
        }
        let form = pairs.map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        return HTTPRequest(
            method: "POST", url: url,
            headers: [
                HTTPRequest.noExpect, "Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
            ], login: login, body: Array(form.utf8))
    }

    private func maker(for content: MessageContent) throws(Refusal) -> ProviderBody {
        var recipient = content.recipient?.text
        if let attribute = settings.provider.recipient {
            recipient = content.attributes[attribute].flatMap { $0.isBlank ? nil : $0.text }
            guard recipient != nil else { throw Refusal(description: "the lead has no \(attribute)") }
        } else if settings.provider.reach == .email, recipient == nil {
            throw Refusal(description: "the lead has no e-mail address")
        }
        return ProviderBody(
            setting: setting,
            fields: { name in
                if case .fields(let fields) = settings.values[name] { fields } else { [] }
            }, recipient: recipient, content: content)
    }

    private func bytes(of body: Provider.Body, _ maker: ProviderBody) throws(Refusal) -> [UInt8] {
        switch body {
        case .webhook: throw Refusal(description: "a webhook takes the body that is made for it")
        case .form(let tree): return maker.form(tree)
        case .json(let tree):
            guard let value = maker.json(tree) else { throw Refusal(description: "the message has nothing to say") }
            do {
                return try value.bytes()
            } catch {
                throw Refusal(description: "the message cannot be written as JSON")
            }
        }
    }

    private func prove(_ request: inout HTTPRequest, token: String?, atSeconds: Int64) throws(Refusal) {
        for auth in settings.provider.auth {
            // A part that names an optional setting which is not given is left out whole.
            let texts = auth.texts.compactMap(text)
            guard texts.count == auth.texts.count else { continue }
            switch auth {
            case .bearer: try add("Authorization", "Bearer \(texts[0])", to: &request)
            case .basic: request.login = .basic(username: texts[0], password: texts[1])
            case .header(let name, _): try add(name, texts[0], to: &request)
            case .awsSigV4:
                request.login = .awsSigV4(
                    scope: "aws:amz:\(texts[1]):\(texts[0])", accessKey: texts[2], secretKey: texts[3])
            case .signature(let header, _):
                let code = Self.signature(of: request.body, secret: texts[0], atSeconds: atSeconds)
                try add(header, "t=\(atSeconds),v1=\(code)", to: &request)
            case .token:
                guard let token else { throw Refusal(description: "there is no token") }
                try add("Authorization", "Bearer \(token)", to: &request)
            }
        }
    }

    /// HMAC-SHA256 over `SECONDS.BODY`, in hexadecimal: the receiver refuses what is old, and what was altered.
    static func signature(of body: [UInt8], secret: String, atSeconds: Int64) -> String {
        var signed = Array("\(atSeconds).".utf8)
        signed += body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Array(secret.utf8)))
        return code.hexadecimal
    }

    private func add(_ name: String, _ value: String, to request: inout HTTPRequest) throws(Refusal) {
        guard HTTPTarget.isHeaderValue(value) else {
            throw Refusal(description: "the value of the header \(name) is empty or holds what may not stand there")
        }
        request.headers.append("\(name): \(value)")
    }

    private func setting(_ name: String) -> String? { secrets[name] ?? settings.text(of: name) }

    /// A text that names settings only.
    private func text(_ text: ProviderText) -> String? {
        var result = ""
        for piece in text.pieces {
            switch piece {
            case .literal(let literal): result += literal
            case .setting(let name):
                guard let filled = setting(name) else { return nil }
                result += filled
            case .value: return nil
            }
        }
        return result
    }
}
