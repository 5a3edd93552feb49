import DripCore
import Foundation
import HTTPTypes
import Hummingbird

// Events by the thousand: each stands or falls alone, all that are taken are on disk before the answer, and a batch that is sent
// again does nothing twice where its events have ids, or the request has a key.

/// What came of a batch, event by event and in its order.
struct EventBatchAnswer: Encodable {
    struct Result: Encodable {
        enum Status: String, Encodable {
            case taken, repeated, refused
            /// Nothing is wrong with it: it is to be sent again.
            case later
        }

        var status: Status
        var answer: EventAnswer?
        /// Why it was refused.
        var problem: Problem?
    }

    var taken = 0
    var repeated = 0
    var refused = 0
    var later = 0
    var results: [Result] = []

    init(_ answers: [Swift.Result<EventAnswer, ControlError>]) {
        for answer in answers {
            switch answer {
            case .success(let value):
                if value.isRepeat { repeated += 1 } else { taken += 1 }
                results.append(Result(status: value.isRepeat ? .repeated : .taken, answer: value))
            case .failure(let error):
                let isPassing = error.kind == .unavailable || error.kind == .busy
                if isPassing { later += 1 } else { refused += 1 }
                results.append(Result(status: isPassing ? .later : .refused, problem: Problem(error)))
            }
        }
    }
}

extension ControlRoutes {
    static func command(_ body: EventBody) -> Command {
        .event(lead: body.lead, name: body.name, data: body.data, step: body.step, id: body.id)
    }

    /// A sender's own name for a request, which makes a repeat of it known.
    ///
    /// - Throws: 400 for one that is no short word.
    static func idempotencyKey(of request: Request) throws -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...longestKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw HTTPError(
                .badRequest,
                message: "Idempotency-Key: 1 to \(longestKey) letters, digits and signs without blanks")
        }
        return key
    }

    private static let longestKey = 150

    func takeBatch(_ request: Request, _ asker: Asker) async throws -> Response {
        let body = try await request.object(EventsBody.self, upTo: Self.largestBatch)
        guard body.events.count <= EventsBody.limit else {
            throw ControlError(.invalid, "at most \(EventsBody.limit) events at a time; these are \(body.events.count)")
        }
        let key = try Self.idempotencyKey(of: request)
        let events = body.events.enumerated().map { index, event in
            var event = event
            event.id = event.id ?? key.map { "\($0):\(index)" }
            return event
        }
        for event in events { try requireName(event.lead) }
        let answers = zip(events, await takeAll(events)).map { event, answer in
            isForPrograms ? answer.map { Self.told($0, as: event.lead) }.mapError(asker.told) : answer
        }
        // A store that failed takes none: the whole of it is to be sent again.
        if let first = answers.first, case .failure(let error) = first,
            error.kind == .unavailable || error.kind == .busy,
            answers.allSatisfy({ $0 == first })
        {
            throw error
        }
        return APIJSON.response(EventBatchAnswer(answers), .accepted)
    }

    private func takeAll(_ events: [EventBody]) async -> [Result<EventAnswer, ControlError>] {
        guard !events.isEmpty else { return [] }
        let gathered = GatheredAnswers(count: events.count)
        return await withCheckedContinuation { continuation in
            for (index, event) in events.enumerated() {
                control.perform(Self.command(event)) { result in
                    if let all = gathered.put(result.flatMap(Self.eventAnswer), at: index) {
                        continuation.resume(returning: all)
                    }
                }
            }
        }
    }

    private static func eventAnswer(_ reply: Reply) -> Result<EventAnswer, ControlError> {
        guard case .event(let answer) = reply else {
            return .failure(ControlError(.unavailable, "the engine gave an answer of another kind"))
        }
        return .success(answer)
    }
}

extension HTTPField.Name {
    static var idempotencyKey: Self { Self("Idempotency-Key") ?? .eTag }
}
