import DripCore
import DripEngine
import Testing

/// G7 through the engine: whatever kept it from sending, no crowd goes at once afterwards.
@Suite struct CatchUpReleaseTests {
    private static let leads = 40

    /// Forty leads due at 10:00, and ten an hour of late work.
    private func world(_ steps: [String] = ["id: one, after: 1h, email: m.md, when_late: send"]) throws -> World {
        let world = try World(
            files: Folder.with(steps: steps, policy: "catch_up: { at_most: 10, per: 1h, after: 15m }"), inFlight: 100)
        try world.importLeads((1...Self.leads).map { ["lead\($0)@example.com"] }, into: "c")
        return world
    }

    private func mostWithinAnHour(_ world: World) -> Int {
        let instants = world.sends.map(\.markedAt)
        return instants.map { start in instants.count { $0 >= start && $0 < start + .hours(1) } }.max() ?? 0
    }

    @Test func withoutAnInterruptionAllGoAtOnce() throws {
        let world = try world()
        world.run(for: .hours(2))
        #expect(mostWithinAnHour(world) == Self.leads)
    }

    @Test(arguments: ["suspend", "crash", "pause", "clock"])
    func lateWorkIsReleasedSlowly(what: String) throws {
        let world = try world()
        let resumesAt = World.monday + .hours(3)
        switch what {
        case "pause":
            _ = try world.command(.pause(.hold(.everything), until: nil, note: ""))
            world.run(until: resumesAt)
            _ = try world.command(.resume(.hold(.everything)))
        case "crash":
            world.sleep(until: resumesAt)
            try world.crash()
        default:
            // A suspended machine and a clock that was set forward look the same: the alarm rings late.
            world.sleep(until: resumesAt)
            world.ring()
        }
        world.run(for: .days(2))
        #expect(world.sends.count == Self.leads)
        #expect(mostWithinAnHour(world) == 10)
        #expect(world.sends.first?.markedAt == resumesAt)
    }

    @Test func slotsOutliveACrash() throws {
        let world = try world()
        let paused = (21...Self.leads).map { PauseTarget.lead("lead\($0)@example.com") }
        for lead in paused { _ = try world.command(.pause(lead, until: nil, note: "")) }
        world.sleep(until: World.monday + .hours(3))
        world.ring()
        world.run(for: .minutes(61))
        try world.crash()
        // More late work: its slots come after those that the first half was given before the crash.
        for lead in paused { _ = try world.command(.resume(lead)) }
        world.run(for: .days(2))
        #expect(world.sends.count == Self.leads)
        #expect(mostWithinAnHour(world) == 10)
    }

    @Test func anOutageOfTheTransportIsReleasedSlowlyToo() throws {
        let world = try world()
        var isBroken = true
        world.respond = { isBroken ? World.wrongPassword($0) : World.accepted($0) }
        world.run(for: .hours(3))
        isBroken = false
        let before = world.sends.count
        world.run(for: .days(2))
        let instants = world.sends.dropFirst(before).map(\.markedAt)
        #expect(instants.count >= Self.leads)
        #expect(instants.map { start in instants.count { $0 >= start && $0 < start + .hours(1) } }.max() ?? 0 <= 11)
    }

    @Test func whatWouldComeTooLateIsDroppedAtOnce() throws {
        let world = try world(["id: one, after: 1h, email: m.md, late_max: 3h"])
        world.sleep(until: World.monday + .hours(3))
        world.ring()
        world.run(for: .days(2))
        // Two hours late already: one hour of slots is left, both of its ends included.
        #expect(world.sends.count == 11)
        #expect(try world.status().campaigns.first?.skipped == ["late": Self.leads - 11])
    }

    @Test func whatIsDueOnTimeDoesNotWaitBehindLateWork() throws {
        let world = try world()
        try world.importLeads([["fresh@example.com"]], into: nil)
        world.sleep(until: World.monday + .hours(3))
        world.ring()
        _ = try world.command(.enroll(lead: "fresh@example.com", campaign: CampaignID(rawValue: "c")))
        world.run(for: .hours(2))
        let fresh = try #require(world.sends.first { $0.lead.key == "fresh@example.com" })
        #expect(fresh.markedAt == World.monday + .hours(4))
    }
}
