import DripCore
import DripMessages
import HTTPTypes
import Hummingbird

// The page behind the link in a note to sales: who the lead is and what it did, and the buttons to take it on, to give it back and to
// say that it was followed up. A GET changes nothing: mail gateways follow links.

extension PublicRoutes {
    func addHandover(to router: RouterGroup<PublicContext>) {
        router.get("s/:token") { request, context in await handover(request, context) { _ in .look } }
        router.post("s/:token") { request, context in
            let body = FormBody(try await request.body.collect(upTo: Self.largestForm).readableBytesView)
            return await handover(request, context) { _ in
                switch body["action"] {
                case "accept": .accept
                case "reject": .reject(body["reason"] ?? "")
                case "follow_up": .followUp
                default: nil
                }
            }
        }
    }

    private func handover(
        _ request: Request, _ context: PublicContext, _ action: (PageWords) -> HandoverRequest.Action?
    ) async -> Response {
        let words = PageWords(locale: nil, acceptLanguage: request.headers[.acceptLanguage])
        guard let token = context.parameters.get("token"), let owner = request.uri.queryParameters.get("o"),
            let mark = signer.verify(token, purpose: .handover, about: owner)
        else { return refuse(request, context, words) }
        guard let asked = action(words) else { return unreadable(.unprocessableContent, words) }
        let page = HandoverPage(words: words)
        switch await control.ask(
            .handover(HandoverRequest(enrollment: mark.enrollment, owner: owner, action: asked)))
        {
        case .success(.handover(let view)): return page.response(view, after: asked)
        case .failure(let error) where error.kind == .invalid:
            // A reason is missing: the page says so above its buttons.
            let look = HandoverRequest(enrollment: mark.enrollment, owner: owner, action: .look)
            guard case .success(.handover(let view)) = await control.ask(.handover(look)) else {
                return unavailable(words)
            }
            return page.response(view, after: asked, isRefused: true)
        default: return unavailable(words)
        }
    }
}
