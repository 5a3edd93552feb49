import DripCore

/// Where a transport's access tokens come from.
struct HTTPTokenTarget: Sendable {
    let token: ProviderToken
}

/// The access token of one transport, and whether a new one is on its way.
///
/// The rule: one request for a token at a time; it is used until a tenth of its life, at most a minute, is left; one that
/// the provider refuses is thrown away. An answer with a new refresh token ends the one that was used. Worked example: `expires_in: 3599` fetched at 0 is used until 3,539 s. Source: RFC
/// 6749 §5.1 (`access_token`, `expires_in`).
struct HTTPToken {
    /// Longer than any life that is believed.
    private static let longestSeconds = 86_400.0

    private var text: String?
    private var goodUntil: UInt64 = 0
    var isFetching = false
    /// The refresh token of the last answer that held one, which stands in place of the configured one.
    private(set) var refresh: String?
    private let lifetimeSeconds: Double

    init(_ target: HTTPTokenTarget, refresh: String? = nil) {
        self.refresh = refresh
        lifetimeSeconds = Double(target.token.lifetime.milliseconds) / 1_000
    }

    /// The token, while it may still be used.
    func usable(atMilliseconds now: UInt64) -> String? { now < goodUntil ? text : nil }

    /// Forgets a token that was refused, unless another has taken its place.
    mutating func drop(_ refused: String) {
        if text == refused { text = nil }
    }

    /// Takes an answer; nil where it holds a token, else why it does not.
    mutating func take(_ facts: HTTPVerdict.Facts, atMilliseconds now: UInt64) -> String? {
        isFetching = false
        guard facts.status != 0 else { return facts.failure?.description ?? "no answer" }
        let answer = JSONValue(facts.body)
        guard facts.status == 200, let token = answer?.at(["access_token"])?.word, HTTPTarget.isHeaderValue(token)
        else {
            // What it says is quoted only where it is a refusal: an answer with a token in it is a secret.
            let words = ["error", "error_description"].compactMap { answer?.at([$0])?.word }.joined(separator: ": ")
            return "HTTP \(facts.status)\(words.isEmpty ? "" : ": \(words)")"
        }
        let said = answer?.at(["expires_in"])?.word.flatMap(Double.init)
        let seconds = max(0, min(said ?? lifetimeSeconds, HTTPToken.longestSeconds))
        text = token
        if let new = answer?.at(["refresh_token"])?.word, HTTPTarget.isHeaderValue(new) { refresh = new }
        goodUntil = now + UInt64((seconds - min(60, seconds / 10)) * 1_000)
        return nil
    }
}
