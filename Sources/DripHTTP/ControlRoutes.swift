import DripCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What can be asked, over the sockets by people and over the API by programs: JSON with snake_case keys, errors as `Problem`.
///
/// Which of it somebody may ask is the listener's to say: reading, handing in, and everything else are added apart.
struct ControlRoutes: Sendable {
    /// Twice what the command line sends at once; more is a mistake or an attack.
    static let largestBody = 16 << 20
    /// A thousand leads or events, each as long as any sensible one.
    static let largestBatch = 4 << 20

    let control: any EngineControl
    let version: String
    /// Whether programs ask: who hands in must not learn whom a number means.
    var isForPrograms = false

    func addReading(to router: some RouterMethods<some RequestContext>) {
        router.get("v1/version") { _, _ in APIJSON.response(["version": version], .ok) }
        router.get("v1/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
        }
        router.get("v1/status") { _, _ in try await answer(.status) }
        router.get("v1/campaigns") { _, _ in
            guard case .status(let report) = try await ask(.status) else { throw Self.wrongAnswer }
            return APIJSON.response(["data": report.campaigns], .ok)
        }
        router.get("v1/campaigns/:campaign") { _, context in
            let id = CampaignID(rawValue: try Self.part("campaign", context))
            guard case .status(let report) = try await ask(.status) else { throw Self.wrongAnswer }
            guard let campaign = report.campaigns.first(where: { $0.id == id }) else {
                throw ControlError(.notFound, "there is no campaign called \"\(id)\"")
            }
            return APIJSON.response(campaign, .ok)
        }
        router.get("v1/leads") { request, _ in try await list(.leads, request) }
        router.get("v1/leads/:key") { _, context in
            try await answer(.lead(try Self.part("key", context)))
        }
        router.get("v1/leads/:key/timeline") { request, context in
            try await list(.timeline(lead: try Self.part("key", context)), request)
        }
        router.get("v1/leads/:key/export") { _, context in
            try await answer(.export(try Self.part("key", context)))
        }
        router.get("v1/leads/:key/explanation") { request, context in
            let campaign = request.uri.queryParameters["campaign"].map { CampaignID(rawValue: String($0)) }
            return try await answer(.explain(lead: try Self.part("key", context), campaign: campaign))
        }
        router.get("v1/leads/:key/plans/:campaign") { _, context in
            let campaign = CampaignID(rawValue: try Self.part("campaign", context))
            return try await answer(.plan(lead: try Self.part("key", context), campaign: campaign))
        }
        router.get("v1/campaigns/:campaign/edit") { _, context in
            try await answer(.editPlan(CampaignID(rawValue: try Self.part("campaign", context))))
        }
        router.get("v1/owners") { _, _ in try await answer(.owners) }
        router.get("v1/promises") { request, _ in try await list(.promises, request) }
        router.get("v1/crm") { _, _ in try await answer(.crms) }
        router.get("v1/crm/dead-letters") { request, _ in
            try await list(.deadLetters(transport: request.uri.queryParameters["transport"].map(String.init)), request)
        }
        router.get("v1/digest") { _, _ in try await answer(.digest) }
        router.get("v1/report") { request, _ in
            try await answer(
                .report(try ReportRequest(query: request.uri.queryParameters.map { ("\($0.key)", "\($0.value)") })))
        }
        router.get("v1/suppressions") { request, _ in try await list(.suppressions, request) }
        router.get("v1/deliveries/in-doubt") { request, _ in try await list(.inDoubt, request) }
    }

    /// What sources of leads need: they hand in, and read nothing.
    func addIngest(to router: some RouterMethods<some AskingContext>) {
        router.post("v1/leads") { request, context in
            var leads = try await request.object(LeadsRequest.self, upTo: Self.largestBatch)
            leads.id = try Self.idempotencyKey(of: request)
            leads.isOperators = context.asker.isOperator
            return try await imported(.putLeads(leads), context.asker)
        }
        router.post("v1/enrollments") { request, context in
            let body = try await request.object(EnrollBody.self)
            try requireName(body.lead)
            let key = try Self.idempotencyKey(of: request)
            let command = Command.enroll(lead: body.lead, campaign: CampaignID(rawValue: body.campaign), id: key)
            guard case .enrolled(var enrolled) = try await ask(command, context.asker) else { throw Self.wrongAnswer }
            if isForPrograms { enrolled.lead = body.lead }
            return APIJSON.response(enrolled, .ok)
        }
        router.post("v1/events") { request, context in
            var body = try await request.object(EventBody.self)
            let key = try Self.idempotencyKey(of: request)
            body.id = body.id ?? key
            try requireName(body.lead)
            guard case .event(let taken) = try await ask(Self.command(body), context.asker) else {
                throw Self.wrongAnswer
            }
            return APIJSON.response(isForPrograms ? Self.told(taken, as: body.lead) : taken, .accepted)
        }
        router.post("v1/events/batch") { request, context in try await takeBatch(request, context.asker) }
        router.post("v1/imports") { request, context in
            if isForPrograms, let type = request.headers[.contentType]?.lowercased(),
                !type.hasPrefix("text/csv"), !type.hasPrefix("text/plain"), !type.hasPrefix("application/octet-stream")
            {
                // What curl says for `-d`, which has taken the line ends out as well.
                throw HTTPError(
                    .unsupportedMediaType,
                    message: "send the list as text/csv: curl --data-binary @leads.csv -H 'Content-Type: text/csv'")
            }
            let campaign = request.uri.queryParameters["campaign"].map { CampaignID(rawValue: String($0)) }
            let firstLine = try ImportBatch.firstLine(request.uri.queryParameters["first_line"])
            let body = try await request.body.collect(upTo: isForPrograms ? Self.largestBatch : Self.largestBody)
            var batch = try Self.batch(Array(body.readableBytesView), campaign: campaign, firstLine: firstLine)
            batch.id = try Self.idempotencyKey(of: request)
            batch.isOperators = context.asker.isOperator
            return try await imported(.importLeads(batch), context.asker)
        }
    }

    func addWriting(to router: some RouterMethods<some RequestContext>) {
        router.post("v1/reload") { _, _ in try await answer(.reload) }
        router.post("v1/suppressions") { request, _ in
            try await answer(.suppress(try await request.object(SuppressBody.self).request))
        }
        router.post("v1/unsuppressions") { request, _ in
            let body = try await request.object(SuppressBody.self)
            return try await answer(.unsuppress(body.request, force: body.force ?? false))
        }
        router.post("v1/pauses") { request, _ in
            let body = try await request.object(PauseBody.self)
            guard let target = PauseTarget(rawValue: body.target) else { throw Self.unknownTarget }
            var until: WrittenInstant?
            if let text = body.until {
                until = WrittenInstant(text)
                if until == nil { throw ControlError(.invalid, "until \"\(text)\": \(WrittenInstant.hint)") }
            }
            return try await answer(.pause(target, until: until, note: body.note))
        }
        router.post("v1/resumptions") { request, _ in
            let body = try await request.object(ResumeBody.self)
            guard let target = PauseTarget(rawValue: body.target) else { throw Self.unknownTarget }
            return try await answer(.resume(target))
        }
        router.post("v1/campaigns/:campaign/edit") { request, context in
            let body = try await request.object(ApplyBody.self)
            let campaign = CampaignID(rawValue: try Self.part("campaign", context))
            return try await answer(.apply(campaign, plan: body.plan))
        }
        router.post("v1/recovery") { _, _ in try await answer(.confirmRecovery) }
        router.post("v1/resolutions") { request, _ in
            try await answer(.resolve(try await request.object(ResolveRequest.self)))
        }
        router.post("v1/merges") { request, _ in
            try await answer(.merge(try await request.object(MergeRequest.self)))
        }
        router.post("v1/tags") { request, _ in try await answer(.tag(try await request.object(TagRequest.self))) }
        router.post("v1/stages") { request, _ in
            try await answer(.stage(try await request.object(StageRequest.self)))
        }
        router.post("v1/handoffs") { request, _ in
            try await answer(.handoff(try await request.object(HandoffRequest.self)))
        }
        router.post("v1/crm/pushes") { request, _ in
            try await answer(.push(try await request.object(PushRequest.self)))
        }
        router.post("v1/erasures") { request, _ in
            try await answer(.erase(try await request.object(EraseRequest.self)))
        }
    }

    /// What only this machine's own user may do: it makes rights, or is the program's own.
    func addOwn(to router: some RouterMethods<some RequestContext>, book: TokenBook) {
        router.post("v1/hooks") { request, _ in
            try await answer(.hook(try await request.object(HookRequest.self, upTo: Self.largestBody)))
        }
        router.get("v1/tokens") { _, _ in try await answer(.tokens) }
        router.post("v1/tokens") { request, _ in
            try await changeTokens(.addToken(try await request.object(AccessToken.self)), book)
        }
        router.post("v1/revocations") { request, _ in
            try await changeTokens(.revokeToken(try await request.object(RevokeBody.self).name), book)
        }
    }

    private func changeTokens(_ command: Command, _ book: TokenBook) async throws(ControlError) -> Response {
        guard case .tokens(let tokens) = try await ask(command) else { throw Self.wrongAnswer }
        book.changed()
        return APIJSON.response(tokens, .ok)
    }

    /// A CSV table with its header; `firstLine` is the line of the whole list on which its first row stands.
    private static func batch(
        _ bytes: [UInt8], campaign: CampaignID?, firstLine: Int
    ) throws(ControlError) -> ImportBatch {
        var batch = ImportBatch(columns: [], rows: [], campaign: campaign)
        do {
            var reader = CSVReader(bytes)
            guard let header = try reader.next() else {
                throw ControlError(.invalid, "the list is empty: not even a header")
            }
            batch.columns = header.cells
            reader.seek(to: reader.offset, line: firstLine)
            while batch.rows.count <= ImportBatch.limit, let record = try reader.next() {
                batch.rows.append(.init(line: record.line, cells: record.cells, unreadable: record.unreadable))
            }
        } catch let error as CSVReader.Failure {
            throw ControlError(.invalid, "line \(error.line): \(error.description)")
        } catch {
            throw error as? ControlError ?? ControlError(.invalid, "\(error)")
        }
        return batch
    }

    private func imported(_ command: Command, _ asker: Asker) async throws(ControlError) -> Response {
        guard case .imported(let summary) = try await ask(command, asker) else { throw Self.wrongAnswer }
        return APIJSON.response(asker.told(summary), .ok)
    }

    // MARK: Asking

    /// Numbers find leads whose names nobody may type; a source of leads knows those that it hands in by name.
    func requireName(_ lead: String) throws(ControlError) {
        guard isForPrograms, lead.hasPrefix("id:") else { return }
        throw ControlError(.notFound, "no lead is called \"\(lead)\"; give its key or its e-mail address")
    }

    /// The answer by the name that the sender used.
    static func told(_ answer: EventAnswer, as lead: String) -> EventAnswer {
        var answer = answer
        (answer.lead, answer.suppressed) = (lead, nil)
        return answer
    }

    private func ask(_ command: Command, _ asker: Asker = .local) async throws(ControlError) -> Reply {
        try await control.ask(command).mapError(asker.told).get()
    }

    private func answer(_ command: Command, _ status: HTTPResponse.Status = .ok) async throws(ControlError) -> Response
    {
        switch try await ask(command) {
        case .imported(let value): APIJSON.response(value, status)
        case .enrolled(let value): APIJSON.response(value, status)
        case .event(let value): APIJSON.response(value, status)
        case .suppressed(let value): APIJSON.response(value, status)
        case .unsuppressed(let value): APIJSON.response(value, status)
        case .lead(let value): APIJSON.response(value, status)
        case .explanation(let value): APIJSON.response(value, status)
        case .planned(let value): APIJSON.response(value, status)
        case .editPlanned(let value): APIJSON.response(value, status)
        case .status(let value): APIJSON.response(value, status)
        case .reloaded(let value): APIJSON.response(value, status)
        case .paused(let value): APIJSON.response(value, status)
        case .resumed(let value): APIJSON.response(value, status)
        case .resolved(let value): APIJSON.response(value, status)
        case .merged(let value): APIJSON.response(value, status)
        case .tagged(let value): APIJSON.response(value, status)
        case .staged(let value): APIJSON.response(value, status)
        case .reported(let value): APIJSON.response(value, status)
        case .digest(let value): APIJSON.response(value, status)
        case .erased(let value): APIJSON.response(value, status)
        case .exported(let value): APIJSON.response(value, status)
        case .returned(let value): APIJSON.response(value, status)
        case .hooked(let value): APIJSON.response(value, status)
        case .leads(let value): APIJSON.response(value, status)
        case .timeline(let value): APIJSON.response(value, status)
        case .suppressions(let value): APIJSON.response(value, status)
        case .inDoubt(let value): APIJSON.response(value, status)
        case .tokens(let value): APIJSON.response(value, status)
        case .promises(let value): APIJSON.response(value, status)
        case .handedOff(let value): APIJSON.response(value, status)
        case .owners(let value): APIJSON.response(["data": value], status)
        case .crms(let value): APIJSON.response(["data": value], status)
        case .deadLetters(let value): APIJSON.response(value, status)
        case .pushed(let value): APIJSON.response(value, status)
        // A sealed link's alone, by the public pages.
        case .preference, .hit, .form, .handover: throw Self.wrongAnswer
        }
    }

    private func list(_ what: ListRequest.What, _ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        var asked = ListRequest(what)
        if let limit = query["limit"] {
            guard let number = Int(limit) else { throw ControlError(.invalid, "limit must be a whole number") }
            asked.limit = number
        }
        if let cursor = query["cursor"] {
            guard let number = Int64(cursor), number >= 0 else {
                throw ControlError(.invalid, "the cursor must be the next_cursor of the page before")
            }
            asked.after = number
        }
        return try await answer(.list(asked))
    }

    private static func part(_ name: String, _ context: some RequestContext) throws -> String {
        let raw = try context.parameters.require(name)
        return raw.removingPercentEncoding ?? raw
    }

    private static let wrongAnswer = ControlError(.unavailable, "the engine gave an answer of another kind")

    private static let unknownTarget = ControlError(
        .invalid, "name what to pause: everything, \"campaign NAME\", \"transport NAME\" or \"lead KEY\"")
}
