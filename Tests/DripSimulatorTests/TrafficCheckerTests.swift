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

    private enum Event {
        case sends(String)
        /// The last one that was sent.
        case answered(Outcome, isFault: Bool)
        case heard(Fact.What)
    }

    /// Which of the marks, in their order, are complained of.
    private func wrong(_ events: [(Double, Event)]) throws -> [Bool] {
        var checker = TrafficChecker(clocks: try Zones.load().clocks, transports: Self.transports)
        var marks: [Bool] = []
        func hear(_ what: Fact.What, _ seconds: Double) -> Bool {
            let at = Doctored.nine + .milliseconds(Int64(seconds * 1_000))
            return !checker.hear(Fact(step: 1, at: at, shown: at, what: what)).isEmpty
        }
        _ = hear(.live(Doctored().folder), 0)
        for (seconds, event) in events {
            switch event {
            case .sends(let transport):
                var mark = Doctored.mark(marks.count)
                mark.transport = transport
                marks.append(hear(.marked(mark), seconds))
            case .answered(let outcome, let isFault):
                _ = hear(.answered(mark: marks.count - 1, outcome, isFault: isFault), seconds)
            case .heard(let what): _ = hear(what, seconds)
            }
        }
        return marks
    }

    @Test(
        arguments: [
            ("relay", [0, 30, 60], 90.0, 89.9), ("second", [0, 60], 120, 119), ("young", [0, 1], 86_400, 2),
        ] as [(String, [Double], Double, Double)])
    func aRateOrAVolumeIsKept(transport: String, sound: [Double], right: Double, tooSoon: Double) throws {
        let good = sound.map { _ in false }
        #expect(try wrong((sound + [right]).map { ($0, .sends(transport)) }) == good + [false])
        #expect(try wrong((sound + [tooSoon]).map { ($0, .sends(transport)) }) == good + [true])
    }

    @Test func aRateBeginsAnewWhereTheClockStepsBackOrItStarts() throws {
        let events: [(Double, Event)] = [
            (0, .sends("relay")), (1, .sends("relay")), (-60, .sends("relay")), (-59, .heard(.booted)),
            (-59, .sends("relay")),
        ]
        #expect(try wrong(events) == [false, true, false, false])
    }

    @Test func aStandInWaitsUntilTheOneBeforeItFails() throws {
        #expect(try wrong([(0, .sends("spare"))]) == [true])
        let failed: [(Double, Event)] = [
            (0, .sends("relay")), (1, .answered(.transientFailure, isFault: true)), (2, .sends("spare")),
            (40, .sends("relay")), (41, .answered(.accepted, isFault: false)), (42, .sends("spare")),
        ]
        #expect(try wrong(failed) == [false, false, false, true])
        let held: [(Double, Event)] = [
            (0, .heard(.paused(.transport("relay")))), (1, .sends("spare")),
            (2, .heard(.resumed(.transport("relay")))), (3, .sends("spare")),
        ]
        #expect(try wrong(held) == [false, true])
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
