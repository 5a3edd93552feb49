import DripCore
import DripEngine
import Testing

/// A fact inside of others goes by its dotted name from the list to the message.
@Suite struct NestedAttributesTests {
    private static let files: [String: String] = {
        var files = Folder.with(
            steps: [
                "id: one, after: 0s, email: m.md, vary_by: company.industry",
                "id: mark, after: 1h, set: { company.tier: big }, if: { company: { size: { at_least: 50 } } }",
                "id: two, after: 2h, email: m.md, if: { company.tier: big }",
            ], head: "exit: { if: { company: { state: closed } } }", body: "You are {{ lead.company.size }}.")
        files["c/m.fintech.md"] = Folder.message("Fintech of {{ lead.company.size }}")
        return files
    }()

    private static let columns = ["email", "Company.Size", "company.industry"]

    @Test func aColumnAConditionAStepAndAVariantMeanTheSameFact() throws {
        let world = try World(files: Self.files)
        try world.importLeads(
            [["a@example.com", "50", "Fintech"], ["b@example.com", "49", ""]], columns: Self.columns, into: "c")
        world.run(for: .days(1))
        let a = world.sends.filter { $0.lead.key == "a@example.com" }
        #expect(a.map(\.step.id.rawValue) == ["one", "two"])
        #expect(a.first?.compiled.message?.path == "c/m.fintech.md")
        #expect(world.sends.filter { $0.lead.key == "b@example.com" }.map(\.step.id.rawValue) == ["one"])
        #expect(try world.lead("a@example.com").attributes["company.tier"] == .text("big"))
    }

    @Test func anImportedFactInsideOfOthersEndsARunAtOnce() throws {
        let world = try World(files: Self.files)
        try world.importLeads([["a@example.com", "50", ""]], columns: Self.columns, into: "c")
        world.run(for: .minutes(5))
        try world.importLeads([["a@example.com", "closed"]], columns: ["email", "company.state"], into: nil)
        world.run(for: .days(1))
        #expect(world.sends.map(\.step.id.rawValue) == ["one"])
    }

    @Test func aNameThatIsTooDeepIsRefused() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"]], into: nil)
        func tell(_ name: String) throws {
            _ = try world.command(
                .event(
                    lead: "a@example.com", name: EventName(rawValue: "ebook_downloaded"), data: [name: .text("x")]))
        }
        try tell("cart.first.item.sku")
        let error = #expect(throws: ControlError.self) { try tell("cart.first.item.sku.part") }
        #expect(error?.message.contains("at most 4 parts") == true)
    }
}
