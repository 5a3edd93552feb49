import DripCore
import Hummingbird

/// Refuses a request with a parameter behind its `?` that its route does not know: a typo would be lost without a word, and
/// answer for everybody in place of one campaign.
struct KnownQuery<Context: RequestContext>: RouterMiddleware {
    private static var known: [String: [String]] {
        let page = ["cursor", "limit"]
        return [
            "/v1/leads": page, "/v1/leads/{key}/timeline": page, "/v1/suppressions": page,
            "/v1/deliveries/in-doubt": page, "/v1/promises": page, "/v1/crm/dead-letters": page + ["transport"],
            "/v1/report": ["by", "campaign", "from", "to"], "/v1/leads/{key}/explanation": ["campaign"],
            "/v1/imports": ["campaign", "first_line"],
        ]
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let known = context.endpointPath.flatMap { Self.known[$0] } ?? []
        let asked = request.uri.queryParameters.map { String($0.key) }
        if let stranger = asked.sorted().first(where: { !known.contains($0) }) {
            let takes = known.isEmpty ? "none" : known.joined(separator: ", ")
            throw HTTPError(
                .badRequest, message: "\"\(stranger.prefix(64))\" is no parameter of this route; it takes \(takes)")
        }
        return try await next(request, context)
    }
}
