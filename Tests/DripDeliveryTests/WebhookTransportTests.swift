import DripCore
import Testing

@testable import DripDelivery

@Suite(.timeLimit(.minutes(1))) struct WebhookTransportTests {
    static func transport(
        _ server: TestServer, _ path: String, scheme: String = "http", inFlight: Int = 4, caFile: String? = nil,
        timeout: TimeSpan = .seconds(30)
    ) throws -> HTTPTransport {
        try HTTPTransport(
            name: "hook",
            settings: .webhook(
                "\(scheme)://localhost:\(server.port)\(path)", headers: ["X-Campaign": "ebook"], caFile: caFile,
                timeout: timeout),
            inFlight: inFlight, secrets: ["bearer": "token"])
    }

    @Test(arguments: [
        ("/status/200", "1 accepted delivery 200"), ("/status/202", "1 accepted delivery 202"),
        ("/status/302?Location=/status/200", "1 transientFailure transport 302"),
        ("/status/404", "1 transientFailure transport 404"), ("/status/422", "1 permanentFailure delivery 422"),
        ("/status/500", "1 transientFailure delivery 500"), ("/close", "1 unknown delivery"),
        ("/endless", "1 accepted delivery 200"),
    ])
    func everyAnswer(path: String, expected: String) async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, path)
            let results = await transport.results(of: [Samples.post(1)])
            #expect(results.map(\.brief) == [expected], "\(results.map(\.text))")
            await server.printed("REQUEST")
            #expect(server.lines("REQUEST") == ["REQUEST POST \(path) key-1 Bearer token 7"])
            await transport.stopped()
        }
    }

    @Test func retryAfterComesBack() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/status/429?Retry-After=7")
            let results = await transport.results(of: [Samples.post(1)])
            #expect(results.first?.retryAfter == .seconds(7))
            #expect(results.first?.text == "HTTP 429: {\"error\":\"as asked\"}")
            await transport.stopped()
        }
    }

    @Test func silenceAfterTheRequestIsInDoubt() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/hang", timeout: .milliseconds(500))
            let results = await transport.results(of: [Samples.post(1)])
            #expect(results.map(\.brief) == ["1 unknown delivery"])
            await transport.stopped()
        }
    }

    @Test func aRequestThatBreaksOffIsNotInDoubt() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/cut")
            let results = await transport.results(of: [
                Samples.post(1, body: String(repeating: "x", count: 30_000_000))
            ])
            #expect(results.map(\.brief) == ["1 transientFailure delivery"], "\(results.map(\.text))")
            await transport.stopped()
        }
    }

    @Test func nobodyListens() async throws {
        try await TestServer.closedPort { port in
            let transport = try HTTPTransport(
                name: "hook", settings: .webhook("http://127.0.0.1:\(port)/"), inFlight: 2)
            let results = await transport.results(of: (1...5).map { Samples.post($0) })
            #expect(results.map(\.brief) == (1...5).map { "\($0) transientFailure transport" })
            await transport.stopped()
        }
    }

    @Test func connectionsAreKeptAndBounded() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/status/200", inFlight: 3)
            let results = await transport.results(of: (1...60).map { Samples.post($0) })
            #expect(results.map(\.outcome) == Array(repeating: .accepted, count: 60))
            await server.printed("REQUEST", count: 60)
            #expect((1...3).contains(server.lines("CONNECT").count))
            await transport.stopped()
        }
    }

    /// libcurl by itself would send the second one twice.
    @Test func aPostIsNeverRepeatedUnseen() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/close-second", inFlight: 1)
            let first = await transport.results(of: [Samples.post(1)])
            let second = await transport.results(of: [Samples.post(2)])
            #expect(first.map(\.outcome) == [.accepted])
            #expect(second.map(\.brief) == ["2 unknown delivery"], "\(second.map(\.text))")
            await transport.stopped()
            await server.printed("REQUEST", count: 2)
            #expect(server.lines("REQUEST").count == 2)
        }
    }

    @Test func tlsIsVerified() async throws {
        let certificates = try Certificates.shared.get()
        try await TestServer.python("http_faults.py", certificates.options) { server in
            for (authority, expected) in [
                (certificates.authority, "1 accepted delivery 200"), (nil, "1 transientFailure transport"),
            ] as [(String?, String)] {
                let transport = try Self.transport(server, "/status/200", scheme: "https", caFile: authority)
                let results = await transport.results(of: [Samples.post(1)])
                #expect(results.map(\.brief) == [expected], "\(results.map(\.text))")
                await transport.stopped()
            }
            await server.printed("REQUEST")
            #expect(server.lines("REQUEST").count == 1)
        }
    }

    @Test func stopJudgesWhatIsLeft() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/hang", inFlight: 2)
            let log = ResultLog(transport)
            transport.submit((1...5).map { Samples.post($0) })
            await server.printed("REQUEST", count: 2)
            await transport.stopped(within: .milliseconds(100))
            #expect(log.all.count == 5)
            #expect(log.all.count { $0.outcome == .unknown } == 2)
            #expect(log.all.count { $0.brief.hasSuffix("transientFailure transport") } == 3)
            transport.submit([Samples.post(6)])
            let results = await log.results(6)
            #expect(results.last?.brief == "6 transientFailure transport")
            await transport.stopped()
        }
    }

    @Test func whatIsNoPostIsRefused() async throws {
        try await TestServer.python("http_faults.py") { server in
            let transport = try Self.transport(server, "/status/200")
            var forged = Samples.post(2)
            forged.payload = .post(OutgoingMessage.Post(body: [], idempotencyKey: "a\r\nX: y"))
            let results = await transport.results(of: [try Samples.message(1), forged])
            #expect(results.map(\.brief) == ["1 permanentFailure delivery", "2 permanentFailure delivery"])
            #expect(server.lines("REQUEST").isEmpty)
            await transport.stopped()
        }
    }
}
