import DripCore

/// What a provider's answer means, by its own file.
///
/// The rule: without a final status, `HTTPVerdict` decides by what was sent. A status that means success, with its test
/// passed, is `accepted`. Else the first of the file's `errors` that fits decides; else, for statuses of 300 and more, the
/// table of `HTTPVerdict`. A 2xx that nothing explains, or whose body cannot be read although it matters, is `unknown`:
/// the provider acted, and nobody can say how.
///
/// Worked example: Slack's `200 {"ok":false,"error":"invalid_auth"}` fails the test `ok` is `true` and fits the rule that
/// means `auth` → a transient failure that the transport is to blame for.
enum ProviderVerdict {
    static func judge(_ facts: HTTPVerdict.Facts, by provider: Provider, delivery: DeliveryID) -> AttemptResult {
        guard facts.status >= 200 else { return HTTPVerdict.judge(facts, delivery: delivery) }
        let answer = ProviderSaid(headers: facts.headers, body: JSONValue(facts.body))
        let mayBeTaken = provider.success.statuses.contains { $0.contains(facts.status) }
        if mayBeTaken {
            switch provider.success.test.map(answer.holds) ?? .yes {
            case .yes:
                return result(facts, delivery, .accepted, id: provider.messageID.flatMap(answer.word))
            case .unreadable: return result(facts, delivery, .unknown, saying: "the answer cannot be read")
            case .no: break
            }
        }
        for rule in provider.errors {
            let isOfStatus = rule.statuses.isEmpty || rule.statuses.contains { $0.contains(facts.status) }
            guard isOfStatus, rule.test.map({ answer.holds($0) == .yes }) ?? true else { continue }
            return result(facts, delivery, rule.meaning)
        }
        guard facts.status >= 300 else {
            return result(facts, delivery, .unknown, saying: "nothing says what this answer means")
        }
        return HTTPVerdict.judge(facts, delivery: delivery)
    }

    private static func result(
        _ facts: HTTPVerdict.Facts, _ delivery: DeliveryID, _ meaning: ProviderErrorRule.Meaning
    ) -> AttemptResult {
        switch meaning {
        case .permanent: result(facts, delivery, .permanentFailure)
        case .suppress: result(facts, delivery, .permanentFailure, refusesMailbox: true)
        case .transient: result(facts, delivery, .transientFailure)
        case .rateLimited: result(facts, delivery, .transientFailure, blame: .pace)
        case .auth: result(facts, delivery, .transientFailure, blame: .transport)
        case .inDoubt: result(facts, delivery, .unknown)
        }
    }

    private static func result(
        _ facts: HTTPVerdict.Facts, _ delivery: DeliveryID, _ outcome: Outcome,
        blame: AttemptResult.Blame = .delivery, id: String? = nil, refusesMailbox: Bool = false, saying: String = ""
    ) -> AttemptResult {
        let excerpt = outcome == .accepted || facts.body.isEmpty ? "" : ": \(LogText.clean(facts.body))"
        let note = saying.isEmpty ? "" : ", \(saying)"
        return AttemptResult(
            delivery: delivery, outcome: outcome, blame: blame, code: facts.status,
            text: LogText.clean("HTTP \(facts.status)\(note)\(excerpt)"),
            retryAfter: outcome == .transientFailure
                ? RetryAfter.span(facts.headers["retry-after"], date: facts.headers["date"]) : nil,
            providerMessageID: id.map { String(LogText.clean($0).prefix(200)) }.flatMap { $0.isEmpty ? nil : $0 },
            refusesMailbox: refusesMailbox)
    }

    /// The headers that a provider's rules look at, in lower case.
    static func headers(of provider: Provider) -> Set<String> {
        let spots = [provider.success.test?.spot, provider.messageID] + provider.errors.map { $0.test?.spot }
        return Set(
            spots.compactMap { spot in if case .header(let name) = spot { name.lowercased() } else { nil } })
    }
}
