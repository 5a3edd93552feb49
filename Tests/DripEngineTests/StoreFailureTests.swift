import DripCore
import DripEngine
import DripStore
import Testing

@Suite struct StoreFailureTests {
    private let files = Folder.with(steps: ["id: one, after: 0s, email: m.md"])

    @Test(arguments: [
        (StoreError.Kind.full, "Free space"), (.locked, "End what holds the database"),
    ]) func whatPassesStopsSendingSaysSoAndLosesNothing(kind: StoreError.Kind, mend: String) throws {
        let world = try World(files: files)
        world.respond = { _ in nil }
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "c")
        world.ring()
        let under = world.underWay
        #expect(under.count == 8)
        world.failing.failure = StoreError(kind, "it does not go now")
        world.give(under.map(World.accepted))
        #expect(world.sends.count == 8, "nothing is sent after a commit that failed")
        #expect(try world.status().state == .storeFailed)
        #expect(try world.status().problems.first?.mend.contains(mend) == true)
        #expect(throws: ControlError.self) { try world.importLeads([["x@example.com"]], into: "c") }
        // It has passed: the outcomes that waited are recorded, and the rest goes.
        world.failing.failure = nil
        world.respond = World.accepted
        world.run(for: .minutes(1))
        #expect(world.sends.count == 20)
        let status = try world.status()
        #expect(status.state == .running && status.campaigns.first?.accepted.total == 20)
        #expect(status.campaigns.first?.inDoubt.total == 0)
    }

    @Test func aFailureNoticedByACommandStopsTheAlarmToo() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads([["a@example.com"]], into: "c")
        world.failing.failure = StoreError(.io, "fdatasync: input/output error")
        #expect(throws: ControlError.self) { try world.importLeads([["b@example.com"]], into: "c") }
        // It would ring without an end otherwise, which `run` reports.
        world.run(for: .hours(3))
        #expect(world.sends.isEmpty)
    }

    @Test func aFailedSyncStopsSendingForGood() throws {
        let world = try World(files: files)
        world.respond = { _ in nil }
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "c")
        world.ring()
        world.failing.failure = StoreError(.io, "fdatasync: input/output error")
        world.give(world.underWay.map(World.accepted))
        #expect(throws: ControlError.self) { try world.importLeads([["x@example.com"]], into: "c") }
        // What fails after it does not make it pass.
        world.failing.readFailure = StoreError(.locked, "another program holds the database")
        _ = try? world.status()
        world.failing.readFailure = nil
        world.failing.failure = nil
        world.respond = World.accepted
        world.run(for: .hours(1))
        #expect(world.sends.count == 8, "a later sync may succeed and lie")
        #expect(try world.status().state == .storeFailed)
        // After a restart what had been marked is in doubt, and the rest goes.
        try world.crash()
        world.run(for: .hours(1))
        #expect(world.sends.count == 20)
        #expect(try world.status().campaigns.first?.inDoubt.total == 8)
    }
}
