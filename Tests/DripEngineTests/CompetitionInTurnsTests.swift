import DripCore
import DripEngine
import Testing

/// Several campaigns and one mailbox: caps by scope, priorities, and what does not count.
@Suite struct CompetitionInTurnsTests {
    /// Campaigns `name: head | steps`, each sending `m.md`.
    private func files(_ campaigns: [String: (head: String, steps: [String])], policy: String) -> [String: String] {
        var files = [
            "policy.yaml": Folder.policy("topics: { education: Guides, promotions: Offers }\n" + policy),
            "layouts/default.html": Folder.layout,
        ]
        for (name, campaign) in campaigns {
            files["\(name)/m.md"] = Folder.message()
            files["\(name)/campaign.yaml"] =
                "name: \(name)\n\(campaign.head)\nsteps:\n" + campaign.steps.map { "  - { \($0) }\n" }.joined()
        }
        return files
    }

    private func enrol(_ world: World, _ campaigns: String..., lead: String = "budi@example.com") throws {
        for campaign in campaigns { try world.importLeads([[lead]], into: campaign) }
    }

    private func sent(_ world: World) -> [String] {
        world.sends.map { "\($0.campaign.id)/\($0.step.id) +\(($0.markedAt - World.monday).milliseconds / 3_600_000)h" }
    }

    private let daily = "caps: [{ at_most: 1, per: 24h }]"

    @Test func whatIsDueTogetherGoesByPriority() throws {
        let world = try World(
            files: files(
                [
                    "a-low": ("priority: 10", ["id: one, after: 1h, email: m.md"]),
                    "b-high": ("priority: 90", ["id: one, after: 1h, email: m.md"]),
                    "c-mid": ("priority: 50", ["id: one, after: 1h, email: m.md"]),
                ], policy: daily))
        try enrol(world, "a-low", "b-high", "c-mid")
        world.run(for: .days(5))
        #expect(sent(world) == ["b-high/one +1h", "c-mid/one +25h", "a-low/one +49h"])
    }

    /// With one free place under way the whole mailbox is claimed: the first by priority takes it, the rest stay due.
    @Test func neverMoreGoThanThereIsCreditFor() throws {
        let steps = ["id: one, after: 1h, email: m.md"]
        let world = try World(
            files: files(
                ["a": ("priority: 1", steps), "b": ("priority: 2", steps), "c": ("priority: 3", steps)], policy: ""),
            inFlight: 1)
        world.respond = { _ in nil }
        try enrol(world, "a", "b", "c")
        world.sleep(until: World.monday + .hours(1))
        world.ring()
        #expect(world.mostUnderWay == 2 && sent(world) == ["c/one +1h", "b/one +1h"])
        world.respond = World.accepted
        world.settle()
        world.run(for: .hours(1))
        #expect(sent(world).last == "a/one +1h")
    }

    @Test func aStepGivesWayToOneOfHigherPriorityThatIsPlannedSoon() throws {
        let world = try World(
            files: files(
                [
                    "newsletter": ("priority: 10", ["id: issue, after: 1h, email: m.md, defer_max: 3d"]),
                    "offers": ("priority: 50", ["id: demo, after: 6h, email: m.md"]),
                ], policy: daily))
        try enrol(world, "newsletter", "offers")
        world.run(for: .hours(2))
        let waiting = try #require(
            try world.explain("budi@example.com").enrollments.first { $0.campaign.rawValue == "newsletter" })
        #expect(waiting.steps[0].reason == .priority)
        #expect(waiting.steps[0].at == World.monday + .hours(6))
        let gate = try #require(waiting.gatesNow.first { $0.gate == "priority" })
        #expect(gate.verdict == "defer" && gate.detail.hasPrefix("it gives way to demo of offers (priority 50"))
        world.run(for: .days(3))
        #expect(sent(world) == ["offers/demo +6h", "newsletter/issue +30h"])
        #expect(try world.status().campaigns.first?.deferred == ["capped": 1, "priority": 1])
    }

    /// Channels are decided one after the other, e-mail first: there the lesser one must not overtake.
    @Test func priorityHoldsAcrossChannelsAtTheInstantItWasPutOffTo() throws {
        let world = try World(
            files: files(
                [
                    "newsletter": ("priority: 10", ["id: issue, after: 1h, email: m.md, defer_max: 3d"]),
                    "offers": ("priority: 50", ["id: demo, after: 6h, http: { transport: hook, message: m.md }"]),
                ], policy: daily))
        try enrol(world, "newsletter", "offers")
        world.run(for: .days(3))
        #expect(sent(world) == ["offers/demo +6h", "newsletter/issue +30h"])
    }

    /// A due rival whose transport is paused is waited for no longer.
    @Test func aRivalBehindAClosedTransportIsNotWaitedFor() throws {
        let world = try World(
            files: files(
                [
                    "newsletter": ("priority: 10", ["id: issue, after: 1h, email: m.md, defer_max: 3d"]),
                    "offers": ("priority: 50", ["id: demo, after: 6h, http: { transport: hook, message: m.md }"]),
                ], policy: daily))
        try enrol(world, "newsletter", "offers")
        _ = try world.command(.pause(.hold(.transport("hook")), until: nil, note: ""))
        world.run(for: .days(1))
        #expect(sent(world) == ["newsletter/issue +6h"])
    }

    @Test(arguments: [("look_ahead: 4h", "priority: 50"), ("look_ahead: 0s", "priority: 50"), ("", "priority: 10")])
    func itDoesNotWhereNobodyWouldBeHelped(policy: String, priority: String) throws {
        let world = try World(
            files: files(
                [
                    "newsletter": ("priority: 10", ["id: issue, after: 1h, email: m.md"]),
                    "offers": (priority, ["id: demo, after: 6h, email: m.md"]),
                ], policy: daily + "\n" + policy))
        try enrol(world, "newsletter", "offers")
        world.run(for: .days(3))
        #expect(sent(world) == ["newsletter/issue +1h", "offers/demo +25h"])
    }

    @Test func whereDeferMaxDoesNotReachItGoes() throws {
        let world = try World(
            files: files(
                [
                    "newsletter": ("priority: 10", ["id: issue, after: 1h, email: m.md, defer_max: 4h"]),
                    "offers": ("priority: 50", ["id: demo, after: 6h, email: m.md"]),
                ], policy: daily))
        try enrol(world, "newsletter", "offers")
        world.run(for: .days(3))
        #expect(sent(world) == ["newsletter/issue +1h", "offers/demo +25h"])
    }

    /// Two leads of one mailbox compete as two campaigns of one lead do.
    @Test func leadsThatShareAMailboxCompete() throws {
        let world = try World(
            files: files(
                [
                    "low": ("priority: 10", ["id: one, after: 1h, email: m.md, defer_max: 3d"]),
                    "high": ("priority: 50", ["id: one, after: 6h, email: m.md"]),
                ], policy: daily))
        try world.importLeads([["x", "budi@example.com"]], columns: ["key", "email"], into: "low")
        try world.importLeads([["y", "budi@example.com"]], columns: ["key", "email"], into: "high")
        world.run(for: .days(3))
        #expect(sent(world) == ["high/one +6h", "low/one +30h"])
    }

    /// A rival that is skipped after all leaves the place to whoever gave way: at the rival's instant, not later.
    @Test func conditionsAreNotPredicted() throws {
        let world = try World(
            files: files(
                [
                    "low": ("priority: 10", ["id: one, after: 1h, email: m.md, defer_max: 3d"]),
                    "high": ("priority: 50", ["id: one, after: 6h, email: m.md, if: { industry: none }"]),
                ], policy: daily))
        try enrol(world, "low", "high")
        world.run(for: .days(3))
        #expect(sent(world) == ["low/one +6h"])
    }

    @Test func capsCountByTheirScope() throws {
        let policy = """
            caps:
              - { at_most: 1, per: 2d, topic: promotions }
              - { at_most: 1, per: 24h, each: campaign }
            """
        let steps = ["id: one, after: 1h, email: m.md", "id: two, after: 2h, email: m.md, topic: promotions"]
        let world = try World(
            files: files(["a": ("topic: education", steps), "b": ("topic: promotions", steps)], policy: policy))
        try enrol(world, "a", "b")
        world.run(for: .days(9))
        // b/one is a promotion; a/one is not, and a/two must wait for the campaign's day and the topic's two.
        #expect(sent(world) == ["a/one +1h", "b/one +1h", "a/two +49h", "b/two +97h"])
    }

    @Test func aCampaignsOwnCapIsForItAlone() throws {
        let steps = ["id: one, after: 1h, email: m.md", "id: two, after: 2h, email: m.md"]
        let world = try World(
            files: files(
                ["a": ("caps: [{ at_most: 1, per: day, calendar: true }]", steps), "b": ("", steps)], policy: ""))
        try enrol(world, "a", "b")
        world.run(for: .days(3))
        // Monday 09:00 in Jakarta: the next local day begins 15 hours later.
        #expect(sent(world) == ["a/one +1h", "b/one +1h", "b/two +2h", "a/two +15h"])
    }

    @Test func whatDoesNotCountLeavesRoomAndStillObeys() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, after: 1h, email: m.md, counts: false", "id: two, after: 2h, email: m.md",
                    "id: three, after: 3h, email: m.md, counts: false",
                ], policy: daily))
        try enrol(world, "c")
        world.run(for: .days(3))
        #expect(sent(world) == ["c/one +1h", "c/two +2h", "c/three +26h"])
    }

    @Test func aTransactionalStepPassesEverythingThatHoldsMarketing() throws {
        func sent(counts: Bool) throws -> [String] {
            let steps = [
                "id: one, after: 1h, email: m.md",
                "id: receipt, after: 60h, email: m.md, class: transactional, counts: \(counts)",
                "id: three, after: 62h, email: m.md, defer_max: 10d",
            ]
            // 60 hours after Monday 09:00 is Wednesday 21:00; the cap is full from one on, until Thursday 10:00.
            let world = try World(
                files: Folder.with(
                    steps: steps, head: "send_window: { hours: \"08:00-17:00\" }",
                    policy: "min_gap: 1s\ncaps: [{ at_most: 1, per: 3d }]"))
            try enrol(world, "c")
            world.run(for: .days(20))
            return self.sent(world)
        }
        #expect(try sent(counts: false) == ["c/one +1h", "c/receipt +60h", "c/three +73h"])
        // Counted, it holds the next one for three days, and then until the window opens.
        #expect(try sent(counts: true) == ["c/one +1h", "c/receipt +60h", "c/three +143h"])
    }
}
