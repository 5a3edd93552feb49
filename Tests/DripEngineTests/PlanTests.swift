import DripCampaigns
import DripCore
import DripEngine
import Testing

/// G9 by hand: what `plan` says is what happens.
@Suite struct PlanTests {
    private func plan(_ world: World, _ key: String = "a@example.com") throws -> PlanAnswer {
        guard case .planned(let answer) = try world.command(.plan(lead: key, campaign: CampaignID(rawValue: "c")))
        else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    private func foretold(_ answer: PlanAnswer) -> [String] {
        answer.steps.filter { [.goes, .underWay].contains($0.outlook) }.map {
            "\($0.step) @ \($0.at?.description ?? "never")"
        }
    }

    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var steps: [String]
        var head = ""
        var policy = ""
    }

    static let cases: [Case] = [
        Case(
            description: "a window and a weekend",
            steps: [
                "id: one, day: 1, email: m.md", "id: two, day: 6, at: \"09:00\", email: m.md",
                "id: three, after: 200h, email: m.md",
            ],
            head: "send_window: { days: mon-fri, hours: \"08:00-17:00\" }"),
        Case(
            description: "a cap that puts off, one that skips, and the gap behind them",
            steps: [
                "id: one, day: 1, at: \"10:00\", email: m.md", "id: two, day: 1, at: \"11:00\", email: m.md",
                "id: three, day: 2, at: \"11:30\", email: m.md, defer_max: 1h",
                "id: four, day: 4, at: \"09:00\", email: m.md",
            ], policy: "caps: [{ at_most: 1, per: 24h }]"),
        Case(
            description: "a condition, quiet hours and a spread",
            steps: [
                "id: one, after: 1h, email: m.md, if: { industry: fintech }", "id: two, after: 12h, email: m.md",
                "id: three, day: 3, at: \"09:00\", spread: 50m, email: m.md",
            ], policy: "quiet_hours: \"20:00-07:00\""),
        Case(
            description: "counted from the step before",
            steps: [
                "id: one, day: 1, at: \"16:30\", email: m.md", "id: two, after: 30h, anchor: previous, email: m.md",
                "id: three, day: 2, at: \"08:00\", anchor: previous, email: m.md",
            ], head: "send_window: { days: mon-fri, hours: \"08:00-17:00\" }"),
        Case(
            description: "counted from a step that a cap puts off",
            steps: [
                "id: one, day: 1, at: \"10:00\", email: m.md", "id: two, day: 1, at: \"11:00\", email: m.md",
                "id: three, after: 30h, anchor: previous, email: m.md",
                "id: four, day: 9, at: \"09:00\", email: m.md, if: { industry: fintech }",
                "id: five, after: 5h, anchor: previous, email: m.md",
            ], policy: "caps: [{ at_most: 1, per: 24h }]"),
    ]

    @Test(arguments: cases)
    func whatIsForetoldIsDone(campaign: Case) throws {
        let world = try World(files: Folder.with(steps: campaign.steps, head: campaign.head, policy: campaign.policy))
        try world.importLeads([["a@example.com"]], into: nil)
        let before = try plan(world)
        #expect(!before.isEnrolled)
        try world.importLeads([["a@example.com"]], into: "c")
        let answer = try plan(world)
        #expect(answer.isEnrolled && foretold(answer) == foretold(before))
        world.run(for: .days(60))
        #expect(world.sentSteps == foretold(answer))
        let after = try plan(world)
        #expect(after.ended == "completed" && after.steps.isEmpty)
        #expect(after.finished.count == campaign.steps.count)
        let skipped = answer.steps.filter { $0.outlook == .skipped }.count
        #expect(try world.status().campaigns.first?.skipped.values.reduce(0, +) == skipped)
    }

    @Test(arguments: cases)
    func explainForetellsWhatPlanDoes(campaign: Case) throws {
        let world = try World(files: Folder.with(steps: campaign.steps, head: campaign.head, policy: campaign.policy))
        try world.importLeads([["a@example.com"]], into: "c")
        while true {
            let planned = try plan(world).steps
            let steps = try #require(try world.explain("a@example.com").enrollments.first?.steps)
            let left = steps.filter { ["planned", "waiting", "sending"].contains($0.state) }
            #expect(left.map(\.step) == planned.map(\.step))
            #expect(left.map(\.plannedAt) == planned.map(\.plannedAt))
            let (behind, foretold) = (left.dropFirst(), planned.dropFirst())
            #expect(behind.map(\.at) == foretold.map(\.at) && behind.map(\.reason) == foretold.map(\.reason))
            guard !planned.isEmpty else { break }
            world.run(until: try #require(planned[0].at))
        }
        #expect(try world.status().campaigns.first?.completed == 1)
    }

    @Test func explainSaysWhatBecomesOfAStepThatDoesNotGoAsPlanned() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, day: 1, at: \"10:00\", email: m.md", "id: two, day: 1, at: \"11:00\", email: m.md",
                    "id: three, day: 9, at: \"09:00\", email: m.md, if: { industry: fintech }",
                    "id: four, day: 12, at: \"09:00\", email: m.md",
                ], policy: "caps: [{ at_most: 1, per: 24h }]"))
        try world.importLeads([["a@example.com"]], into: "c")
        let steps = try #require(try world.explain("a@example.com").enrollments.first?.steps)
        #expect(steps.map(\.state) == ["waiting", "planned", "planned", "planned"])
        #expect(steps[1].plannedLocal == "Mon 2026-11-02 11:00 Asia/Jakarta")
        #expect(steps[1].detail == "goes at Tue 2026-11-03 10:00 Asia/Jakarta (capped)" && steps[1].reason == nil)
        #expect(steps[2].reason == .conditionNotMet)
        #expect(steps[2].detail == "will be skipped, if nothing changes until then")
        #expect(steps[3].detail.isEmpty && steps[3].at == steps[3].plannedAt)
    }

    /// Behind a wait without an end, what counts from that end has no date, and what counts from the enrollment has.
    @Test func explainGivesNoDateThatNobodyKnows() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, after: 1h, email: m.md", "id: two, after: 9h, anchor: previous, email: m.md",
                    "id: three, day: 4, at: \"09:00\", email: m.md",
                ], body: "Dear {{ lead.company }}."))
        try world.importLeads([["a@example.com"]], into: "c")
        let steps = try #require(try world.explain("a@example.com").enrollments.first?.steps)
        #expect(steps.map(\.plannedAt) == [World.monday + .hours(1), nil, World.monday + .days(3)])
        #expect(steps.map(\.at) == [World.monday + .hours(1), nil, nil])
    }

    @Test func whatIsOnItsWayIsSaidToBeAndCounts() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, after: 0s, email: m.md", "id: two, after: 1h, email: m.md",
                    "id: three, after: 30h, anchor: previous, email: m.md",
                ], policy: "caps: [{ at_most: 1, per: 24h }]"))
        world.respond = { _ in nil }
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .minutes(1))
        #expect(world.underWay.count == 1)
        let answer = try plan(world)
        #expect(answer.steps.map(\.outlook) == [.underWay, .goes, .goes])
        #expect(
            answer.steps.map(\.at) == [World.monday, World.monday + .days(1), World.monday + .days(1) + .hours(30)])
        #expect(
            answer.steps.map(\.plannedAt) == [
                World.monday, World.monday + .hours(1), World.monday + .days(1) + .hours(30),
            ])
        let steps = try #require(try world.explain("a@example.com").enrollments.first?.steps)
        #expect(steps.map(\.state) == ["sending", "planned", "planned"])
        #expect(steps.map(\.at) == answer.steps.map(\.at))
        world.respond = World.accepted
        world.run(for: .days(5))
        #expect(world.sends.map(\.markedAt) == answer.steps.map(\.at))
    }

    @Test func whatIsOnItsWayWhenTheEnrollmentEndsIsStillSaidToBe() throws {
        let world = try World(files: Folder.nurture)
        world.respond = { _ in nil }
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .minutes(1))
        _ = try world.event("replied", of: "a@example.com")
        let answer = try plan(world)
        #expect(answer.ended == "exited")
        #expect(answer.steps.map(\.outlook) == [.underWay] && answer.steps.first?.at == World.monday)
    }

    @Test func anInventedLeadHasNoName() throws {
        let files = Folder.nurture.mapValues { Array($0.utf8) }
        let update = try World.loader().load(disk: FileTree(files: files), applied: [:], running: [:])
        let programme = try #require(update.programme)
        let entry = try #require(programme.campaigns[CampaignID(rawValue: "c")])
        let lead = Lead(
            id: LeadID(rawValue: 0), key: "preview@example.com", address: try EmailAddress("preview@example.com"),
            zoneName: nil, locale: nil, attributes: [:])
        let answer = programme.plan(entry, of: lead, enrolledAt: World.monday)
        #expect(answer.lead == nil && !answer.isEnrolled && answer.steps.count == 4)
    }

    @Test func aPlanThatIsUnderWaySaysWhatIsLeftAndWhy() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(2))
        let answer = try plan(world)
        #expect(answer.finished.map(\.rawValue) == ["welcome", "case-study"])
        #expect(answer.steps.map(\.step.rawValue) == ["webinar", "demo-offer"])
        #expect(answer.steps.first?.because == ["day 7 at 10:00; Sun 2026-11-08 is closed"])
    }

    /// Lateness is booked as the daemon books it: also the share that a step bears behind one that was dropped.
    @Test func whatWillBeDroppedAsLateIsForetold() throws {
        let world = try World(
            files: Folder.with(steps: [
                "id: one, after: 1h, email: m.md", "id: two, after: 20h, email: m.md",
                "id: three, after: 50h, email: m.md",
            ]))
        try world.importLeads([["a@example.com"]], into: "c")
        world.sleep(until: World.monday + .hours(48))
        let answer = try plan(world)
        #expect(answer.steps.map(\.outlook) == [.skipped, .skipped, .goes])
        #expect(answer.steps.map(\.reason) == [.late, .late, nil])
        world.run(for: .days(5))
        #expect(world.sentSteps == foretold(answer))
    }

    @Test func whatTimeAloneDoesNotBringEndsTheForecast() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md", "id: two, after: 9h, email: m.md"],
                body: "Dear {{ lead.company }}."))
        try world.importLeads([["a@example.com"]], into: "c")
        let answer = try plan(world)
        #expect(answer.steps.map(\.outlook) == [.waits])
        #expect(answer.steps.first?.reason == .missingVariable)
        _ = try world.command(.pause(.hold(.everything), until: nil, note: ""))
        #expect(try plan(world).steps.first?.reason == .paused)
        #expect(throws: ControlError.self) { try plan(world, "nobody@example.com") }
    }
}
