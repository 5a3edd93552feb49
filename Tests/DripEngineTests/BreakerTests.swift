import DripCore
import Testing

@testable import DripEngine

@Suite struct BreakerTests {
    private let now = Instant(seconds: 1_800_000_000)
    private let fault = AttemptResult(
        delivery: DeliveryID(rawValue: 1), outcome: .transientFailure, blame: .transport, text: "535 no")
    private let answer = AttemptResult(delivery: DeliveryID(rawValue: 1), outcome: .permanentFailure, text: "550 no")

    @Test func faultsInARowPauseLongerAndLonger() {
        var breaker = Breaker()
        var at = now
        var pauses: [TimeSpan] = []
        for _ in 0..<7 {
            breaker.hear(fault, at: at)
            guard let until = breaker.openUntil else { return }
            pauses.append(until - at)
            at = until
        }
        #expect(pauses.map(\.description) == ["30s", "1m", "2m", "5m", "10m", "10m", "10m"])
    }

    @Test func faultsOfSendsThatWereUnderWayDoNotProlongThePause() {
        var breaker = Breaker()
        for _ in 0..<20 { breaker.hear(fault, at: now) }
        #expect(breaker.openUntil == now + .seconds(30))
    }

    @Test func whatWasUnderWayBeforeDoesNotEndThePause() {
        var breaker = Breaker()
        breaker.hear(fault, at: now)
        breaker.hear(answer, at: now + .seconds(1))
        #expect(breaker.state(at: now + .seconds(2)) == .paused && breaker.faults == 1)
    }

    @Test func aMessageThatCouldNotBeMadeSaysNothingOfTheTransport() {
        var breaker = Breaker()
        breaker.hear(fault, at: now)
        let unmade = AttemptResult(
            delivery: DeliveryID(rawValue: 1), outcome: .permanentFailure, blame: .composing, text: "no")
        breaker.hear(unmade, at: now + .seconds(31))
        #expect(breaker.state(at: now + .seconds(31)) == .probing)
    }

    @Test func aClockThatStepsBackDoesNotProlongThePause() {
        var breaker = Breaker()
        breaker.hear(fault, at: now)
        #expect(breaker.state(at: now - .hours(1)) == .probing)
    }

    @Test func afterAPauseOneProbesAndAnAnswerCloses() {
        var breaker = Breaker()
        #expect(breaker.credit(limit: 8, sending: 3, at: now) == 5)
        breaker.hear(fault, at: now)
        #expect(breaker.credit(limit: 8, sending: 0, at: now + .seconds(29)) == 0)
        let later = now + .seconds(30)
        #expect(breaker.credit(limit: 8, sending: 0, at: later) == 1 && breaker.state(at: later) == .probing)
        #expect(breaker.credit(limit: 8, sending: 1, at: later) == 0)
        breaker.hear(answer, at: later)
        #expect(breaker.credit(limit: 8, sending: 0, at: later) == 8 && breaker.faults == 0)
    }

    private func paced(_ wish: TimeSpan?) -> AttemptResult {
        AttemptResult(
            delivery: DeliveryID(rawValue: 1), outcome: .transientFailure, blame: .pace, code: 429,
            text: "HTTP 429", retryAfter: wish)
    }

    @Test(
        arguments: [
            (nil, "30s"), (TimeSpan.seconds(7), "7s"), (.zero, "1s"), (.hours(3), "10m"),
        ] as [(TimeSpan?, String)])
    func aWishForFewerPausesForAsLongAsItAsks(wish: TimeSpan?, pause: String) {
        var breaker = Breaker()
        breaker.hear(paced(wish), at: now)
        #expect(breaker.pausedUntil(at: now).map { ($0 - now).description } == pause)
        #expect(breaker.lastError == "HTTP 429")
    }

    private let overload = AttemptResult(
        delivery: DeliveryID(rawValue: 1), outcome: .transientFailure, code: 452, enhancedCode: "4.3.1",
        text: "452 4.3.1 insufficient system storage")

    @Test func twentyOutageLikeAnswersPauseATransportThatAnswers() {
        var breaker = Breaker()
        for _ in 0..<19 { breaker.hear(overload, at: now) }
        #expect(breaker.state(at: now) == .open)
        breaker.hear(overload, at: now)
        #expect(breaker.state(at: now) == .paused)
        #expect(
            breaker.lastError == "20 of the last 20 attempts failed: 452 4.3.1 insufficient system storage")
        let later = now + .seconds(30)
        breaker.hear(overload, at: later)
        #expect(breaker.pausedUntil(at: later) == later + .minutes(1))
        breaker.hear(answer, at: later + .minutes(1))
        #expect(breaker.state(at: later + .minutes(1)) == .open && breaker.faults == 0)
        breaker.hear(overload, at: later + .minutes(1))
        #expect(breaker.state(at: later + .minutes(1)) == .open)
    }

    @Test func aFaultThatIsGoneIsNotProlongedByAnOverload() {
        var breaker = Breaker()
        breaker.hear(fault, at: now)
        breaker.hear(overload, at: now + .seconds(30))
        #expect(breaker.state(at: now + .seconds(30)) == .open)
    }

    /// The relay was mended; the answer that says so must not be the one that shuts it.
    @Test func aGoodAnswerNeverPauses() {
        var breaker = Breaker()
        for _ in 0..<16 { breaker.hear(overload, at: now) }
        for _ in 0..<4 { breaker.hear(answer, at: now) }
        #expect(breaker.state(at: now) == .open)
    }

    /// An API that is overloaded answers 503 and 429 in turn.
    @Test func aWishForFewerDoesNotEndAnOutage() {
        var breaker = Breaker()
        for _ in 0..<20 { breaker.hear(overload, at: now) }
        let second = now + .seconds(30)
        breaker.hear(paced(.seconds(5)), at: second)
        let third = second + .seconds(5)
        breaker.hear(overload, at: third)
        #expect(breaker.state(at: third) == .paused)
    }
}
