import DripCore
import DripEngine
import Testing

@Suite struct TurnTests {
    @Test func eachStepGoesOnceAtItsPlannedInstant() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(for: .days(30))
        #expect(
            world.sentSteps == [
                "welcome @ 2026-11-02T02:00:00.000Z", "case-study @ 2026-11-04T02:00:00.000Z",
                // Day 7 is a Sunday: it moves to Monday at its own hour. Day 10 is a Wednesday.
                "webinar @ 2026-11-09T03:00:00.000Z", "demo-offer @ 2026-11-11T02:00:00.000Z",
            ])
        let campaign = try #require(try world.status().campaigns.first)
        #expect(campaign.enrolled == 1 && campaign.completed == 1 && campaign.active == 0)
        #expect(campaign.accepted.total == 4)
    }

    @Test func aCapPutsTheSecondStepOffToTheExactInstant() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, day: 1, at: \"10:00\", email: m.md", "id: two, day: 1, at: \"11:00\", email: m.md"],
                policy: "caps: [{ at_most: 1, per: 24h }]"))
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(until: try #require(Instant("2026-11-02T12:00:00Z")))
        let step = try #require(try world.explain("budi@example.com").enrollments.first?.steps.last)
        #expect(step.state == "waiting" && step.reason == .capped)
        #expect(step.at == Instant("2026-11-03T03:00:00Z"))
        #expect(
            try world.explain("budi@example.com").enrollments.first?.outlook
                == "two goes at Tue 2026-11-03 10:00 Asia/Jakarta, if nothing changes until then")
        world.run(for: .days(3))
        #expect(
            world.sentSteps == ["one @ 2026-11-02T03:00:00.000Z", "two @ 2026-11-03T03:00:00.000Z"])
    }

    @Test func aCapHoldsForAMailboxThatTwoLeadsShare() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 0s, email: m.md"], policy: "caps: [{ at_most: 1, per: 24h }]"))
        try world.importLeads(
            [["a", "budi@example.com"], ["b", "BUDI@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .days(3))
        #expect(world.sends.map(\.markedAt) == [World.monday, World.monday + .days(1)])
    }

    @Test func aStepThatACapHoldsTooLongIsSkippedWithTheReason() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, day: 1, at: \"10:00\", email: m.md",
                    "id: two, day: 1, at: \"11:00\", email: m.md, defer_max: 2h",
                    "id: three, day: 4, at: \"11:00\", email: m.md",
                ], policy: "caps: [{ at_most: 1, per: 24h }]"))
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(for: .days(7))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "three"])
        #expect(try world.status().campaigns.first?.skipped == ["capped": 1])
    }

    @Test func neverMoreThanTwiceInFlightAreUnderWay() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 0s, email: m.md"]), inFlight: 4)
        world.respond = { _ in nil }
        try world.importLeads((1...50).map { ["lead\($0)@example.com"] }, into: "c")
        world.ring()
        #expect(world.underWay.count == 8)
        world.give(world.underWay.prefix(3).map(World.accepted))
        #expect(world.underWay.count == 8)
        world.respond = World.accepted
        world.run(for: .hours(1))
        #expect(world.sends.count == 50 && world.mostUnderWay == 8)
        #expect(Set(world.sends.map(\.delivery.id)).count == 50)
    }

    @Test func aConditionSkipsAndTheSeriesGoesOn() throws {
        let world = try World(
            files: Folder.with(steps: [
                "id: one, after: 0s, email: m.md, if: { industry: fintech }", "id: two, after: 1h, email: m.md",
            ]))
        try world.importLeads(
            [["a@example.com", "Fintech"], ["b@example.com", "retail"]], columns: ["email", "industry"], into: "c")
        world.run(for: .days(1))
        #expect(
            world.sends.map { "\($0.lead.key) \($0.step.id)" }.sorted() == [
                "a@example.com one", "a@example.com two", "b@example.com two",
            ])
        #expect(try world.explain("b@example.com").enrollments.first?.steps.first?.reason == .conditionNotMet)
    }

    @Test func aMissingVariableWaitsVisiblyAndNeverSendsAHole() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 0s, email: m.md, defer_max: 5h"], body: "Hi {{ lead.first_name }},"))
        try world.importLeads([["a@example.com"], ["b@example.com"]], into: "c")
        world.run(for: .minutes(90))
        #expect(world.sends.isEmpty)
        #expect(try world.lead("a@example.com").enrollments.first?.waitingFor == .missingVariable)
        try world.importLeads([["a@example.com", "Ani"]], columns: ["email", "first_name"], into: nil)
        world.run(for: .days(1))
        #expect(world.sends.map(\.lead.key) == ["a@example.com"])
        #expect(try world.status().campaigns.first?.skipped == ["missingVariable": 1])
    }

    @Test func anOutageLongerThanLateMaxSkipsAndAShorterOneDoesNot() throws {
        for (hours, sent) in [(23, ["one"]), (25, [])] as [(Int64, [String])] {
            let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
            try world.importLeads([["a@example.com"]], into: "c")
            world.sleep(until: World.monday + .hours(1 + hours))
            world.ring()
            world.run(for: .days(2))
            #expect(world.sends.map(\.step.id.rawValue) == sent, "after \(hours) h")
        }
    }

    @Test func aDeletedStepGivesWayToTheNextOne() throws {
        let world = try World(
            files: Folder.with(steps: ["id: one, after: 1h, email: m.md", "id: two, after: 3h, email: m.md"]))
        try world.importLeads([["a@example.com"]], into: "c")
        world.files = Folder.with(steps: ["id: two, after: 3h, email: m.md"])
        #expect(try world.reload().changed == [CampaignID(rawValue: "c")])
        world.run(for: .days(1))
        #expect(world.sentSteps == ["two @ 2026-11-02T05:00:00.000Z"])
        #expect(try world.status().campaigns.first?.skipped == ["stepDeleted": 1])
    }

    @Test func aCapThatAnEditBringsCountsWhatWasSentBefore() throws {
        let steps = [
            "id: one, after: 0s, email: m.md", "id: two, after: 1h, email: m.md", "id: three, after: 2h, email: m.md",
        ]
        let world = try World(files: Folder.with(steps: steps))
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .minutes(90))
        world.files = Folder.with(steps: steps, policy: "caps: [{ at_most: 2, per: 24h }]")
        try world.reload()
        world.run(for: .days(3))
        #expect(
            world.sends.map(\.markedAt) == [World.monday, World.monday + .hours(1), World.monday + .days(1)])
    }

    @Test func anHTTPStepGoesOverItsOwnLane() throws {
        let world = try World(
            files: Folder.with(steps: ["id: one, after: 0s, http: { transport: hook, message: m.md }"]))
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .hours(1))
        #expect(world.sends.map(\.step.channel) == [.http])
        #expect(try world.status().transports.map(\.accepted) == [0, 1])
    }
}
