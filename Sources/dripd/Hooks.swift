import DripCore
import DripDelivery
import DripEngine
import Logging

/// What providers post back, on its way to the engine: proved and read here, where the secrets are.
struct Hooks: Sendable {
    /// By the transports' names.
    let readers: [String: HookReader]
    let transports: [String]
    /// Whether messages carry tokens at all.
    let isSealed: Bool

    func read(_ request: HookRequest, now: Instant) throws(ControlError) -> ReadHook {
        guard let reader = readers[request.transport] else {
            guard transports.contains(request.transport) else {
                let names = readers.keys.sorted().joined(separator: ", ")
                throw ControlError(
                    .notFound,
                    "there is no transport \(request.transport)"
                        + (names.isEmpty ? "." : "; those that take webhooks: \(names)."))
            }
            throw ControlError(
                .invalid,
                "\(request.transport): its provider's file says nothing of webhooks. "
                    + "Describe them under `hook:` in a file of your own.")
        }
        guard isSealed || !reader.needsTokens else {
            throw ControlError(
                .invalid,
                "without a `link_key` messages carry no token, and nothing proves what an event is about. Add one.")
        }
        do {
            let receivedAt = request.receivedAtMilliseconds.map(Instant.init(milliseconds:)) ?? now
            return ReadHook(
                transport: request.transport, provider: reader.provider,
                events: try reader.read(request, now: receivedAt))
        } catch {
            throw ControlError(.invalid, "\(request.transport): \(error)")
        }
    }
}

/// A request that was proved, and its events.
struct ReadHook: Sendable {
    let transport: String
    let provider: String
    let events: [HookEvent]

    /// Asks the engine what each event is about, one after the other.
    func answer(_ ask: (Command) throws -> Reply) throws -> HookAnswer {
        var answer = HookAnswer(transport: transport, provider: provider, events: [])
        for event in events {
            var errand = HookErrand(event, of: transport)
            while let command = errand.next {
                do {
                    try errand.take(.success(try ask(command)))
                } catch let error as ControlError {
                    try errand.take(.failure(error))
                }
            }
            answer.events.append(errand.answer)
        }
        return answer
    }
}

/// The engine's door with what only the program around it can do: webhooks.
struct HookControl: EngineControl {
    let inner: any EngineControl
    let hooks: Hooks
    let logger: Logger

    func perform(_ command: Command, then reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void) {
        guard case .hook(let request) = command else { return inner.perform(command, then: reply) }
        do throws(ControlError) {
            let read = try hooks.read(request, now: SystemClock().now())
            if read.events.isEmpty {
                logger.warning(
                    "webhook: nothing in it is an event; see `events` in the provider's file",
                    metadata: ["transport": "\(read.transport)"])
            }
            go(
                on: nil, read.events[...], HookAnswer(transport: read.transport, provider: read.provider, events: []),
                reply)
        } catch {
            logger.warning("webhook refused", metadata: ["why": "\(error)"])
            reply(.failure(error))
        }
    }

    /// One command after the other, each behind whatever else waits for the engine: a full request holds up no sending.
    private func go(
        on errand: HookErrand?, _ events: ArraySlice<HookEvent>, _ answer: HookAnswer,
        _ reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void
    ) {
        var (errand, rest, answer) = (errand, events, answer)
        while true {
            if let errand, let command = errand.next {
                let (waiting, soFar) = (rest, answer)
                inner.perform(command) { result in
                    var errand = errand
                    do throws(ControlError) {
                        try errand.take(result)
                        go(on: errand, waiting, soFar, reply)
                    } catch {
                        logger.warning(
                            "webhook: not taken now", metadata: ["transport": "\(soFar.transport)", "why": "\(error)"])
                        reply(.failure(error))
                    }
                }
                return
            }
            if let errand { note(errand, in: &answer) }
            guard let event = rest.popFirst() else { return reply(.success(.hooked(answer))) }
            errand = HookErrand(event, of: answer.transport)
        }
    }

    private func note(_ errand: HookErrand, in answer: inout HookAnswer) {
        answer.events.append(errand.answer)
        guard let complaint = errand.complaint else { return }
        logger.warning(
            "webhook: an event was not taken",
            metadata: [
                "transport": "\(answer.transport)", "what": "\(errand.answer.done.rawValue)", "why": "\(complaint)",
            ])
    }
}
