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
        guard isSealed else {
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

    /// Hands each letter to the engine, one after the other.
    func answer(_ give: (ReturnedLetter) throws -> ReturnAnswer) rethrows -> HookAnswer {
        var answer = HookAnswer(transport: transport, provider: provider, events: [])
        for event in events { answer.events.append(event.answer(try event.letter.map(give))) }
        return answer
    }
}

extension HookEvent {
    var letter: ReturnedLetter? { if case .letter(let letter) = content { letter } else { nil } }

    /// What became of it; `returned` is the engine's answer where it was asked.
    func answer(_ returned: ReturnAnswer?) -> HookAnswer.Event {
        switch content {
        case .letter(let letter):
            let done: HookAnswer.Done =
                switch (returned?.isNew, returned?.isProved) {
                case (false?, _): .known
                case (true?, true?): .acted
                default: .unproved
                }
            return HookAnswer.Event(
                id: id, meaning: letter.meaning.name, done: done,
                detail: done == .unproved ? "its token is no delivery's of this installation" : letter.meaning.text)
        case .foreign(let meaning):
            return HookAnswer.Event(id: id, meaning: meaning.name, done: .unproved, detail: "it carries no token")
        case .ignored: return HookAnswer.Event(id: id, meaning: "", done: .ignored, detail: "")
        case .unreadable(let why): return HookAnswer.Event(id: id, meaning: "", done: .unreadable, detail: why)
        }
    }
}

extension ReturnedLetter.Meaning {
    fileprivate var text: String {
        switch self {
        case .hardBounce(let text), .softBounce(let text), .complaint(let text), .failure(let text): text
        case .arrival, .unsubscribe, .reply: ""
        }
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
            give(read, from: 0, HookAnswer(transport: read.transport, provider: read.provider, events: []), reply)
        } catch {
            logger.warning("webhook refused", metadata: ["why": "\(error)"])
            reply(.failure(error))
        }
    }

    /// One event after the other, each behind whatever else waits for the engine: a full request holds up no sending.
    private func give(
        _ read: ReadHook, from first: Int, _ answer: HookAnswer,
        _ reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void
    ) {
        var answer = answer
        for index in read.events.indices.dropFirst(first) {
            let event = read.events[index]
            guard let letter = event.letter else {
                answer.events.append(event.answer(nil))
                continue
            }
            let soFar = answer
            inner.perform(.returned(letter)) { result in
                switch result {
                case .failure(let error): reply(.failure(error))
                case .success(let given):
                    var answer = soFar
                    if case .returned(let returned) = given {
                        answer.events.append(event.answer(returned))
                    } else {
                        answer.events.append(event.answer(nil))
                    }
                    give(read, from: index + 1, answer, reply)
                }
            }
            return
        }
        reply(.success(.hooked(answer)))
    }
}
