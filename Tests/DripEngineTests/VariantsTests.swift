import DripCore
import DripEngine
import DripMessages
import Testing

@Suite struct VariantsTests {
    @Test func eachLeadGetsTheMessageOfItsIndustryInItsLanguage() throws {
        var files = Folder.with(steps: ["id: one, after: 0s, email: m.md, vary_by: industry"], body: "plain")
        for tag in ["id", "fintech", "fintech.id", "real-estate"] { files["c/m.\(tag).md"] = Folder.message(tag) }
        let world = try World(files: files)
        let rows = [
            ["a", "", "en"], ["b", "", "id"], ["c", "Fintech", "en"], ["d", "fintech", "id"],
            ["e", "Real Estate", "id"],
            ["f", "mining", "id"],
        ].map { ["\($0[0])@example.com", $0[1], $0[2]] }
        try world.importLeads(rows, columns: ["email", "industry", "locale"], into: "c")
        let chosen = world.sends.sorted { $0.lead.key < $1.lead.key }.map { $0.compiled.message?.path ?? "" }
        #expect(
            chosen == ["c/m.md", "c/m.id.md", "c/m.fintech.md", "c/m.fintech.id.md", "c/m.real-estate.md", "c/m.id.md"])
    }
}
