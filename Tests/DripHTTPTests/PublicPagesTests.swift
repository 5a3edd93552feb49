import DripCore
import DripMessages
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import DripHTTP

/// The public pages, asked without a network.
@Suite struct PublicPagesTests {
    private let pages = Pages()

    // MARK: RFC 8058

    @Test func aGetNeverUnsubscribes() async throws {
        for method in [HTTPRequest.Method.get, .head] {
            let answer = try await pages.ask(method, "/u/\(pages.token(.unsubscribe))")
            #expect(answer.status == .ok)
        }
        #expect(pages.control.asked == [.look, .look])
    }

    @Test(arguments: [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
        ),
        ("text/plain", ""),
    ])
    func oneClickInEitherForm(_ type: String, _ body: String) async throws {
        let answer = try await pages.ask(
            .post, "/u/\(pages.token(.unsubscribe))", body: body, headers: [.contentType: type])
        #expect(answer.status == .ok && answer.headers[.location] == nil && answer.headers[.setCookie] == nil)
        #expect(pages.control.asked == [.unsubscribe])
        #expect(answer.body.contains("You are unsubscribed"))
    }

    @Test func everyFlippedBitIsRefusedAndNothingIsAsked() async throws {
        let token = Array(pages.token(.unsubscribe).utf8)
        let pages = Pages(most: 1_000)
        var statuses: Set<Int> = []
        for index in token.indices {
            for bit in 0..<8 {
                var altered = token
                altered[index] ^= 1 << bit
                guard let text = String(validating: altered, as: UTF8.self),
                    text.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) })
                else { continue }
                statuses.insert(try await pages.ask(.post, "/u/\(text)").status.code)
            }
        }
        #expect(statuses == [404])
        #expect(pages.control.asked.isEmpty)
    }

    @Test func aTokenOfAnotherPurposeIsRefused() async throws {
        for purpose in LinkSigner.Purpose.allCases where purpose != .unsubscribe {
            #expect(try await pages.ask(.post, "/u/\(pages.token(purpose))").status == .notFound)
        }
        #expect(try await pages.ask(.get, "/p/\(pages.token(.unsubscribe))").status == .notFound)
        #expect(pages.control.asked.isEmpty)
    }

    @Test func whoGuessesIsSlowedDownAndAGoodLinkWorksAllTheSame() async throws {
        let pages = Pages(most: 2)
        var codes: [Int] = []
        for _ in 0..<4 { codes.append(try await pages.ask(.get, "/u/rubbish").status.code) }
        #expect(codes == [404, 404, 429, 429])
        #expect(try await pages.ask(.post, "/u/\(pages.token(.unsubscribe))").status == .ok)
    }

    // MARK: Preferences

    @Test(
        arguments: [
            (
                "action=choose&shown=news&shown=tips&topic=tips",
                .choose(
                    shown: [TopicID(rawValue: "news"), TopicID(rawValue: "tips")], wanted: [TopicID(rawValue: "tips")])
            ),
            ("action=pause&days=30", .pause(days: 30)), ("action=resume", .resume),
            ("action=unsubscribe", .unsubscribe),
            ("action=subscribe", .subscribe),
        ] as [(String, PreferenceRequest.Action)])
    func whatAFormAsks(_ body: String, _ action: PreferenceRequest.Action) async throws {
        #expect(try await pages.ask(.post, "/p/\(pages.token(.preferences))", body: body).status == .ok)
        #expect(pages.control.asked == [action])
    }

    @Test(arguments: ["", "action=erase", "action=pause&days=3000", "action=pause"])
    func whatNoFormAsksIsRefused(_ body: String) async throws {
        let answer = try await pages.ask(.post, "/p/\(pages.token(.preferences))", body: body)
        #expect(answer.status == .unprocessableContent && pages.control.asked.isEmpty)
    }

    @Test func aHugeBodyIsRefused() async throws {
        let body = String(repeating: "x", count: 100_000)
        #expect(try await pages.ask(.post, "/u/\(pages.token(.unsubscribe))", body: body).status == .contentTooLarge)
        #expect(pages.control.asked.isEmpty)
    }

    // MARK: What people read

    @Test func thePageIsInTheLeadsLanguageElseTheBrowsers() async throws {
        pages.control.view.locale = "id"
        let path = "/u/\(pages.token(.unsubscribe))"
        #expect(try await pages.ask(.get, path).body.contains("Berhenti berlangganan"))
        pages.control.view.locale = nil
        #expect(
            try await pages.ask(.get, path, headers: [.acceptLanguage: "id-ID,id;q=0.9"]).body.contains(
                "<html lang=\"id\">"))
        #expect(try await pages.ask(.get, path, headers: [.acceptLanguage: "de"]).body.contains("<html lang=\"en\">"))
    }

    @Test func whatTheFilesSayIsTextAndNothingElse() async throws {
        pages.control.view.sender = "<b>Rumpun</b> & \"Co\""
        pages.control.view.topics = [
            .init(id: TopicID(rawValue: "news"), about: "<script>alert(1)</script>", isWanted: true)
        ]
        let body = try await pages.ask(.get, "/p/\(pages.token(.preferences))").body
        #expect(body.contains("&lt;b&gt;Rumpun&lt;/b&gt; &amp; &quot;Co&quot;") && !body.contains("<script"))
    }

    @Test func noBrowserKeepsOrLeaksIt() async throws {
        let headers = try await pages.ask(.get, "/u/\(pages.token(.unsubscribe))").headers
        #expect(headers[.cacheControl] == "no-store" && headers[.xContentTypeOptions] == "nosniff")
        #expect(HTTPField.Name("Referrer-Policy").flatMap { headers[$0] } == "no-referrer")
        #expect(headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; style-src 'sha256-") == true)
    }

    @Test func whereTheEngineCannotNothingIsClaimed() async throws {
        pages.control.isAway = true
        let answer = try await pages.ask(.post, "/u/\(pages.token(.unsubscribe))")
        #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "60")
    }

    @Test func itWorksBelowAPathWhicheverWayTheProxyPassesIt() async throws {
        let pages = Pages(url: "https://example.com/mail")
        for path in ["/u/", "/mail/u/"] {
            #expect(try await pages.ask(.post, path + pages.token(.unsubscribe)).status == .ok)
        }
    }

    // MARK: Clicks

    @Test func aClickLeadsOnlyWhereTheMessageSaid() async throws {
        let target = "https://acme.example/?a=1&b=%20x"
        let path = pages.click(target)
        let answer = try await pages.ask(.get, path, headers: [.userAgent: "Phone"])
        #expect(answer.status == .found && answer.headers[.location] == target)
        let hit = try #require(pages.control.hits.first)
        #expect(hit.target == target && hit.what == .clicked && hit.userAgent == "Phone" && !hit.isHead)
        for other in [
            "https://evil.example/", "//evil.example", "https://user@evil.example", "https://acme.example/%0d%0a",
        ] {
            let forged = path.split(separator: "?")[0] + "?u=" + other
            #expect(try await pages.ask(.get, String(forged)).status == .notFound)
        }
        #expect(try await pages.ask(.get, String(path.split(separator: "?")[0])).status == .notFound)
        #expect(pages.control.hits.count == 1)
    }

    @Test func aClickLeadsOnThoughNobodyCanNoteIt() async throws {
        pages.control.isAway = true
        #expect(try await pages.ask(.get, pages.click("https://acme.example/")).status == .found)
    }

    // MARK: Providers

    @Test func aProvidersPostIsHandedOnWithTheAddressThatItKnows() async throws {
        let answer = try await pages.ask(
            .post, "/hooks/mail?x=1", body: "[]", headers: [.contentType: "application/json"])
        #expect(answer.status == .ok)
        let hook = try #require(pages.control.hooks.first)
        #expect(hook.transport == "mail" && hook.url == "https://mail.example.com/hooks/mail?x=1")
        #expect(hook.body == Data("[]".utf8) && hook.headers.contains { $0.value == "application/json" })
    }

    /// A provider sends again what is answered so, and loses what is called wrong.
    @Test func whatCannotBeTakenNowIsToComeAgain() async throws {
        for kind in [ControlError.Kind.unavailable, .busy] {
            pages.control.hookFailure = kind
            #expect(try await pages.ask(.post, "/hooks/mail", body: "[]").status == .serviceUnavailable)
        }
        pages.control.hookFailure = .invalid
        #expect(try await pages.ask(.post, "/hooks/mail", body: "[]").status == .badRequest)
    }
}

/// The routes with an engine that only notes what it is asked.
final class Pages: Sendable {
    struct Answer {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var body: String
    }

    let control = NotingControl()
    private let signer: LinkSigner
    private let server: PublicServer

    init(url: String = "https://mail.example.com", most: Int = 30, forms: Int = 1_000) {
        let key = LinkSigner.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))
        guard let signer = try? LinkSigner(publicURL: url, keys: [key]) else { fatalError("no signer for \(url)") }
        self.signer = signer
        server = PublicServer(
            control: control, signer: signer, publicURL: url, settings: PublicSettings(listen: .port(host: "::1", 1)),
            mostBadTokens: most, mostForms: forms, logger: Logger(label: "test"))
    }

    func token(_ purpose: LinkSigner.Purpose) -> String { signer.token(for: 7 << 10, purpose: purpose) }

    /// The path of a followed link.
    func click(_ target: String) -> String {
        String(
            signer.clickURL(to: target, for: EnrollmentID(rawValue: 7 << 10), step: StepID(rawValue: "s"))
                .dropFirst("https://mail.example.com".count))
    }

    /// The path of a note's link.
    func handover(_ owner: String) -> String {
        String(
            signer.handoverURL(
                for: EnrollmentID(rawValue: 7 << 10), step: StepID(rawValue: "tell"), owner: owner,
                since: "2026-12-04T08:58:00.000Z"
            )
            .dropFirst("https://mail.example.com".count))
    }

    func ask(
        _ method: HTTPRequest.Method, _ path: String, body: String = "", headers: HTTPFields = [:]
    ) async throws -> Answer {
        let channel = NIOAsyncTestingChannel()
        let request = Request(
            head: HTTPRequest(method: method, scheme: "https", authority: "x", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body)))
        let context = PublicContext(source: .init(channel: channel, logger: Logger(label: "test")))
        let response: Response
        do {
            response = try await server.router.buildResponder().respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            return Answer(status: error.status, headers: [:], body: "")
        }
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

/// An engine that notes what it is asked.
final class NotingControl: EngineControl {
    private struct State {
        var asked: [PreferenceRequest.Action] = []
        var hooks: [HookRequest] = []
        var hookFailure: ControlError.Kind?
        var hits: [TrackedHit] = []
        var isAway = false
        var forms: [FormRequest] = []
        var form: SignUpForm?
        var mistakes: [FormMistake] = []
        var outcome = FormOutcome.taken
        var isGone = false
        var handovers: [HandoverRequest] = []
        var handover = HandoverView()
        /// What somebody filled in: hostile, and one of a field that the form asks no more.
        var values: [String: AttributeValue] = [
            "first_name": .text("Budi <b>\"B\"</b>"), "industry": .text("fintech"), "former": .text("& Co"),
        ]
        var view = PreferenceView(
            sender: "Rumpun", address: "b•••@example.com", isUnsubscribed: false,
            topics: [.init(id: TopicID(rawValue: "news"), about: "News", isWanted: true)])

        func answer(_ request: FormRequest) -> Result<Reply, ControlError> {
            switch request {
            case .look, .submit:
                guard let form else { return .failure(ControlError(.notFound, "no such form")) }
                guard case .submit = request else { return .success(.form(.form(form, sender: view.sender))) }
                return .success(
                    .form(
                        mistakes.isEmpty
                            ? .taken(form, sender: view.sender, outcome)
                            : .mistaken(form, sender: view.sender, mistakes)))
            case .question, .confirm:
                var isConfirmed = false
                if case .confirm = request { isConfirmed = true }
                let confirmation = ConfirmationView(
                    form: FormID(rawValue: "ebook"), current: form, sender: view.sender, address: view.address,
                    locale: view.locale, consent: "I agree <that> Rumpun writes to me.",
                    values: isConfirmed ? [:] : values, isConfirmed: isConfirmed,
                    isNew: isConfirmed)
                return .success(.form(isGone ? .gone : .confirmation(confirmation)))
            }
        }
    }

    private let state = Mutex(State())

    var asked: [PreferenceRequest.Action] { state.withLock { $0.asked } }
    var hooks: [HookRequest] { state.withLock { $0.hooks } }
    var hits: [TrackedHit] { state.withLock { $0.hits } }
    var view: PreferenceView {
        get { state.withLock { $0.view } }
        set { state.withLock { $0.view = newValue } }
    }
    var forms: [FormRequest] { state.withLock { $0.forms } }
    var form: SignUpForm? {
        get { state.withLock { $0.form } }
        set { state.withLock { $0.form = newValue } }
    }
    var mistakes: [FormMistake] {
        get { state.withLock { $0.mistakes } }
        set { state.withLock { $0.mistakes = newValue } }
    }
    var outcome: FormOutcome {
        get { state.withLock { $0.outcome } }
        set { state.withLock { $0.outcome = newValue } }
    }
    var isGone: Bool {
        get { state.withLock { $0.isGone } }
        set { state.withLock { $0.isGone = newValue } }
    }
    var handovers: [HandoverRequest] { state.withLock { $0.handovers } }
    var handover: HandoverView {
        get { state.withLock { $0.handover } }
        set { state.withLock { $0.handover = newValue } }
    }
    var values: [String: AttributeValue] {
        get { state.withLock { $0.values } }
        set { state.withLock { $0.values = newValue } }
    }
    var hookFailure: ControlError.Kind? {
        get { state.withLock { $0.hookFailure } }
        set { state.withLock { $0.hookFailure = newValue } }
    }
    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    func perform(_ command: Command, then reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void) {
        let result: Result<Reply, ControlError> = state.withLock { state in
            guard !state.isAway else { return .failure(ControlError(.unavailable, "stopping")) }
            switch command {
            case .preference(let request):
                state.asked.append(request.action)
                if request.action == .unsubscribe { state.view.isUnsubscribed = true }
                return .success(.preference(state.view))
            case .hit(let hit):
                state.hits.append(hit)
                return .success(.hit(.human))
            case .hook(let request):
                if let kind = state.hookFailure { return .failure(ControlError(kind, "not now")) }
                state.hooks.append(request)
                return .success(.hooked(HookAnswer(transport: request.transport, provider: "x", events: [])))
            case .handover(let request):
                state.handovers.append(request)
                if request.action == .reject("") { return .failure(ControlError(.invalid, "say why")) }
                return .success(.handover(state.handover))
            case .form(let request):
                state.forms.append(request)
                return state.answer(request)
            default: return .failure(ControlError(.invalid, "not asked for here"))
            }
        }
        reply(result)
    }
}
