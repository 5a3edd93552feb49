import DripCore
import Testing

@testable import DripSimulator

/// Rates, volumes and stand-ins: each is noticed where it is broken, and nothing is where it is kept.
@Suite struct TrafficCheckerTests {
    private static let transports = [
        TransportPlan(
            name: "relay", channel: .email, inFlight: 9,
            traffic: TransportTraffic(fallback: "spare", rate: SendRate(count: 2, period: .minutes(1)))),
        TransportPlan(
            name: "second", channel: .email, inFlight: 9,
            traffic: TransportTraffic(
                ratePerDomain: .init(byDomain: ["example.com": SendRate(count: 1, period: .minutes(1))]))),
        TransportPlan(
            name: "young", channel: .email, inFlight: 9,
            traffic: TransportTraffic(
                warmUp: WarmUp(from: LocalDate(daysSinceEpoch: Int(Doctored.nine.seconds / 86_400)), volumes: [2]))),
        TransportPlan(name: "spare", channel: .email, inFlight: 9, traffic: TransportTraffic(weight: 0)),
    ]

    private var checker: TrafficChecker
    private var number = 0

    init() throws {
        let zones = try Zones.load()
        checker = TrafficChecker(clocks: zones.clocks, transports: Self.transports)
        _ = hear(.live(Doctored().folder))
    }

    private mutating func hear(_ what: Fact.What, after seconds: Double = 0) -> [String] {
        let at = Doctored.nine + .milliseconds(Int64(seconds * 1_000))
        return checker.hear(Fact(step: 1, at: at, shown: at, what: what))
    }

    /// Whether the mark is complained of.
    private mutating func isWrong(_ transport: String, after seconds: Double) -> Bool {
        var mark = Doctored.mark(number)
        mark.transport = transport
        number += 1
        return !hear(.marked(mark), after: seconds).isEmpty
    }

    @Test(arguments: [
        ("relay", [0, 30, 60], 90.0, 89.9), ("second", [0, 60], 120, 119), ("young", [0, 1], 86_400, 2),
    ] as [(String, [Double], Double, Double)])
    mutating func aRateOrAVolumeIsKept(transport: String, sound: [Double], right: Double, wrong: Double) {
        for seconds in sound { #expect(!isWrong(transport, after: seconds)) }
        var other = self
        #expect(!isWrong(transport, after: right))
        #expect(other.isWrong(transport, after: wrong))
    }

    @Test mutating func aRateBeginsAnewWhereTheClockStepsBackOrItStarts() {
        #expect(!isWrong("relay", after: 0) && isWrong("relay", after: 1))
        #expect(!isWrong("relay", after: -60))
        _ = hear(.booted, after: -59)
        #expect(!isWrong("relay", after: -59))
    }

    @Test mutating func aStandInWaitsUntilTheOneBeforeItFails() {
        #expect(isWrong("spare", after: 0))
        var failed = self
        #expect(!failed.isWrong("relay", after: 1))
        _ = failed.hear(.answered(mark: failed.number - 1, .transientFailure, isFault: true), after: 2)
        #expect(!failed.isWrong("spare", after: 3))
        #expect(!failed.isWrong("relay", after: 40))
        _ = failed.hear(.answered(mark: failed.number - 1, .accepted), after: 41)
        #expect(failed.isWrong("spare", after: 42))
        var held = self
        _ = held.hear(.paused(.transport("relay")), after: 1)
        #expect(!held.isWrong("spare", after: 2))
        _ = held.hear(.resumed(.transport("relay")), after: 3)
        #expect(held.isWrong("spare", after: 4))
    }

    @Test func lettersAreBelievedOnceAndOnlyUnderTheirSeal() {
        func heard(_ meaning: LetterPlan.Meaning, _ isForged: Bool, _ answers: [ReturnAnswer]) -> Int {
            var checker = ReturnsChecker()
            let about = Letter(run: Doctored.run, step: "one", meaning: meaning)
            return answers.flatMap { answer in
                checker.hear(
                    Fact(
                        step: 1, at: Doctored.nine, shown: Doctored.nine,
                        what: .letter("1", about, isForged: isForged, answer)))
            }.count
        }
        let (proved, known) = (ReturnAnswer(isNew: true, isProved: true), ReturnAnswer(isNew: false, isProved: false))
        let unproved = ReturnAnswer(isNew: true, isProved: false)
        #expect(heard(.hardBounce, false, [proved, known]) == 0 && heard(.hardBounce, false, [proved, proved]) == 1)
        #expect(heard(.arrival, false, [proved, proved]) == 0)
        #expect(heard(.hardBounce, true, [unproved, unproved]) == 0 && heard(.hardBounce, true, [proved]) == 1)
    }
}
