import DripCore
import DripEngine
import DripMessages
import Testing

/// Followed links and shown pictures, on their way into a lead's history.
@Suite struct HitTests {
    private static let phone = "Mozilla/5.0 (Linux; Android 14) Mobile"

    private func world() throws -> World {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md", "id: more, after: 3d, if: { did: clicked }, email: m.md"]))
        try world.importLeads([["budi", "budi@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .hours(1))
        return world
    }

    private struct Unexpected: Error {}

    private func hit(
        _ world: World, _ what: TrackedHit.What = .clicked, _ target: String = "https://acme.example/",
        agent: String = phone
    ) throws -> HitKind? {
        let order = try #require(world.sends.first)
        let hit = TrackedHit(
            enrollment: order.delivery.enrollment, stepHash: TrackedMark.hash(of: order.step.id), what: what,
            target: target, isHead: false, userAgent: agent)
        guard case .hit(let kind) = try world.command(.hit(hit)) else { throw Unexpected() }
        return kind
    }

    private func events(_ world: World) throws -> [String] {
        try world.lead("budi").timeline.filter { $0.what == "event" }.map(\.detail)
    }

    @Test func aPersonsClickIsAnEventOfItsStep() throws {
        let world = try world()
        world.run(for: .hours(3))
        #expect(try hit(world) == .human)
        #expect(try events(world) == ["clicked of c/one: https://acme.example/"])
        world.run(for: .days(4))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "more"])
    }

    @Test func aGatewaysClicksAreKeptAndMeanNothing() throws {
        let world = try world()
        #expect(try hit(world) == .machine)
        world.run(for: .hours(3))
        #expect(try hit(world, agent: "Mozilla/5.0") == .machine)
        #expect(try events(world).count == 2)
        world.run(for: .days(4))
        #expect(world.sends.map(\.step.id.rawValue) == ["one"])
    }

    @Test func theThirdLinkInARushIsAGateways() throws {
        let world = try world()
        world.run(for: .hours(3))
        let kinds = try (1...4).map { try hit(world, .clicked, "https://acme.example/\($0)") }
        #expect(kinds == [.human, .human, .machine, .machine])
    }

    @Test func whoFollowsTheLinkThatNobodySeesIsAProgramInAllThatFollows() throws {
        let world = try world()
        world.run(for: .hours(3))
        #expect(try hit(world, .clicked, TrackedHit.trap) == .machine)
        #expect(try hit(world) == .machine)
        world.run(for: .minutes(1))
        #expect(try hit(world) == .human)
    }

    @Test func aFloodIsDropped() throws {
        let world = try world()
        world.run(for: .hours(3))
        for _ in 0..<60 { _ = try hit(world, .opened, "") }
        #expect(try events(world).count == 50)
        #expect(try hit(world) == nil)
    }

    @Test func ofSomebodyWhoIsGoneNothingIsNoted() throws {
        let world = try world()
        world.run(for: .hours(3))
        _ = try world.command(.erase(EraseRequest(lead: "budi")))
        #expect(try hit(world) == nil)
    }
}
