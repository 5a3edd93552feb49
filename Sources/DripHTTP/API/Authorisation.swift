import DripCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A request to the API, with the address that its connection came from.
struct AdminContext: AskingContext {
    var coreContext: CoreRequestContextStorage
    /// Nil for a Unix socket.
    let connection: IPAddress?
    /// Nobody, until a token says who.
    var asker = Asker(mayRead: false, isOperator: false)

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        connection = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }
}

/// Lets a request through whose bearer token allows it (RFC 6750), and no more of them in a second than the limit.
///
/// Tokens that are none are not counted: nobody guesses 256 random bits, and to refuse one costs a hash.
struct RequireScope: RouterMiddleware {
    typealias Context = AdminContext

    let scope: AccessToken.Scope
    let book: TokenBook
    let rate: RequestRate

    func handle(
        _ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response
    ) async throws -> Response {
        let words = (request.headers[.authorization] ?? "").split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer",
            let token = try await book.owner(of: String(words[1]))
        else {
            return Problem(
                .unauthorized,
                detail:
                    "send a token that is known as `Authorization: Bearer …`; `dripd token list` names those that are, `dripd token add` makes one"
            ).response
        }
        guard token.allows(scope) else {
            let has = token.scopes.map(\.rawValue).joined(separator: " and ")
            return Problem(
                .forbidden, detail: "the token \(token.name) may \(has), and this takes \(scope.rawValue)"
            ).response
        }
        guard rate.take(token.name, at: .now) else {
            return Problem(
                .tooManyRequests, "rate",
                detail:
                    "the token \(token.name) may ask \(rate.perSecond) times a second: ask more at a time, or slower"
            ).response
        }
        var context = context
        context.asker = Asker(token)
        return try await next(request, context)
    }
}
