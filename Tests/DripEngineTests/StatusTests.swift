import DripCore
import DripEngine
import Testing

/// What the status says of files that are not what runs, and whose time it shows.
@Suite struct StatusTests {
    @Test func aBrokenCampaignIsAProblemUntilItIsMended() throws {
        let world = try World(files: Folder.nurture)
        #expect(try world.status().problems.isEmpty)
        let good = try #require(world.files["c/campaign.yaml"])
        world.files["c/campaign.yaml"] = "nmae: C\n" + good
        world.files["d/campaign.yaml"] = "name: [\n"
        world.run(for: .hours(1))
        try world.reload()
        let problems = try world.status().problems
        #expect(problems.count == 2 && problems.allSatisfy { $0.at == world.now && $0.mend.contains("dripd reload") })
        #expect(problems[0].what.hasPrefix("campaign d cannot run: d/campaign.yaml:"))
        #expect(
            problems[1].what.hasPrefix("campaign c is not what its files say: c/campaign.yaml:1:1: error: unknown key"))
        let text = StatusText.render(try world.status())
        #expect(text.contains(problems[1].what) && text.contains(problems[1].mend))
        world.files["c/campaign.yaml"] = good
        world.files["d/campaign.yaml"] = nil
        try world.reload()
        #expect(try world.status().problems.isEmpty)
    }

    /// Whoever watches the lag alone must see an outage, though each probe makes its lead due anew.
    @Test func anOutageIsLagAsLongAsItLasts() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads([["a@example.com"]], into: "c")
        world.respond = World.wrongPassword
        world.run(for: .hours(4))
        let down = try world.status()
        #expect(down.lagSeconds == 3 * 3_600 && down.transports.first?.faultySince == World.monday + .hours(1))
        world.respond = World.accepted
        world.run(for: .hours(1))
        #expect(try world.status().lagSeconds == 0)
        #expect(try world.status().transports.first?.faultySince == nil)
    }

    /// The lead of the only message that the outage put back is gone: nobody waits, and nothing probes.
    @Test func anOutageThatKeepsNobodyWaitingIsNoLag() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads([["a@example.com"]], into: "c")
        world.respond = World.wrongPassword
        world.run(for: .hours(2))
        #expect(try world.status().lagSeconds == 3_600)
        _ = try world.suppress("a@example.com")
        world.run(for: .hours(2))
        #expect(try world.status().lagSeconds == 0)
    }

    @Test func itSaysWhoseTimeItShows() throws {
        let world = try World(files: Folder.nurture, now: World.monday + .hours(16))
        let status = try world.status()
        #expect(status.today == "2026-11-03" && status.timeZone == "Asia/Jakarta")
        #expect(
            StatusText.render(status).contains(
                "Times are UTC; today is 2026-11-03 in Asia/Jakarta, the policy's zone."))
    }

    @Test func aLeadsHistoryIsOnItsOwnClock() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads(
            [["a@example.com", "Europe/Berlin"], ["b@example.com", ""]], columns: ["email", "time_zone"], into: "c")
        let own = try world.lead("a@example.com")
        #expect(own.timeline.map(\.local).allSatisfy { $0 == "Mon 2026-11-02 03:00 Europe/Berlin" })
        #expect(own.enrollments.first?.enrolledLocal == "Mon 2026-11-02 03:00 Europe/Berlin")
        #expect(own.enrollments.first?.nextDueLocal == "Mon 2026-11-02 08:00 Europe/Berlin")
        #expect(try world.lead("b@example.com").timeline.first?.local == "Mon 2026-11-02 09:00 Asia/Jakarta")
    }
}
