import DripCore
import DripEngine
import DripStore
import Testing

/// What status says of the ways on behind steps that decide.
@Suite struct ArmFiguresTests {
    /// The figures tell which variant is better: who took it, and who of those reached the goal, however they reached it.
    @Test(arguments: ["", ", then: { jump_to: bye }"]) func theFiguresOfEachArm(jump: String) throws {
        var files = ["policy.yaml": Folder.policy(), "layouts/default.html": Folder.layout, "c/m.md": Folder.message()]
        files["c/campaign.yaml"] = """
            name: C
            goal: { on: demo_booked\(jump) }
            steps:
              - id: ab
                split:
                  - { name: a, weight: 1, steps: [ { id: short, after: 1h, email: m.md } ] }
                  - { name: b, weight: 1, steps: [ { id: long, after: 1h, email: m.md } ] }
              - { id: read, wait_for: replied, up_to: 9d }
              - { id: bye, after: 1h, anchor: previous, email: m.md }

            """
        let world = try World(files: files)
        try world.importLeads((1...31).map { ["lead\($0)@example.com"] }, into: "c")
        func arms() throws -> [String] {
            try #require(try world.status().campaigns.first?.arms).map { "\($0.step).\($0.arm) \($0.runs)/\($0.goals)" }
        }
        #expect(try arms().suffix(2) == ["read.then 0/0", "read.otherwise 0/0"], "also what nobody took")
        world.run(for: .days(2))
        let short = world.sends.filter { $0.step.id.rawValue == "short" }.map(\.lead.key)
        let long = world.sends.filter { $0.step.id.rawValue == "long" }.map(\.lead.key)
        #expect(try arms().prefix(2) == ["ab.a \(short.count)/0", "ab.b \(long.count)/0"])
        _ = try world.event("replied", of: try #require(long.last))
        world.run(for: .seconds(1))
        for key in short.prefix(3) + long.suffix(1) { _ = try world.event("demo_booked", of: key) }
        world.run(for: .hours(3))
        try world.crash()
        // Not again for the same run.
        _ = try world.event("demo_booked", of: try #require(short.first))
        world.run(for: .days(9))
        #expect(
            try arms() == [
                "ab.a \(short.count)/3", "ab.b \(long.count)/1", "read.then 1/1", "read.otherwise 27/0",
            ])
        #expect(try world.audit() == [])
    }
}
