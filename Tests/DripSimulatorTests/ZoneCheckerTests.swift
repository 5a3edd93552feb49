import DripCore
import Testing

@testable import DripSimulator

/// What the judges of caps and of lateness make of leads of two zones.
@Suite struct ZoneCheckerTests {
    private static let nine = Doctored.nine

    private static func fact(_ what: Fact.What, _ at: Instant, step: Int = 1) -> Fact {
        Fact(step: step, at: at, shown: at, what: what)
    }

    /// On Sunday evening in UTC it is Monday in Cairo.
    ///
    /// Of two that one step hands out, the one of Cairo went first, though its
    /// transport is heard later; over one transport the order is seen, and a third message is too many in any.
    @Test(arguments: [(["a", "b"], 0), (["a", "a"], 1), (["a", "b", "a"], 1)])
    func marksOfOneStepHaveNoOrderOverTwoTransports(_ transports: [String], _ complaints: Int) throws {
        var checker = CapsChecker(clocks: try Zones.load().clocks)
        var folder = Doctored().folder
        folder.policy.caps = [.init(atMost: 2, per: .days(7), calendar: .week)]
        folder.campaigns["c"]?.window = nil
        let sunday = Self.nine - .hours(10) + .minutes(26)
        _ = checker.hear(Self.fact(.live(folder), sunday - .hours(1)))
        func run(_ number: Int) -> Run { Run(lead: "k\(number)", campaign: "c") }
        for (number, zone) in ["UTC", "UTC", "Africa/Cairo", "UTC"].enumerated() {
            let lead = LeadPlan(key: "k\(number)", email: Doctored.mailbox, zone: zone)
            _ = checker.hear(Self.fact(.lead(lead, isCertain: true), sunday - .hours(1)))
            _ = checker.hear(Self.fact(.enrolled(run(number), isCertain: true), sunday - .hours(1)))
        }
        #expect(checker.hear(Self.fact(.marked(Doctored.mark(0, run: run(0))), sunday, step: 2)) == [])
        _ = checker.hear(Self.fact(.answered(mark: 0, .accepted), sunday, step: 3))
        var said: [String] = []
        for (number, transport) in transports.enumerated() {
            var mark = Doctored.mark(number + 1, run: run(number + 1))
            mark.transport = transport
            said += checker.hear(Self.fact(.marked(mark), Self.nine, step: 4))
        }
        #expect(said.count == complaints)
    }

    /// A step that another zone brought before the last message waits for the whole gap, and no longer.
    @Test(arguments: [("Asia/Kolkata", 20, 0), ("Asia/Kolkata", 25, 1), ("UTC", 20, 1)])
    func whomAnotherZoneOvertookWaitsForTheGap(_ zone: String, _ hours: Int64, _ complaints: Int) {
        var checker = NoBurstsChecker(transports: TransportPlan.pair(email: 1, http: 1))
        var folder = Doctored().folder
        folder.policy.caps = []
        folder.policy.lateMax = .hours(2)
        folder.campaigns["c"]?.window = nil
        let begin = Self.nine - .hours(3)
        let last = Doctored.mark(0)
        var facts = [Self.fact(.live(folder), begin)]
        facts += ["UTC", zone].map { zone in
            Self.fact(.lead(LeadPlan(key: "k0", email: Doctored.mailbox, zone: zone), isCertain: true), begin)
        }
        facts += [
            Self.fact(.enrolled(Doctored.run, isCertain: true), begin), Self.fact(.marked(last), Self.nine),
            Self.fact(.answered(mark: 0, .accepted), Self.nine),
            Self.fact(.marked(Doctored.mark(1, "two", planned: 0)), Self.nine + .hours(hours)),
        ]
        #expect(facts.flatMap { checker.hear($0) }.count == complaints)
    }
}
