import DripCore
import DripEngine
import DripStore
import Testing

/// Events that come in together, and those that come again.
@Suite struct EventGroupTests {
    private func world() throws -> World {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads(
            [["budi", "budi@example.com"], ["siti", "siti@example.com"]], columns: ["key", "email"], into: nil)
        return world
    }

    private func event(_ lead: String, _ name: String = "ebook_downloaded", id: String? = nil) -> EventBody {
        EventBody(lead: lead, name: EventName(rawValue: name), id: id)
    }

    /// `taken`, `again`, or the kind of refusal.
    private func words(_ results: [Result<Reply, ControlError>]) -> [String] {
        results.map { result in
            switch result {
            case .success(.event(let answer)): answer.isRepeat ? "again" : "taken"
            case .success: "another answer"
            case .failure(let error): error.kind.rawValue
            }
        }
    }

    private func count(_ world: World, of lead: String) throws -> Int {
        try world.lead(lead).timeline.filter { $0.what == "event" }.count
    }

    @Test func eachStandsOrFallsAlone() throws {
        let world = try world()
        let results = world.events([event("budi"), event("nobody"), event("siti", "ebook_downlaoded"), event("siti")])
        #expect(words(results) == ["taken", "notFound", "invalid", "taken"])
        #expect(try count(world, of: "budi") == 1 && count(world, of: "siti") == 1)
        #expect(try world.audit() == [])
    }

    @Test func theyShareOneCommit() throws {
        let world = try world()
        let before = world.failing.commits
        _ = world.events((0..<100).map { _ in event("budi") })
        // One for the events; the turn behind them finds nothing to write.
        #expect(world.failing.commits - before <= 2)
    }

    @Test func oneThatComesAgainIsKnownAndDoesNothing() throws {
        let world = try world()
        #expect(words(world.events([event("budi", id: "a"), event("budi", id: "a")])) == ["taken", "again"])
        #expect(words(world.events([event("budi", id: "a"), event("budi", id: "b")])) == ["again", "taken"])
        try world.crash()
        #expect(words(world.events([event("budi", id: "b")])) == ["again"])
        #expect(try count(world, of: "budi") == 2)
    }

    @Test func anotherEventOfTheSameNameIsRefused() throws {
        let world = try world()
        #expect(words(world.events([event("budi", id: "a"), event("siti", id: "a")])) == ["taken", "conflict"])
        #expect(try count(world, of: "siti") == 0)
    }

    @Test func oneThatWasRefusedMayComeAgain() throws {
        let world = try world()
        #expect(words(world.events([event("late", id: "a")])) == ["notFound"])
        try world.importLeads([["late", "late@example.com"]], columns: ["key", "email"], into: nil)
        #expect(words(world.events([event("late", id: "a")])) == ["taken"])
    }

    @Test func nobodyRemembersForEver() throws {
        let world = try world()
        _ = world.events((0..<50).map { event("budi", id: "old \($0)") })
        world.run(for: .days(8))
        // Each that comes takes two of the old ones away.
        _ = world.events((0..<25).map { event("budi", id: "new \($0)") })
        #expect(words(world.events([event("budi", id: "old 0"), event("budi", id: "new 0")])) == ["taken", "again"])
    }

    @Test(arguments: ["", "two\nlines", String(repeating: "x", count: 201)])
    func anIDIsOneShortLine(id: String) throws {
        #expect(words(try world().events([event("budi", id: id)])) == ["invalid"])
    }

    @Test func aStoreThatFailsTakesNone() throws {
        let world = try world()
        world.failing.failure = StoreError(.full, "no space left")
        #expect(words(world.events([event("budi", id: "a"), event("siti")])) == ["unavailable", "unavailable"])
        world.failing.failure = nil
        world.sleep(until: world.now + .minutes(1))
        world.ring()
        #expect(words(world.events([event("budi", id: "a")])) == ["taken"])
        #expect(try count(world, of: "budi") == 1)
    }

    @Test func whatTheyBeginGoesOut() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md"], head: "enroll: { on: ebook_downloaded }"))
        try world.importLeads(
            [["budi", "budi@example.com"], ["siti", "siti@example.com"]], columns: ["key", "email"], into: nil)
        _ = world.events([event("budi"), event("siti")])
        world.run(for: .hours(3))
        #expect(world.sends.map(\.lead.key).sorted() == ["budi", "siti"])
    }
}
