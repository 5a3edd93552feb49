import DripCore
import DripMessages
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What people who get messages, and providers, reach: nothing of it is behind a password, all of it behind sealed tokens or
/// signatures.
struct PublicRoutes: Sendable {
    /// No page of ours posts more than a few fields.
    static let largestForm = 64 << 10
    /// A provider sends a thousand events at once.
    static let largestHook = 5 << 20

    let control: any EngineControl
    let signer: LinkSigner
    /// Under which people reach this: without a slash at its end.
    let publicURL: String
    let clients: ClientAddress
    let badTokens: AttemptLimit
    /// Of forms.
    let posts: AttemptLimit
    let figures: FormFigures

    func add(to router: RouterGroup<PublicContext>) {
        router.get("u/:token") { request, context in
            await page(request, context, .unsubscribe, .look) { $0.view.isUnsubscribed ? $0.done() : $0.question() }
        }
        // RFC 8058: at once, without a cookie and without a redirect, whatever the body says in whichever of its two forms.
        router.post("u/:token") { request, context in
            _ = try await request.body.collect(upTo: Self.largestForm)
            return await page(request, context, .unsubscribe, .unsubscribe) { $0.done() }
        }
        router.get("p/:token") { request, context in
            await page(request, context, .preferences, .look) { $0.preferences(isSaved: false) }
        }
        router.post("p/:token") { request, context in
            let body = try await request.body.collect(upTo: Self.largestForm)
            guard let action = Self.action(of: FormBody(body.readableBytesView)) else {
                let words = PageWords(locale: nil, acceptLanguage: request.headers[.acceptLanguage])
                return unreadable(.unprocessableContent, words)
            }
            return await page(request, context, .preferences, action) { $0.preferences(isSaved: true) }
        }
        router.get("c/:token") { request, context in await click(request, context) }
        router.get("t/:token") { request, context in await trap(request, context) }
        router.get("o/:token") { request, context in await open(request, context) }
        router.post("hooks/:transport") { request, context in try await hook(request, context) }
        addForms(to: router)
        addHandover(to: router)
        router.get("robots.txt") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "User-agent: *\nDisallow: /\n")))
        }
    }

    /// What a form of the page of preferences asks; nil for what none of them posts.
    static func action(of form: FormBody) -> PreferenceRequest.Action? {
        switch form["action"] {
        case "unsubscribe": .unsubscribe
        case "subscribe": .subscribe
        case "resume": .resume
        case "pause":
            form["days"].flatMap { Int($0) }.flatMap { days in
                PreferenceRequest.pauseDays.contains(days) ? .pause(days: days) : nil
            }
        case "choose":
            .choose(
                shown: Set(form.all("shown").map { TopicID(rawValue: $0) }),
                wanted: Set(form.all("topic").map { TopicID(rawValue: $0) }))
        default: nil
        }
    }

    private func page(
        _ request: Request, _ context: PublicContext, _ purpose: LinkSigner.Purpose,
        _ action: PreferenceRequest.Action, _ answer: (PreferencePage) -> Response
    ) async -> Response {
        let stranger = PageWords(locale: nil, acceptLanguage: request.headers[.acceptLanguage])
        guard let token = context.parameters.get("token"), let number = signer.verify(token, purpose: purpose) else {
            return refuse(request, context, stranger)
        }
        let result = await control.ask(
            .preference(PreferenceRequest(enrollment: EnrollmentID(rawValue: number), action: action)))
        guard case .success(.preference(let view)) = result else {
            return unavailable(stranger)
        }
        return answer(
            PreferencePage(
                view: view, words: PageWords(locale: view.locale, acceptLanguage: request.headers[.acceptLanguage]),
                preferencesToken: signer.token(for: number, purpose: .preferences)))
    }

    /// An altered token, one of another purpose or of another key: all are answered alike, and nothing is written.
    func refuse(_ request: Request, _ context: PublicContext, _ words: PageWords) -> Response {
        badTokens.take(client(request, context), minute: Self.minute) ? unknown(words) : tooMany(words)
    }

    func client(_ request: Request, _ context: PublicContext) -> IPAddress? {
        clients.client(connection: context.connection, forwarded: request.headers[values: .xForwardedFor])
    }

    /// A count of minutes that goes forward.
    static var minute: Int64 { Int64(Date.now.timeIntervalSinceReferenceDate / 60) }

    func unknown(_ words: PageWords) -> Response {
        PageFrame.response(
            words, status: .notFound, title: words.unknownTitle,
            body: "<p class=\"card\">\(PageFrame.escaped(words.unknown))</p>")
    }

    func unreadable(_ status: HTTPResponse.Status, _ words: PageWords) -> Response {
        PageFrame.response(
            words, status: status, title: words.unreadableTitle,
            body: "<p class=\"card\">\(PageFrame.escaped(words.unreadable))</p>")
    }

    func tooMany(_ words: PageWords) -> Response { later(.tooManyRequests, words, words.tooOften) }

    func unavailable(_ words: PageWords) -> Response { later(.serviceUnavailable, words, words.busy) }

    private func later(_ status: HTTPResponse.Status, _ words: PageWords, _ text: String) -> Response {
        var response = PageFrame.response(
            words, status: status, title: words.busyTitle, body: "<p class=\"card\">\(PageFrame.escaped(text))</p>")
        response.headers[.retryAfter] = "60"
        return response
    }

    /// On to where the message said, and nowhere else; whether it could be noted or not.
    private func click(_ request: Request, _ context: PublicContext) async -> Response {
        let words = PageWords(locale: nil, acceptLanguage: request.headers[.acceptLanguage])
        guard let token = context.parameters.get("token"), let target = request.uri.queryParameters.get("u"),
            let mark = signer.verify(token, purpose: .click, about: target)
        else { return refuse(request, context, words) }
        await note(mark, .clicked, target, request)
        return Response(status: .found, headers: [.location: target])
    }

    /// Nobody sees that link: there is nothing to show.
    private func trap(_ request: Request, _ context: PublicContext) async -> Response {
        guard let token = context.parameters.get("token"), let mark = signer.verify(token, purpose: .trap, about: "")
        else { return Response(status: .notFound) }
        await note(mark, .clicked, TrackedHit.trap, request)
        return Response(status: .noContent)
    }

    private func open(_ request: Request, _ context: PublicContext) async -> Response {
        guard let token = context.parameters.get("token"), let mark = signer.verify(token, purpose: .open, about: "")
        else { return Response(status: .notFound) }
        await note(mark, .opened, "", request)
        return Response(
            status: .ok, headers: [.contentType: "image/gif"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: Self.emptyPicture)))
    }

    /// A GIF of one transparent point.
    private static let emptyPicture: [UInt8] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x21, 0xF9, 4, 1, 0, 0,
        0, 0,
        0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ]

    private func note(_ mark: TrackedMark, _ what: TrackedHit.What, _ target: String, _ request: Request) async {
        let hit = TrackedHit(
            enrollment: mark.enrollment, stepHash: mark.stepHash, what: what, target: target,
            isHead: request.method == .head, userAgent: String((request.headers[.userAgent] ?? "").prefix(500)))
        _ = await control.ask(.hit(hit), within: .seconds(2))
    }

    private func hook(_ request: Request, _ context: PublicContext) async throws -> Response {
        let transport = try context.parameters.require("transport")
        let body = try await request.body.collect(upTo: Self.largestHook)
        let query = request.uri.query.map { "?\($0)" } ?? ""
        let hook = HookRequest(
            transport: transport, headers: request.headers.map { .init(name: $0.name.rawName, value: $0.value) },
            body: Data(body.readableBytesView), url: "\(publicURL)/hooks/\(transport)\(query)")
        switch await control.ask(.hook(hook)) {
        case .success: return Response(status: .ok)
        case .failure(let error):
            // Why is in the log: whoever forges a request learns nothing.
            return Response(
                status: error.kind == .unavailable || error.kind == .busy
                    ? .serviceUnavailable : error.kind == .notFound ? .notFound : .badRequest)
        }
    }
}

extension HTTPField.Name {
    static var xForwardedFor: Self { Self("X-Forwarded-For") ?? .origin }
}
