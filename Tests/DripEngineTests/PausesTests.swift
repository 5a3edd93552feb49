import DripCore
import DripEngine
import Testing

@Suite struct PausesTests {
    private func world(_ more: String = "") throws -> World {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md", "id: two, after: 48h, email: m.md"], policy: more))
        try world.importLeads([["a@example.com"], ["b@example.com"]], into: "c")
        return world
    }

    private func pause(_ target: String, _ world: World, until: WrittenInstant? = nil) throws -> PauseAnswer {
        let target = try #require(PauseTarget(rawValue: target))
        guard case .paused(let answer) = try world.command(.pause(target, until: until, note: "test")) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    private func resume(_ target: String, _ world: World) throws -> PauseAnswer {
        let target = try #require(PauseTarget(rawValue: target))
        guard case .resumed(let answer) = try world.command(.resume(target)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    @Test(arguments: ["everything", "campaign c", "transport relay"])
    func nothingGoesWhileItIsHeldAlsoAfterACrash(target: String) throws {
        let world = try world()
        #expect(try pause(target, world).isChange)
        #expect(try !pause(target, world).isChange)
        world.run(for: .hours(2))
        try world.crash()
        world.run(for: .hours(1))
        #expect(world.sends.isEmpty)
        #expect(try world.status().holds.map(\.target.rawValue) == [target])
        #expect(try world.status().lagSeconds == 0 || target == "transport relay")
        #expect(try resume(target, world).isChange)
        #expect(try !resume(target, world).isChange)
        world.run(for: .hours(1))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "one"])
        #expect(try world.status().holds.isEmpty)
    }

    @Test func aPauseBurnsLateMax() throws {
        let world = try world()
        _ = try pause("campaign c", world)
        world.sleep(until: World.monday + .hours(26))
        _ = try resume("campaign c", world)
        world.run(for: .days(7))
        #expect(world.sends.map(\.step.id.rawValue) == ["two", "two"])
        #expect(try world.status().campaigns.first?.skipped == ["late": 2])
    }

    @Test func aPausedLeadWaitsAloneAndGoesOnWhenResumed() throws {
        let world = try world()
        #expect(try pause("lead a@example.com", world).isChange)
        world.run(for: .hours(3))
        #expect(world.sends.map(\.lead.key) == ["b@example.com"])
        #expect(try world.lead("a@example.com").pause?.until == nil)
        #expect(
            try world.explain("a@example.com").enrollments.first?.outlook
                == "one waits: the lead is paused since Mon 2026-11-02 09:00 (Asia/Jakarta), until it is resumed: test")
        #expect(try resume("lead a@example.com", world).isChange)
        world.run(for: .hours(1))
        #expect(world.sends.map(\.lead.key) == ["b@example.com", "a@example.com"])
        #expect(try world.lead("a@example.com").timeline.map(\.what).contains("resumed"))
    }

    @Test func aPauseThatReplacesAnotherSaysSo() throws {
        let world = try world()
        #expect(try pause("lead a@example.com", world, until: .instant(World.monday + .days(9))).was == nil)
        #expect(try world.status().pausedLeads == 1)
        let second = try pause("lead a@example.com", world, until: .instant(World.monday + .days(2)))
        #expect(second.was == "until Wed 2026-11-11 09:00 Asia/Jakarta (2026-11-11T02:00:00.000Z)")
        #expect(try pause("lead a@example.com", world, until: .instant(World.monday + .days(2))).was == nil)
        world.run(for: .days(3))
        #expect(try world.status().pausedLeads == 0)
    }

    /// The wrong one of two people must not be paused for want of a question.
    @Test func anAddressThatLeadsShareNamesNoneOfThem() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads(
            [["crm-1", "info@example.com"], ["crm-2", "info@example.com"]], columns: ["key", "email"], into: "c")
        let error = #expect(throws: ControlError.self) { try pause("lead info@example.com", world) }
        #expect(
            error?.message
                == "2 leads share the address \"info@example.com\": name one by its key: crm-1, crm-2")
        #expect(try pause("lead crm-2", world).isChange)
        world.run(for: .hours(3))
        #expect(world.sends.map(\.lead.key) == ["crm-1"])
    }

    /// A month's rest is not forgotten because a short one follows: the series behind it still waits for its gaps.
    @Test func aShortPauseBehindALongOneSkipsNothing() throws {
        let steps = (1...5).map { "id: s\($0), after: \(24 * $0)h, email: m.md" }
        let world = try World(files: Folder.with(steps: steps, policy: "min_gap: 20h"))
        try world.importLeads([["a@example.com"]], into: "c")
        let end = World.monday + .days(30)
        _ = try pause("lead a@example.com", world, until: .instant(end))
        world.run(until: end + .minutes(1))
        _ = try pause("lead a@example.com", world)
        world.run(for: .minutes(5))
        _ = try resume("lead a@example.com", world)
        world.run(for: .days(20))
        #expect(world.sends.map(\.step.id.rawValue) == ["s1", "s2", "s3", "s4", "s5"])
    }

    @Test func aLeadsPauseEndsByItself() throws {
        let world = try world()
        _ = try pause("lead a@example.com", world, until: .instant(World.monday + .hours(5)))
        world.run(for: .days(1))
        #expect(world.sends.map(\.markedAt) == [World.monday + .hours(1), World.monday + .hours(5)])
    }

    // MARK: A lead's rest

    private static let trial = [
        "id: one, after: 1h, email: m.md", "id: two, after: 48h, email: m.md", "id: three, after: 96h, email: m.md",
        "id: reminder, anchor: { attribute: trial_ends_on }, day: -3, at: \"09:00\", email: m.md",
        "id: last, anchor: { attribute: trial_ends_on }, day: 30, at: \"09:00\", email: m.md",
    ]

    private func resting() throws -> World {
        let world = try World(files: Folder.with(steps: Self.trial))
        try world.importLeads([["a@example.com", "2026-11-20"]], columns: ["email", "trial_ends_on"], into: "c")
        return world
    }

    private let month = World.monday + .days(30)

    /// "Not now: in a month": the series goes on behind it, a gap apart; what counts from a date that is over does not.
    @Test func aMonthsRestDropsNothingButWhatCountsFromADate() throws {
        let world = try resting()
        _ = try pause("lead a@example.com", world, until: .instant(month))
        world.run(for: .days(60))
        #expect(
            world.sentSteps == [
                "one @ \(month)", "two @ \(month + .hours(20))", "three @ \(month + .hours(40))",
                "last @ 2026-12-19T02:00:00.000Z",
            ])
        #expect(try world.status().campaigns.first?.skipped == ["late": 1])
    }

    @Test func theAnswerSaysWhatBecomesOfItsSteps() throws {
        let world = try resting()
        let answer = try pause("lead a@example.com", world, until: WrittenInstant("2026-12-02T09:00"))
        #expect(answer.until == month && answer.untilLocal == "Wed 2026-12-02 09:00 Asia/Jakarta")
        #expect(answer.since == World.monday && answer.note == "test")
        let steps = try #require(answer.plans).flatMap(\.steps)
        #expect(steps.map(\.step.rawValue) == ["one", "two", "three", "reminder"], "what stays as it was is left out")
        #expect(steps.map(\.outlook) == [.goes, .goes, .goes, .skipped] && steps[3].reason == .late)
        #expect(steps.prefix(3).map(\.at) == [month, month + .hours(20), month + .hours(40)])
        world.run(for: .days(40))
        #expect(world.sends.map(\.markedAt) == steps.prefix(3).map(\.at))
    }

    @Test func explainSaysWhereThePauseMovesTheStepThatIsWaitedFor() throws {
        let world = try resting()
        _ = try pause("lead a@example.com", world, until: .instant(month))
        let first = try #require(try world.explain("a@example.com").enrollments.first?.steps.first)
        #expect(first.state == "waiting" && first.at == World.monday + .hours(1))
        #expect(first.detail == "goes at Wed 2026-12-02 09:00 Asia/Jakarta (paused)")
    }

    @Test func aResumeEndsARestAndNothingOfItIsLate() throws {
        let world = try resting()
        #expect(try pause("lead a@example.com", world).plans?.isEmpty == true)
        world.run(for: .days(20))
        _ = try resume("lead a@example.com", world)
        #expect(try world.lead("a@example.com").pause == nil)
        world.run(for: .days(5))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "two", "three"])
    }

    /// Whatever else goes wrong while it rests: what was down or held meanwhile makes nothing late.
    @Test(arguments: ["down", "campaign c", "transport relay"])
    func whatElseGoesWrongDuringARestIsNoLateness(what: String) throws {
        let world = try resting()
        _ = try pause("lead a@example.com", world, until: .instant(World.monday + .days(10)))
        if what != "down" { _ = try pause(what, world) }
        if what == "down" { world.sleep(until: World.monday + .days(7)) } else { world.run(for: .days(7)) }
        if what != "down" { _ = try resume(what, world) }
        try world.crash()
        world.run(for: .days(6))
        #expect(world.sends.first?.markedAt == World.monday + .days(10))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "two", "three"])
    }

    /// A step that waited before its lead was paused stays as late as it was.
    @Test func whatWasLateBeforeARestIsLateBehindIt() throws {
        let world = try resting()
        _ = try pause("transport relay", world)
        world.sleep(until: World.monday + .hours(24))
        _ = try pause("lead a@example.com", world, until: .instant(World.monday + .days(3)))
        _ = try resume("transport relay", world)
        world.run(for: .days(3))
        #expect(world.sends.first?.step.id.rawValue == "one", "23 h are not more than 24")
        let slow = try resting()
        _ = try pause("transport relay", slow)
        slow.sleep(until: World.monday + .hours(26))
        _ = try pause("lead a@example.com", slow, until: .instant(World.monday + .days(3)))
        _ = try resume("transport relay", slow)
        slow.run(for: .days(3))
        #expect(slow.sends.first?.step.id.rawValue == "two", "25 h are")
    }

    /// Many may rest until one instant: what goes then goes at the catch-up rate (G7).
    @Test func manyWhoRestUntilOneInstantAreNoCrowd() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md"], policy: "catch_up: { at_most: 2, per: 1h, after: 15m }"))
        let keys = (0..<6).map { "k\($0)@example.com" }
        try world.importLeads(keys.map { [$0] }, into: "c")
        for key in keys { _ = try pause("lead \(key)", world, until: .instant(month)) }
        world.run(for: .days(32))
        #expect(world.sends.map(\.markedAt) == (0..<6).map { month + .minutes(30 * Int64($0)) })
    }

    @Test func explainForetellsWhatALeadsPauseMakesLate() throws {
        let world = try resting()
        world.run(for: .days(7))
        _ = try pause("lead a@example.com", world, until: .instant(month))
        let before = try #require(try world.explain("a@example.com").enrollments.first)
        #expect(
            before.outlook == "reminder will be skipped at Wed 2026-12-02 09:00 Asia/Jakarta (late), "
                + "if nothing changes until then")
        world.run(until: month)
        #expect(try world.status().campaigns.first?.skipped == ["late": 1])
    }

    @Test func aPauseSaysSinceWhenAndWhyAndInventsNoEnd() throws {
        let world = try resting()
        _ = try pause("campaign c", world)
        world.run(for: .hours(3))
        let held = try #require(try world.explain("a@example.com").enrollments.first)
        let why = "campaign c is paused since Mon 2026-11-02 09:00 (Asia/Jakarta), until it is resumed: test"
        #expect(held.outlook == "one waits: \(why)")
        let gate = try #require(held.gatesNow.first { $0.gate == "paused" })
        #expect(gate.reason == .paused && gate.until == nil && gate.detail == why)
        #expect(held.steps[0].reason == .paused && held.steps[0].at == nil && held.steps[0].detail == why)
        let shown = try #require(try world.lead("a@example.com").enrollments.first)
        #expect(shown.nextDueAt == nil && shown.hold?.note == "test" && shown.hold?.since == World.monday)
        _ = try resume("campaign c", world)
        _ = try pause("lead a@example.com", world)
        world.run(for: .hours(3))
        let view = try world.lead("a@example.com")
        #expect(view.pause == LeadPause(since: World.monday + .hours(3), until: nil, note: "test"))
        #expect(try world.explain("a@example.com").pause == view.pause)
        #expect(view.enrollments.first?.nextDueAt != .distantFuture)
        let now = try #require(try world.explain("a@example.com").enrollments.first)
        #expect(
            now.gatesNow.allSatisfy { $0.until != .distantFuture } && now.steps.allSatisfy { $0.at != .distantFuture })
    }

    @Test(arguments: ["campaign nurture", "transport relais", "lead nobody@example.com"])
    func whatIsNotThereCannotBePaused(target: String) throws {
        let world = try world()
        let error = #expect(throws: ControlError.self) { try pause(target, world) }
        #expect(error?.kind == .notFound)
    }

    @Test func onlyALeadsPauseHasAnEnd() throws {
        let world = try world()
        #expect(throws: ControlError.self) { try pause("everything", world, until: .instant(World.monday + .days(1))) }
        #expect(throws: ControlError.self) { try pause("lead a@example.com", world, until: .instant(World.monday)) }
    }
}
