import DripCore
import Testing

@testable import DripSimulator

/// Every checker, shown a history that breaks its promise and no other, speaks, and it alone.
@Suite struct CheckerTests {
    private static let ground = Result { try Ground() }

    private func expect(
        _ guarantees: Set<String>, _ history: Doctored, location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(history.broken(on: try Self.ground.get()) == guarantees, sourceLocation: location)
    }

    /// A history that begins as it should and is then spoiled.
    private func spoiled(_ spoil: (inout Doctored) -> Void) -> Doctored {
        var history = Doctored()
        history.begin()
        spoil(&history)
        return history
    }

    @Test func aSoundHistoryIsPraisedByAll() throws { try expect([], .sound) }

    // MARK: G1

    @Test func aDoubledMessageBreaksG1() throws {
        try expect(
            ["G1"],
            spoiled {
                $0.send(Doctored.mark(0), hours: 0); $0.add(.received(Doctored.reception(Doctored.mark(0))), hours: 1)
            })
    }

    @Test(arguments: [Outcome.accepted, .unknown, .permanentFailure])
    func aSecondMarkAfterAnEndBreaksG1(outcome: Outcome) throws {
        let history = spoiled {
            $0.folder.policy.caps = []
            $0.add(.live($0.folder), hours: -1)
            $0.send(Doctored.mark(0), hours: 0, outcome, arrives: outcome == .accepted)
            $0.send(Doctored.mark(1), hours: 0.1, arrives: false)
        }
        #expect(history.broken(on: try Self.ground.get()).contains("G1"))
    }

    @Test func aRetryAfterADefiniteFailureIsNoRepeat() throws {
        var again = Doctored.mark(1)
        again.attempt = 2
        let history = spoiled {
            $0.isExact = false
            $0.send(Doctored.mark(0), hours: 0, .transientFailure, arrives: false)
            $0.send(again, hours: 0.5)
        }
        try expect([], history)
    }

    @Test func anIdentityOfTwoStepsBreaksG1() throws {
        let history = spoiled {
            $0.send(Doctored.mark(0), hours: 0, identity: "<same>")
            $0.send(Doctored.mark(1, "two", planned: 24), hours: 24, identity: "<same>")
        }
        try expect(["G1"], history)
    }

    @Test func anotherMailboxThanTheMarkedOneBreaksG1() throws {
        var reception = Doctored.reception(Doctored.mark(0))
        reception.mailbox = "other@example.com"
        try expect(
            ["G1"],
            spoiled {
                $0.add(.marked(Doctored.mark(0)), hours: 0); $0.add(.received(reception), hours: 0)
            })
    }

    // MARK: G2

    /// What the ledger says in the end, after both messages went.
    @Test(arguments: [
        [],
        [Doctored.line("completed", [("accepted", "one", nil)])],
        [Doctored.line("completed", [("accepted", "one", nil), ("failed", "two", "permanentFailure")])],
        [Doctored.line("completed", [("accepted", "one", nil), ("accepted", "one", nil), ("accepted", "two", nil)])],
        [Doctored.line("exited", [("accepted", "one", nil), ("accepted", "two", nil)])],
        [Doctored.line("exited", [("accepted", "one", nil), ("accepted", "two", nil), ("exited", nil, nil)])],
    ])
    func aLedgerThatDoesNotAccountForAllBreaksG2(lines: [Ledger.Line]) throws {
        let history = spoiled {
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, "two", planned: 24), hours: 24)
            $0.end(lines)
        }
        // Who asked for a run, and has none, was also refused one.
        try expect(lines.isEmpty ? ["G2", "again"] : ["G2"], history)
    }

    @Test func anAcceptedMessageThatNeverArrivedBreaksG2() throws {
        let history = spoiled {
            $0.send(Doctored.mark(0), hours: 0, arrives: false)
            $0.send(Doctored.mark(1, "two", planned: 24), hours: 24)
            $0.end()
        }
        try expect(["G2"], history)
    }

    @Test func aLostDoNotSendEntryBreaksG2() throws {
        var history = Doctored.sound
        history.facts.removeLast()
        history.add(.suppressed(mailbox: Doctored.mailbox), hours: 99)
        history.end()
        try expect(["G2"], history)
    }

    // MARK: G3

    @Test(arguments: [(19.99, true), (20.0, false)])
    func aMessageAboveACapBreaksG3(hours: Double, isBroken: Bool) throws {
        let other = Run(lead: "k1", campaign: "c")
        let history = spoiled {
            $0.folder.campaigns["c"]?.window = nil
            $0.add(.live($0.folder), hours: -1)
            $0.send(Doctored.mark(0), hours: 0, .unknown, arrives: false)
            $0.send(Doctored.mark(1, planned: hours, run: other), hours: hours)
        }
        try expect(isBroken ? ["G3"] : [], history)
    }

    struct CapCase: Sendable {
        var cap: PolicyPlan.Cap
        var hours: Double
        var isBroken: Bool

        init(_ cap: PolicyPlan.Cap, _ hours: Double, _ isBroken: Bool) {
            (self.cap, self.hours, self.isBroken) = (cap, hours, isBroken)
        }
    }

    static let capCases: [CapCase] = [
        CapCase(.init(atMost: 1, per: .days(9), calendar: .day), 6.0, true),
        CapCase(.init(atMost: 1, per: .days(9), calendar: .day), 15.0, false),
        CapCase(.init(atMost: 1, per: .zero, calendar: .week), 144, true),
        CapCase(.init(atMost: 1, per: .zero, calendar: .week), 159, false),
        CapCase(.init(atMost: 1, per: .zero, calendar: .month), 672, true),
        CapCase(.init(atMost: 1, per: .zero, calendar: .month), 696, false),
        CapCase(.init(atMost: 1, per: .days(9), topic: "news"), 6.0, false),
        CapCase(.init(atMost: 1, per: .days(9), topic: "tips"), 6.0, true),
        CapCase(.init(atMost: 1, per: .days(9), campaign: "c"), 6.0, false),
        CapCase(.init(atMost: 1, per: .days(9), each: .topic), 6.0, true),
        CapCase(.init(atMost: 1, per: .days(9), channel: .http), 6.0, false),
        CapCase(.init(atMost: 1, per: .days(9), channel: .email), 6.0, true),
        CapCase(.init(atMost: 1, per: .days(9), each: .campaign), 6.0, false),
        CapCase(.init(atMost: 1, per: .days(9), each: .channel), 6.0, true),
    ]

    /// The second of two messages, by what the cap counts: its day, week or month, its channel, topic or campaign.
    @Test(arguments: capCases)
    func aCapCountsWhatItsScopeNames(example: CapCase) throws {
        let (cap, hours, isBroken) = (example.cap, example.hours, example.isBroken)
        let history = spoiled {
            $0.isExact = false
            $0.folder.policy.caps = [cap]
            $0.folder.campaigns["c"]?.window = nil
            $0.folder.campaigns["c"]?.topic = "tips"
            $0.folder.campaigns["d"] = $0.folder.campaigns["c"]
            // Once by its campaign, once by itself.
            $0.folder.campaigns["d"]?.topic = "news"
            $0.folder.campaigns["d"]?.steps[0].topic = "tips"
            $0.add(.live($0.folder), hours: -1)
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, planned: hours, run: Run(lead: "k0", campaign: "d")), hours: hours)
        }
        try expect(isBroken ? ["G3"] : [], history)
    }

    /// A campaign's own cap counts that campaign alone.
    @Test(arguments: [("c", true), ("d", false)])
    func aCapOfACampaignBreaksG3(second: String, isBroken: Bool) throws {
        let history = spoiled {
            $0.isExact = false
            $0.folder.policy.caps = []
            $0.folder.campaigns["c"]?.window = nil
            $0.folder.campaigns["c"]?.caps = [PolicyPlan.Cap(atMost: 1, per: .days(9))]
            $0.folder.campaigns["d"] = $0.folder.campaigns["c"]
            $0.add(.live($0.folder), hours: -1)
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, planned: 6, run: Run(lead: "k1", campaign: second)), hours: 6)
        }
        try expect(isBroken ? ["G3"] : [], history)
    }

    @Test func whatDoesNotCountFillsNoCap() throws {
        let history = spoiled {
            $0.isExact = false
            $0.folder.campaigns["c"]?.steps[0].counts = false
            $0.add(.live($0.folder), hours: -1)
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, planned: 6, run: Run(lead: "k1", campaign: "c")), hours: 6)
        }
        try expect([], history)
    }

    @Test func aDeliveryUnderWayFillsACap() throws {
        let other = Run(lead: "k1", campaign: "c")
        let history = spoiled {
            $0.add(.marked(Doctored.mark(0)), hours: 0)
            $0.send(Doctored.mark(1, planned: 24, run: other), hours: 24)
        }
        try expect(["G3"], history)
    }

    // MARK: G4

    @Test(arguments: [(-2, true), (-1, false), (7, false), (8, true)])
    func aSendOutsideTheWindowBreaksG4(hours: Double, isBroken: Bool) throws {
        let history = spoiled {
            $0.isExact = false
            $0.send(Doctored.mark(0, planned: hours, run: Run(lead: "k1", campaign: "c")), hours: hours)
        }
        try expect(isBroken ? ["G4"] : [], history)
    }

    // MARK: G5

    @Test func aMarkAfterADoNotSendEntryBreaksG5() throws {
        let history = spoiled {
            $0.add(.suppressed(mailbox: Doctored.mailbox), hours: 0)
            $0.add(.marked(Doctored.mark(0)), hours: 0, inSameStep: true)
        }
        try expect(["G5"], history)
    }

    @Test(arguments: [true, false])
    func anOptOutStopsAllButWhatIsTransactional(isTransactional: Bool) throws {
        for no in [
            Fact.What.optedOut(mailbox: Doctored.mailbox, topic: "news"),
            .suppressed(mailbox: Doctored.mailbox, isTotal: false),
        ] {
            let history = spoiled {
                $0.folder.campaigns["c"]?.topic = "news"
                $0.folder.campaigns["c"]?.steps[0].isTransactional = isTransactional
                $0.isExact = false
                $0.add(.live($0.folder), hours: -0.5)
                $0.add(.enrolled(Run(lead: "k1", campaign: "c"), isCertain: true), hours: -0.5)
                $0.add(no, hours: -0.4)
                $0.send(Doctored.mark(0, run: Run(lead: "k1", campaign: "c")), hours: 0)
            }
            try expect(isTransactional ? [] : ["G5"], history)
        }
    }

    /// A step's own topic stops that step alone.
    @Test(arguments: [("tips", true), ("news", false)])
    func anOptOutOfAStepsTopicStopsThatStep(topic: String, isBroken: Bool) throws {
        let history = spoiled {
            $0.folder.campaigns["c"]?.steps[0].topic = "tips"
            $0.isExact = false
            $0.add(.live($0.folder), hours: -0.5)
            $0.add(.optedOut(mailbox: Doctored.mailbox, topic: topic), hours: -0.4)
            $0.send(Doctored.mark(0), hours: 0)
        }
        try expect(isBroken ? ["G5"] : [], history)
    }

    /// What an entry ended stays ended after it was taken back; what began later goes.
    @Test(arguments: [true, false])
    func anEntryThatIsTakenBackRevivesNothing(wasThere: Bool) throws {
        for (entry, topic) in [
            (Fact.What.suppressed(mailbox: Doctored.mailbox), nil),
            (.suppressed(mailbox: Doctored.mailbox, isTotal: false), nil),
            (.optedOut(mailbox: Doctored.mailbox, topic: "tips"), "tips"),
        ] {
            var history = Doctored()
            history.folder.campaigns["c"]?.topic = "tips"
            if wasThere { history.begin() } else { history.add(.live(history.folder), hours: -1) }
            history.add(entry, hours: -0.9)
            history.add(.unsuppressed(mailbox: Doctored.mailbox, topic: topic), hours: -0.8)
            if !wasThere { history.begin() }
            history.send(Doctored.mark(0), hours: 0)
            try expect(wasThere ? ["G5"] : [], history)
        }
    }

    @Test func anEntryThatWasTakenBackIsNotLost() throws {
        var history = Doctored.sound
        history.facts.removeLast()
        history.add(.suppressed(mailbox: Doctored.mailbox), hours: 99)
        history.add(.unsuppressed(mailbox: Doctored.mailbox, topic: nil), hours: 99)
        history.end()
        try expect([], history)
    }

    @Test func aMarkAfterAGoalBreaksG5() throws {
        try expect(
            ["G5"],
            spoiled {
                $0.add(.over(Doctored.run), hours: -0.5); $0.send(Doctored.mark(0), hours: 0)
            })
    }

    // MARK: G6

    @Test func theWrongOrderBreaksG6() throws {
        let history = spoiled {
            $0.isExact = false
            $0.send(Doctored.mark(0, "two", planned: 24), hours: 24)
            $0.send(Doctored.mark(1, "one", planned: 0), hours: 48)
        }
        try expect(["G6"], history)
    }

    @Test func aMarkBeforeThePlanBreaksG6() throws {
        try expect(
            ["G6"],
            spoiled {
                $0.isExact = false; $0.send(Doctored.mark(0), hours: -0.1)
            })
    }

    @Test func twoStepsWithinTheGapBreakG6() throws {
        let history = spoiled {
            $0.isExact = false
            $0.folder.policy.caps = []
            $0.folder.campaigns["c"]?.window = nil
            $0.add(.live($0.folder), hours: -1)
            $0.send(Doctored.mark(0), hours: 10)
            $0.send(Doctored.mark(1, "two", planned: 24), hours: 29)
        }
        try expect(["G6"], history)
    }

    // MARK: G7

    @Test(arguments: [
        Pause.everything, .campaign("c"), .transport("relay"), .lead("k0", until: nil),
        .lead("k0", until: Doctored.nine + .hours(1)),
    ])
    func aMarkWhileItIsPausedBreaksG7(pause: Pause) throws {
        try expect(
            ["G7"],
            spoiled {
                $0.add(.paused(pause), hours: -0.5); $0.send(Doctored.mark(0), hours: 0)
            })
        let resumed = spoiled {
            $0.add(.paused(pause), hours: -0.5)
            $0.add(.resumed(pause), hours: -0.4)
            $0.send(Doctored.mark(0), hours: 0)
        }
        try expect([], resumed)
    }

    @Test func aMarkOfACopyBreaksG7() throws {
        try expect(
            ["G7"],
            spoiled {
                $0.add(.restored, hours: -0.5); $0.send(Doctored.mark(0), hours: 0)
            })
    }

    /// Three leads whose step was due two hours ago, sent so many minutes apart; one an hour is allowed.
    @Test(arguments: [(20.0, true), (60.0, false)])
    func aCrowdOfLateWorkBreaksG7(minutes: Double, isBroken: Bool) throws {
        var history = Doctored()
        history.isExact = false
        history.folder.policy.caps = []
        history.folder.campaigns["c"]?.window = nil
        history.begin()
        let runs = (1...3).map { Run(lead: "k\($0)", campaign: "c") }
        for run in runs { history.add(.enrolled(run, isCertain: true), hours: -1) }
        history.add(.died, hours: -0.5)
        history.add(.booted, hours: 2)
        for (index, run) in runs.enumerated() {
            history.send(Doctored.mark(index, run: run), hours: 2 + Double(index) * minutes / 60)
        }
        try expect(isBroken ? ["G7"] : [], history)
    }

    /// What a person has sent again, so many hours behind its plan, is due anew from then.
    @Test(arguments: [(nil, true), (24, false), (0.05, true)] as [(Double?, Bool)])
    func aStepBeyondLateMaxBreaksG7(resent: Double?, isBroken: Bool) throws {
        var history = Doctored()
        history.isExact = false
        history.folder.policy.caps = []
        history.folder.campaigns["c"]?.window = nil
        history.begin()
        if let resent { history.add(.resent(Doctored.run, step: "one"), hours: resent) }
        history.send(Doctored.mark(0), hours: 24.1)
        try expect(isBroken ? ["G7"] : [], history)
    }

    /// Two days late, of which the lead rested for so many hours.
    @Test(arguments: [(47.0, false), (20, true)])
    func aRestIsNoLatenessToG7(hours: Double, isBroken: Bool) throws {
        var history = Doctored()
        history.isExact = false
        history.folder.policy.caps = []
        history.folder.campaigns["c"]?.window = nil
        history.begin()
        let pause = Pause.lead(Doctored.mark(0).run.lead, until: nil)
        history.add(.paused(pause), hours: 0.5)
        history.add(.resumed(pause), hours: 0.5 + hours)
        history.send(Doctored.mark(0), hours: 48)
        try expect(isBroken ? ["G7"] : [], history)
    }

    @Test func moreUnderWayThanIsAllowedBreaksG7() throws {
        var history = Doctored()
        history.isExact = false
        history.folder.policy.caps = []
        history.begin()
        for number in 0..<3 {
            history.add(.marked(Doctored.mark(number, run: Run(lead: "k\(number)", campaign: "c"))), hours: 0)
        }
        try expect(["G7"], history)
    }

    // MARK: G9 and liveness

    @Test func anotherPlanThanThePredictedOneBreaksG9() throws {
        try expect(
            ["G9"],
            spoiled {
                $0.isExact = false; $0.send(Doctored.mark(0, planned: 1), hours: 1)
            })
    }

    @Test func anotherInstantThanThePredictedOneBreaksG9() throws {
        try expect(["G9"], spoiled { $0.send(Doctored.mark(0), hours: 0.01) })
    }

    @Test func aRunThatNothingWakesBreaksLiveness() throws {
        var history = Doctored.sound
        history.facts.removeLast()
        history.end([Doctored.line("active")])
        try expect(["liveness"], history)
        history.facts.removeLast()
        let entries: [(String, String?, String?)] = [
            ("accepted", "one", nil), ("accepted", "two", nil), ("deferred", "three", "missingDate"),
        ]
        history.end([Doctored.line("active", entries)])
        try expect([], history)
        try expect(["liveness"], spoiled { $0.add(.stuck("it rings for ever"), hours: 1) })
    }
}
