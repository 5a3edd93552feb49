import DripCore
import Testing

@testable import DripSimulator

/// The judge of plans, by the examples of the rules themselves, and by histories that break one of them.
@Suite struct PlanOracleTests {
    private static let ground = Result { try Ground() }

    private static func time(_ text: String) -> LocalTime { LocalTime(text) ?? .midnight }

    private static func hours(_ text: String) -> CampaignPlan.Hours {
        CampaignPlan.Hours(opens: time(String(text.prefix(5))), closes: time(String(text.suffix(5))))
    }

    struct Case: CustomStringConvertible, Sendable {
        var zone = "Asia/Jakarta"
        var days = Array(Weekday.allCases.prefix(5))
        var hours: String? = "08:00-17:00"
        var quiet: String?
        var quietDays = Weekday.allCases
        var holidays: [Holidays.Entry] = []
        var endsOn: String?
        /// By the wall of the zone; a Friday.
        var enrolled = "2026-11-20T18:30:00"
        var previousEnded: String?
        var timing: Step.Timing
        var anchor = Anchor.enrollment
        var spread = TimeSpan.zero
        /// In UTC; nil: before the enrollment, or no date.
        var expected: [String]

        var description: String { "\(timing) \(zone) \(hours ?? "always")" }
    }

    static let monday = Holidays.Entry(.dates(LocalDate(daysSinceEpoch: 20_780), LocalDate(daysSinceEpoch: 20_780)))
    static let nine = LocalTime(secondOfDay: 32_400)
    static let week = Weekday.allCases

    /// Jakarta is seven hours ahead of UTC.
    static let cases: [Case] = [
        Case(timing: .day(1, at: nil), expected: ["2026-11-23T01:00:00Z"]),
        Case(timing: .day(1, at: nine), expected: ["2026-11-23T01:00:00Z"]),
        Case(enrolled: "2026-11-20T09:30:00", timing: .day(1, at: nine), expected: ["2026-11-20T02:30:00Z"]),
        Case(timing: .day(2, at: nine), expected: ["2026-11-23T02:00:00Z"]),
        Case(holidays: [monday], timing: .day(2, at: nine), expected: ["2026-11-24T02:00:00Z"]),
        Case(
            holidays: [Holidays.Entry(.yearly(month: 11, day: 23))], timing: .day(2, at: nil),
            expected: ["2026-11-24T01:00:00Z"]),
        Case(timing: .after(.hours(72)), expected: ["2026-11-23T11:30:00Z"]),
        Case(
            endsOn: "2026-12-01", timing: .day(-3, at: nine), anchor: .attribute("ends_on"),
            expected: ["2026-11-30T02:00:00Z"]),
        Case(
            hours: nil, endsOn: "2026-12-01", timing: .after(.hours(-72)), anchor: .attribute("ends_on"),
            expected: ["2026-11-27T17:00:00Z"]),
        Case(endsOn: "2026-11-22", timing: .day(-3, at: nine), anchor: .attribute("ends_on"), expected: []),
        Case(
            hours: nil, endsOn: "2026-11-20", timing: .day(1, at: nil), anchor: .attribute("ends_on"),
            expected: ["2026-11-20T11:30:00Z"]),
        Case(timing: .day(2, at: nine), anchor: .attribute("ends_on"), expected: []),
        Case(
            hours: nil, previousEnded: "2026-11-25T10:00:00", timing: .day(2, at: nine), anchor: .previous,
            expected: ["2026-11-26T02:00:00Z"]),
        Case(
            hours: nil, previousEnded: "2026-11-25T10:00:00", timing: .after(.hours(1)), anchor: .previous,
            expected: ["2026-11-25T04:00:00Z"]),
        // The night of a Friday is Friday's, Monday's early hours are nobody's.
        Case(hours: "22:00-06:00", timing: .day(2, at: time("02:00")), expected: ["2026-11-20T19:00:00Z"]),
        Case(hours: "22:00-06:00", timing: .day(4, at: time("02:00")), expected: ["2026-11-23T19:00:00Z"]),
        Case(hours: "22:00-06:00", timing: .day(2, at: nil), expected: ["2026-11-20T17:00:00Z"]),
        // Quiet hours cut what is open, and move no `at`.
        Case(hours: nil, quiet: "21:00-07:00", timing: .day(2, at: nil), expected: ["2026-11-21T00:00:00Z"]),
        Case(
            hours: nil, quiet: "21:00-07:00", quietDays: [.sunday], timing: .day(2, at: nil),
            expected: ["2026-11-20T17:00:00Z"]),
        Case(
            hours: nil, quiet: "21:00-07:00", quietDays: [.sunday], timing: .day(4, at: nil),
            expected: ["2026-11-23T00:00:00Z"]),
        // A spread, and one that the window's end cuts off.
        Case(
            timing: .day(4, at: time("16:45")), spread: .minutes(30),
            expected: ["2026-11-23T09:45:00Z", "2026-11-23T09:59:59.999Z"]),
        Case(
            timing: .after(.hours(1)), spread: .minutes(30),
            expected: ["2026-11-23T01:00:00Z", "2026-11-23T01:29:59.999Z"]),
        // A time that the clocks skip, one that comes twice, and a day that begins an hour late.
        Case(
            zone: "Europe/Berlin", hours: nil, enrolled: "2026-03-28T12:00:00", timing: .day(2, at: time("02:30")),
            expected: ["2026-03-29T01:00:00Z"]),
        Case(
            zone: "Europe/Berlin", hours: nil, enrolled: "2026-10-24T12:00:00", timing: .day(2, at: time("02:30")),
            expected: ["2026-10-25T00:30:00Z"]),
        Case(
            zone: "Europe/Berlin", hours: nil, enrolled: "2026-10-24T12:00:00", timing: .after(.hours(24)),
            expected: ["2026-10-25T10:00:00Z"]),
        Case(
            zone: "Africa/Cairo", days: week, hours: nil, enrolled: "2027-04-29T12:00:00", timing: .day(2, at: nil),
            expected: ["2027-04-29T22:00:00Z"]),
    ]

    @Test(arguments: cases)
    func itPlansAsTheRulesSay(of example: Case) throws {
        let clock = try #require(try Self.ground.get().zones.clocks[example.zone])
        func instant(_ wall: String) throws -> Instant {
            let seconds = try #require(Instant(wall + "Z")).seconds
            return try #require(clock.instant(showing: seconds))
        }
        var policy = Doctored().folder.policy
        policy.quietHours = example.quiet.map(Self.hours)
        policy.quietDays = example.quietDays
        policy.holidays = example.holidays
        var step = StepPlan(id: "it", timing: example.timing, anchor: example.anchor)
        step.spread = example.spread
        let campaign = CampaignPlan(
            name: "C",
            window: example.hours.map { .init(days: example.days, hours: Self.hours($0), keepsHolidays: true) },
            steps: [StepPlan(id: "first", timing: .after(.zero)), step])
        let oracle = PlanOracle(
            clock: clock, campaign: campaign, policy: policy,
            lead: LeadPlan(key: "k", endsOn: example.endsOn.flatMap { LocalDate($0) }),
            enrolledAt: try instant(example.enrolled))
        let ended = try example.previousEnded.map { ["first": try instant($0)] } ?? [:]
        let answer = try #require(oracle.plan(of: "it", planned: [:], ended: ended))
        guard case .between(let first, let last) = answer else {
            #expect(example.expected.isEmpty, "\(answer)")
            return
        }
        let bounds = first == last ? [first] : [first, last]
        #expect(bounds == example.expected.compactMap { Instant($0) })
    }

    /// What a step in front of it is planned for is the least.
    @Test func itIsNeverPlannedBeforeTheStepInFront() throws {
        let clock = try #require(try Self.ground.get().zones.clocks["UTC"])
        let oracle = PlanOracle(
            clock: clock, campaign: Doctored().folder.campaigns["c"] ?? CampaignPlan(name: "", steps: []),
            policy: Doctored().folder.policy, lead: LeadPlan(key: "k"), enrolledAt: Doctored.nine)
        let late = Doctored.nine + .days(3)
        #expect(oracle.plan(of: "two", planned: ["one": late], ended: [:]) == .between(late, late))
    }

    // MARK: Histories

    /// What the judge alone says, whatever the calendar of Core does.
    private func complaints(_ history: Doctored) throws -> [String] {
        var judge = PlanJudge(clocks: try Self.ground.get().zones.clocks)
        return history.facts.flatMap { judge.hear($0) }
    }

    private func spoiled(_ step: StepPlan, _ spoil: (inout Doctored) -> Void) -> Doctored {
        var history = Doctored()
        history.folder.campaigns["c"]?.steps[1] = step
        history.begin()
        spoil(&history)
        return history
    }

    @Test func aSoundHistoryIsPraised() throws { #expect(try complaints(.sound) == []) }

    @Test(arguments: [23.0, 24.0, 25.0])
    func anotherPlanThanTheWallSaysIsFound(hours: Double) throws {
        let history = spoiled(StepPlan(id: "two", timing: .day(2, at: Doctored.at(9)))) {
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, "two", planned: hours), hours: 25)
        }
        #expect(try complaints(history).isEmpty == (hours == 24))
    }

    /// Two hours behind the end of the first step, which came a minute and more after its plan.
    @Test(arguments: [(2.02, true), (2.0, false), (1.02, false)])
    func whatCountsFromTheStepInFrontCountsFromItsEnd(hours: Double, isSound: Bool) throws {
        let history = spoiled(StepPlan(id: "two", timing: .after(.hours(2)), anchor: .previous)) {
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, "two", planned: hours), hours: 3)
        }
        #expect(try complaints(history).isEmpty == isSound)
    }

    /// The first step was skipped, which nobody saw: the ledger says when.
    @Test(arguments: [(2.0, true), (3.0, false)])
    func whatCountsFromASkippedStepIsJudgedByTheLedger(hours: Double, isSound: Bool) throws {
        let history = spoiled(StepPlan(id: "two", timing: .after(.hours(2)), anchor: .previous)) {
            $0.send(Doctored.mark(1, "two", planned: hours), hours: 3)
            $0.end([Doctored.line("completed", [("skipped", "one", "conditionNotMet"), ("accepted", "two", nil)])])
        }
        #expect(try complaints(history).isEmpty == isSound)
    }

    @Test(arguments: [false, true])
    func aDayBeforeTheEnrollmentIsSkipped(isAccepted: Bool) throws {
        #expect(try complaints(ended(isAccepted, day: -2)).isEmpty == !isAccepted)
        #expect(try complaints(ended(isAccepted, day: 2)).isEmpty == isAccepted)
    }

    /// A history whose only step was accepted, or skipped because it would lie before the enrollment.
    private func ended(_ isAccepted: Bool, day: Int) -> Doctored {
        let step = StepPlan(id: "two", timing: .day(day, at: Doctored.at(9)), anchor: .attribute("ends_on"))
        var history = Doctored()
        history.folder.campaigns["c"]?.steps = [step]
        history.add(.live(history.folder), hours: -5)
        let today = LocalDate(daysSinceEpoch: Int(Doctored.nine.seconds / 86_400))
        history.add(
            .lead(LeadPlan(key: "k0", email: Doctored.mailbox, zone: "UTC", endsOn: today), isCertain: true), hours: -1)
        history.add(.enrolled(Doctored.run, isCertain: true), hours: -1)
        let end = isAccepted ? ("accepted", "two", nil) : ("skipped", "two", "beforeEnrollment")
        history.end([Doctored.line("completed", [end])])
        return history
    }

    /// Four leads whom a spread moves, all by as much, or not.
    @Test(arguments: [0.0, 0.1])
    func aSpreadMovesLeadsApart(apart: Double) throws {
        var step = StepPlan(id: "one", timing: .day(1, at: Doctored.at(9)))
        step.spread = .hours(2)
        var history = Doctored()
        history.folder.campaigns["c"]?.steps = [step]
        history.begin()
        for number in 0..<4 {
            let run = Run(lead: "k\(number)", campaign: "c")
            history.add(.lead(LeadPlan(key: run.lead, zone: "UTC"), isCertain: true), hours: -0.5)
            history.add(.enrolled(run, isCertain: true), hours: -0.5)
            history.send(Doctored.mark(number, planned: 0.5 + apart * Double(number), run: run), hours: 1)
        }
        #expect(try complaints(history).isEmpty == (apart > 0))
    }

    @Test func anEditedCampaignIsNotJudged() throws {
        let history = spoiled(StepPlan(id: "two", timing: .day(2, at: Doctored.at(9)))) {
            $0.folder.campaigns["c"]?.steps[0].timing = .day(1, at: Doctored.at(12))
            $0.add(.live($0.folder), hours: -0.5)
            $0.send(Doctored.mark(0), hours: 0)
        }
        #expect(try complaints(history) == [])
    }
}
