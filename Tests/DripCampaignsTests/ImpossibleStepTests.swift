import DripCore
import Testing

@testable import DripCampaigns

@Suite struct ImpossibleStepTests {
    private static func step(
        _ timing: Step.Timing, deferMax: TimeSpan? = nil, isConditional: Bool = false, topic: String? = nil
    ) -> Step {
        Step(
            id: StepID(rawValue: "s"), timing: timing,
            condition: isConditional ? .attribute("a", .exists(true)) : nil,
            action: .email(MessageChoice(path: "x.md")),
            deferMax: deferMax, topic: topic.map { TopicID(rawValue: $0) })
    }

    private static func at(_ hour: Int) -> LocalTime { LocalTime(secondOfDay: hour * 3_600) }
    private static let daily = FrequencyCap(count: 1, period: .hours(24))

    /// The numbers of the steps that are warned of.
    private static func warned(_ steps: [Step], caps: [FrequencyCap], window: SendWindow = .always) -> [Int] {
        let findings = Findings(file: "x")
        let places = steps.indices.map { Place(line: $0, column: 1) }
        let campaign = Campaign(id: CampaignID(rawValue: "c"), name: "C", window: window, steps: steps)
        let times = SendTimes(window: window)
        ImpossibleStep.warn(campaign, places: places, times: times, caps: caps, findings: findings)
        #expect(findings.diagnostics.allSatisfy { $0.severity == .warning })
        return findings.diagnostics.map(\.line)
    }

    @Test func theWorkedExample() {
        let first = Self.step(.day(1, at: Self.at(9)))
        let second = Self.step(.day(1, at: Self.at(15)), deferMax: .hours(6))
        let patient = Self.step(.day(1, at: Self.at(15)), deferMax: .hours(18))
        let standard = Self.step(.day(1, at: Self.at(15)))
        let third = Self.step(.day(3, at: Self.at(9)))
        #expect(Self.warned([first, second], caps: [Self.daily]) == [1])
        #expect(Self.warned([first, second], caps: []) == [])
        #expect(Self.warned([first, patient], caps: [Self.daily]) == [])
        #expect(Self.warned([first, standard], caps: [Self.daily]) == [])
        #expect(Self.warned([first, standard, third], caps: [Self.daily]) == [])
        // Until 18:00 it would have to wait 18 h, and it may wait 3.
        #expect(Self.warned([first, standard, Self.step(.day(1, at: Self.at(18)))], caps: [Self.daily]).first == 1)
    }

    @Test func aStepThatMayNotGoHoldsNobodyUp() {
        let first = Self.step(.day(1, at: Self.at(9)), isConditional: true)
        let second = Self.step(.day(1, at: Self.at(15)), deferMax: .hours(6))
        #expect(Self.warned([first, second], caps: [Self.daily]) == [])
    }

    @Test func countsAsManyStepsAsTheCapAllows() {
        let steps = (0..<4).map { Self.step(.after(.hours(Int64($0))), deferMax: .hours(1)) }
        #expect(Self.warned(steps, caps: [FrequencyCap(count: 2, period: .hours(24))]) == [2, 3])
        #expect(Self.warned(steps, caps: [FrequencyCap(count: 4, period: .hours(24))]) == [])
        #expect(Self.warned(steps, caps: [FrequencyCap(count: 1, period: .hours(1))]) == [])
    }

    @Test func countsWhatTheScopeNames() {
        let first = Self.step(.day(2, at: Self.at(9)), topic: "a")
        func second(_ topic: String?) -> Step { Self.step(.day(2, at: Self.at(15)), deferMax: .hours(1), topic: topic) }
        func warned(_ scope: FrequencyCap.Scope, _ topic: String? = nil) -> Bool {
            let cap = FrequencyCap(count: 1, period: .hours(24), scope: scope)
            return !Self.warned([first, second(topic)], caps: [cap]).isEmpty
        }
        #expect(warned(.init(channel: .email)) && !warned(.init(channel: .http)))
        #expect(
            warned(.init(campaign: CampaignID(rawValue: "c"))) && !warned(.init(campaign: CampaignID(rawValue: "d"))))
        #expect(warned(.init(topic: TopicID(rawValue: "a")), "a") && !warned(.init(topic: TopicID(rawValue: "a")), "b"))
        #expect(warned(.init(each: .topic), "a") && !warned(.init(each: .topic), "b") && !warned(.init(each: .topic)))
        #expect(warned(.init(each: .campaign)) && warned(.init(each: .channel)))
    }

    @Test func whatDoesNotCountOrPassesCapsIsNoObstacle() {
        var first = Self.step(.day(2, at: Self.at(9)))
        var second = Self.step(.day(2, at: Self.at(15)), deferMax: .hours(1))
        #expect(Self.warned([first, second], caps: [Self.daily]) == [1])
        first.counts = false
        #expect(Self.warned([first, second], caps: [Self.daily]) == [])
        (first.counts, second.isTransactional) = (true, true)
        #expect(Self.warned([first, second], caps: [Self.daily]) == [])
    }

    /// Steps of one day are sure to meet in one calendar period; of others nobody knows.
    @Test(arguments: CalendarPeriod.allCases)
    func calendarCapsOfOneDay(period: CalendarPeriod) {
        let cap = FrequencyCap(count: 1, period: .calendar(period))
        func warned(_ day: Int, _ other: Int, deferMax: Int64) -> Bool {
            let steps = [
                Self.step(.day(day, at: Self.at(9))),
                Self.step(.day(other, at: Self.at(15)), deferMax: .hours(deferMax)),
            ]
            return !Self.warned(steps, caps: [cap]).isEmpty
        }
        #expect(warned(2, 2, deferMax: 6))
        #expect(!warned(2, 2, deferMax: 7), "until 22:00, for a change of the clocks")
        #expect(!warned(2, 3, deferMax: 0))
        #expect(!warned(1, 1, deferMax: 0), "on day 1 both may go at any hour")
        let after = [Self.step(.after(.hours(1))), Self.step(.after(.hours(1)), deferMax: .zero)]
        #expect(Self.warned(after, caps: [cap]) == [])
    }

    @Test func stepsOfOtherAnchorsAndSpreadsAreNotComparedTooNarrowly() {
        func pair(_ anchor: Anchor, spread: TimeSpan = .zero) -> [Step] {
            var second = Self.step(.after(.hours(20)), deferMax: .hours(2))
            (second.anchor, second.spread) = (anchor, spread)
            return [Self.step(.after(.zero)), second]
        }
        #expect(Self.warned(pair(.enrollment), caps: [Self.daily]) == [1])
        #expect(Self.warned(pair(.previous), caps: [Self.daily]) == [])
        #expect(Self.warned(pair(.attribute("x")), caps: [Self.daily]) == [])
        #expect(Self.warned(pair(.enrollment, spread: .hours(2)), caps: [Self.daily]) == [])
        // What counts from the end of a step leaves it as long as a last one.
        var third = Self.step(.after(.hours(1)))
        third.anchor = .previous
        #expect(Self.warned([Self.step(.after(.zero)), Self.step(.after(.hours(1))), third], caps: [Self.daily]) == [])
    }

    /// With a window the distance is not sure: a weekend may lie between the two.
    @Test func saysNothingWhereItIsNotSure() {
        let weekdays = SendWindow(days: [.monday], opens: Self.at(8), closes: Self.at(17))
        let steps = [Self.step(.day(1, at: Self.at(9))), Self.step(.day(2, at: Self.at(9)), deferMax: .zero)]
        #expect(Self.warned(steps, caps: [FrequencyCap(count: 1, period: .hours(48))], window: weekdays) == [])
        #expect(Self.warned(steps, caps: [FrequencyCap(count: 1, period: .hours(48))]) == [1])
        let mixed = [Self.step(.after(.zero)), Self.step(.day(2, at: nil), deferMax: .zero)]
        #expect(Self.warned(mixed, caps: [FrequencyCap(count: 1, period: .days(30))]) == [])
    }
}
