import DripCore
import DripEngine
import Testing

/// G7 through the engine: whatever kept it from sending, no crowd goes at once afterwards.
@Suite struct CatchUpReleaseTests {
    private static let leads = 40

    /// Forty leads due at 10:00, and ten an hour of late work.
    private func world(
        _ steps: [String] = ["id: one, after: 1h, email: m.md, when_late: send"], after: String = "15m"
    ) throws -> World {
        let world = try World(
            files: Folder.with(steps: steps, policy: "catch_up: { at_most: 10, per: 1h, after: \(after) }"),
            inFlight: 100)
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
        var files = Folder.with(
            steps: ["id: one, after: 1h, email: m.md, when_late: send"],
            policy: "catch_up: { at_most: 10, per: 1h, after: 15m }")
        for name in ["m.md", "campaign.yaml"] { files["d/\(name)"] = files["c/\(name)"] }
        let world = try World(files: files, inFlight: 100)
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "c")
        try world.importLeads((21...40).map { ["lead\($0)@example.com"] }, into: "d")
        let held = PauseTarget.hold(.campaign(CampaignID(rawValue: "d")))
        _ = try world.command(.pause(held, until: nil, note: ""))
        world.sleep(until: World.monday + .hours(3))
        world.ring()
        world.run(for: .minutes(61))
        try world.crash()
        // More late work: its slots come after those that the first half was given before the crash.
        _ = try world.command(.resume(held))
        world.run(for: .days(2))
        #expect(world.sends.count == Self.leads)
        #expect(mostWithinAnHour(world) == 10)
    }

    /// Found by the simulator (seeds 1104 and 8638): the restart forgot the suspend, and the resume let a crowd go.
    @Test func aRestartForgetsNoInterruption() throws {
        let world = try world()
        world.sleep(until: World.monday + .hours(2))
        _ = try world.command(.pause(.hold(.campaign(CampaignID(rawValue: "c"))), until: nil, note: ""))
        try world.crash()
        _ = try world.command(.resume(.hold(.campaign(CampaignID(rawValue: "c")))))
        world.run(for: .days(2))
        #expect(world.sends.count == Self.leads)
        #expect(mostWithinAnHour(world) == 10)
    }

    @Test func aBacklogOfASlowTransportIsNotMadeLateWorkByAHiccup() throws {
        // Four at a time, and no answer for an hour: two in flight's worth are marked, the rest waits its turn.
        let slow = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md, when_late: send"],
                policy: "catch_up: { at_most: 10, per: 1h, after: 15m }"), inFlight: 2)
        try slow.importLeads((1...Self.leads).map { ["lead\($0)@example.com"] }, into: "c")
        var isSlow = true
        slow.respond = { isSlow ? nil : World.accepted($0) }
        slow.run(for: .hours(1))
        #expect(slow.sends.count == 4)
        slow.sleep(until: World.monday + .hours(1) + .minutes(9))
        _ = try slow.command(.pause(.hold(.transport("hook")), until: nil, note: ""))
        _ = try slow.command(.resume(.hold(.transport("hook"))))
        slow.sleep(until: World.monday + .hours(1) + .minutes(16))
        isSlow = false
        slow.ring()
        slow.run(for: .minutes(1))
        #expect(slow.sends.count == Self.leads)
    }

    @Test func lateWorkOfTheNightGoesInTheMorningAndBurnsNothingMeanwhile() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md, late_max: 9h"],
                head: "send_window: { days: mon-sun, hours: \"08:00-17:00\" }",
                policy: "catch_up: { at_most: 10, per: 1h, after: 15m }"), inFlight: 100)
        try world.importLeads((1...Self.leads).map { ["lead\($0)@example.com"] }, into: "c")
        // Monday 15:00 in Jakarta, five hours late: slots until 17:00 are for twenty, the rest goes from 08:00 on.
        world.sleep(until: World.monday + .hours(6))
        world.ring()
        world.run(for: .days(2))
        #expect(world.sends.count == Self.leads)
        #expect(mostWithinAnHour(world) == 10)
        let tuesday = World.monday + .hours(23)
        #expect(world.sends.count { $0.markedAt < tuesday } == 20)
        #expect(world.sends.first { $0.markedAt >= tuesday }?.markedAt == tuesday)
    }

    @Test func aClockThatWasFarAheadTakesItsSlotsBack() throws {
        let world = try world()
        // A year ahead for a moment: everything is late work, and its slots are next year's.
        world.sleep(until: World.monday + .days(365))
        world.ring()
        world.setBack(to: World.monday + .hours(2))
        world.ring()
        try world.importLeads([["after@example.com"]], into: "c")
        world.sleep(until: World.monday + .hours(5))
        world.ring()
        world.run(for: .hours(12))
        #expect(world.sends.contains { $0.lead.key == "after@example.com" })
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

    @Test func aSlotThatAnOutageTookIsNotMadeUpForByGoingAsItsProbe() throws {
        let world = try world(after: "1m")
        _ = try world.command(.pause(.hold(.everything), until: nil, note: ""))
        world.run(until: World.monday + .hours(3))
        _ = try world.command(.resume(.hold(.everything)))
        // A slot every six minutes from here on; then nothing can go for two hours, but a probe every ten minutes.
        world.run(until: World.monday + .hours(3) + .minutes(7))
        world.respond = World.wrongPassword
        world.run(until: World.monday + .hours(5))
        world.respond = World.accepted
        world.run(for: .days(2))
        var first: [String: Instant] = [:]
        for send in world.sends where first[send.lead.key] == nil { first[send.lead.key] = send.markedAt }
        #expect(first.count == Self.leads)
        let most = first.values.map { start in first.values.count { $0 >= start && $0 < start + .hours(1) } }.max()
        #expect(most == 10)
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

    /// Found by the simulator (seed 17): the dropped step's lateness was forgotten, and the next one went in a crowd.
    @Test func theStepBehindADroppedOneIsLateWorkToo() throws {
        let world = try world([
            "id: one, after: 1h, email: m.md, late_max: 1h", "id: two, after: 3h, email: m.md, when_late: send",
        ])
        world.sleep(until: World.monday + .hours(6))
        world.ring()
        world.run(for: .days(2))
        #expect(world.sends.count == Self.leads && world.sends.allSatisfy { $0.step.id.rawValue == "two" })
        #expect(mostWithinAnHour(world) == 10)
    }

    /// Found by the simulator (seed 35).
    @Test func theStepBehindADroppedOneIsDroppedWhereItIsTooLateItself() throws {
        let world = try world([
            "id: one, after: 1h, email: m.md, late_max: 1h", "id: two, after: 3h, email: m.md, late_max: 1h",
        ])
        world.sleep(until: World.monday + .hours(6))
        world.ring()
        world.run(for: .days(2))
        #expect(world.sends.isEmpty)
        #expect(try world.status().campaigns.first?.skipped == ["late": 2 * Self.leads])
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
