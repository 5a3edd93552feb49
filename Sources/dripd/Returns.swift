import Dispatch
import DripCore
import DripDelivery
import DripReturns
import Logging
import Synchronization

/// Takes what the mailbox holds to the engine, one letter at a time.
struct Returns: Sendable {
    let reader: MailboxReader
    let control: any EngineControl
    let logger: Logger

    func start() {
        reader.start(
            take: { letter in take(letter) },
            report: { result in
                switch result {
                case .success(let visit):
                    guard visit.taken + visit.kept > 0 else { return }
                    logger.info("mailbox read", metadata: ["taken": "\(visit.taken)", "kept": "\(visit.kept)"])
                case .failure(let failure):
                    logger.error("the mailbox cannot be read", metadata: ["error": "\(failure)"])
                }
            })
    }

    /// True once it is on disk, or where there is nothing to remember: then the reader deletes it.
    private func take(_ letter: MailboxLetter) -> Bool {
        guard let returned = ReturnedLetter(letter) else { return true }
        let answered = DispatchSemaphore(value: 0)
        let outcome = Outcome()
        control.perform(.returned(returned)) { result in
            if case .success = result { outcome.isTaken.store(true, ordering: .releasing) }
            answered.signal()
        }
        answered.wait()
        return outcome.isTaken.load(ordering: .acquiring)
    }
}

/// What the engine's answer leaves for the thread that waits for it.
private final class Outcome: Sendable {
    let isTaken = Atomic(false)
}

extension ReturnedLetter {
    /// What a letter means to the engine; nil for what means nothing: an automatic answer, a delay, an unreadable one.
    init?(_ letter: MailboxLetter) {
        let mail = ReturnedMail(letter.bytes)
        let meaning: Meaning
        var addresses: [String] = []
        switch mail.meaning {
        case .bounce(let bounce):
            let text = [bounce.status.map { "\($0)" }, bounce.diagnostic].compactMap(\.self).filter { !$0.isEmpty }
                .joined(separator: " ")
            switch bounce.severity {
            case .hard: meaning = .hardBounce(text)
            case .soft: meaning = .softBounce(text)
            case .delayed: return nil
            }
            addresses = bounce.recipients
        case .arrival(let recipients): (meaning, addresses) = (.arrival, recipients)
        case .complaint(let complaint): (meaning, addresses) = (.complaint(complaint.kind), complaint.recipients)
        case .unsubscribe: meaning = .unsubscribe
        case .reply(let reply): (meaning, addresses) = (.reply, [reply.sender])
        case .automatic, .nothing: return nil
        }
        // The server's own name may be given again, after a move or a deletion: the content makes it this letter's.
        var content = StableHash(String(decoding: letter.bytes, as: UTF8.self))
        content.add(Int64(letter.bytes.count))
        self.init(
            id: "\(letter.id) \(content.number(below: .max))", meaning: meaning, bounceTokens: mail.origin.bounceTokens,
            unsubscribeTokens: mail.origin.unsubscribeTokens, messageIDs: mail.origin.messageIDs, addresses: addresses)
    }
}
