import DripCore
import HTTPTypes
import Hummingbird
import NIOCore

/// A request to the public pages, with the address that its connection came from.
struct PublicContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Nil for a Unix socket.
    let connection: IPAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        connection = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }
}

/// What every answer says to browsers: keep nothing, guess nothing, tell nobody where you came from.
struct CarefulHeaders: RouterMiddleware {
    typealias Context = PublicContext

    func handle(
        _ request: Request, context: PublicContext, next: (Request, PublicContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex"), ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }
}
