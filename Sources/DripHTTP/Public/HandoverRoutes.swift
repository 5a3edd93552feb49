import DripCore
import DripMessages
import HTTPTypes
import Hummingbird

// The page behind the link in a note to sales: who the lead is and what it did, and the buttons to take it on, to give it back and to
// say that it was followed up. A GET changes nothing: mail gateways follow links.

extension PublicRoutes {
    func addHandover(to router: RouterGroup<PublicContext>) {
        router.get("s/:token") { request, context in
            await handover(request, context, .look) { page, view, link in
                page.response(view, after: link.done.flatMap { HandoverRequest.Action($0, reason: "") } ?? .look)
            }
        }
        router.post("s/:token") { request, context in
            let body = FormBody(try await request.body.collect(upTo: Self.largestForm).readableBytesView)
            let name = body["action"] ?? ""
            return await handover(request, context, HandoverRequest.Action(name, reason: body["reason"] ?? "")) {
                _, _, link in
                // So that a page which is loaded again says nothing again.
                Response(status: .seeOther, headers: [.location: link.location(after: name)])
            }
        }
    }

    /// What stands behind the `?` of a link.
    private struct Link {
        var owner: String
        var since: String
        /// The button that led here; nil for none.
        var done: String?

        /// Relative to the page's own address, so that it works below any path.
        func location(after action: String) -> String {
            "?o=\(PercentCoding.encode(owner))&t=\(PercentCoding.encode(since))&done=\(PercentCoding.encode(action))"
        }
    }

    private func handover(
        _ request: Request, _ context: PublicContext, _ action: HandoverRequest.Action?,
        _ answer: (HandoverPage, HandoverView, Link) -> Response
    ) async -> Response {
        let words = PageWords(locale: nil, acceptLanguage: request.headers[.acceptLanguage])
        let query = request.uri.queryParameters
        guard let token = context.parameters.get("token"), let owner = query.get("o"), let since = query.get("t"),
            let enrollment = signer.verifyHandover(token, owner: owner, since: since)
        else { return refuse(request, context, words) }
        guard let action else { return unreadable(.unprocessableContent, words) }
        let page = HandoverPage(words: words)
        var asked = HandoverRequest(enrollment: enrollment, owner: owner, since: since, action: action)
        switch await control.ask(.handover(asked)) {
        case .success(.handover(let view)):
            return answer(page, view, Link(owner: owner, since: since, done: query.get("done")))
        case .failure(let error) where error.kind == .invalid:
            // A reason is missing: the page says so above its buttons.
            asked.action = .look
            guard case .success(.handover(let view)) = await control.ask(.handover(asked)) else {
                return unavailable(words)
            }
            return page.response(view, after: action, isRefused: true)
        default: return unavailable(words)
        }
    }
}

extension HandoverRequest.Action {
    /// What a button asks for; nil for what is no button.
    fileprivate init?(_ name: String, reason: String) {
        switch name {
        case "accept": self = .accept
        case "reject": self = .reject(reason)
        case "follow_up": self = .followUp
        default: return nil
        }
    }
}
