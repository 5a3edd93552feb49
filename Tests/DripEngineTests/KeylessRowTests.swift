import DripCore
import DripEngine
import Testing

/// A list that knows addresses only, beside one that knows keys.
@Suite struct KeylessRowTests {
    private func world() throws -> World {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads([["crm-17", "budi@example.com"]], columns: ["key", "email"], into: nil)
        return world
    }

    private func take(_ world: World, _ address: String) throws -> ImportSummary {
        try world.importLeads([[address, "Jakarta"]], columns: ["email", "city"], into: "c")
    }

    @Test func whoHasTheAddressIsMeant() throws {
        let world = try world()
        let summary = try take(world, "Budi@Example.com")
        #expect(summary.created == 0 && summary.updated == 1 && summary.enrolled == 1)
        #expect(
            summary.warnings.map(\.reason) == ["the row has no key; the lead crm-17 has this address and is meant"])
        #expect(try world.lead("crm-17").enrollments.count == 1)
        world.run(for: .hours(2))
        #expect(world.sends.count == 1)
    }

    @Test func anAddressOfNobodyIsItsOwnKey() throws {
        let world = try world()
        #expect(try take(world, "siti@example.com").created == 1)
        let again = try take(world, "siti@example.com")
        #expect(again.updated == 1 && again.warnings.isEmpty)
    }

    @Test func whereSeveralShareItNobodyIsTaken() throws {
        let world = try world()
        try world.importLeads([["crm-18", "budi@example.com"]], columns: ["key", "email"], into: nil)
        let summary = try take(world, "budi@example.com")
        #expect(summary.created == 0 && summary.updated == 0 && summary.enrolled == 0)
        #expect(
            summary.refused.map(\.reason) == [
                "2 leads share this address: say which one is meant by a column key, with one of crm-17, crm-18"
            ])
    }

    @Test func oneWhoseKeyItIsIsMeantBesideOthers() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        _ = try take(world, "budi@example.com")
        try world.importLeads([["crm-18", "budi@example.com"]], columns: ["key", "email"], into: nil)
        let summary = try take(world, "budi@example.com")
        #expect(summary.updated == 1 && summary.warnings.isEmpty)
    }
}
