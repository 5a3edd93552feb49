import DripCore
import Testing

@testable import DripSimulator

/// The judge of handoffs must be able to speak.
@Suite struct HandoffCheckerTests {
    private static let ground = Result { try Ground() }
    /// Monday, 2 November 2026, 09:00 UTC; and Friday of that week at 16:00.
    private static let nine = Doctored.nine
    private static let friday = nine + .hours(4 * 24 + 7)

    private struct History {
        var checker: HandoffChecker
        var book = HandoffBook()
        var folder = Doctored().folder

        /// Everybody works from Monday to Friday, 08:00 to 17:00, and nobody has a territory but whom `change` gives one.
        init(_ names: [String] = ["Rini", "Budi"], _ change: (inout HandoffPlan) -> Void = { _ in }) throws {
            checker = HandoffChecker(clocks: try ground.get().zones.clocks)
            var plan = HandoffPlan(
                owners: names.map { name in
                    var owner = HandoffPlan.Owner(name: name)
                    owner.window = .init(
                        days: Array(Weekday.allCases.prefix(5)),
                        hours: .init(opens: Doctored.at(8), closes: Doctored.at(17)))
                    return owner
                }, acceptWithin: .hours(4), followUpWithin: .hours(8))
            change(&plan)
            folder.scoring = ScoringPlan(fit: [:], rules: [], threshold: .init(atLeast: 20), events: [:], handoff: plan)
            folder.campaigns["c"]?.window = nil
            folder.campaigns["c"]?.steps = [
                ("give", StepPlan.InnerPlan.handoff(another: false)), ("tell", nil), ("wait", .answer(upTo: .hours(4))),
                ("pass", .handoff(another: true)),
            ].map { id, inner in
                var step = StepPlan(id: id, timing: .after(.zero), anchor: .previous)
                (step.inner, step.isNotice, step.isForOwner) = (inner, inner == nil, inner == nil)
                return step
            }
            _ = hear(.live(folder), at: nine - .hours(1))
        }

        mutating func hear(_ what: Fact.What, at: Instant) -> [String] {
            checker.hear(Fact(step: 1, at: at, shown: at, what: what))
        }

        private mutating func change(_ lead: Int, _ change: (inout HandoffBook.Standing) -> Void) {
            change(&book.leads[lead, default: .init(key: "k\(lead)")])
        }

        mutating func count(_ what: String, of owner: String, _ number: Int = 1) {
            book.figures[.init(owner: owner, month: "2026-11"), default: [:]][what, default: 0] += number
        }

        /// The state says that a lead was given to somebody, and until when they promise to accept it.
        mutating func gives(
            _ lead: Int = 1, to owner: String, by step: String = "give", at: Instant, until: Instant? = nil
        ) {
            book.entries.append(
                .init(lead: lead, at: at, what: .performed("c/\(step)", planned: at, detail: "given to \(owner): so")))
            change(lead) {
                ($0.owner, $0.givenTo, $0.since, $0.state) = (owner, owner, at, "given")
                ($0.acceptBy, $0.followUpBy) = (until ?? at + .hours(4), nil)
            }
            count("given", of: owner)
        }

        mutating func answers(
            _ event: String, _ lead: Int = 1, at: Instant, as tally: String?, isByLink: Bool = false,
            until: Instant? = nil
        ) {
            book.entries.append(.init(lead: lead, at: at, what: .event(event, byLink: isByLink)))
            let states = ["sales_accepted": "accepted", "sales_rejected": "rejected", "followed_up": "followed_up"]
            change(lead) { ($0.state, $0.acceptBy, $0.followUpBy) = (states[event], nil, until) }
            if let tally, let owner = book.leads[lead]?.givenTo { count(tally, of: owner) }
        }

        /// What the state says is told; answers what is wrong with it.
        mutating func said(at: Instant = nine + .hours(1)) -> [String] {
            defer { book.entries = [] }
            return hear(.handoffs(book), at: at)
        }

        func request(_ action: HandoverRequest.Action, since: Instant = nine, owner: String = "Rini") -> HandoverRequest
        {
            HandoverRequest(enrollment: EnrollmentID(rawValue: 1), owner: owner, since: "\(since)", action: action)
        }
    }

    private static let all = HandoverView(
        brief: HandoverBrief(
            owner: "Rini", lead: "k1", stage: "", score: "", acceptBy: "", followUpBy: "", facts: [], history: []),
        state: .given)

    @Test func aSoundHandoffIsSound() throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.nine)
        history.answers(
            "sales_accepted", at: Self.nine + .hours(1), as: "accepted_in_time", until: Self.nine + .hours(24))
        history.answers("followed_up", at: Self.nine + .hours(24), as: "followed_up_in_time")
        history.answers("followed_up", at: Self.nine + .hours(25), as: nil)
        history.gives(2, to: "Budi", at: Self.nine)
        history.answers("sales_rejected", 2, at: Self.nine + .hours(2), as: "rejected")
        #expect(history.said() == [])
        #expect(history.checker.judgedByRule["given"] == 2 && history.checker.judgedByRule["answered"] == 3)
    }

    // MARK: Who gets it

    @Test func whoGetsWhatIsOfAnothersTerritoryIsSeen() throws {
        for (name, tier) in [("Aya", "gold"), ("Rini", "gold"), ("Rini", "silver"), ("Aya", "silver")] {
            var history = try History(["Rini", "Aya"]) { $0.owners[1].tiers = ["gold"] }
            history.book.leads[1] = .init(key: "k1", tier: tier)
            history.gives(to: name, at: Self.nine)
            let isRight = (name == "Aya") == (tier == "gold")
            #expect(history.said().isEmpty == isRight, "\(name), \(tier)")
        }
        // A territory that is away loses no lead.
        var history = try History(["Rini", "Aya"]) {
            $0.owners[1].tiers = ["gold"]
            $0.owners[1].away = [Holidays.Entry(.yearly(month: 11, day: 2))]
        }
        history.book.leads[1] = .init(key: "k1", tier: "gold")
        history.gives(to: "Rini", at: Self.nine)
        #expect(history.said() == [])
    }

    @Test func whoGetsLeadsOnADayOffIsSeen() throws {
        var history = try History { $0.owners[0].away = [Holidays.Entry(.yearly(month: 11, day: 2))] }
        history.gives(to: "Rini", at: Self.nine, until: Self.nine + .hours(27))
        #expect(history.said().first?.contains("Rini is away") == true)
    }

    @Test func whoGetsLeadsAtNightWhileOthersWorkIsSeen() throws {
        var history = try History {
            $0.owners[0].window?.hours = .init(opens: Doctored.at(12), closes: Doctored.at(17))
        }
        history.gives(to: "Rini", at: Self.nine, until: Self.nine + .hours(7))
        #expect(history.said().first?.contains("Rini is not at work") == true)
    }

    @Test(arguments: [
        ("RBRRBR", 2, true), ("RBRBRB", 2, false), ("RBRBRB", 1, true), ("RRBBRB", 1, false), ("RBRRRB", 2, false),
    ])
    func turnsThatAreNotThoseOfTheWeightsAreSeen(_ order: String, _ weight: Int, isRight: Bool) throws {
        var history = try History { $0.owners[0].weight = weight }
        for (lead, letter) in order.enumerated() {
            history.gives(lead, to: letter == "R" ? "Rini" : "Budi", at: Self.nine)
        }
        #expect(history.said().isEmpty == isRight)
    }

    /// Who is new gets no more than their share from then on.
    @Test(arguments: [("RBSRBS", true), ("SSSSSR", false)])
    func whoIsNewIsHandedNothingOfWhatOthersHad(_ order: String, isRight: Bool) throws {
        var history = try History()
        for lead in 0..<20 { history.gives(lead, to: lead % 2 == 0 ? "Rini" : "Budi", at: Self.nine) }
        #expect(history.said() == [])
        var folder = history.folder
        folder.scoring?.handoff = try History(["Rini", "Budi", "Sari"]).folder.scoring?.handoff
        _ = history.hear(.live(folder), at: Self.nine)
        for (lead, letter) in order.enumerated() {
            let name = ["R": "Rini", "B": "Budi", "S": "Sari"][letter]
            history.gives(100 + lead, to: try #require(name), at: Self.nine)
        }
        #expect(history.said().isEmpty == isRight)
    }

    @Test func anotherWhoIsTheSameIsSeen() throws {
        for (name, isRight) in [("Budi", true), ("Rini", false)] {
            var history = try History()
            history.gives(to: "Rini", at: Self.nine)
            history.gives(to: name, by: "pass", at: Self.nine + .hours(1))
            history.count("taken_away", of: "Rini")
            #expect(history.said().contains { $0.contains("another was asked for") } != isRight)
        }
    }

    @Test func whoIsNobodysIsSeenWhereSomebodyIsThere() throws {
        var history = try History()
        let nobody = HandoffBook.Entry.What.performed("c/give", planned: Self.nine, detail: "given to nobody: away")
        history.book.entries.append(.init(lead: 1, at: Self.nine, what: nobody))
        #expect(history.said() == ["of  at \(Self.nine): nobody took it, and Rini was there"])
    }

    // MARK: Promises and answers

    /// Given on Friday at 16:00, four hours are over on Monday at 11:00.
    @Test(arguments: [(TimeSpan.hours(4), false), (.hours(67), true), (.hours(68), false)])
    func aPromiseByAnyOtherClockIsSeen(_ span: TimeSpan, isRight: Bool) throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.friday, until: Self.friday + span)
        #expect(history.said(at: Self.friday).isEmpty == isRight)
    }

    @Test(arguments: [(0, "accepted_in_time", true), (1, "accepted_in_time", false), (1, "accepted_late", true)])
    func aLateAnswerThatCountsAsInTimeIsSeen(_ late: Int64, _ tally: String, isRight: Bool) throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.nine)
        let at = Self.nine + .hours(4) + .milliseconds(late)
        history.answers("sales_accepted", at: at, as: tally, until: Self.nine + .hours(27) + .milliseconds(late))
        #expect(history.said(at: at).isEmpty == isRight)
    }

    @Test func whatIsNotCountedIsSeen() throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.nine)
        #expect(history.said() == [])
        history.gives(to: "Budi", by: "pass", at: Self.nine + .hours(1))
        #expect(history.said().contains { $0.contains("is to have given 1, taken_away 1, and has given 1") })
    }

    @Test func aLeadThatIsGoneAndStillOpenIsSeen() throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.nine)
        _ = history.said()
        history.book.leads = [:]
        #expect(history.said().contains { $0.contains("1 are open, and 0 leads") })
    }

    @Test func anOwnerByNobodysWordIsSeen() throws {
        for isTold in [true, false] {
            var history = try History()
            history.gives(to: "Rini", at: Self.nine)
            _ = history.said()
            if isTold { _ = history.hear(.importing(owners: ["k1": "BUDI"]), at: Self.nine) }
            history.book.leads[1]?.owner = "BUDI"
            #expect(history.said().isEmpty == isTold)
        }
    }

    // MARK: Links and notes

    @Test func whatTheLinkOfAnEarlierHandoffDoesIsSeen() throws {
        for since in [Self.nine, Self.nine - .hours(20)] {
            var history = try History()
            history.gives(to: "Rini", at: Self.nine)
            _ = history.said()
            _ = history.hear(.pressed(history.request(.accept, since: since)), at: Self.nine)
            history.answers(
                "sales_accepted", at: Self.nine + .hours(1), as: "accepted_in_time", isByLink: true,
                until: Self.nine + .hours(24))
            #expect(history.said().isEmpty == (since == Self.nine))
        }
    }

    @Test func whatALinkShowsOrLeavesUndoneIsSeen() throws {
        func shown(_ request: (History) -> HandoverRequest, _ view: HandoverView, of lead: String? = "k1") throws
            -> [String]
        {
            var history = try History()
            history.gives(to: "Rini", at: Self.nine)
            _ = history.said()
            _ = history.hear(.pressed(request(history)), at: Self.nine)
            return history.hear(.shown(request(history), lead: lead, view), at: Self.nine)
        }
        #expect(try shown({ $0.request(.look) }, Self.all) == [])
        #expect(try shown({ $0.request(.look) }, HandoverView()).first?.contains("shows nothing") == true)
        #expect(try shown({ $0.request(.look, owner: "Budi") }, Self.all).first?.contains("shows all of k1") == true)
        #expect(try shown({ $0.request(.look, owner: "Budi") }, HandoverView(isOf: "Rini")) == [])
        #expect(try shown({ $0.request(.look) }, Self.all, of: nil).first?.contains("an erased lead") == true)
        #expect(try shown({ $0.request(.accept) }, Self.all).first?.contains("which is given") == true)
    }

    @Test func aNoteToSomebodyElseIsSeen() throws {
        for (mailbox, isRight) in [("rini@sales.example", true), ("budi@sales.example", false)] {
            var history = try History()
            history.gives(to: "Rini", at: Self.nine)
            _ = history.said()
            var mark = Doctored.mark(0, "tell", run: Run(lead: "k1", campaign: "c"))
            mark.owner = mailbox
            #expect(history.hear(.marked(mark), at: Self.nine).isEmpty == isRight)
        }
    }

    // MARK: Leads that are gone

    @Test func whatCountsOfAnErasedLeadIsSeen() throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.nine)
        _ = history.said()
        history.book.entries = [.init(lead: 1, at: Self.nine, what: .erased)]
        history.book.leads = [:]
        #expect(history.said() == [])
        history.book.entries = [.init(lead: 1, at: Self.nine, what: .event("sales_accepted", byLink: false))]
        #expect(history.said().first?.contains("that lead is erased") == true)
    }

    @Test func halfAHandoffOfTwoLeadsIsSeen() throws {
        for isWhole in [true, false] {
            var history = try History()
            history.gives(to: "Rini", at: Self.nine)
            history.gives(2, to: "Budi", at: Self.nine)
            history.answers(
                "sales_accepted", at: Self.nine + .hours(1), as: "accepted_in_time", until: Self.nine + .hours(24))
            _ = history.said()
            history.book.entries = [.init(lead: 2, at: Self.nine, what: .merged(into: 1))]
            history.book.leads[2] = nil
            // Within its time it counts as if it had never been given to him.
            history.book.figures = history.book.figures.filter { $0.key.owner != "Budi" }
            if !isWhole { history.book.leads[1]?.acceptBy = Self.nine + .hours(4) }
            #expect(history.said().isEmpty == isWhole)
        }
    }

    // MARK: Waiting

    @Test(arguments: [(TimeSpan.hours(4), false), (.hours(67), true)])
    func aWaitByAnyOtherClockIsSeen(_ span: TimeSpan, isRight: Bool) throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.friday, until: Self.friday + .hours(67))
        history.book.waits[1] = .init(lead: 1, step: "c/wait", since: Self.friday, until: Self.friday + span)
        #expect(history.said(at: Self.friday).isEmpty == isRight)
    }

    @Test(arguments: [
        (TimeSpan.hours(66), "time is over", false), (.hours(67), "time is over", true),
        (.hours(67), "it is so", false),
    ])
    func aWaitThatEndsTooEarlyIsSeen(_ span: TimeSpan, _ detail: String, isRight: Bool) throws {
        var history = try History()
        history.gives(to: "Rini", at: Self.friday, until: Self.friday + .hours(67))
        let over = HandoffBook.Entry.What.performed("c/wait", planned: Self.friday, detail: detail)
        history.book.entries.append(.init(lead: 1, at: Self.friday + span, what: over))
        #expect(history.said(at: Self.friday + span).isEmpty == isRight)
    }

    /// The night in which the clocks of Berlin go forward has no hour from two to three.
    @Test func deskHoursAreThoseOfTheWall() throws {
        let clock = try #require(try Self.ground.get().zones.clocks["Europe/Berlin"])
        let desk = DeskHours(clock: clock, window: nil, policy: Doctored().folder.policy)
        let start = try #require(Instant("2027-03-28T00:30:00Z"))
        #expect(desk.end(of: .hours(1), from: start) == start + .hours(1))
        var night =
            desk.window ?? .init(days: Weekday.allCases, hours: .init(opens: Doctored.at(1), closes: Doctored.at(4)))
        night.days = [.sunday]
        let nights = DeskHours(clock: clock, window: night, policy: Doctored().folder.policy)
        // 01:30 to 02:00 and 03:00 to 04:00 on the wall; the rest a week later.
        #expect(nights.end(of: .minutes(90), from: start) == start + .minutes(90))
        #expect(nights.end(of: .minutes(91), from: start) == Instant("2027-04-03T23:01:00Z"))
    }
}
