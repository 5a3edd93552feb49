import DripCampaigns
import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// One answer of a provider, as its documentation shows it, and what has to become of it.
struct ProviderScenario: Sendable, Decodable, CustomTestStringConvertible {
    var preset: String
    var scenario: String
    var expect: String

    var testDescription: String { "\(preset): \(scenario)" }

    static let all: [ProviderScenario] = {
        let data = FileManager.default.contents(atPath: Tools.supportDirectory + "provider_answers.json") ?? Data()
        return (try? JSONDecoder().decode([ProviderScenario].self, from: data)) ?? []
    }()
}

/// Each preset against a server that answers as its provider does.
@Suite(.timeLimit(.minutes(2))) struct ProviderPresetTests {
    /// What `dripd.yaml` says for each, beside the address of the server.
    private static let values: [String: [String: HTTPSettings.Value]] = {
        let fields = HTTPSettings.Value.fields([
            HTTPSettings.Field(name: "firstname", value: ProviderText(pieces: [.value(.attribute("first_name"))])),
            HTTPSettings.Field(name: "lastname", value: ProviderText(pieces: [.value(.attribute("last_name"))])),
            HTTPSettings.Field(name: "source", value: ProviderText(pieces: [.literal("dripd")])),
        ])
        return [
            "activecampaign": ["fields": fields],
            "amazon-ses": [
                "region": .text("eu-west-1"), "access_key": .text("AKIDEXAMPLE"), "configuration_set": .text("drip"),
            ], "brevo": [:], "hubspot": ["properties": fields], "mailgun": ["domain": .text("mg.example.com")],
            "marketo": ["client_id": .text("client"), "fields": fields], "postmark": [:], "resend": [:],
            "salesforce": [
                "client_id": .text("client"), "external_id": .text("Dripd_Key__c"), "record": fields,
            ], "sendgrid": [:], "slack": ["room": .text("#sales")],
            "twilio": ["account_sid": .text("AC0123"), "from": .text("+15005550006")],
            "webhook": [:], "whatsapp": ["phone_number_id": .text("106540352242922"), "template": .text("nurture")],
        ]
    }()

    static func transport(
        _ preset: String, port: Int, scenario: String = "accepted", changing: [String: HTTPSettings.Value] = [:]
    ) throws -> HTTPTransport {
        let provider = try #require(ProviderPresets.named(preset))
        var settings = HTTPSettings(provider: provider, headers: ["X-Scenario": "\(preset): \(scenario)"])
        settings.values = try #require(values[preset]).merging(changing) { _, new in new }
        let origin = "http://127.0.0.1:\(port)"
        settings.values[preset == "webhook" ? "url" : "origin"] = .text(preset == "webhook" ? "\(origin)/hook" : origin)
        let secrets = provider.settings.filter { $0.kind == .secret && $0.name != "bearer" }.map(\.name)
        return try HTTPTransport(
            name: preset, settings: settings, inFlight: 4,
            secrets: Dictionary(uniqueKeysWithValues: secrets.map { ($0, $0 == "secret_key" ? "secret" : "a-\($0)") }))
    }

    /// A message whose lead tries to get out of its fields.
    private static func message(for transport: HTTPTransport, _ number: Int64 = 1) throws -> OutgoingMessage {
        var content = try Samples.content()
        content.attributes["first_name"] = .text("Budi\"}, \"evil\": {\"a\": \"b&To=c {domain} $html")
        content.attributes["phone"] = .text("+6281234567")
        let webhook = OutgoingMessage.Payload.post(
            OutgoingMessage.Post(body: Array(#"{"step":"welcome"}"#.utf8), idempotencyKey: "key-1"))
        return OutgoingMessage(
            delivery: DeliveryID(rawValue: number), payload: transport.takes == .post ? webhook : .content(content))
    }

    private static func said(_ result: AttemptResult) -> String {
        let parts = [
            String(result.brief.dropFirst(2)), result.providerMessageID.map { "id=\($0)" },
            result.retryAfter.map { "after \($0.milliseconds / 1_000)s" }, result.isHardBounce ? "suppress" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: " ")
    }

    @Test func everyAnswerIsJudgedAsItsProviderMeansIt() async throws {
        #expect(ProviderScenario.all.count > 90)
        let covered = Dictionary(grouping: ProviderScenario.all, by: \.preset)
        #expect(covered.keys.sorted() == ProviderPresets.names)
        #expect(covered.values.allSatisfy { $0.count >= 4 })
        try await TestServer.python("http_provider.py") { server in
            for scenario in ProviderScenario.all {
                let transport = try Self.transport(
                    scenario.preset, port: server.port, scenario: scenario.scenario)
                let results = await transport.results(of: [try Self.message(for: transport)])
                #expect(
                    results.map(Self.said) == [scenario.expect],
                    "\(scenario.testDescription): \(results.map(\.text))")
                await transport.stopped()
            }
        }
    }

    /// Method, path, headers and body of each preset's request, as the server read them.
    @Test func theRequestsAreWhatTheProvidersAskFor() async throws {
        try await TestServer.python("http_provider.py") { server in
            for (index, preset) in ProviderPresets.names.enumerated() {
                let transport = try Self.transport(preset, port: server.port)
                #expect(transport.channel == (try #require(ProviderPresets.named(preset))).reach.channel)
                let results = await transport.results(of: [try Self.message(for: transport)])
                #expect(results.map(\.outcome) == [.accepted], "\(preset): \(results.map(\.text))")
                await server.printed("REQUEST", count: index + 1)
                let line = try #require(server.lines("REQUEST ").last?.dropFirst(8))
                try expectGolden(Array(try Self.shown(Array(line.utf8)).utf8), "providers/\(preset).txt")
                await transport.stopped()
            }
        }
    }

    /// What differs from run to run is named, not shown.
    private static func shown(_ line: [UInt8]) throws -> String {
        struct Request: Decodable {
            var method: String
            var path: String
            var headers: [String: String]
            var body: String
        }
        let request = try JSONDecoder().decode(Request.self, from: Data(line))
        let passing: Set<String> = ["host", "content-length", "accept", "user-agent", "x-scenario"]
        var text = "\(request.method) \(request.path)\n"
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key })
        where !passing.contains(name) || name == "accept" && value != "*/*" {
            let times = value.replacing(/[0-9]{8}T[0-9]{6}Z|t=[0-9]{10}|\/[0-9]{8}\//, with: "…")
            let shown = times.replacing(/[0-9a-f]{64}|token-[0-9]+/, with: "…")
            text += "\(name): \(shown)\n"
        }
        guard let json = JSONValue(Array(request.body.utf8)) else {
            return text + "\n" + request.body.split(separator: "&").joined(separator: "\n") + "\n"
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return text + "\n" + String(decoding: try encoder.encode(json), as: UTF8.self) + "\n"
    }

    @Test func oneTokenServesManyMessages() async throws {
        try await TestServer.python("http_provider.py") { server in
            let transport = try Self.transport("marketo", port: server.port)
            let results = await transport.results(of: try (1...30).map { try Self.message(for: transport, Int64($0)) })
            #expect(results.map(\.outcome) == Array(repeating: .accepted, count: 30), "\(results.map(\.text))")
            #expect(server.lines("TOKEN") == ["TOKEN 1 client_credentials client -"])
            await transport.stopped()
        }
    }

    /// A refused token is thrown away, and its message goes again with a fresh one: nobody's delivery pays for it.
    @Test func aTokenThatIsRefusedIsRenewed() async throws {
        try await TestServer.python("http_provider.py", ["--first-good", "2"]) { server in
            let transport = try Self.transport("salesforce", port: server.port)
            let results = await transport.results(of: [try Self.message(for: transport)])
            #expect(results.map(\.outcome) == [.accepted], "\(results.map(\.text))")
            await server.printed("TOKEN", count: 2)
            #expect(server.lines("TOKEN").count == 2)
            #expect(server.lines("REQUEST").count == 2)
            await transport.stopped()
        }
        // Refused again, it is the transport's fault, and no third token is asked for.
        try await TestServer.python("http_provider.py", ["--first-good", "9"]) { server in
            let transport = try Self.transport("salesforce", port: server.port)
            let results = await transport.results(of: [try Self.message(for: transport)])
            #expect(results.map(\.brief) == ["1 transientFailure transport 401"])
            await server.printed("TOKEN", count: 2)
            #expect(server.lines("TOKEN").count == 2)
            await transport.stopped()
        }
    }

    /// Each token ends the refresh token that got it; what came in its place outlives the process, until another is configured.
    @Test func aRotatedRefreshTokenIsKept() async throws {
        let directory = NSTemporaryDirectory() + "refresh-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var provider = try #require(ProviderPresets.named("salesforce"))
        provider.auth = try provider.auth.map { auth in
            guard case .token(var token) = auth else { return auth }
            token.grant = .refreshToken
            token.refreshToken = try ProviderText("{client_secret}")
            return .token(token)
        }
        func send(_ number: Int64, secret: String, port: Int) async throws -> AttemptResult? {
            var settings = HTTPSettings(provider: provider, headers: ["X-Scenario": "salesforce: accepted"])
            settings.values = try #require(Self.values["salesforce"])
            settings.values["origin"] = .text("http://127.0.0.1:\(port)")
            let transport = try HTTPTransport(
                name: "crm", settings: settings, inFlight: 1, secrets: ["client_secret": secret],
                refreshTokens: RefreshTokenFile(directory: directory + "/tokens", transport: "crm"))
            let results = await transport.results(of: [try Self.message(for: transport, number)])
            await transport.stopped()
            return results.first
        }
        try await TestServer.python("http_provider.py", ["--refresh", "first"]) { server in
            #expect(try await send(1, secret: "first", port: server.port)?.outcome == .accepted)
            #expect(try await send(2, secret: "first", port: server.port)?.outcome == .accepted)
            await server.printed("TOKEN", count: 2)
            #expect(server.lines("TOKEN").map { $0.split(separator: " ").last } == ["first", "refresh-1"])
            // Another one is configured: it is asked with, and what was kept for the first one is not.
            let other = try await send(3, secret: "second", port: server.port)
            #expect(other?.text == "no token: HTTP 400: invalid_grant")
            #expect(try await send(4, secret: "first", port: server.port)?.outcome == .accepted)
        }
        let path = directory + "/tokens/crm"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("first"))
    }

    /// It is said, and nothing stops for it: the token that it came with is used.
    @Test func aRefreshTokenThatCannotBeKeptIsSaid() {
        let file = RefreshTokenFile(directory: "/dev/null/tokens", transport: "crm")
        #expect(file.keep("new", for: "old") == "/dev/null/tokens: Not a directory")
        #expect(file.token(for: "old") == nil)
    }

    @Test func withoutATokenNothingGoes() async throws {
        try await TestServer.python("http_provider.py") { server in
            let transport = try Self.transport("marketo", port: server.port, changing: ["client_id": .text("wrong")])
            let results = await transport.results(of: try (1...3).map { try Self.message(for: transport, Int64($0)) })
            #expect(results.map(\.brief) == (1...3).map { "\($0) transientFailure transport" })
            #expect(results.first?.text == "no token: HTTP 401: invalid_client: unknown client")
            #expect(server.lines("REQUEST").isEmpty)
            await transport.stopped()
        }
    }

    @Test func theSignatureIsOverTimeAndBody() async throws {
        try await TestServer.python("http_provider.py") { server in
            let transport = try Self.transport("webhook", port: server.port)
            _ = await transport.results(of: [try Self.message(for: transport)])
            await server.printed("REQUEST")
            let line = try #require(server.lines("REQUEST ").first)
            let header = try #require(line.firstMatch(of: /t=([0-9]+),v1=([0-9a-f]{64})/))
            let seconds = try #require(Int64(header.1))
            #expect(abs(Double(seconds) - Date().timeIntervalSince1970) < 60)
            let body = Array(#"{"step":"welcome"}"#.utf8)
            #expect(HTTPFiller.signature(of: body, secret: "a-signature", atSeconds: seconds) == String(header.2))
            await transport.stopped()
        }
        // RFC 4231 has no such message; this was worked out by `openssl dgst -sha256 -hmac`.
        #expect(
            HTTPFiller.signature(of: Array("{}".utf8), secret: "key", atSeconds: 1_700_000_000)
                == "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae")
    }

    @Test(arguments: [
        ("https://10.0.0.1", false), ("https://169.254.169.254", true), ("https://[::ffff:10.0.0.1]", false),
    ])
    func aPrivateAddressIsNotReached(origin: String, allowed: Bool) async throws {
        let results = try await Self.results(from: origin, allowPrivate: allowed)
        #expect(results.map(\.brief) == ["1 transientFailure transport"])
        #expect(results.first?.text.contains("private address") == true)
    }

    /// `0.0.0.0` is this machine under another name: not even a connection is made.
    @Test(arguments: [false, true]) func notEvenAConnectionIsMade(allowed: Bool) async throws {
        try await TestServer.python("http_faults.py") { server in
            let results = try await Self.results(from: "https://0.0.0.0:\(server.port)", allowPrivate: allowed)
            #expect(results.map(\.brief) == ["1 transientFailure transport"])
            // The first that the server sees is the next one.
            let hook = try HTTPTransport(
                name: "hook", settings: .webhook("http://127.0.0.1:\(server.port)/status/200"), inFlight: 1)
            let after = await hook.results(of: [Samples.post(1)])
            #expect(after.map(\.outcome) == [.accepted])
            await server.printed("REQUEST")
            #expect(server.lines("CONNECT") == ["CONNECT 1"])
            await hook.stopped()
        }
    }

    private static func results(from origin: String, allowPrivate: Bool) async throws -> [AttemptResult] {
        let provider = try #require(ProviderPresets.named("resend"))
        let settings = HTTPSettings(
            provider: provider, values: ["origin": .text(origin)], allowPrivate: allowPrivate, timeout: .seconds(5))
        let transport = try HTTPTransport(name: "r", settings: settings, inFlight: 1, secrets: ["api_key": "k"])
        let results = await transport.results(of: [try message(for: transport)])
        await transport.stopped()
        return results
    }

    /// What cannot be said is refused before anything is sent.
    @Test func aMessageThatLacksWhatItNeedsFails() async throws {
        try await TestServer.python("http_provider.py") { server in
            let sms = try Self.transport("twilio", port: server.port)
            var nobody = try Samples.content()
            nobody.recipient = nil
            let mail = try Self.transport("sendgrid", port: server.port)
            let one = DeliveryID(rawValue: 1)
            let texts = [
                await sms.results(of: [OutgoingMessage(delivery: one, payload: .content(try Samples.content()))]),
                await mail.results(of: [OutgoingMessage(delivery: one, payload: .content(nobody))]),
                await mail.results(of: [Samples.post(1)]), await mail.results(of: [try Samples.message(1)]),
            ].flatMap(\.self).map { "\($0.outcome.rawValue): \($0.text)" }
            #expect(
                texts == [
                    "permanentFailure: the lead has no phone", "permanentFailure: the lead has no e-mail address",
                    "permanentFailure: sendgrid takes messages in their parts",
                    "permanentFailure: a mail cannot go by HTTP as it is",
                ])
            #expect(server.lines("REQUEST").isEmpty)
            for transport in [sms, mail] { await transport.stopped() }
        }
    }
}
