import DripCore
import DripEngine
import Testing

/// What becomes of old lines of the history.
@Suite struct RetentionTests {
    private func world(kept: TimeSpan? = .days(30)) throws -> World {
        let world = try World(
            files: Folder.with(steps: ["id: one, after: 1h, email: m.md", "id: two, after: 60d, email: m.md"]))
        world.engine.journalIsKept = kept
        try world.importLeads([["budi", "budi@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .hours(2))
        return world
    }

    /// Days go by, with a ring on each.
    private func pass(_ span: TimeSpan, in world: World) {
        let end = world.now + span
        while world.now < end {
            world.sleep(until: min(end, world.now + .days(1)))
            world.ring()
        }
    }

    @Test func aLeapOfTheClockTakesNothingAway() throws {
        let world = try world()
        let count = try world.lead("budi").timeline.count
        world.sleep(until: world.now + .days(4_000))
        world.ring()
        world.sleep(until: world.now + .hours(23))
        world.ring()
        #expect(try world.lead("budi").timeline.count >= count)
        world.sleep(until: world.now + .hours(2))
        world.ring()
        #expect(try world.lead("budi").timeline.count < count)
    }

    @Test func oldLinesGoAndTheFiguresStay() throws {
        let world = try world()
        let before = try #require(try world.status().campaigns.first)
        #expect(try world.lead("budi").timeline.count >= 3)
        pass(.days(31), in: world)
        #expect(try world.lead("budi").timeline.isEmpty)
        let after = try #require(try world.status().campaigns.first)
        #expect(after.accepted.total == before.accepted.total && after.enrolled == before.enrolled)
        #expect(try world.audit() == [])
    }

    @Test func whatWaitsGoesOnAndIsExplained() throws {
        let world = try world()
        for _ in 0..<62 {
            world.run(for: .days(1))
            world.ring()
        }
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "two"])
        let explanation = try world.explain("budi")
        #expect(explanation.enrollments.first?.status == "completed")
        #expect(explanation.enrollments.first?.steps.map(\.state) == ["ended", "accepted"])
        #expect(try world.audit() == [])
    }

    @Test func youngLinesStay() throws {
        let world = try world()
        let count = try world.lead("budi").timeline.count
        pass(.days(29), in: world)
        #expect(try world.lead("budi").timeline.count == count)
    }

    @Test func withoutASettingNothingGoes() throws {
        let world = try world(kept: nil)
        let count = try world.lead("budi").timeline.count
        pass(.days(400), in: world)
        #expect(try world.lead("budi").timeline.count >= count)
    }

    @Test func manyGoAFewAtATime() throws {
        let world = try world()
        for _ in 0..<12 {
            _ = world.events(
                (0..<500).map { _ in EventBody(lead: "budi", name: EventName(rawValue: "ebook_downloaded")) })
        }
        pass(.days(31), in: world)
        let left = try world.lead("budi").timeline.count
        #expect(left > 0)
        world.sleep(until: world.now + .seconds(1))
        world.ring()
        #expect(try world.lead("budi").timeline.count < left)
        #expect(try world.audit() == [])
    }
}
