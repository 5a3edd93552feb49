import DripCore
import DripEngine
import Testing

/// Two leads that are one person.
@Suite struct MergeCommandTests {
    private static let steps = [
        "id: one, after: 1h, email: m.md", "id: two, after: 25h, email: m.md", "id: three, after: 49h, email: m.md",
    ]
    private let budi = "budi@example.com"
    private let crm = "crm-1"

    /// `crm-1` is enrolled so much later than `budi@example.com`.
    private func world(_ head: String = "", later: TimeSpan = .hours(26)) throws -> World {
        let world = try World(files: Folder.with(steps: Self.steps, head: head))
        try enrol(budi, budi, in: world)
        world.run(for: later)
        try enrol(crm, "b@example.org", in: world)
        return world
    }

    @discardableResult
    private func enrol(_ key: String, _ address: String, in world: World, into campaign: String? = "c") throws
        -> ImportSummary
    { try world.importLeads([[key, address]], columns: ["key", "email"], into: campaign) }

    @discardableResult
    private func merge(_ from: String, _ into: String, in world: World) throws -> MergeAnswer {
        guard case .merged(let answer) = try world.command(.merge(MergeRequest(from: from, into: into))) else {
            throw ControlError(.invalid, "another answer")
        }
        #expect(try world.audit() == [])
        return answer
    }

    private func sent(_ world: World) -> [String] { world.sends.map(\.step.id.rawValue) }

    private func balance(_ world: World, _ enrolled: Int, active: Int, completed: Int, exited: [String: Int]) throws {
        let status = try #require(try world.status().campaigns.first)
        #expect(status.enrolled == enrolled && status.active == active && status.completed == completed)
        #expect(status.exitedByReason == exited)
        #expect(try world.audit() == [])
    }

    /// What waits for room under a cap of the address that is left does not go on waiting for it.
    @Test func whatTheOldMailboxCappedIsDecidedAnew() throws {
        let world = try World(
            files: Folder.with(steps: Self.steps, policy: "caps: [ { at_most: 1, per: 30h } ]"))
        try enrol(budi, budi, in: world)
        world.run(for: .hours(26))
        #expect(sent(world) == ["one"])
        #expect(try world.lead(budi).enrollments.first?.waitingFor == .capped)
        try enrol(crm, "b@example.org", in: world, into: nil)
        try merge(budi, crm, in: world)
        world.run(for: .minutes(1))
        #expect(world.sends.map { $0.lead.address?.normalised } == [budi, "b@example.org"])
    }

    /// The worked example, both ways round.
    @Test(arguments: [true, false]) func noStepGoesTwiceWhereBothAreUnderWay(intoTheLater: Bool) throws {
        let world = try world()
        #expect(sent(world) == ["one", "two"])
        let (from, into) = intoTheLater ? (budi, crm) : (crm, budi)
        let answer = try merge(from, into, in: world)
        #expect(answer.lead == into && answer.from == from && answer.gaveWay.map(\.rawValue) == ["c"])
        #expect(answer.took.isEmpty && answer.exitedFrom.isEmpty)
        let lead = try world.lead(from)
        #expect(lead.key == into)
        let active = try #require(lead.enrollments.first { $0.status == "active" })
        #expect(active.finished.map(\.rawValue) == ["one", "two"] && active.nextStep?.rawValue == "three")
        try balance(world, 2, active: 1, completed: 0, exited: ["merged": 1])
        world.run(for: .days(10))
        #expect(sent(world) == ["one", "two", "three"])
        try balance(world, 2, active: 0, completed: 1, exited: ["merged": 1])
    }

    @Test func whatOnlyOneGoesThroughGoesOn() throws {
        let world = try world()
        try enrol("crm-2", "c@example.org", in: world, into: nil)
        let answer = try merge(budi, "crm-2", in: world)
        #expect(answer.took.map(\.rawValue) == ["c"] && answer.gaveWay.isEmpty)
        try balance(world, 2, active: 2, completed: 0, exited: [:])
        world.run(for: .days(10))
        let last = world.sends.filter { $0.lead.key == "crm-2" }
        #expect(last.map(\.step.id.rawValue) == ["three"] && last.first?.lead.address?.normalised == "c@example.org")
        try balance(world, 2, active: 0, completed: 2, exited: [:])
    }

    /// `again: never` holds, whoever of the two had it.
    @Test func whatIsOverIsOverForBoth() throws {
        let world = try world(later: .days(5))
        world.run(for: .days(5))
        try enrol("crm-2", "c@example.org", in: world, into: nil)
        try merge(crm, "crm-2", in: world)
        #expect(try enrol("crm-2", "c@example.org", in: world).alreadyEnrolled == 1)
        #expect(try world.lead("crm-2").enrollments.map(\.status) == ["completed"])
        try balance(world, 2, active: 0, completed: 2, exited: [:])
        // One that goes on beside one that is over has all of that behind it.
        try enrol("crm-3", "d@example.org", in: world)
        try merge("crm-3", "crm-2", in: world)
        try balance(world, 3, active: 0, completed: 3, exited: [:])
        let count = world.sends.count
        world.run(for: .days(9))
        #expect(world.sends.count == count)
    }

    @Test func theOldKeyFindsItAndItsListDoesNotMoveIt() throws {
        let world = try world()
        try merge(budi, crm, in: world)
        let summary = try world.importLeads([[budi, budi, "Bogor"]], columns: ["key", "email", "city"], into: "c")
        #expect(summary.updated == 1 && summary.created == 0 && summary.alreadyEnrolled == 1)
        #expect(try world.event("opened", of: budi).lead == crm)
        let lead = try world.lead(crm)
        #expect(lead.address?.normalised == "b@example.org" && lead.attributes["city"] == .text("Bogor"))
        #expect(try world.status().leads == 1)
        #expect(throws: ControlError.self) { try merge(budi, crm, in: world) }
        try world.crash()
        #expect(try world.lead(budi).key == crm)
    }

    @Test func theTimelineIsBothsAndTellsNoAddress() throws {
        let world = try world()
        try merge(budi, crm, in: world)
        let timeline = try world.lead(crm).timeline
        #expect(timeline.count { $0.what == "accepted" } == 2 && timeline.count { $0.what == "imported" } == 2)
        #expect(timeline.contains { $0.what == "merged" && $0.detail == "took in b•••@example.com" })
        #expect(timeline.contains { $0.what == "mergedInto" && $0.detail == "into crm-1" })
        let told = try world.explain(crm).enrollments.flatMap(\.steps).filter { $0.state == "accepted" }
        #expect(Set(told.map(\.step.rawValue)) == ["one", "two"])
    }

    @Test(arguments: ["under way", "waits for its next attempt", "is in doubt"])
    func whatMayStillEndAStepRefusesTheMerge(what: String) throws {
        let world = try World(files: Folder.with(steps: Self.steps))
        for key in [budi, "ani@example.com"] { try enrol(key, key, in: world, into: key == budi ? "c" : nil) }
        world.respond =
            what == "under way" ? { _ in nil } : what == "is in doubt" ? World.noReply : World.refusedForNow
        world.run(for: .minutes(61))
        let error = #expect(throws: ControlError.self) { try merge(budi, "ani@example.com", in: world) }
        #expect(error?.message.hasPrefix("not merged: c/one to \(budi) ") ?? false)
        #expect(error?.message.contains(what) ?? false)
        // Into it, a doubt may stay where its own enrollment is not touched.
        if what == "is in doubt" { try merge("ani@example.com", budi, in: world) }
    }

    @Test func aReplyOfTheOneEndsWhatTheOtherGoesThrough() throws {
        let world = try world("exit: { on: replied }")
        try enrol("crm-2", "c@example.org", in: world, into: nil)
        _ = try world.event("replied", of: "crm-2")
        #expect(try merge(budi, "crm-2", in: world).exitedFrom.map(\.rawValue) == ["c"])
        try balance(world, 2, active: 1, completed: 0, exited: ["exitCondition": 1])
    }

    @Test func aNoStaysWithItsAddress() throws {
        let world = try world()
        _ = try world.suppress("b@example.org")
        // Into the one that said no: what comes ends.
        try enrol("crm-2", "c@example.org", in: world, into: nil)
        #expect(try merge(budi, crm, in: world).exitedFrom.map(\.rawValue) == ["c"])
        #expect(try world.lead(crm).suppression != nil)
        // The other way round, the no does not come along.
        try merge(crm, "crm-2", in: world)
        #expect(try world.lead("crm-2").suppression == nil)
        let error = #expect(throws: ControlError.self) { try world.lead("b@example.org") }
        #expect(error?.message.contains("do-not-send list") ?? false)
    }

    @Test func theStricterPauseHoldsForAll() throws {
        let world = try world()
        let until = try #require(WrittenInstant("2026-11-10T09:00:00+07:00"))
        _ = try world.command(.pause(.lead(budi), until: until, note: "by phone"))
        try merge(budi, crm, in: world)
        #expect(try world.lead(crm).pause?.note == "by phone")
        world.run(for: .days(3))
        #expect(sent(world) == ["one", "two"])
        world.run(for: .days(9))
        #expect(sent(world) == ["one", "two", "three"])
    }
}
