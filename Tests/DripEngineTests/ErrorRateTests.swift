import DripCore
import Testing

@testable import DripEngine

@Suite struct ErrorRateTests {
    private let now = Instant(seconds: 1_800_000_000)

    private static func result(_ outcome: Outcome, _ code: Int, _ enhancedCode: String? = nil) -> AttemptResult {
        AttemptResult(
            delivery: DeliveryID(rawValue: 1), outcome: outcome, code: code, enhancedCode: enhancedCode, text: "")
    }

    @Test(arguments: [
        (result(.unknown, 0), true), (result(.transientFailure, 0), true), (result(.transientFailure, 421), true),
        (result(.transientFailure, 452), true), (result(.transientFailure, 451, "4.3.0"), true),
        (result(.transientFailure, 451, "4.4.1"), true), (result(.transientFailure, 503), true),
        (result(.transientFailure, 450), false), (result(.transientFailure, 451), false),
        (result(.transientFailure, 451, "4.7.1"), false), (result(.transientFailure, 452, "4.2.2"), false),
        (result(.accepted, 250), false), (result(.permanentFailure, 550, "5.1.1"), false),
        (result(.permanentFailure, 554, "5.3.4"), false),
    ])
    func whatTellsOfTheOtherSideAndNotOfTheMessage(result: AttemptResult, isOutageLike: Bool) {
        #expect(result.isOutageLike == isOutageLike)
    }

    /// Each letter is a result: `x` like an outage, `.` an answer.
    @Test(arguments: [
        ("xxxxxxxxxxxxxxxxxxx", false), ("xxxxxxxxxxxxxxxxxxxx", true), ("....xxxxxxxxxxxxxxxx", true),
        (".....xxxxxxxxxxxxxxx", false), ("xxxxxxxxxxxxxxxxxxxx.....", false), ("xxxxxxxxxxxxxxxxxxxx....", true),
        ("....................xxxxxxxxxxxxxxx", false), ("....................xxxxxxxxxxxxxxxx", true),
    ])
    func sixteenOfTheLastTwentyAreTooMany(results: String, isTooHigh: Bool) {
        var rate = ErrorRate()
        for letter in results {
            rate.hear(letter == "x" ? Self.result(.unknown, 0) : Self.result(.accepted, 250), at: now)
        }
        #expect(rate.isTooHigh == isTooHigh)
    }

    /// Eight connections that are silent for ten minutes after the dot, again and again.
    @Test func aRelayThatIsSilentAfterTheDotIsUnwell() {
        var rate = ErrorRate()
        for wave in 0..<3 {
            for _ in 0..<8 { rate.hear(Self.result(.unknown, 354), at: now + .minutes(Int64(wave) * 11)) }
        }
        #expect(rate.isTooHigh)
    }

    @Test func oneMessageThatFailsAtEachAttemptIsNoOutage() {
        var rate = ErrorRate()
        for attempt in 0..<100 { rate.hear(Self.result(.unknown, 0), at: now + .minutes(Int64(attempt) * 26)) }
        #expect(!rate.isTooHigh)
        for _ in 0..<19 { rate.hear(Self.result(.unknown, 0), at: now + .minutes(99 * 26 + 25)) }
        #expect(rate.isTooHigh)
    }
}
