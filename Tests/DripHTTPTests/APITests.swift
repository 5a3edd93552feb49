import DripCore
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import DripHTTP

/// The API, asked without a network.
@Suite struct APITests {
    private let api = API()

    @Test func everyRouteIsInTheOpenAPIFileAndNoOther() throws {
        let text = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
        var written: Set<String> = []
        var path = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  /"), line.hasSuffix(":") { path = String(line.dropFirst(2).dropLast()) }
            if line == "    get:" || line == "    post:" { written.insert("\(line.dropFirst(4).dropLast()) \(path)") }
            if line.hasPrefix("components:") { break }
        }
        let bare = Router(context: AdminContext.self)
        let routes = ControlRoutes(control: api.control, version: "test")
        routes.addReading(to: bare)
        routes.addIngest(to: bare)
        routes.addWriting(to: bare)
        let served = Set(
            bare.routes.map { route in
                let path = route.path.description.split(separator: "/").map { part in
                    part.hasPrefix("{") ? String(part) : part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
                }
                return "\(route.method.rawValue.lowercased()) /\(path.joined(separator: "/"))"
            })
        #expect(served == written)
    }

    // MARK: Who may

    @Test(arguments: [
        (AccessToken.Scope.read, "GET", "/v1/status", true), (.read, "POST", "/v1/events", false),
        (.read, "POST", "/v1/suppressions", false), (.ingest, "GET", "/v1/leads", false),
        (.ingest, "GET", "/v1/openapi.yaml", false), (.ingest, "POST", "/v1/events", true),
        (.ingest, "POST", "/v1/events/batch", true), (.ingest, "POST", "/v1/leads", true),
        (.ingest, "POST", "/v1/enrollments", true), (.ingest, "POST", "/v1/tags", false),
        (.ingest, "POST", "/v1/erasures", false), (.admin, "GET", "/v1/status", true),
        (.admin, "POST", "/v1/events", true), (.admin, "POST", "/v1/erasures", true),
        (.admin, "POST", "/v1/reload", true),
    ])
    func aTokenDoesWhatItsScopeSays(
        scope: AccessToken.Scope, method: String, path: String, isAllowed: Bool
    ) async throws {
        let method = try #require(HTTPRequest.Method(method))
        let answer = try await api.ask(method, path, body: "{}", token: scope.rawValue)
        #expect((answer.status != .forbidden) == isAllowed, "\(answer.status)")
        #expect(answer.status != .unauthorized)
    }

    @Test(arguments: ["", "Bearer", "Bearer wrong", "Basic read", "Bearer read more", "bearer  "])
    func withoutATokenNothingIsAsked(header: String) async throws {
        let answer = try await api.ask(.get, "/v1/status", header: header)
        #expect(answer.status == .unauthorized && answer.headers[.wwwAuthenticate] == "Bearer")
        #expect(answer.headers[.contentType] == "application/problem+json")
        #expect(!api.control.asked.contains("status"))
    }

    @Test func aRevokedTokenIsRefusedAtOnce() async throws {
        #expect(try await api.ask(.get, "/v1/status", token: "read").status == .ok)
        api.control.hasTokens = false
        #expect(try await api.ask(.get, "/v1/status", token: "read").status == .ok)
        api.book.changed()
        #expect(try await api.ask(.get, "/v1/status", token: "read").status == .unauthorized)
    }

    @Test func noProgramSeesOrMakesTokens() async throws {
        for path in ["/v1/tokens", "/v1/revocations", "/v1/hooks"] {
            for method in [HTTPRequest.Method.get, .post] {
                #expect(try await api.ask(method, path, body: "{}", token: "admin").status == .notFound)
            }
        }
    }

    @Test func healthIsAnybodys() async throws {
        #expect(try await api.ask(.get, "/healthz").status == .serviceUnavailable)
    }

    // MARK: How it answers

    @Test(
        arguments: [
            (ControlError.Kind.notFound, 404, nil), (.invalid, 422, nil), (.conflict, 409, nil), (.busy, 429, "1"),
            (.unavailable, 503, "10"),
        ] as [(ControlError.Kind, Int, String?)])
    func everyErrorIsAProblem(kind: ControlError.Kind, status: Int, retry: String?) async throws {
        api.control.answer = .failure(ControlError(kind, "what and how to mend it"))
        let answer = try await api.ask(.get, "/v1/leads/x", token: "read")
        #expect(answer.status.code == status && answer.headers[.retryAfter] == retry)
        #expect(answer.headers[.contentType] == "application/problem+json")
        let problem = try JSONDecoder().decode(Problem.self, from: Data(answer.body.utf8))
        #expect(problem.type == "urn:dripd:problem:\(kind.rawValue)" && problem.status == status)
        #expect(problem.controlError == ControlError(kind, "what and how to mend it"))
    }

    @Test(arguments: [
        ("{", "no JSON: "), ("[]", "no object"), (#"{"lead": "x"}"#, "name is missing"),
        (#"{"lead": 1, "name": "x"}"#, "lead must be a text"), (#"{"lead": null, "name": "x"}"#, "lead"),
        (#"{"lead": "x", "name": "y", "dta": {}}"#, #""dta" is no key"#),
        (#"{"lead": "x", "name": "y", "step": {"campaign": "c", "step": "s", "at": 1}}"#, #""step.at" is no key"#),
    ])
    func aBodyThatIsWrongIsRefusedByName(body: String, words: String) async throws {
        let answer = try await api.ask(.post, "/v1/events", body: body, token: "ingest")
        #expect(
            answer.status == .badRequest && answer.body.contains(words.replacing("\"", with: "\\\"")), "\(answer.body)")
        #expect(!api.control.asked.contains("event"))
    }

    /// Left out, they mean every lead and every CRM.
    @Test(arguments: ["lead", "transport", "number", "after"])
    func aNullIsNotEverything(key: String) async throws {
        let body = "{\"action\": \"push\", \"\(key)\": null}"
        let answer = try await api.ask(.post, "/v1/crm/pushes", body: body, token: "admin")
        #expect(answer.status == .badRequest && answer.body.contains("\(key) must be"), "\(answer.body)")
        #expect(!api.control.asked.contains("push"))
    }

    @Test func aBodyThatIsTooLargeIsRefused() async throws {
        let body = "{\"lead\": \"" + String(repeating: "x", count: 70_000) + "\"}"
        let answer = try await api.ask(.post, "/v1/events", body: body, token: "ingest")
        #expect(answer.status == .contentTooLarge && answer.body.contains("it takes 64 KiB"))
    }

    @Test func anotherMethodIsRefusedWithThoseThatAreTaken() async throws {
        let answer = try await api.ask(.delete, "/v1/leads", token: "admin")
        #expect(answer.status == .methodNotAllowed && answer.headers[.allow] == "GET, HEAD, POST")
        #expect(try await api.ask(.get, "/v1/nothing", token: "admin").status == .notFound)
    }

    @Test(arguments: [
        ("limit=0", 422), ("limit=x", 422), ("limit=101", 422), ("cursor=x", 422), ("cursor=-1", 422),
        ("limit=100&cursor=7", 200),
    ])
    func pages(query: String, status: Int) async throws {
        let answer = try await api.ask(.get, "/v1/leads?\(query)", token: "read")
        #expect(answer.status.code == status)
    }

    @Test func aParameterThatIsATypoIsRefused() async throws {
        let answer = try await api.ask(.get, "/v1/leads/x/explanation?campain=c", token: "read")
        #expect(answer.status == .badRequest && answer.body.contains("it takes campaign"))
        #expect(try await api.ask(.get, "/v1/leads/x/explanation?campaign=c", token: "read").status != .badRequest)
        #expect(try await api.ask(.get, "/v1/status?pretty", token: "read").status == .badRequest)
        // Without a right, nothing is said of the route.
        #expect(try await api.ask(.get, "/v1/status?pretty").status == .unauthorized)
    }

    /// What curl says without being told: it has taken the ends of the lines out.
    @Test func aListIsTakenAsCSVOnly() async throws {
        let form = "application/x-www-form-urlencoded"
        let answer = try await api.ask(.post, "/v1/imports", body: "email", token: "ingest", type: form)
        #expect(answer.status == .unsupportedMediaType && answer.body.contains("--data-binary"))
        #expect(api.control.asked.isEmpty)
    }

    // MARK: Events

    @Test func anEventIsCalledByItsOwnIDOrTheRequests() async throws {
        _ = try await api.ask(
            .post, "/v1/events", body: #"{"lead": "x", "name": "y", "id": "own"}"#, token: "ingest", key: "k")
        _ = try await api.ask(.post, "/v1/events", body: #"{"lead": "x", "name": "y"}"#, token: "ingest", key: "k")
        _ = try await api.ask(
            .post, "/v1/events/batch",
            body: #"{"events": [{"lead": "x", "name": "y"}, {"lead": "x", "name": "y", "id": "own"}]}"#,
            token: "ingest", key: "k")
        #expect(api.control.eventIDs == ["own", "k", "k:0", "own"])
    }

    @Test func aBatchIsAnsweredEventByEvent() async throws {
        api.control.refusedLead = "nobody"
        let answer = try await api.ask(
            .post, "/v1/events/batch",
            body: #"{"events": [{"lead": "x", "name": "y"}, {"lead": "nobody", "name": "y"}]}"#, token: "ingest")
        #expect(answer.status == .accepted)
        #expect(answer.body.contains(#""refused":1"#) && answer.body.contains(#""taken":1"#))
    }

    @Test func whoHandsInLearnsNobodysName() async throws {
        for (path, body) in [
            ("/v1/enrollments", #"{"lead": "id:1024", "campaign": "c"}"#),
            ("/v1/events", #"{"lead": "id:1024", "name": "y"}"#),
            ("/v1/events/batch", #"{"events": [{"lead": "id:1024", "name": "y"}]}"#),
        ] {
            #expect(try await api.ask(.post, path, body: body, token: "ingest").status == .notFound)
        }
        #expect(api.control.asked.isEmpty)
    }

    @Test func everyRequestThatMayBeginARunIsCalledByItsKey() async throws {
        for (path, body) in [
            ("/v1/enrollments", #"{"lead": "x", "campaign": "c"}"#),
            ("/v1/leads", #"{"leads": [{"key": "x"}], "campaign": "c"}"#),
            ("/v1/imports?campaign=c", "email\nx@y.example\n"),
        ] {
            let type = path.hasPrefix("/v1/imports") ? "text/csv" : "application/json"
            _ = try await api.ask(.post, path, body: body, token: "ingest", key: "k", type: type)
        }
        #expect(api.control.eventIDs == ["k", "k", "k"] && api.control.operators == [false, false])
        _ = try await api.ask(.post, "/v1/leads", body: #"{"leads": [{"key": "x"}]}"#, token: "admin")
        #expect(api.control.operators.last == true)
    }

    /// On the list, opted out, forgotten, shared or not known: whoever may only hand in cannot tell.
    @Test func whoHandsInLearnsNothingOfAnybody() async throws {
        let routes = [
            ("/v1/enrollments", #"{"lead": "x@y.example", "campaign": "c"}"#),
            ("/v1/events", #"{"lead": "x@y.example", "name": "y"}"#),
        ]
        var said: Set<String> = []
        for kind in [ControlError.Kind.notFound, .invalid] {
            api.control.answer = .failure(ControlError(kind, "x@y.example has unsubscribed", isPrivate: true))
            for (path, body) in routes {
                let told = try await api.ask(.post, path, body: body, token: "ingest")
                said.insert("\(told.status.code) \(told.body)")
                #expect(try await api.ask(.post, path, body: body, token: "admin").body.contains("unsubscribed"))
            }
            let batch = #"{"events": [{"lead": "x@y.example", "name": "y"}]}"#
            let told = try await api.ask(.post, "/v1/events/batch", body: batch, token: "ingest").body
            #expect(told.contains("ask whoever runs dripd") && !told.contains("unsubscribed"))
        }
        #expect(said.count == 1 && said.first?.hasPrefix("422 ") == true)
        var summary = ImportSummary()
        (summary.suppressed, summary.alreadyEnrolled, summary.enrolled, summary.created, summary.updated) = (
            2, 1, 4, 5, 3
        )
        summary.refused = [.init(line: 1, column: "email", reason: "crm-7 shares it", isPrivate: true)]
        summary.warnings = [.init(line: 2, column: "email", reason: "crm-8 is meant", isPrivate: true)]
        api.control.answer = .success(.imported(summary))
        let body = #"{"leads": [{"key": "x"}], "campaign": "c"}"#
        let told = try await api.ask(.post, "/v1/leads", body: body, token: "ingest").body
        for count in ["suppressed", "already_enrolled", "created"] {
            #expect(told.contains("\"\(count)\":0"), "\(told)")
        }
        #expect(told.contains(#""enrolled":7"#) && told.contains(#""updated":8"#) && !told.contains("crm-"))
        let all = try await api.ask(.post, "/v1/leads", body: body, token: "admin").body
        #expect(all.contains(#""suppressed":2"#) && all.contains("crm-7") && all.contains("crm-8"))
        #expect(!all.contains("is_private"))
    }

    @Test func aBatchThatNobodyTookIsToBeSentAgain() async throws {
        api.control.answer = .failure(ControlError(.busy, "later"))
        let body = #"{"events": [{"lead": "x", "name": "y"}, {"lead": "z", "name": "y"}]}"#
        let answer = try await api.ask(.post, "/v1/events/batch", body: body, token: "ingest")
        #expect(answer.status == .tooManyRequests && answer.headers[.retryAfter] == "1")
    }

    @Test func aThousandAtATime() async throws {
        let one = #"{"lead": "x", "name": "y"}"#
        let body = "{\"events\": [" + Array(repeating: one, count: 1_001).joined(separator: ",") + "]}"
        #expect(
            try await api.ask(.post, "/v1/events/batch", body: body, token: "ingest").status == .unprocessableContent)
    }
}

@Suite struct RequestRateTests {
    @Test func aSecondsWorthAtOnceAndThenEvenly() {
        let rate = RequestRate(perSecond: 10)
        let start = ContinuousClock.now
        func taken(_ name: String, at span: Duration) -> Int {
            (0..<100).count { _ in rate.take(name, at: start + span) }
        }
        #expect(taken("a", at: .zero) == 10)
        #expect(taken("b", at: .zero) == 10)
        #expect(taken("a", at: .milliseconds(99)) == 0)
        #expect(taken("a", at: .milliseconds(100)) == 1)
        #expect(taken("a", at: .milliseconds(600)) == 5)
        #expect(taken("a", at: .seconds(60)) == 10)
    }
}

/// The routes with an engine that only notes what it is asked; each scope has a token of its name.
private final class API: Sendable {
    let control = AskedControl()
    let book: TokenBook
    private let server: AdminServer

    struct Answer {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var body: String
    }

    init() {
        book = TokenBook(control: control)
        server = AdminServer(
            control: control, registry: MetricsRegistry(help: [:]), stateDirectory: "/nowhere", version: "test",
            book: book, settings: AdminSettings(listen: .port(host: "::1", 1)), logger: Logger(label: "test"))
        responder = server.router.buildResponder()
    }

    private let responder: RouterResponder<AdminContext>

    func ask(
        _ method: HTTPRequest.Method, _ path: String, body: String = "", token: String? = nil, header: String? = nil,
        key: String? = nil, type: String = "application/json"
    ) async throws -> Answer {
        var headers: HTTPFields = [.contentType: type]
        headers[.authorization] = header ?? token.map { "Bearer \($0)" }
        headers[.idempotencyKey] = key
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "x", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body)))
        let context = AdminContext(source: .init(channel: NIOAsyncTestingChannel(), logger: Logger(label: "test")))
        let response = try await responder.respond(to: request, context: context)
        let writer = Collected()
        try await response.body.write(writer)
        return Answer(status: response.status, headers: response.headers, body: String(buffer: writer.bytes))
    }

    private final class Collected: ResponseBodyWriter {
        var bytes = ByteBuffer()

        func write(_ buffer: ByteBuffer) async throws { bytes.writeImmutableBuffer(buffer) }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// An engine that notes what it is asked, and says yes to what is asked here.
private final class AskedControl: EngineControl {
    private struct State {
        var asked: [String] = []
        var eventIDs: [String?] = []
        var answer: Result<Reply, ControlError>?
        var refusedLead: String?
        var operators: [Bool] = []
        var hasTokens = true
    }

    private let state = Mutex(State())

    var asked: [String] { state.withLock { $0.asked } }
    var operators: [Bool] { state.withLock { $0.operators } }
    var eventIDs: [String?] { state.withLock { $0.eventIDs } }
    var answer: Result<Reply, ControlError>? {
        get { state.withLock { $0.answer } }
        set { state.withLock { $0.answer = newValue } }
    }
    var hasTokens: Bool {
        get { state.withLock { $0.hasTokens } }
        set { state.withLock { $0.hasTokens = newValue } }
    }
    var refusedLead: String? {
        get { state.withLock { $0.refusedLead } }
        set { state.withLock { $0.refusedLead = newValue } }
    }

    func perform(_ command: Command, then reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void) {
        if case .tokens = command {
            let tokens = (hasTokens ? AccessToken.Scope.allCases : []).map { scope in
                AccessToken(
                    name: scope.rawValue, scopes: [scope], hash: TokenBook.hash(of: scope.rawValue), createdAt: .epoch)
            }
            return reply(.success(.tokens(tokens)))
        }
        reply(
            state.withLock { state in
                if let answer = state.answer { return answer }
                switch command {
                case .event(let lead, let name, _, _, let id):
                    state.asked.append("event")
                    state.eventIDs.append(id)
                    if lead == state.refusedLead { return .failure(ControlError(.notFound, "no such lead")) }
                    return .success(.event(EventAnswer(lead: lead, event: name, enrolledIn: [], exitedFrom: [])))
                case .enroll(let lead, let campaign, let id):
                    state.eventIDs.append(id)
                    return .success(
                        .enrolled(EnrollAnswer(lead: lead, campaign: campaign, isNew: true, firstStepAt: nil)))
                case .putLeads(let request):
                    state.eventIDs.append(request.id)
                    state.operators.append(request.isOperators)
                    return .success(.imported(ImportSummary()))
                case .importLeads(let batch):
                    state.eventIDs.append(batch.id)
                    state.operators.append(batch.isOperators)
                    return .success(.imported(ImportSummary()))
                case .list(let request) where ListRequest.limits.contains(request.limit):
                    return .success(.leads(Page([], limit: request.limit)))
                case .status:
                    state.asked.append("status")
                    return .success(.tokens([]))
                default: return .failure(ControlError(.invalid, "not asked for here"))
                }
            })
    }
}
