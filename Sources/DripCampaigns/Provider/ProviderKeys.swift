import DripCore

// The keys of a provider's file, `providers/NAME.yaml`.

enum ProviderKeys {
    static let channel: Key<Provider.Reach> = Key(
        "channel", .choice(meaning: ["mail": "email", "e-mail": "email", "webhook": "http"]), required: true,
        example: "channel: email", "What it reaches a lead by: `email`, `sms`, `chat` or `http`.")
    static let recipient = Key(
        "recipient", .text, standard: "the e-mail address", example: "recipient: phone",
        "The lead's attribute that holds where it is reached.")
    static let settings = Key(
        "settings", .settings, example: "settings: { api_key: { kind: secret } }",
        "What it needs from dripd.yaml, by name.")
    static let method: Key<Provider.Method> = Key(
        "method", .choice, standard: "POST", example: "method: POST", "The request's method.")
    static let url = Key(
        "url", .providerURL, required: true, example: "url: \"https://api.example.com/v1/send\"",
        "Where to send to; `{name}` is a setting, `{$name}` a value of the message.")
    static let headers = Key(
        "headers", .providerHeaders, example: "headers: { X-Keep-ID: \"true\" }", "Headers of each request.")
    static let auth = Key(
        "auth", .group(ProviderAuthKeys.spec, build: ProviderAuthKeys.build),
        example: "auth: { bearer: \"{api_key}\" }", "How a request proves who sends it.")
    static let body = Key(
        "body", .body, required: true, example: "body: { json: { to: $recipient, text: $text } }",
        "`webhook`, or a tree that becomes JSON or a form.")
    static let success = Key(
        "success", .group(ProviderSuccessKeys.spec, build: ProviderSuccessKeys.build), standard: "any 2xx",
        example: "success: { status: 202 }", "Which answers mean that it took the message.")
    static let messageID = Key(
        "message_id", .group(ProviderSpotKeys.spec, build: ProviderSpotKeys.build),
        example: "message_id: { json: id }", "Where the answer holds the provider's name of the message.")
    static let idempotency = Key(
        "idempotency", .headerName, example: "idempotency: Idempotency-Key",
        "The header that carries the delivery's key.")
    static let rate = Key(
        "rate", .group(RateKeys.spec("`rate`"), build: RateKeys.build), example: "rate: { at_most: 300, per: 1m }",
        "How fast it may be sent to, where dripd.yaml says nothing else.")
    static let errors = Key(
        "errors",
        .list(.item(ProviderErrorKeys.spec, build: ProviderErrorKeys.build), atMost: 100),
        example: "errors: [{ status: 401, means: auth }]", "What answers mean, the first that fits.")

    static let hook = Key(
        "hook", .group(ProviderHookKeys.spec, build: ProviderHookKeys.build),
        example:
            "hook: { auth: { bearer: \"{hook_key}\" }, id: id, token: token, means: [{ json: event, is: bounce, means: hard_bounce }] }",
        "What it posts, and what that means.")

    static let spec = MappingSpec(
        "a provider",
        keys: [
            channel.spec, recipient.spec, settings.spec, method.spec, url.spec, headers.spec, auth.spec, body.spec,
            success.spec, messageID.spec, idempotency.spec, rate.spec, errors.spec, hook.spec,
        ])
}

enum ProviderSettingKeys {
    static let kind: Key<ProviderSetting.Kind> = Key(
        "kind", .choice, standard: "text", example: "kind: secret",
        "What it is: `text`, `secret`, `origin`, `url` or `fields`.")
    static let standard = Key(
        "default", .template(.standard), example: "default: \"https://api.example.com\"",
        "What holds where dripd.yaml leaves it out.")
    static let isOptional = Key(
        "optional", .flag, standard: "false", example: "optional: true", "Whether dripd.yaml may leave it out.")
    static let summary = Key("about", .text, example: "about: The key of the API.", "One sentence on what it is.")

    static let spec = MappingSpec(
        "a setting", keys: [kind.spec, standard.spec, isOptional.spec, summary.spec])

    static func build(name: String, _ group: MappingReader) -> ProviderSetting {
        let setting = ProviderSetting(
            name: name, kind: group.value(kind) ?? .text, isOptional: group.value(isOptional) ?? false,
            standard: group.value(standard), summary: group.value(summary) ?? "")
        if setting.standard != nil, setting.kind == .secret || setting.kind == .fields {
            group.reading.error(
                at: group.keyPlace(of: standard), "a setting of the kind `\(setting.kind.rawValue)` has no default",
                hint: "Delete `default`, and write `optional: true` where it may be left out.")
        }
        return setting
    }
}

enum ProviderAuthKeys {
    static let bearer = Key(
        "bearer", .template(.auth), example: "bearer: \"{api_key}\"", "Sent as `Authorization: Bearer`.")
    static let basic = Key(
        "basic", .group(basicSpec, build: buildBasic),
        example: "basic: { username: api, password: \"{api_key}\" }", "Sent as `Authorization: Basic`.")
    static let header = Key(
        "header", .group(headerSpec, build: buildHeader),
        example: "header: { name: X-Api-Key, value: \"{api_key}\" }", "A header of the provider's own.")
    static let awsSigV4 = Key(
        "aws_sigv4", .group(awsSpec, build: buildAWS),
        example:
            "aws_sigv4: { service: ses, region: \"{region}\", access_key: \"{access_key}\", secret_key: \"{secret_key}\" }",
        "Signed as Amazon asks for.")
    static let signature = Key(
        "signature", .group(signatureSpec, build: buildSignature),
        example: "signature: { header: X-Signature, secret: \"{signature}\" }",
        "HMAC-SHA256 over the time and the body.")
    static let token = Key(
        "token", .group(ProviderTokenKeys.spec, build: ProviderTokenKeys.build),
        example: "token: { url: \"https://api.example.com/token\", client_id: \"{id}\", client_secret: \"{secret}\" }",
        "An OAuth 2 token, fetched when it is needed.")

    static let spec = MappingSpec(
        "`auth`",
        keys: [bearer.spec, basic.spec, header.spec, awsSigV4.spec, signature.spec, token.spec],
        rules: [.atMostOne(["bearer", "basic", "aws_sigv4", "token"])])

    static func build(_ group: MappingReader) -> [ProviderAuth]? {
        // Each of these is the one `Authorization` header.
        let alone = [group.has(bearer), group.has(basic), group.has(awsSigV4), group.has(token)].count { $0 }
        if alone > 1 {
            group.reading.error(
                at: group.node.place, "a request has one `Authorization`, and `auth` makes \(alone) of them",
                hint: "Keep one of `bearer`, `basic`, `aws_sigv4` and `token`.")
        }
        return [
            group.value(bearer).map(ProviderAuth.bearer), group.value(basic), group.value(header),
            group.value(awsSigV4), group.value(signature), group.value(token).map(ProviderAuth.token),
        ].compactMap(\.self)
    }

    private static let username = Key(
        "username", .template(.auth), required: true, example: "username: api", "The name to sign in with.")
    private static let password = Key(
        "password", .template(.auth), required: true, example: "password: \"{api_key}\"", "The password.")
    static let basicSpec = MappingSpec("`basic`", keys: [username.spec, password.spec])

    private static func buildBasic(_ group: MappingReader) -> ProviderAuth? {
        guard let username = group.value(username), let password = group.value(password) else { return nil }
        return .basic(username: username, password: password)
    }

    private static let name = Key(
        "name", .headerName, required: true, example: "name: X-Api-Key", "The header's name.")
    private static let value = Key(
        "value", .template(.auth), required: true, example: "value: \"{api_key}\"", "The header's value.")
    static let headerSpec = MappingSpec("`header`", keys: [name.spec, value.spec])

    private static func buildHeader(_ group: MappingReader) -> ProviderAuth? {
        guard let name = group.value(name), let value = group.value(value) else { return nil }
        return .header(name: name, value: value)
    }

    private static let service = Key(
        "service", .template(.auth), required: true, example: "service: ses", "The service's name at Amazon.")
    private static let region = Key(
        "region", .template(.auth), required: true, example: "region: \"{region}\"", "The region's name.")
    private static let accessKey = Key(
        "access_key", .template(.auth), required: true, example: "access_key: \"{access_key}\"", "The key's id.")
    private static let secretKey = Key(
        "secret_key", .template(.auth), required: true, example: "secret_key: \"{secret_key}\"", "The key itself.")
    static let awsSpec = MappingSpec(
        "`aws_sigv4`", keys: [service.spec, region.spec, accessKey.spec, secretKey.spec])

    private static func buildAWS(_ group: MappingReader) -> ProviderAuth? {
        guard let service = group.value(service), let region = group.value(region),
            let accessKey = group.value(accessKey), let secretKey = group.value(secretKey)
        else { return nil }
        return .awsSigV4(service: service, region: region, accessKey: accessKey, secretKey: secretKey)
    }

    private static let signatureHeader = Key(
        "header", .headerName, required: true, example: "header: X-Signature", "The header that carries it.")
    private static let secret = Key(
        "secret", .template(.auth), required: true, example: "secret: \"{signature}\"", "What both sides know.")
    static let signatureSpec = MappingSpec("`signature`", keys: [signatureHeader.spec, secret.spec])

    private static func buildSignature(_ group: MappingReader) -> ProviderAuth? {
        guard let header = group.value(signatureHeader), let secret = group.value(secret) else { return nil }
        return .signature(header: header, secret: secret)
    }
}

enum ProviderTokenKeys {
    static let url = Key(
        "url", .providerURL, required: true, example: "url: \"https://api.example.com/token\"",
        "Where tokens come from.")
    static let grant: Key<ProviderToken.Grant> = Key(
        "grant", .choice, standard: "client_credentials", example: "grant: client_credentials",
        "What a token is given for: `client_credentials` or `refresh_token`.")
    static let client: Key<ProviderToken.Client> = Key(
        "client", .choice, standard: "form", example: "client: form",
        "Where the client's id and secret stand: in the `form`, or as `basic`.")
    static let clientID = Key(
        "client_id", .template(.auth), required: true, example: "client_id: \"{client_id}\"", "The client's id.")
    static let clientSecret = Key(
        "client_secret", .template(.auth), required: true, example: "client_secret: \"{client_secret}\"",
        "The client's secret.")
    static let refreshToken = Key(
        "refresh_token", .template(.auth), example: "refresh_token: \"{refresh_token}\"",
        "What `grant: refresh_token` gives for a token.")
    static let scope = Key("scope", .template(.auth), example: "scope: messages.write", "What the token is for.")
    static let lifetime = Key(
        "lifetime", .span(.minutes(1) ... .hours(24)), standard: "30m", example: "lifetime: 30m",
        "How long a token lives whose answer does not say.")

    static let spec = MappingSpec(
        "`token`",
        keys: [
            url.spec, grant.spec, client.spec, clientID.spec, clientSecret.spec, refreshToken.spec, scope.spec,
            lifetime.spec,
        ],
        rules: [.when("grant", is: "refresh_token", needs: "refresh_token"), .needs("refresh_token", "grant")])

    static func build(_ group: MappingReader) -> ProviderToken? {
        let grant = group.value(grant) ?? .clientCredentials
        if (grant == .refreshToken) != group.has(refreshToken) {
            group.reading.error(
                at: group.node.place, "`grant: refresh_token` and `refresh_token` belong together",
                hint: "Write both, or neither.")
        }
        guard let url = group.value(url), let clientID = group.value(clientID),
            let clientSecret = group.value(clientSecret)
        else { return nil }
        var token = ProviderToken(
            url: url, grant: grant, client: group.value(client) ?? .form, clientID: clientID,
            clientSecret: clientSecret, refreshToken: group.value(refreshToken), scope: group.value(scope))
        token.lifetime = group.value(lifetime) ?? token.lifetime
        return token
    }
}
