import DripCore
import DripEngine
import DripStore
import Testing

@Suite struct AnchorsTests {
    private func at(_ text: String) throws -> Instant { try #require(Instant(text)) }

    @Test func whatCountsFromThePreviousStepFollowsItsEndAndOnlyThat() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, after: 0s, email: m.md", "id: two, anchor: previous, after: 10h, email: m.md",
                    "id: three, after: 48h, email: m.md",
                ], policy: "caps: [{ at_most: 1, per: 20h }]"))
        // The first step is refused for two hours or so; the second counts from its end, the third from the enrollment.
        let end = World.monday + .hours(2)
        world.respond = { [world] in world.now < end ? World.refusedForNow($0) : World.accepted($0) }
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(for: .days(5))
        world.respond = World.accepted
        let ended = try #require(world.sends.last { $0.step.id.rawValue == "one" }?.markedAt)
        #expect(ended > end)
        let two = try #require(world.sends.first { $0.step.id.rawValue == "two" })
        // Planned ten hours behind the end, and held by the cap for ten more.
        #expect(two.plannedAt == ended + .hours(10) && two.markedAt == ended + .hours(20))
        let three = try #require(world.sends.first { $0.step.id.rawValue == "three" })
        #expect(three.plannedAt == World.monday + .hours(48) && three.markedAt == three.plannedAt)
    }

    @Test func anEndThatIsOnlySkippedCountsTooAndOutlivesARestart() throws {
        let world = try World(
            files: Folder.with(steps: [
                "id: one, after: 2h, email: m.md, if: { industry: fintech }",
                "id: two, anchor: previous, day: 2, at: \"09:00\", email: m.md",
            ]))
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(for: .hours(3))
        try world.crash()
        world.run(for: .days(3))
        #expect(world.sentSteps == ["two @ 2026-11-03T02:00:00.000Z"])
    }

    @Test func anImportWarnsOfADateThatIsNoneAndOfALeadThatStandsTwice() throws {
        let world = try World(files: Self.trial)
        let summary = try world.importLeads(
            [["a@example.com", "soon", "x"], ["b@example.com", "2026-12-01", "y"], ["A@example.com", "", "z"]],
            columns: ["email", "trial_ends_on", "plan"], into: "c")
        #expect(summary.refused.isEmpty && summary.created == 2 && summary.updated == 1)
        #expect(summary.warnings.map { "\($0.line) \($0.column)" } == ["2 trial_ends_on", "4 key"])
        let plain = try World(files: Folder.nurture)
        let other = try plain.importLeads(
            [["a@example.com", "soon"]], columns: ["email", "trial_ends_on"], into: "c")
        #expect(other.warnings.isEmpty, "no campaign counts from it")
    }

    private static let trial = Folder.with(
        steps: [
            "id: welcome, after: 0s, email: m.md",
            "id: early, anchor: { attribute: trial_ends_on }, day: -30, at: \"09:00\", email: m.md",
            "id: reminder, anchor: { attribute: trial_ends_on }, day: -3, at: \"09:00\", email: m.md",
            "id: goodbye, anchor: { attribute: trial_ends_on }, day: 1, at: \"09:00\", email: m.md",
        ])

    private func give(_ date: String, to world: World) throws {
        try world.importLeads([["budi@example.com", date]], columns: ["email", "trial_ends_on"], into: nil)
    }

    @Test func stepsAroundADateOfTheLead() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com", "2026-11-20"]], columns: ["email", "trial_ends_on"], into: "c")
        world.run(for: .days(30))
        #expect(
            world.sentSteps == [
                "welcome @ 2026-11-02T02:00:00.000Z", "reminder @ 2026-11-17T02:00:00.000Z",
                "goodbye @ 2026-11-20T02:00:00.000Z",
            ])
        let campaign = try #require(try world.status().campaigns.first)
        #expect(campaign.skipped == ["beforeEnrollment": 1] && campaign.completed == 1)
        let early = try #require(try world.explain("budi@example.com").enrollments.first?.steps[1])
        #expect(early.state == "skipped" && early.detail == "it would have gone before the lead was enrolled")
    }

    @Test func aMissingDateWaitsVisiblyUntilItComes() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(for: .days(10))
        #expect(world.sends.map(\.step.id.rawValue) == ["welcome"])
        let lead = try world.lead("budi@example.com").enrollments.first
        #expect(lead?.waitingFor == .missingDate && lead?.nextStep == StepID(rawValue: "early"))
        #expect(lead?.nextDueAt == nil)
        let step = try #require(try world.explain("budi@example.com").enrollments.first?.steps[1])
        #expect(step.state == "waiting" && step.reason == .missingDate && step.plannedAt == nil && step.at == nil)
        #expect(step.detail == "the lead has no trial_ends_on, and the step counts from it")
        // Told once, however often it was looked at.
        #expect(try world.status().campaigns.first?.deferred == ["missingDate": 1])

        try give("2027-01-20", to: world)
        let early = try at("2026-12-21T02:00:00Z")
        #expect(try world.lead("budi@example.com").enrollments.first?.nextDueAt == early)
        world.run(until: early)
        #expect(world.sentSteps.last == "early @ 2026-12-21T02:00:00.000Z")
    }

    @Test func aChangedDateMovesTheWaitingStepBothWays() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com", "2026-11-20"]], columns: ["email", "trial_ends_on"], into: "c")
        world.run(for: .days(1))
        func due() throws -> Instant? { try world.lead("budi@example.com").enrollments.first?.nextDueAt }
        #expect(try due() == at("2026-11-17T02:00:00Z"))
        try give("2026-11-25", to: world)
        #expect(try due() == at("2026-11-22T02:00:00Z"))
        try give("2026-11-10", to: world)
        #expect(try due() == at("2026-11-07T02:00:00Z"))
        try give("2026-11-10", to: world)
        #expect(try due() == at("2026-11-07T02:00:00Z"))
        try give("soon", to: world)
        #expect(try world.lead("budi@example.com").enrollments.first?.waitingFor == .missingDate)
        try give("2026-11-12", to: world)
        world.run(for: .days(30))
        #expect(
            world.sentSteps.dropFirst() == [
                "reminder @ 2026-11-09T02:00:00.000Z", "goodbye @ 2026-11-12T02:00:00.000Z",
            ])
    }

    /// Three days before an end that lies a week back makes no sense any more; the message of yesterday still does.
    @Test func aDateThatComesTooLateSkipsWhatItLeftBehind() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(for: .days(60))
        // Friday, 1 January, at 09:00; the reminder was for 28 December, the goodbye for 31 December at 09:00.
        try give("2026-12-31", to: world)
        world.run(for: .days(1))
        #expect(world.sends.map(\.step.id.rawValue) == ["welcome", "goodbye"])
        #expect(try world.status().campaigns.first?.skipped == ["late": 2])
    }

    @Test func whatIsBeingSentIsNotMoved() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com", "2026-11-20"]], columns: ["email", "trial_ends_on"], into: "c")
        world.run(until: try at("2026-11-16T00:00:00Z"))
        world.respond = { _ in nil }
        world.run(until: try at("2026-11-17T02:00:00Z"))
        #expect(world.underWay.count == 1)
        try give("2026-12-20", to: world)
        world.give(world.underWay.map(World.refusedForNow))
        try give("2026-12-21", to: world)
        world.respond = World.accepted
        world.run(for: .days(1))
        // The attempt after the refusal goes on; the step behind it knows the new date.
        #expect(world.sends.map(\.step.id.rawValue) == ["welcome", "reminder", "reminder"])
        #expect(try world.lead("budi@example.com").enrollments.first?.nextDueAt == at("2026-12-21T02:00:00Z"))
    }

    /// The snapshot of the mark made the message; the step behind it is planned by what is stored when it has ended.
    @Test func aDateThatChangesDuringASendPlansTheStepBehindIt() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com", "2026-11-20"]], columns: ["email", "trial_ends_on"], into: "c")
        world.run(until: try at("2026-11-16T00:00:00Z"))
        world.respond = { _ in nil }
        world.run(until: try at("2026-11-17T02:00:00Z"))
        #expect(world.underWay.map(\.step.id.rawValue) == ["reminder"])
        try give("2026-12-20", to: world)
        world.give(world.underWay.map(World.accepted))
        #expect(try world.lead("budi@example.com").enrollments.first?.nextDueAt == at("2026-12-20T02:00:00Z"))
        world.respond = World.accepted
        world.run(for: .days(40))
        #expect(world.sentSteps.last == "goodbye @ 2026-12-20T02:00:00.000Z")
    }

    @Test func anImportThatFailsDuringASendChangesNothing() throws {
        let world = try World(files: Self.trial)
        try world.importLeads([["budi@example.com", "2026-11-20"]], columns: ["email", "trial_ends_on"], into: "c")
        world.run(until: try at("2026-11-16T00:00:00Z"))
        world.respond = { _ in nil }
        world.run(until: try at("2026-11-17T02:00:00Z"))
        world.failing.failure = StoreError(.full, "the disk is full")
        #expect(throws: ControlError.self) { try give("2026-12-20", to: world) }
        world.failing.failure = nil
        world.give(world.underWay.map(World.accepted))
        #expect(try world.lead("budi@example.com").enrollments.first?.nextDueAt == at("2026-11-20T02:00:00Z"))
    }

    /// A bounce is said of the mailbox that was written to, not of the one that the lead has by then.
    @Test func anAddressThatChangesDuringASendIsNotBlamedForIt() throws {
        let world = try World(files: Self.trial)
        world.respond = { _ in nil }
        try world.importLeads([["crm-1", "old@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .minutes(1))
        try world.importLeads([["crm-1", "new@example.com"]], columns: ["key", "email"], into: nil)
        world.give(world.underWay.map(World.noSuchUser))
        #expect(try world.lead("crm-1").address?.text == "new@example.com")
        #expect(try world.lead("crm-1").suppression == nil)
        #expect(try !world.suppress("old@example.com").isNew)
    }

    @Test func aStepThatTheFileMovedLaterWaitsForItsNewTime() throws {
        func folder(_ day: Int) -> [String: String] {
            Folder.with(steps: ["id: one, day: \(day), at: \"09:00\", email: m.md, if: { industry: fintech }"])
        }
        let world = try World(files: folder(3))
        try world.importLeads([["budi@example.com"]], into: "c")
        world.files = folder(5)
        try world.reload()
        // It waits for the new day from the edit on, and whether its condition holds is judged then.
        #expect(try world.explain("budi@example.com").enrollments.first?.steps.first?.at == at("2026-11-06T02:00:00Z"))
        world.run(until: try at("2026-11-05T00:00:00Z"))
        try world.importLeads([["budi@example.com", "fintech"]], columns: ["email", "industry"], into: nil)
        world.run(for: .days(5))
        #expect(world.sentSteps == ["one @ 2026-11-06T02:00:00.000Z"])
    }
}
