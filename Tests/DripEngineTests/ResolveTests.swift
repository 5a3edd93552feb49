import DripCore
import DripEngine
import Testing

/// What nobody knows, and what becomes of it when somebody does.
@Suite struct ResolveTests {
    private let budi = "budi@example.com"
    private static let steps = ["id: one, after: 1h, email: m.md", "id: two, after: 30h, email: m.md"]

    private func doubted(_ steps: [String] = steps) throws -> World {
        let world = try World(files: Folder.with(steps: steps))
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .hours(2))
        world.respond = World.accepted
        return world
    }

    private func resolve(
        _ world: World, _ verdict: ResolveRequest.Verdict, step: String = "one"
    ) throws -> ResolveAnswer? {
        let request = ResolveRequest(
            lead: budi, campaign: CampaignID(rawValue: "c"), step: StepID(rawValue: step), verdict: verdict,
            note: "by the log")
        guard case .resolved(let answer) = try world.command(.resolve(request)) else { return nil }
        return answer
    }

    private func sent(_ world: World) -> [String] { world.sends.map(\.step.id.rawValue) }

    @Test func whatWasSentIsListedNoMoreAndTheSeriesGoesOn() throws {
        let world = try doubted()
        #expect(try world.status().inDoubt.count == 1)
        #expect(try resolve(world, .sent)?.markedAt == World.monday + .hours(1))
        #expect(try world.status().inDoubt.isEmpty)
        world.run(for: .days(3))
        #expect(sent(world) == ["one", "two"])
        #expect(
            try world.lead(budi).timeline.contains { $0.what == "resolved" && $0.detail == "it was sent: by the log" })
        let error = #expect(throws: ControlError.self) { try resolve(world, .sent) }
        #expect(error?.message == "no message of step \"one\" to budi@example.com is in doubt")
    }

    @Test func whatGoesAgainGoesOnceAndTheSeriesBehindIt() throws {
        let world = try doubted()
        _ = try resolve(world, .resend)
        world.run(for: .days(3))
        #expect(sent(world) == ["one", "one", "two"])
        #expect(try world.status().campaigns.first?.completed == 1)
    }

    @Test func aCompletedEnrollmentIsTakenUpAgain() throws {
        let world = try doubted([Self.steps[0]])
        #expect(try world.status().campaigns.first?.completed == 1)
        _ = try resolve(world, .resend)
        let status = try #require(try world.status().campaigns.first)
        #expect(status.completed + status.active == 1)
        world.run(for: .days(1))
        #expect(sent(world) == ["one", "one"])
        #expect(try world.status().campaigns.first?.completed == 1)
        #expect(try world.status().campaigns.first?.active == 0)
        #expect(try world.audit() == [])
    }

    /// Whoever runs through a campaign again leaves the doubt about the run before behind, where it can still be resolved.
    @Test func theDoubtOfAnEarlierRunCanBeResolved() throws {
        var files = Folder.with(steps: [Self.steps[0]])
        files["c/campaign.yaml"] = files["c/campaign.yaml"]?.replacing(
            "name: C", with: "name: C\nenroll: { again: after_exit }")
        let world = try World(files: files)
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .hours(2))
        world.respond = World.accepted
        try world.importLeads([[budi]], into: "c")
        #expect(throws: ControlError.self) { try resolve(world, .resend) }
        world.run(for: .days(3))
        #expect(try world.status().campaigns.first?.completed == 2)
        #expect(try resolve(world, .resend) != nil)
        world.run(for: .days(3))
        #expect(sent(world) == ["one", "one", "one"])
        #expect(try world.status().inDoubt.isEmpty)
        #expect(try world.audit() == [])
    }

    @Test func whoHasReachedTheGoalSinceGetsNothingAgain() throws {
        var files = Folder.with(steps: [Self.steps[0]])
        files["c/campaign.yaml"] = files["c/campaign.yaml"]?.replacing(
            "name: C", with: "name: C\nexit: { on: replied }")
        let world = try World(files: files)
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .hours(2))
        _ = try world.event("replied", of: budi)
        #expect(throws: ControlError.self) { try resolve(world, .resend) }
    }

    /// The message of Friday makes no sense on Monday, and a machine that dies at each attempt does not send for ever.
    @Test func whatIsTooLateAfterACrashIsInDoubtAndDoesNotGoAgain() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md, on_doubt: resend"]))
        try world.importLeads([[budi]], into: "c")
        world.respond = { _ in nil }
        world.run(for: .minutes(70))
        world.sleep(until: World.monday + .days(3))
        try world.crash()
        world.run(for: .days(1))
        #expect(sent(world) == ["one"])
        #expect(try world.status().inDoubt.count == 1)
    }

    @Test func anAttemptThatFailsBehindADoubtfulOneLeavesTheDoubt() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md, on_doubt: resend"]))
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .minutes(70))
        world.respond = World.noSuchUser
        world.run(for: .days(1))
        #expect(sent(world) == ["one", "one"])
        #expect(try world.status().inDoubt.count == 1)
    }

    @Test func whoSaidNoMeanwhileGetsNothingAgain() throws {
        let world = try doubted()
        _ = try world.suppress(budi)
        #expect(throws: ControlError.self) { try resolve(world, .resend) }
        world.run(for: .days(1))
        #expect(sent(world) == ["one"])
    }

    @Test(arguments: ["answer", "crash"])
    func aStepThatSaysSoGoesAgainByItself(how: String) throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md, on_doubt: resend"]))
        try world.importLeads([[budi]], into: "c")
        world.respond = how == "crash" ? { _ in nil } : World.noReply
        world.run(for: .minutes(70))
        world.respond = World.accepted
        if how == "crash" { try world.crash() }
        world.run(for: .days(1))
        #expect(sent(world) == ["one", "one"])
        #expect(try world.status().inDoubt.isEmpty)
        #expect(try world.status().campaigns.first?.accepted.total == 1)
    }

    @Test func whoLeftWhileItWasTriedIsInDoubtAndNotTriedAgain() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md, on_doubt: resend"]))
        try world.importLeads([[budi]], into: "c")
        world.respond = { _ in nil }
        world.run(for: .minutes(70))
        _ = try world.suppress(budi)
        world.respond = World.noReply
        world.run(for: .days(1))
        #expect(sent(world) == ["one"])
        #expect(try world.status().inDoubt.count == 1)
    }

    /// Whatever held or failed it since: the first attempt may have arrived all the same.
    @Test(arguments: ["451 and then 550", "451 and then an exit", "too late"])
    func aDoubtOutlivesWhatComesBehindIt(what: String) throws {
        let lateness = what == "too late" ? ", late_max: 50m" : ""
        var files = Folder.with(
            steps: ["id: one, after: 1h, email: m.md, on_doubt: resend\(lateness)", Self.steps[1]])
        files["c/campaign.yaml"] = files["c/campaign.yaml"]?.replacing(
            "name: C", with: "name: C\nexit: { on: replied }")
        let world = try World(files: files)
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .minutes(70))
        world.respond = World.refusedForNow
        if what == "too late" { world.sleep(until: World.monday + .hours(3)) }
        world.run(for: .hours(1))
        world.respond = World.noSuchUser
        if what == "451 and then an exit" { _ = try world.event("replied", of: budi) }
        world.run(for: .hours(20))
        #expect(
            sent(world) == (what == "too late" ? ["one"] : ["one", "one"] + (what.hasSuffix("550") ? ["one"] : [])))
        #expect(try world.status().suppressed == (what.hasSuffix("550") ? 1 : 0))
        #expect(try world.status().unresolved == 1)
        #expect(try world.status().campaigns.first?.failed.total == 0)
        #expect(try world.audit() == [])
    }

    /// Both may have arrived: the mailbox has had two.
    @Test func anAttemptInDoubtStaysChargedBesideTheOneThatFollows() throws {
        let steps = [
            "id: one, after: 1h, email: m.md, on_doubt: resend", "id: two, after: 3h, email: m.md, defer_max: 10d",
        ]
        let world = try World(
            files: Folder.with(steps: steps, policy: "min_gap: 0s\ncaps: [ { at_most: 2, per: 3d } ]"))
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .minutes(70))
        world.respond = World.accepted
        world.run(for: .days(2))
        #expect(sent(world) == ["one", "one"])
        world.run(for: .days(2))
        #expect(sent(world) == ["one", "one", "two"])
        #expect(try world.audit() == [])
    }

    @Test func whatWaitsToGoAgainIsEndedByWhoKnowsThatItWasSent() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md, on_doubt: resend"]))
        try world.importLeads([[budi]], into: "c")
        world.respond = World.noReply
        world.run(for: .minutes(70))
        #expect(try resolve(world, .sent)?.markedAt == World.monday + .hours(1))
        world.run(for: .days(1))
        #expect(sent(world) == ["one"])
        #expect(try world.status().campaigns.first?.completed == 1)
        #expect(try world.audit() == [])
    }
}
