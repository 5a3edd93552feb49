import CCurl
import DripCore

/// What one POST came to.
///
/// The rule: a final status decides, whatever happened after it; without one, what was sent decides.
///
/// | what happens | outcome | blame |
/// | --- | --- | --- |
/// | 2xx | accepted | – |
/// | 408, 425, 5xx | transient failure, after `Retry-After` if given | delivery |
/// | 429: fewer at a time, please | transient failure, after `Retry-After` if given | pace |
/// | 3xx, 401, 403, 404, 405, 407: the endpoint is set up wrongly | transient failure | transport |
/// | any other 4xx | permanent failure | delivery |
/// | no status, no request begun: name, connection, TLS, time-out | transient failure | transport |
/// | no status, a part of the request sent | transient failure | delivery |
/// | no status, the request sent whole | **unknown** | delivery |
///
/// Edge cases: a 1xx is no final status; a body that is cut off or too long changes nothing. Worked example: the server
/// reads the POST and closes without a word → unknown, because it may have acted. Source: RFC 9110 §15, §9.2.2 (a POST
/// is not repeated by the client on its own), §10.2.3 (`Retry-After`).
enum HTTPVerdict {
    /// What was seen of one exchange.
    struct Facts: Hashable {
        /// The last status that was read, 0 for none.
        var status = 0
        /// Why libcurl ended it, where it did.
        var failure: CurlFailure?
        var requestBegan = false
        var requestSentWhole = false
        /// The headers of the answer that somebody looks at, by their names in lower case; `date` among them, for a
        /// `Retry-After` that is a date.
        var headers: [String: String] = [:]
        /// The beginning of the answer's body.
        var body: [UInt8] = []
    }

    static func judge(_ facts: Facts, delivery: DeliveryID) -> AttemptResult {
        guard facts.status >= 200 else { return judgeSilence(facts, delivery: delivery) }
        let (outcome, blame): (Outcome, AttemptResult.Blame) =
            switch facts.status {
            case 200..<300: (.accepted, .delivery)
            case 408, 425, 500...: (.transientFailure, .delivery)
            case 429: (.transientFailure, .pace)
            case 300..<400, 401, 403, 404, 405, 407: (.transientFailure, .transport)
            default: (.permanentFailure, .delivery)
            }
        let excerpt = outcome == .accepted || facts.body.isEmpty ? "" : ": \(LogText.clean(facts.body))"
        return AttemptResult(
            delivery: delivery, outcome: outcome, blame: blame, code: facts.status,
            text: LogText.clean("HTTP \(facts.status)\(excerpt)"),
            retryAfter: outcome == .transientFailure
                ? RetryAfter.span(facts.headers["retry-after"], date: facts.headers["date"]) : nil)
    }

    private static func judgeSilence(_ facts: Facts, delivery: DeliveryID) -> AttemptResult {
        let text = facts.failure?.description ?? "no answer"
        let isUnknown = facts.requestBegan && facts.requestSentWhole
        return AttemptResult(
            delivery: delivery, outcome: isUnknown ? .unknown : .transientFailure,
            blame: facts.requestBegan ? .delivery : .transport, code: facts.status, text: LogText.clean(text))
    }
}

/// `Retry-After` as a span (RFC 9110 §10.2.3).
///
/// The rule: seconds, or an HTTP date counted from the answer's own `Date`, so that neither clock matters. Edge cases:
/// a past date is zero; more than a day is a day, because no server decides how long a lead waits; nonsense is nil.
/// Worked example: `Wed, 21 Oct 2026 07:28:30 GMT` in an answer of `07:28:00` is 30 s.
enum RetryAfter {
    private static let mostSeconds: Int64 = 86_400

    static func span(_ value: String?, date: String?) -> TimeSpan? {
        guard let value else { return nil }
        if !value.isEmpty && value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            return .seconds(min(Int64(value) ?? mostSeconds, mostSeconds))
        }
        guard let date, let until = seconds(value), let from = seconds(date) else { return nil }
        return .seconds(max(0, min(until - from, mostSeconds)))
    }

    private static func seconds(_ httpDate: String) -> Int64? {
        let seconds = curl_getdate(httpDate, nil)
        return seconds < 0 ? nil : Int64(seconds)
    }
}
