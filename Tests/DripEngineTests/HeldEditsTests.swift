import DripCore
import DripEngine
import DripStore
import Testing

/// Edits of files while leads are under way: nobody is mailed at once, stranded or thrown out by a save.
@Suite struct HeldEditsTests {
    private static let id = CampaignID(rawValue: "c")

    private static func steps(_ second: String = "id: b, day: 9, email: m.md", third: Bool = true) -> [String] {
        ["id: a, after: 1h, email: m.md", second] + (third ? ["id: d, day: 20, email: m.md"] : [])
    }

    private func world(leads: Int = 3) throws -> World {
        let world = try World(files: Folder.with(steps: Self.steps()))
        try world.importLeads((1...leads).map { ["lead\($0)@example.com"] }, into: "c")
        world.run(for: .days(5))
        #expect(world.sends.count == leads)
        return world
    }

    private func plan(_ world: World) throws -> EditPlan {
        guard case .editPlanned(let plan) = try world.command(.editPlan(Self.id)) else {
            throw ControlError(.invalid, "no plan")
        }
        return plan
    }

    @Test func anEditThatWouldSendAtOnceIsHeldUntilItIsApplied() throws {
        let world = try world()
        world.files = Folder.with(steps: Self.steps("id: b, day: 3, email: m.md"))
        let report = try world.reload()
        #expect(report.changed.isEmpty)
        #expect(report.held.map(\.counts) == [["sent now": 3]])
        world.run(for: .days(1))
        #expect(world.sends.count == 3)
        let status = try world.status()
        #expect(status.campaigns.first?.problem?.contains("dripd apply c --plan") == true)
        #expect(status.problems.contains { $0.what.contains("its edit is held") })
        // A restart changes nothing of it.
        try world.crash()
        world.run(for: .hours(1))
        #expect(world.sends.count == 3)
        let plan = try plan(world)
        #expect(plan.summary == "3 sent now" && plan.leads.map(\.lead).count == 3)
        #expect(throws: ControlError.self) { try world.command(.apply(Self.id, plan: "0123456789")) }
        _ = try world.command(.apply(Self.id, plan: plan.hash))
        world.run(for: .minutes(1))
        #expect(world.sends.count == 6)
        #expect(throws: ControlError.self) { try world.command(.editPlan(Self.id)) }
        try world.crash()
        #expect(try world.status().campaigns.first?.problem == nil)
        world.run(for: .days(30))
        #expect(try world.status().campaigns.first?.completed == 3)
        #expect(try world.audit() == [])
    }

    /// Between looking and applying somebody left: that is another plan.
    @Test func aPlanIsRefusedWhereTheSituationHasChanged() throws {
        let world = try world()
        world.files = Folder.with(steps: Self.steps("id: b, day: 3, email: m.md"))
        _ = try world.reload()
        let before = try plan(world)
        _ = try world.suppress("lead1@example.com")
        #expect(throws: ControlError.self) { try world.command(.apply(Self.id, plan: before.hash)) }
        #expect(try plan(world).summary == "2 sent now")
        // The clock alone is no change.
        let again = try plan(world)
        world.run(for: .hours(2))
        #expect(try plan(world).hash == again.hash)
        _ = try world.command(.apply(Self.id, plan: again.hash))
        world.run(for: .minutes(1))
        #expect(world.sends.count == 5)
    }

    @Test func whatTouchesNobodyHarmfullyIsLiveAtOnce() throws {
        let world = try world()
        let at = try #require(try world.explain("lead1@example.com").enrollments.first?.steps[1].plannedAt)
        world.files = Folder.with(steps: Self.steps("id: b, day: 7, email: m.md"), body: "Other words.")
        #expect(try world.reload().changed == [Self.id])
        let earlier = try #require(try world.explain("lead1@example.com").enrollments.first?.steps[1].plannedAt)
        #expect(earlier == at - .days(2), "planned anew at once, from its anchor")
        world.files = Folder.with(steps: Self.steps("id: new, day: 8, email: m.md"))
        #expect(try world.reload().held.isEmpty, "they go on with the next one, on its own day")
        world.run(for: .days(30))
        #expect(try world.status().campaigns.first?.completed == 3)
        #expect(try world.audit() == [])
    }

    @Test func anEditThatStrandsOrExitsIsHeld() throws {
        let world = try world()
        world.files = Folder.with(steps: ["id: a, after: 1h, email: m.md"])
        #expect(try world.reload().held.map(\.counts) == [["stranded": 3]])
        world.files = Folder.with(steps: Self.steps(), head: "exit: { if: { plan: { exists: false } } }")
        #expect(try world.reload().held.map(\.counts) == [["exited": 3]])
        #expect(try world.lead("lead1@example.com").enrollments.first?.status == "active")
        _ = try world.command(.apply(Self.id, plan: try plan(world).hash))
        #expect(try world.lead("lead1@example.com").enrollments.first?.status == "exited")
        // The file as it was is no edit any more.
        world.files = Folder.with(steps: Self.steps())
        #expect(try world.reload().held.isEmpty)
        #expect(try world.audit() == [])
    }

    /// An added step is for those who have not passed its place, unless it says otherwise.
    @Test(arguments: [false, true]) func anAddedStepMayBeBackfilled(isBackfilled: Bool) throws {
        let world = try world(leads: 1)
        world.run(for: .days(5))
        #expect(world.sends.map(\.step.id.rawValue) == ["a", "b"])
        let new = "id: new, day: 4, email: m.md\(isBackfilled ? ", backfill: true" : "")"
        world.files = Folder.with(steps: [Self.steps()[0], new] + Self.steps().dropFirst())
        #expect(try world.reload().changed == [Self.id])
        world.run(for: .days(40))
        #expect(world.sends.map(\.step.id.rawValue) == ["a", "b", "d"] + (isBackfilled ? ["new"] : []))
        #expect(try world.status().campaigns.first?.completed == 1)
        #expect(try world.audit() == [])
    }

    /// Renamed, in the midst of everything: nobody gets it twice, nobody misses it, and `did` knows the past by the new name.
    @Test func aRenamedStepGoesOn() throws {
        let world = try world(leads: 2)
        let renamed = ["id: first, was: a, after: 1h, email: m.md", "id: b2, was: b, day: 9, email: m.md"]
        let last = "id: d, day: 20, email: m.md, if: { did: { event: clicked, step: first } }"
        _ = try world.command(
            .event(
                lead: "lead1@example.com", name: EventName(rawValue: "clicked"),
                step: .init(Self.id, StepID(rawValue: "a"))))
        world.files = Folder.with(steps: renamed + [last])
        #expect(try world.reload().changed == [Self.id])
        let steps = try world.explain("lead1@example.com").enrollments.first?.steps.map { "\($0.step) \($0.state)" }
        #expect(steps == ["first accepted", "b2 waiting", "d planned"])
        try world.crash()
        world.run(for: .days(40))
        #expect(
            world.sends.map { "\($0.lead.key.prefix(5)) \($0.step.id)" }.sorted() == [
                "lead1 a", "lead1 b2", "lead1 d", "lead2 a", "lead2 b2",
            ])
        #expect(try world.status().campaigns.first?.completed == 2)
        #expect(try world.audit() == [])
    }

    /// A slip in `was` is told at the reload: the step is deleted, and another one is new.
    @Test func aNameThatNoStepHadIsTold() throws {
        let world = try world()
        world.files = Folder.with(steps: Self.steps("id: b2, was: bb, day: 9, email: m.md"))
        let warning = try #require(try world.reload().diagnostics.first)
        #expect(
            warning.description
                == "c/campaign.yaml: warning: the step `b2` says `was: bb`, and the version that runs has no "
                + "such step: it is a new one. That one has `a`, `b`, `d`.")
    }

    /// While its message is under way, which fails behind the edit and goes again under the new name.
    @Test func aStepIsRenamedWhileItIsBeingSent() throws {
        let world = try World(files: Folder.with(steps: Self.steps()))
        var answer: (SendOrder) -> AttemptResult? = World.accepted
        world.respond = { answer($0) }
        try world.importLeads([["lead1@example.com"]], into: "c")
        world.run(for: .days(5))
        answer = { _ in nil }
        world.run(for: .days(5))
        #expect(world.sends.map(\.step.id.rawValue) == ["a", "b"])
        world.files = Folder.with(
            steps: [Self.steps()[0], "id: b2, was: b, day: 9, email: m.md", "id: d, day: 20, email: m.md"])
        #expect(try world.reload().changed == [Self.id])
        answer = World.refusedForNow
        world.settle()
        answer = World.accepted
        world.run(for: .days(30))
        #expect(world.sends.map(\.step.id.rawValue) == ["a", "b", "b2", "d"])
        #expect(world.sends.map(\.delivery.sealedAs.rawValue) == ["a", "b", "b", "d"], "one message, one Message-ID")
        #expect(try world.status().campaigns.first?.completed == 1)
        #expect(try world.audit() == [])
    }

    /// Who is at the end comes back where the added step says so; at once only with consent.
    @Test(arguments: [40, 12]) func anAppendedStepReopens(day: Int) throws {
        let world = try World(files: Folder.with(steps: Self.steps(third: false)))
        try world.importLeads([["lead1@example.com"]], into: "c")
        world.run(for: .days(20))
        #expect(try world.status().campaigns.first?.completed == 1)
        world.files = Folder.with(
            steps: Self.steps(third: false) + ["id: late, day: \(day), email: m.md, reopen: true"])
        let report = try world.reload()
        if day == 12 {
            #expect(report.held.map(\.counts) == [["sent now": 1]])
            _ = try world.command(.apply(Self.id, plan: try plan(world).hash))
        } else {
            #expect(report.changed == [Self.id])
        }
        #expect(try world.status().campaigns.first.map { [$0.active, $0.completed] } == [1, 0])
        try world.crash()
        world.run(for: .days(40))
        #expect(world.sends.map(\.step.id.rawValue) == ["a", "b", "late"])
        // Another edit of the file brings nobody back again.
        world.files = Folder.with(
            steps: Self.steps(third: false) + ["id: late, day: \(day), email: m.md, reopen: true"], body: "Other words."
        )
        _ = try world.reload()
        world.run(for: .days(5))
        #expect(world.sends.count == 3)
        #expect(try world.status().campaigns.first.map { [$0.active, $0.completed] } == [0, 1])
        #expect(try world.audit() == [])
    }

    /// Many who would get it at once get it at the catch-up rate (G7).
    @Test func anAppliedEditIsNoBurst() throws {
        let world = try World(
            files: Folder.with(steps: Self.steps(), policy: "catch_up: { at_most: 2, per: 1h }"), inFlight: 50)
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "c")
        world.run(for: .days(5))
        world.files = Folder.with(
            steps: Self.steps("id: b, day: 3, email: m.md"), policy: "catch_up: { at_most: 2, per: 1h }")
        _ = try world.reload()
        _ = try world.command(.apply(Self.id, plan: try plan(world).hash))
        world.run(for: .minutes(1))
        #expect(world.sends.count <= 22)
        world.run(for: .hours(12))
        #expect(world.sends.count == 40)
    }
}
