import DripCore
import Testing

@testable import DripDelivery

@Suite struct ProviderVerdictTests {
    private static func provider(_ success: ProviderSuccess, _ errors: [ProviderErrorRule]) throws -> Provider {
        Provider(
            name: "p", reach: .email, url: try ProviderText("https://api.example.com/"), body: .webhook,
            success: success, messageID: .json(try #require(ProviderPath("id"))), errors: errors)
    }

    private static func judge(
        _ status: Int, _ body: String, headers: [String: String] = [:], success: ProviderSuccess = ProviderSuccess()
    ) throws -> AttemptResult {
        let code = ProviderSpot.json(try #require(ProviderPath("code")))
        let provider = try provider(
            success,
            [
                ProviderErrorRule(
                    statuses: [400...400], test: ProviderTest(spot: code, values: ["7"]), meaning: .suppress),
                ProviderErrorRule(statuses: [], test: ProviderTest(spot: code, values: ["8", "true"]), meaning: .auth),
                ProviderErrorRule(test: ProviderTest(spot: code, words: ["Not Verified"]), meaning: .auth),
                ProviderErrorRule(
                    test: ProviderTest(spot: .header("X-Error"), values: ["Throttled"]), meaning: .rateLimited),
                ProviderErrorRule(statuses: [409...409], meaning: .inDoubt),
                ProviderErrorRule(statuses: [500...599], test: ProviderTest(spot: code), meaning: .permanent),
            ])
        var facts = HTTPVerdict.Facts()
        facts.status = status
        facts.body = Array(body.utf8)
        facts.headers = headers
        return ProviderVerdict.judge(facts, by: provider, delivery: DeliveryID(rawValue: 1))
    }

    @Test(
        arguments: [
            (200, #"{"id":"m-1"}"#, [:], "1 accepted delivery 200"), (200, "no json", [:], "1 accepted delivery 200"),
            (400, #"{"code":7}"#, [:], "1 permanentFailure delivery 400"),
            (401, #"{"code":7}"#, [:], "1 transientFailure transport 401"),
            (400, #"{"code":"8"}"#, [:], "1 transientFailure transport 400"),
            (400, #"{"code":true}"#, [:], "1 transientFailure transport 400"),
            (400, #"{"code":"Sender is not verified."}"#, [:], "1 transientFailure transport 400"),
            (400, #"{"code":"x"}"#, ["x-error": "Throttled:http://internal"], "1 transientFailure pace 400"),
            (400, #"{"code":"x"}"#, ["x-error": "ThrottledNot"], "1 permanentFailure delivery 400"),
            (409, "", [:], "1 unknown delivery 409"), (503, #"{"code":1}"#, [:], "1 permanentFailure delivery 503"),
            (503, #"{"code":null}"#, [:], "1 transientFailure delivery 503"),
            (503, "", [:], "1 transientFailure delivery 503"),
            (422, "", [:], "1 permanentFailure delivery 422"), (302, "", [:], "1 transientFailure transport 302"),
        ] as [(Int, String, [String: String], String)])
    func theFirstRuleThatFits(status: Int, body: String, headers: [String: String], expected: String) throws {
        #expect(try Self.judge(status, body, headers: headers).brief == expected)
    }

    @Test(arguments: [
        (200, #"{"ok":true}"#, "1 accepted delivery 200"), (200, #"{"ok":"true"}"#, "1 accepted delivery 200"),
        (200, #"{"ok":false,"code":8}"#, "1 transientFailure transport 200"),
        // Something was done, and nobody can say what.
        (200, #"{"ok":false}"#, "1 unknown delivery 200"), (200, "<html>", "1 unknown delivery 200"),
        (200, #"{"ok":tr"#, "1 unknown delivery 200"), (204, "", "1 unknown delivery 204"),
    ])
    func aTestMustHold(status: Int, body: String, expected: String) throws {
        let ok = ProviderTest(spot: .json(try #require(ProviderPath("ok"))), values: ["true"])
        let success = ProviderSuccess(statuses: [200...200], test: ok)
        #expect(try Self.judge(status, body, success: success).brief == expected)
    }

    @Test func tellsTheRest() throws {
        #expect(try Self.judge(200, #"{"id":"m-1"}"#).providerMessageID == "m-1")
        #expect(try Self.judge(200, #"{"id":12345678}"#).providerMessageID == "12345678")
        #expect(try Self.judge(200, #"{"id":{}}"#).providerMessageID == nil)
        #expect(try Self.judge(400, #"{"code":7}"#).isHardBounce)
        #expect(try !Self.judge(422, #"{"code":7}"#).isHardBounce)
        let slow = try Self.judge(400, #"{"code":"x"}"#, headers: ["x-error": "Throttled", "retry-after": "9"])
        #expect(slow.retryAfter == .seconds(9))
        #expect(slow.text == #"HTTP 400: {"code":"x"}"#)
    }
}

@Suite struct HTTPTokenTests {
    private static func token() throws -> HTTPToken {
        let text = try ProviderText("x")
        return HTTPToken(
            HTTPTokenTarget(
                token: ProviderToken(
                    url: text, grant: .clientCredentials, clientID: text, clientSecret: text, lifetime: .minutes(10))))
    }

    /// Used until a tenth of its life, at most a minute, is left.
    @Test(
        arguments: [
            (#"{"access_token":"a","expires_in":3599}"#, 3_539_000),
            (#"{"access_token":"a","expires_in":"100"}"#, 90_000),
            (#"{"access_token":"a"}"#, 540_000), (#"{"access_token":"a","expires_in":-5}"#, 0),
            (#"{"access_token":"a","expires_in":1e300}"#, 86_340_000),
        ] as [(String, UInt64)])
    func livesAsLongAsItIsSaid(body: String, untilMilliseconds: UInt64) throws {
        var token = try Self.token()
        var facts = HTTPVerdict.Facts()
        facts.status = 200
        facts.body = Array(body.utf8)
        #expect(token.take(facts, atMilliseconds: 1_000) == nil)
        if untilMilliseconds > 0 { #expect(token.usable(atMilliseconds: 1_000 + untilMilliseconds - 1) == "a") }
        #expect(token.usable(atMilliseconds: 1_000 + untilMilliseconds) == nil)
        token.drop("b")
        if untilMilliseconds > 0 { #expect(token.usable(atMilliseconds: 1_000) == "a") }
        token.drop("a")
        #expect(token.usable(atMilliseconds: 1_000) == nil)
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_client","error_description":"no"}"#, "HTTP 400: invalid_client: no"),
        (200, #"{"token":"secret"}"#, "HTTP 200"), (200, "secret", "HTTP 200"),
        (200, #"{"access_token":"a\r\nX: y"}"#, "HTTP 200"), (0, "", "no answer"),
    ])
    func refusesWithoutQuotingASecret(status: Int, body: String, why: String) throws {
        var token = try Self.token()
        var facts = HTTPVerdict.Facts()
        facts.status = status
        facts.body = Array(body.utf8)
        #expect(token.take(facts, atMilliseconds: 0) == why)
        #expect(token.usable(atMilliseconds: 0) == nil)
    }
}
