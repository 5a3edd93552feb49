import DripCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What can be asked over the sockets, and how the answers look: JSON with snake_case keys, errors as `ControlError`.
struct ControlRoutes: Sendable {
    /// Twice what the command line sends at once; more is a mistake or an attack.
    static let largestBody = 16 << 20

    let control: any EngineControl
    let version: String

    func addReading(to router: Router<BasicRequestContext>) {
        router.get("v1/version") { _, _ in Self.json(["version": version], .ok) }
        router.get("v1/status") { _, _ in await answer(.status) }
        router.get("v1/leads/:key") { _, context in
            await answer(.lead(try Self.key(in: context)))
        }
        router.get("v1/leads/:key/export") { _, context in
            await answer(.export(try Self.key(in: context)))
        }
        router.get("v1/leads/:key/explanation") { request, context in
            let campaign = request.uri.queryParameters["campaign"].map { CampaignID(rawValue: String($0)) }
            return await answer(.explain(lead: try Self.key(in: context), campaign: campaign))
        }
        router.get("v1/leads/:key/plans/:campaign") { _, context in
            let campaign = CampaignID(rawValue: try context.parameters.require("campaign"))
            return await answer(.plan(lead: try Self.key(in: context), campaign: campaign))
        }
        router.get("v1/campaigns/:campaign/edit") { _, context in
            await answer(.editPlan(CampaignID(rawValue: try context.parameters.require("campaign"))))
        }
    }

    func addWriting(to router: Router<BasicRequestContext>) {
        router.post("v1/reload") { _, _ in await answer(.reload) }
        router.post("v1/enrollments") { request, _ in
            let body = try await decode(EnrollBody.self, from: request)
            return await answer(.enroll(lead: body.lead, campaign: CampaignID(rawValue: body.campaign)))
        }
        router.post("v1/events") { request, _ in
            let body = try await decode(EventBody.self, from: request)
            return await answer(.event(lead: body.lead, name: body.name, data: body.data, step: body.step))
        }
        router.post("v1/suppressions") { request, _ in
            let body = try await decode(SuppressBody.self, from: request)
            return await answer(.suppress(body.request))
        }
        router.post("v1/unsuppressions") { request, _ in
            let body = try await decode(SuppressBody.self, from: request)
            return await answer(.unsuppress(body.request, force: body.force == "yes"))
        }
        router.post("v1/pauses") { request, _ in
            let body = try await decode(PauseBody.self, from: request)
            guard let target = PauseTarget(rawValue: body.target) else { return Self.failure(Self.unknownTarget) }
            var until: WrittenInstant?
            if let text = body.until {
                until = WrittenInstant(text)
                if until == nil {
                    return Self.failure(ControlError(.invalid, "until \"\(text)\": \(WrittenInstant.hint)"))
                }
            }
            return await answer(.pause(target, until: until, note: body.note))
        }
        router.post("v1/resumptions") { request, _ in
            let body = try await decode(ResumeBody.self, from: request)
            guard let target = PauseTarget(rawValue: body.target) else { return Self.failure(Self.unknownTarget) }
            return await answer(.resume(target))
        }
        router.post("v1/campaigns/:campaign/edit") { request, context in
            let body = try await decode(ApplyBody.self, from: request)
            let campaign = CampaignID(rawValue: try context.parameters.require("campaign"))
            return await answer(.apply(campaign, plan: body.plan))
        }
        router.post("v1/recovery") { _, _ in await answer(.confirmRecovery) }
        router.post("v1/resolutions") { request, _ in
            await answer(.resolve(try await decode(ResolveRequest.self, from: request)))
        }
        router.post("v1/merges") { request, _ in
            await answer(.merge(try await decode(MergeRequest.self, from: request)))
        }
        router.post("v1/tags") { request, _ in
            await answer(.tag(try await decode(TagRequest.self, from: request)))
        }
        router.post("v1/erasures") { request, _ in
            await answer(.erase(try await decode(EraseRequest.self, from: request)))
        }
        router.post("v1/hooks") { request, _ in
            await answer(.hook(try await decode(HookRequest.self, from: request, upTo: Self.largestBody)))
        }
        router.post("v1/imports") { request, _ in
            let campaign = request.uri.queryParameters["campaign"].map { CampaignID(rawValue: String($0)) }
            let firstLine: Int
            do throws(ControlError) {
                firstLine = try ImportBatch.firstLine(request.uri.queryParameters["first_line"])
            } catch {
                return Self.failure(error)
            }
            let body = try await request.body.collect(upTo: Self.largestBody)
            return try await importRows(Array(body.readableBytesView), campaign: campaign, firstLine: firstLine)
        }
    }

    /// A CSV table with its header; `firstLine` is the line of the whole list on which its first row stands.
    private func importRows(_ bytes: [UInt8], campaign: CampaignID?, firstLine: Int) async throws -> Response {
        var batch = ImportBatch(columns: [], rows: [], campaign: campaign)
        do {
            var reader = CSVReader(bytes)
            guard let header = try reader.next() else {
                return Self.failure(ControlError(.invalid, "the list is empty: not even a header"))
            }
            batch.columns = header.cells
            reader.seek(to: reader.offset, line: firstLine)
            while let record = try reader.next() {
                batch.rows.append(.init(line: record.line, cells: record.cells, unreadable: record.unreadable))
            }
        } catch {
            return Self.failure(ControlError(.invalid, "line \(error.line): \(error.description)"))
        }
        return await answer(.importLeads(batch))
    }

    private func answer(_ command: Command) async -> Response {
        switch await control.ask(command) {
        case .failure(let error): return Self.failure(error)
        case .success(let reply): return Self.success(reply)
        }
    }

    private static func success(_ reply: Reply) -> Response {
        switch reply {
        case .imported(let value): json(value, .ok)
        case .enrolled(let value): json(value, .ok)
        case .event(let value): json(value, .ok)
        case .suppressed(let value): json(value, .ok)
        case .unsuppressed(let value): json(value, .ok)
        case .lead(let value): json(value, .ok)
        case .explanation(let value): json(value, .ok)
        case .planned(let value): json(value, .ok)
        case .editPlanned(let value): json(value, .ok)
        case .status(let value): json(value, .ok)
        case .reloaded(let value): json(value, .ok)
        case .paused(let value): json(value, .ok)
        case .resumed(let value): json(value, .ok)
        case .resolved(let value): json(value, .ok)
        case .merged(let value): json(value, .ok)
        case .tagged(let value): json(value, .ok)
        case .erased(let value): json(value, .ok)
        case .exported(let value): json(value, .ok)
        case .returned(let value): json(value, .ok)
        case .hooked(let value): json(value, .ok)
        // A sealed link's alone, by the public pages.
        case .preference, .hit, .form: Response(status: .notFound)
        }
    }

    private static func failure(_ error: ControlError) -> Response {
        switch error.kind {
        case .notFound: json(error, .notFound)
        case .invalid: json(error, .unprocessableContent)
        case .unavailable: json(error, .serviceUnavailable)
        }
    }

    private static func json(_ value: some Encodable, _ status: HTTPResponse.Status) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value) else { return Response(status: .internalServerError) }
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private func decode<Body: Decodable>(
        _ type: Body.Type, from request: Request, upTo limit: Int = 64 << 10
    ) async throws -> Body {
        let bytes = try await request.body.collect(upTo: limit)
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(bytes.readableBytesView))
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            // What is wrong with a value of ours; with the JSON itself, it would name no place.
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw HTTPError(.badRequest, message: "\(place): \(context.debugDescription)")
        } catch {
            throw HTTPError(.badRequest, message: "the body is not the JSON that this route takes")
        }
    }

    private static func key(in context: BasicRequestContext) throws -> String {
        let raw = try context.parameters.require("key")
        return raw.removingPercentEncoding ?? raw
    }

    private struct ApplyBody: Decodable {
        var plan: String
    }

    private struct EnrollBody: Decodable {
        var lead: String
        var campaign: String
    }

    private static let unknownTarget = ControlError(
        .invalid, "name what to pause: everything, \"campaign NAME\", \"transport NAME\" or \"lead KEY\"")

    private struct PauseBody: Decodable {
        var target: String
        var until: String?
        var note: String
    }

    private struct ResumeBody: Decodable {
        var target: String
    }

    private struct SuppressBody: Decodable {
        var address: String
        var topic: String?
        var note: String
        var force: String?

        var request: SuppressRequest {
            SuppressRequest(address: address, topic: topic.map { TopicID(rawValue: $0) }, note: note)
        }
    }
}
