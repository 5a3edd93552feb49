import DripCampaigns
import DripCore
import DripEngine
import Testing

@Suite struct ProgrammeLoaderTests {
    private let good = Folder.with(steps: ["id: one, after: 0s, email: m.md"])
    private let id = CampaignID(rawValue: "c")

    private func load(_ disk: [String: String], applied: [String: String] = [:]) throws -> ProgrammeUpdate {
        try World.loader().load(
            disk: FileTree(files: disk.mapValues { Array($0.utf8) }), applied: applied.mapValues { Array($0.utf8) },
            running: [:])
    }

    @Test func aSoundFolderRunsAsItIs() throws {
        let update = try load(good)
        #expect(update.report.diagnostics.isEmpty && update.report.changed == [id])
        #expect(update.files.keys.sorted() == good.keys.sorted())
        #expect(update.programme?.campaigns[id]?.problem == nil)
    }

    @Test(arguments: [
        ("c/campaign.yaml", "name: [\n"), ("c/campaign.yaml", "name: C\nsteps: []\n"),
        ("c/m.md", "---\nsubjekt: x\n---\n"),
        ("c/m.md", "---\nsubject: x\n---\n{{ lead.first_name \n"),
    ])
    func aBrokenCampaignKeepsItsLastGoodVersion(path: String, broken: String) throws {
        var disk = good
        disk[path] = broken
        let update = try load(disk, applied: good)
        #expect(update.report.kept == [id] && update.report.broken.isEmpty)
        #expect(update.report.diagnostics.contains { $0.severity == .error && $0.file == path })
        let entry = try #require(update.programme?.campaigns[id])
        #expect(entry.hash == (try load(good).programme?.campaigns[id]?.hash))
        #expect(entry.problem?.hasPrefix(path) == true)
        #expect(update.files[path] == good[path].map { Array($0.utf8) }, "the good bytes stay on record")
    }

    /// `check` finds all that is wrong in one run: a wrong step hides no message, a wrong layout no template.
    @Test func whatIsWrongElsewhereHidesNothing() throws {
        var disk = good
        disk["c/campaign.yaml"] = "name: C\nstpes: []\nsteps:\n  - { id: one, day: 1, email: n.md }\n"
        disk["c/m.md"] = Folder.message("Hi {{ lead.first_name")
        disk["d/campaign.yaml"] = "name: [\n"
        disk["d/m.md"] = "---\nsubject: x\nlayout: letter\n---\n{{ lead.a | default }}"
        let update = try load(disk)
        let errors = update.report.diagnostics.filter { $0.severity == .error }
        #expect(
            errors.map { "\($0.file):\($0.line)" } == [
                "c/campaign.yaml:2", "c/campaign.yaml:4", "c/m.md:4", "d/campaign.yaml:2", "d/m.md:3", "d/m.md:5",
            ])
    }

    @Test func aBrokenCampaignThatNeverRanStopsNoOther() throws {
        var disk = good
        disk["d/campaign.yaml"] = "name: D\n"
        let update = try load(disk)
        #expect(update.report.broken.map(\.rawValue) == ["d"] && update.programme?.campaigns[id] != nil)
        #expect(update.programme?.broken[CampaignID(rawValue: "d")]?.isEmpty == false)
        #expect(!update.files.keys.contains { $0.hasPrefix("d/") })
    }

    @Test func aVanishedFolderRunsOn() throws {
        let update = try load(
            ["policy.yaml": good["policy.yaml"] ?? "", "layouts/default.html": Folder.layout], applied: good)
        #expect(update.report.kept == [id])
        #expect(update.programme?.campaigns[id]?.problem == "its folder is gone from disk")
    }

    @Test func aBrokenPolicyOrLayoutKeepsItsLastGoodVersionAndBreaksNoCampaign() throws {
        for (path, broken) in [("policy.yaml", "caps: nonsense\n"), ("layouts/default.html", "<p>no content</p>")] {
            var disk = good
            disk[path] = broken
            let update = try load(disk, applied: good)
            #expect(update.programme?.campaigns[id]?.problem == nil, "\(path)")
            #expect(update.report.kept.isEmpty && update.report.broken.isEmpty, "\(path)")
            #expect(update.programme?.problems.contains { $0.hasPrefix(path) } == true, "\(path)")
        }
    }

    @Test func aSoundPolicyThatWouldStopACampaignIsHeldBack() throws {
        var before = good
        before["c/campaign.yaml"]? += "goal: demo_booked\n"
        var disk = before
        disk["policy.yaml"] = disk["policy.yaml"]?.replacing("  demo_booked: They booked a demo.\n", with: "")
        let update = try load(disk, applied: before)
        #expect(update.programme?.campaigns[id] != nil && update.report.broken.isEmpty)
        #expect(
            update.report.diagnostics.contains { $0.file == "policy.yaml" && $0.message.hasPrefix("it is held back") })
        #expect(update.programme?.policy.events[EventName(rawValue: "demo_booked")] != nil)
        #expect(update.files["policy.yaml"] == before["policy.yaml"].map { Array($0.utf8) })
    }

    @Test func whatCanNotRunAnyMoreKeepsItsBytesOnRecord() throws {
        var before = good
        before["c/campaign.yaml"] =
            "name: C\nsteps: [{ id: one, after: 0s, http: { transport: gone, message: m.md } }]\n"
        let update = try load(before, applied: before)
        #expect(update.report.broken == [id])
        #expect(update.files["c/campaign.yaml"] == before["c/campaign.yaml"].map { Array($0.utf8) })
    }

    @Test func withoutAnyPolicyNothingCanRun() throws {
        var disk = good
        disk["policy.yaml"] = nil
        let update = try load(disk)
        #expect(update.programme == nil && update.files.isEmpty)
    }
}
