import DripCampaigns
import DripCore
import DripEngine
import DripStore
import Testing

/// An edit of a campaign with many leads: a page at a time, and sending goes on meanwhile.
@Suite struct EditWalkTests {
    private static let id = CampaignID(rawValue: "c")
    private static let leads = 2_500

    private static func files(day: Int, id: String = "a", was: String? = nil) -> [String: String] {
        let was = was.map { ", was: \($0)" } ?? ""
        var files = Folder.with(steps: ["id: \(id)\(was), day: \(day), at: \"09:00\", email: m.md"])
        files["d/m.md"] = files["c/m.md"]
        files["d/campaign.yaml"] = "name: D\nsteps: [ { id: a, after: 1h, email: m.md } ]\n"
        return files
    }

    private func world() throws -> World {
        let world = try World(files: Self.files(day: 9))
        for start in stride(from: 1, through: Self.leads, by: 500) {
            try world.importLeads((start..<start + 500).map { ["lead\($0)@example.com"] }, into: "c")
        }
        return world
    }

    /// How many wait for a step of that name, by the day that it is planned for.
    private func days(_ world: World) throws -> [String: Int] {
        var days: [String: Int] = [:]
        for number in [1, 700, 1_400, 2_100, Self.leads] {
            let lead = try #require(try world.lead("lead\(number)@example.com").enrollments.first)
            days["\(lead.nextStep?.rawValue ?? "-") \(lead.nextDueAt?.description.prefix(10) ?? "-")", default: 0] += 1
        }
        return days
    }

    @Test func sendingGoesOnBetweenThePages() throws {
        let world = try world()
        try world.importLeads((1...3).map { ["other\($0)@example.com"] }, into: "d")
        var sent: [Int] = []
        world.betweenSteps = {
            // An hour later a message is due that has nothing to do with it.
            world.sleep(until: max(world.now, World.monday + .hours(1)))
            world.settle()
            sent.append(world.sends.count)
        }
        world.files = Self.files(day: 12)
        #expect(try world.reload().changed == [Self.id])
        #expect(sent.count >= 4, "2,500 leads are looked at and written anew")
        #expect(sent.first == 0 && sent.dropFirst().allSatisfy { $0 == 3 })
        #expect(try days(world).count == 1)
        world.run(for: .days(12))
        #expect(world.sends.count == 3 + Self.leads)
        #expect(try world.audit() == [])
    }

    /// In the midst of it the process dies: the edit is done from its beginning at the next start.
    @Test(arguments: [1, 3, 5], [false, true]) func aCrashInTheMiddle(pages: Int, isRenamed: Bool) throws {
        let world = try world()
        world.files = isRenamed ? Self.files(day: 12, id: "b", was: "a") : Self.files(day: 12)
        world.goesOnAtOnce = false
        #expect(throws: ControlError.self) { try world.reload() }
        for _ in 1..<pages { world.ring() }
        world.goesOnAtOnce = true
        try world.crash()
        if !isRenamed { #expect(try days(world) == ["a 2026-11-13": 5]) }
        world.run(for: .days(12))
        #expect(world.sends.count == Self.leads)
        #expect(Set(world.sends.map { "\($0.step.id) \($0.markedAt.description.prefix(10))" }).count == 1)
        #expect(try world.status().campaigns.first { $0.id == Self.id }?.completed == Self.leads)
        #expect(try world.audit() == [])
    }

    /// In the midst of an edit that a person has consented to, and that renames: it is not held again, and nobody gets it twice.
    @Test(arguments: [3, 4, 5]) func aCrashInTheMiddleOfAnAppliedRename(pages: Int) throws {
        let world = try world()
        world.run(for: .days(2))
        world.files = Self.files(day: 2, id: "b", was: "a")
        let held = try #require(try world.reload().held.first)
        world.goesOnAtOnce = false
        #expect(throws: ControlError.self) { try world.command(.apply(Self.id, plan: held.hash)) }
        for _ in 1..<pages { world.ring() }
        world.goesOnAtOnce = true
        try world.crash()
        #expect(try world.status().campaigns.first { $0.id == Self.id }?.problem == nil)
        world.run(for: .days(12))
        #expect(Set(world.sends.map(\.lead.key)).count == Self.leads && world.sends.count == Self.leads)
        #expect(try world.status().campaigns.first { $0.id == Self.id }?.skipped == [:])
        #expect(try world.audit() == [])
    }

    /// While an edit is carried out the new time comes: who was not reached by then is not mailed at once for it.
    @Test func whatWasNotJudgedIsNotDoneWithoutConsent() throws {
        let world = try world()
        world.run(until: try #require(Instant("2026-11-04T01:59:50Z")))
        world.files = Self.files(day: 3)
        world.goesOnAtOnce = false
        #expect(throws: ControlError.self) { try world.reload() }
        for _ in 1..<3 { world.ring() }
        world.sleep(until: try #require(Instant("2026-11-04T02:00:10Z")))
        world.goesOnAtOnce = true
        world.ring()
        world.run(for: .hours(1))
        let early = world.sends.count
        #expect((1..<Self.leads).contains(early), "those who were reached")
        world.run(for: .days(12))
        let later = Set(world.sends.dropFirst(early).map { $0.markedAt.description.prefix(10) })
        #expect(world.sends.count == Self.leads && later == ["2026-11-10"])
        #expect(try world.audit() == [])
    }

    /// Whoever only asks, where no daemon runs, renames nothing: the file may be put back before one does.
    @Test func aQuestionWritesNoRename() throws {
        let world = try world()
        let disk = FileTree(files: Self.files(day: 9, id: "b", was: "a").mapValues { Array($0.utf8) })
        let applied = try world.failing.read { try $0.appliedFiles() }
        _ = try Engine.boot(
            store: world.failing, update: try World.loader().load(disk: disk, applied: applied, running: [:]),
            identity: .init(version: "test", node: "test", startedAt: world.now), transports: [], applies: false,
            now: world.now)
        #expect(try days(world) == ["a 2026-11-10": 5])
        world.run(for: .days(12))
        #expect(world.sends.count == Self.leads)
        #expect(try world.audit() == [])
    }

    /// A second reload while the first is under way waits for it, and both are answered.
    @Test func reloadsAreDoneInTheirOrder() throws {
        let world = try world()
        world.files = Self.files(day: 12)
        world.goesOnAtOnce = false
        #expect(throws: ControlError.self) { try world.reload() }
        world.files = Self.files(day: 20)
        #expect(throws: ControlError.self) { try world.reload() }
        world.goesOnAtOnce = true
        world.ring()
        #expect(try days(world) == ["a 2026-11-21": 5])
        #expect(try world.reload().changed.isEmpty)
        #expect(try world.audit() == [])
    }

    /// The store fails on the way: whoever waits is told, and the edit goes on when it works again.
    @Test func aStoreThatFailsOnTheWay() throws {
        let world = try world()
        world.files = Self.files(day: 12)
        world.goesOnAtOnce = false
        #expect(throws: ControlError.self) { try world.reload() }
        world.failing.failure = StoreError(.full, "database or disk is full")
        world.ring()
        world.failing.failure = nil
        world.goesOnAtOnce = true
        world.run(for: .hours(1))
        #expect(try days(world) == ["a 2026-11-13": 5])
        #expect(try world.audit() == [])
    }
}
