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
        answer.steps.filter { $0.outlook == .goes }.map { "\($0.step) @ \($0.at?.description ?? "never")" }
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

    @Test func aPlanThatIsUnderWaySaysWhatIsLeftAndWhy() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(2))
        let answer = try plan(world)
        #expect(answer.finished.map(\.rawValue) == ["welcome", "case-study"])
        #expect(answer.steps.map(\.step.rawValue) == ["webinar", "demo-offer"])
        #expect(answer.steps.first?.because == ["day 7 at 10:00; Sun 2026-11-08 is closed"])
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
