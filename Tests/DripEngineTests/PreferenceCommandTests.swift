import DripCore
import DripEngine
import Testing

/// What somebody asks by a link out of a message.
@Suite struct PreferenceCommandTests {
    private static let policy = "topics: { news: News of ours, tips: Tips }"

    private func world(steps: [String] = ["id: one, after: 1h, email: m.md", "id: two, after: 2d, email: m.md"]) throws
        -> World
    {
        let world = try World(
            files: Folder.with(steps: steps, head: "topic: news\nexit: { on: unsubscribed }", policy: Self.policy))
        try world.importLeads([["budi", "budi@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .hours(2))
        return world
    }

    @discardableResult
    private func ask(_ world: World, _ action: PreferenceRequest.Action) throws -> PreferenceView {
        let enrollment = try #require(world.sends.first?.delivery.enrollment)
        guard
            case .preference(let view) = try world.command(.preference(.init(enrollment: enrollment, action: action)))
        else { throw Unexpected() }
        return view
    }

    private struct Unexpected: Error {}

    private func events(_ world: World) throws -> [String] {
        try world.lead("budi").timeline.filter { $0.what == "event" }.map(\.detail)
    }

    @Test func aLookChangesNothing() throws {
        let world = try world()
        let view = try ask(world, .look)
        #expect(view.address == "b•••@example.com" && !view.isUnsubscribed && view.pausedUntil == nil)
        #expect(view.topics.map(\.id.rawValue) == ["news", "tips"] && view.topics.allSatisfy(\.isWanted))
        #expect(try world.lead("budi").suppression == nil)
    }

    @Test func oneClickEndsAllAndIsHeardOnce() throws {
        let world = try world()
        #expect(try ask(world, .unsubscribe).isUnsubscribed)
        #expect(try ask(world, .unsubscribe).maySubscribe)
        let lead = try world.lead("budi")
        #expect(lead.suppression?.cause == .unsubscribed && lead.enrollments.map(\.status) == ["exited"])
        #expect(try events(world) == ["unsubscribed"])
        world.run(for: .days(4))
        #expect(world.sends.count == 1)
        #expect(try world.audit() == [])
    }

    @Test func itIsTakenBackAndWhatElseStandsThereIsNot() throws {
        let world = try world()
        try ask(world, .unsubscribe)
        #expect(try !ask(world, .subscribe).isUnsubscribed)
        #expect(try world.lead("budi").suppression == nil)
        _ = try world.event("complained", of: "budi")
        let view = try ask(world, .subscribe)
        #expect(view.isUnsubscribed && !view.maySubscribe)
        #expect(try world.lead("budi").suppression?.cause == .complained)
    }

    @Test func topicsAreChosenAndOneThatWasNotShownStays() throws {
        let world = try world()
        try ask(world, .choose(shown: [TopicID(rawValue: "tips")], wanted: []))
        #expect(try world.lead("budi").optOuts.map(\.topic.rawValue) == ["tips"])
        try ask(world, .choose(shown: [TopicID(rawValue: "news")], wanted: []))
        let lead = try world.lead("budi")
        #expect(lead.optOuts.map(\.topic.rawValue).sorted() == ["news", "tips"])
        #expect(lead.enrollments.map(\.status) == ["exited"])
        let view = try ask(
            world,
            .choose(shown: [TopicID(rawValue: "news"), TopicID(rawValue: "tips")], wanted: [TopicID(rawValue: "tips")]))
        #expect(view.topics.filter(\.isWanted).map(\.id.rawValue) == ["tips"])
        // Nobody makes up a topic.
        try ask(world, .choose(shown: [TopicID(rawValue: "sports")], wanted: []))
        #expect(try world.lead("budi").optOuts.map(\.topic.rawValue) == ["news"])
    }

    @Test func notNowHoldsTheSeriesForThatLong() throws {
        let world = try world()
        let view = try ask(world, .pause(days: 30))
        #expect(view.pausedUntil == LocalDate("2026-12-02"))
        world.run(for: .days(20))
        #expect(world.sends.count == 1)
        #expect(try ask(world, .resume).pausedUntil == nil)
        world.run(for: .days(1))
        #expect(world.sends.count == 2)
        #expect(throws: ControlError.self) { try ask(world, .pause(days: 3_000)) }
    }

    @Test func whatSupportPausedIsNotTheirsToEnd() throws {
        let world = try world()
        guard let target = PauseTarget(rawValue: "lead budi") else { throw Unexpected() }
        _ = try world.command(.pause(target, until: nil, note: "asked by phone"))
        try ask(world, .resume)
        try ask(world, .pause(days: 7))
        let pause = try world.lead("budi").pause
        #expect(pause?.note == "asked by phone" && pause?.until == nil)
    }

    @Test func aLinkOfNobodyIsAnsweredLikeOneThatUnsubscribed() throws {
        let world = try world()
        let nobody = PreferenceRequest(enrollment: EnrollmentID(rawValue: 99 << 10), action: .unsubscribe)
        guard case .preference(let view) = try world.command(.preference(nobody)) else { throw Unexpected() }
        #expect(view == PreferenceView(sender: "Rumpun"))
        #expect(view.isUnsubscribed && view.topics.isEmpty && !view.maySubscribe)
    }

    @Test func afterAMergeTheOldLinkSpeaksForWhoTookItIn() throws {
        let world = try world()
        try world.importLeads([["siti", "siti@example.com"]], columns: ["key", "email"], into: nil)
        _ = try world.command(.merge(MergeRequest(from: "budi", into: "siti")))
        #expect(try ask(world, .unsubscribe).isUnsubscribed)
        #expect(try world.lead("siti").suppression?.cause == .unsubscribed)
    }
}
