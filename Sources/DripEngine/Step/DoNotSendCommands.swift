import DripCore
import DripStore

extension Engine {
    /// Puts a mailbox on the do-not-send list, or notes an opt-out of one topic, and ends what that ends.
    func suppress(_ request: SuppressRequest, now: Instant, effects: inout [Effect]) throws -> SuppressAnswer {
        let address = try checked(request)
        if let topic = request.topic, programme.policy.topics[topic] == nil {
            let known = programme.policy.topics.keys.sorted().map(\.rawValue).joined(separator: ", ")
            throw ControlError(
                .invalid,
                "no topic is called \"\(topic)\"; policy.yaml knows \(known.isEmpty ? "none" : known)")
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let refused =
                if let topic = request.topic {
                    try optOut(
                        address, OptOut(topic: topic, note: request.note, since: now), now: now, in: transaction,
                        draft: &draft)
                } else {
                    try suppress(
                        address, Suppression(cause: .manual, note: request.note, since: now), now: now,
                        in: transaction, draft: &draft)
                }
            return SuppressAnswer(
                address: address.normalised, topic: request.topic, isNew: refused.isNew,
                exitedFrom: refused.exitedFrom, stillUnderWay: refused.underWay)
        }
    }

    /// Takes a mistake back: a mailbox off the do-not-send list, or an opt-out.
    ///
    /// What it ended stays ended. A complaint or an erasure is somebody's word and stays, unless `force` says that it
    /// was none.
    func unsuppress(
        _ request: SuppressRequest, force: Bool, now: Instant, effects: inout [Effect]
    ) throws -> UnsuppressAnswer {
        if force, request.topic == nil, (try? EmailAddress(request.address)) == nil,
            let since = try ask({ try $0.erasedAt(key: request.address) })
        {
            return try change(now: now, effects: &effects) { transaction, _ in
                try transaction.welcome(key: request.address)
                return UnsuppressAnswer(
                    address: request.address, topic: nil, wasThere: true, was: "erased since \(since)")
            }
        }
        let address = try checked(request)
        return try change(now: now, effects: &effects) { transaction, draft in
            var answer = UnsuppressAnswer(address: address.normalised, topic: request.topic, wasThere: false, was: "")
            let detail: String
            if let topic = request.topic {
                guard let was = try transaction.optIn(address, to: topic) else { return answer }
                (answer.was, detail) = (was.note, OptOut(topic: topic, note: request.note, since: now).detail)
            } else {
                guard let was = try transaction.suppression(of: address) else {
                    answer.optedOut = try transaction.optOuts(of: address).map(\.topic)
                    return answer
                }
                guard force || (was.cause != .complained && was.cause != .erased) else {
                    throw ControlError(
                        .invalid,
                        "\(address.normalised) is on the do-not-send list as \(was.cause.rawValue): that is not taken "
                            + "back, unless it was recorded by mistake (--force)")
                }
                _ = try transaction.unsuppress(address)
                answer.was = was.words
                detail = "no longer \(was.cause.rawValue): \(request.note)"
            }
            answer.wasThere = true
            for lead in try transaction.leads(address: address) {
                try transaction.journal(
                    JournalEntry(at: now, kind: .unsuppressed, lead: lead.id, detail: detail))
            }
            draft.charged.insert(address.normalised)
            return answer
        }
    }

    private func checked(_ request: SuppressRequest) throws(ControlError) -> EmailAddress {
        try requireOneLine(request.note)
        do {
            return try EmailAddress(request.address)
        } catch {
            guard let lead = try? ask({ try $0.lead(key: request.address) }), lead.address == nil else {
                throw ControlError(.invalid, "not a usable e-mail address: \(error)")
            }
            throw ControlError(
                .invalid,
                "\(lead.key) has no e-mail address, and the do-not-send list is of mailboxes: `dripd event \(lead.key) "
                    + "unsubscribed` ends what it is enrolled in, and nothing new begins")
        }
    }
}
