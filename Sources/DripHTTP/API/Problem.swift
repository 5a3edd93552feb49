package import DripCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What went wrong, as RFC 9457 has it: the one shape of every error that a program meets.
package struct Problem: Codable, Sendable {
    /// Names the kind of problem for ever, such as `urn:dripd:problem:notFound`.
    package var type: String
    /// The kind in words.
    package var title: String
    package var status: Int
    /// What is wrong with this request and how to mend it.
    package var detail: String

    private static let prefix = "urn:dripd:problem:"

    init(_ error: ControlError) {
        self.init(Self.status(of: error.kind), error.kind.rawValue, detail: error.message)
    }

    init(_ status: HTTPResponse.Status, _ name: String? = nil, detail: String) {
        type = name.map { Self.prefix + $0 } ?? "about:blank"
        title = status.reasonPhrase
        self.status = status.code
        self.detail = detail
    }

    /// The same as the engine said it; nil where it was not the engine.
    package var controlError: ControlError? {
        guard type.hasPrefix(Self.prefix),
            let kind = ControlError.Kind(rawValue: String(type.dropFirst(Self.prefix.count)))
        else { return nil }
        return ControlError(kind, detail)
    }

    private static func status(of kind: ControlError.Kind) -> HTTPResponse.Status {
        switch kind {
        case .notFound: .notFound
        case .invalid: .unprocessableContent
        case .conflict: .conflict
        case .busy: .tooManyRequests
        case .unavailable: .serviceUnavailable
        }
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        switch status {
        case 401: headers[.wwwAuthenticate] = "Bearer"
        case 429: headers[.retryAfter] = "1"
        case 503: headers[.retryAfter] = "10"
        default: break
        }
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: (try? APIJSON.encode(self)) ?? Data())))
    }
}

/// How programs and `dripd` write to each other: keys in snake_case, in a fixed order.
enum APIJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(value)
    }

    static func response(_ value: some Encodable, _ status: HTTPResponse.Status) -> Response {
        guard let data = try? encode(value) else { return Problem(.internalServerError, detail: unwritable).response }
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private static let unwritable = "the answer could not be written: report this with the log"
}

/// Gives every error of a request the shape of a problem.
struct Problems<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as ControlError {
            return Problem(error).response
        } catch let error as HTTPError {
            var response = Problem(error.status, detail: error.body ?? Self.words(error.status)).response
            response.headers[.allow] = error.headers[.allow]
            return response
        } catch let error as NIOTooManyBytesError {
            let limit = error.maxBytes.map { "; it takes \($0 >> 10) KiB" } ?? ""
            return Problem(.contentTooLarge, detail: Self.words(.contentTooLarge) + limit).response
        }
    }

    private static func words(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "there is no such route: see /v1/openapi.yaml"
        case .methodNotAllowed: "this route does not take that method: see /v1/openapi.yaml"
        case .contentTooLarge: "the body is larger than this route takes: send less at a time"
        case .badRequest: "the request could not be read: see /v1/openapi.yaml"
        default: status.reasonPhrase
        }
    }
}
