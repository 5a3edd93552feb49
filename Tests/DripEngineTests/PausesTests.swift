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

    private func pause(_ target: String, _ world: World, until: Instant? = nil) throws -> PauseAnswer {
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
        #expect(try world.lead("a@example.com").pausedUntil == .distantFuture)
        #expect(
            try world.explain("a@example.com").enrollments.first?.outlook == "one waits: the lead is paused")
        #expect(try resume("lead a@example.com", world).isChange)
        world.run(for: .hours(1))
        #expect(world.sends.map(\.lead.key) == ["b@example.com", "a@example.com"])
        #expect(try world.lead("a@example.com").timeline.map(\.what).contains("resumed"))
    }

    @Test func aLeadsPauseEndsByItself() throws {
        let world = try world()
        _ = try pause("lead a@example.com", world, until: World.monday + .hours(5))
        world.run(for: .days(1))
        #expect(world.sends.map(\.markedAt) == [World.monday + .hours(1), World.monday + .hours(5)])
    }

    @Test(arguments: ["campaign nurture", "transport relais", "lead nobody@example.com"])
    func whatIsNotThereCannotBePaused(target: String) throws {
        let world = try world()
        let error = #expect(throws: ControlError.self) { try pause(target, world) }
        #expect(error?.kind == .notFound)
    }

    @Test func onlyALeadsPauseHasAnEnd() throws {
        let world = try world()
        #expect(throws: ControlError.self) { try pause("everything", world, until: World.monday + .days(1)) }
        #expect(throws: ControlError.self) { try pause("lead a@example.com", world, until: World.monday) }
    }
}
