import DripCampaigns
import DripCore
import DripEngine
import DripMessages
import Testing

/// What becomes of the campaigns that use a partial or a catalogue when that changes, breaks or goes.
@Suite struct SharedPartsTests {
    private static let rows =
        "fintech: { title: Wallets, url: \"https://x.example/w\" }\n"
        + "default: { title: Coffee, url: \"https://x.example/c\" }\n"

    private let uses = CampaignID(rawValue: "c")
    private let other = CampaignID(rawValue: "d")
    private let good: [String: String] = {
        var files = Folder.with(
            steps: ["id: one, after: 0s, email: m.md"],
            body: "{{ catalogue.studies[lead.industry].title }}\n\n{% include \"signature\" %}")
        files["partials/signature.md"] = "Regards\n"
        files["catalogues/studies.yaml"] = rows
        files["d/campaign.yaml"] = files["c/campaign.yaml"]
        files["d/m.md"] = Folder.message()
        return files
    }()

    private func load(_ disk: [String: String], applied: [String: String] = [:]) throws -> ProgrammeUpdate {
        try World.loader().load(
            disk: FileTree(files: disk.mapValues { Array($0.utf8) }), applied: applied.mapValues { Array($0.utf8) },
            running: [:])
    }

    private func hash(_ id: CampaignID, _ update: ProgrammeUpdate) -> String? { update.programme?.campaigns[id]?.hash }

    private func shown(
        _ update: ProgrammeUpdate, industry: String = "fintech", locale: String? = nil
    ) throws -> String {
        let entry = try #require(update.programme?.campaigns[uses])
        let step = try #require(entry.campaign.steps.first)
        let lead = Lead(
            id: LeadID(rawValue: 1), key: "a@x.example", address: try EmailAddress("a@x.example"), locale: locale,
            attributes: ["industry": .text(industry)])
        let compiled = entry.compiled(step, for: lead)
        let message = try #require(compiled.message)
        let text = try message.render(compiled.context(lead: lead, campaign: entry.campaign, step: step.id)).text
        return String(decoding: text, as: UTF8.self).replacing(/\n--\n[^$]*/, with: "")
    }

    @Test func aSoundFolderRunsAsItIs() throws {
        let update = try load(good)
        #expect(update.report.diagnostics.isEmpty && update.programme?.campaigns.count == 2)
        #expect(update.files.keys.sorted() == good.keys.sorted())
        #expect(try shown(update) == "Wallets\n\nRegards\n")
        #expect(try shown(update, industry: "mining") == "Coffee\n\nRegards\n")
    }

    @Test(arguments: [
        ("partials/signature.md", "Cheers\n"), ("catalogues/studies.yaml", rows.replacing("Wallets", with: "Purses")),
    ])
    func aChangeChangesTheHashOfThoseThatUseIt(path: String, text: String) throws {
        let before = try load(good)
        var disk = good
        disk[path] = text
        let after = try load(disk, applied: good)
        #expect(hash(uses, before) != hash(uses, after) && hash(other, before) == hash(other, after))
        #expect(try shown(before) != shown(after))
        // One that no message uses is none of its files.
        disk = good
        disk["partials/unused.md"] = "a"
        disk["partials/signature.id.md"] = "Salam"
        #expect(try hash(uses, load(disk)) == hash(uses, before))
    }

    @Test(arguments: [
        ("partials/signature.md", "<b>"), ("partials/signature.md", ""), ("catalogues/studies.yaml", "fintech: [\n"),
        ("catalogues/studies.yaml", "fintech: { title: a, url: \"https://x.example\" }\ndefault: { title: b }\n"),
    ])
    func aBrokenOneKeepsItsLastGoodVersionAndBreaksNoCampaign(path: String, broken: String) throws {
        var disk = good
        disk[path] = broken
        let update = try load(disk, applied: good)
        #expect(update.report.kept.isEmpty && update.report.broken.isEmpty)
        #expect(update.programme?.problems.contains { $0.hasPrefix(path) } == true)
        #expect(try shown(update) == "Wallets\n\nRegards\n" && hash(uses, update) == hash(uses, load(good)))
        #expect(update.files[path] == good[path].map { Array($0.utf8) }, "the good bytes stay on record")
        // Where nothing ran before, only those that use it cannot run.
        let first = try load(disk)
        #expect(first.report.broken == [uses] && first.programme?.campaigns[other] != nil)
    }

    @Test func oneThatNoMessageUsesIsTold() throws {
        var disk = good
        disk["partials/signature.id.md"] = "Salam"
        disk["catalogues/plans.yaml"] = "pro: { price: 5 }"
        #expect(
            try load(disk).report.diagnostics.map(\.description) == [
                "catalogues/plans.yaml: warning: no message uses this file. Name it in a message, or delete it.",
                "partials/signature.id.md: warning: no message uses this file. Name it in a message, or delete it.",
            ])
        disk["d/m.md"] = "---\n"
        #expect(try !load(disk).report.diagnostics.contains { $0.severity == .warning })
    }

    @Test(arguments: ["partials/signature.md", "catalogues/studies.yaml"])
    func aVanishedOneRunsOnWhereItIsUsed(path: String) throws {
        var disk = good
        disk[path] = nil
        let update = try load(disk, applied: good)
        #expect(update.report.kept.isEmpty && update.report.broken.isEmpty)
        #expect(update.report.diagnostics.map(\.file) == ["c/m.md"])
        #expect(try shown(update) == "Wallets\n\nRegards\n" && update.files[path] != nil)
        // Where nobody uses it any more, it is gone.
        disk["c/m.md"] = Folder.message()
        #expect(try load(disk, applied: good).files[path] == nil)
    }

    @Test func aTranslationThatIsTakenAwayIsGone() throws {
        var before = good
        before["c/m.id.md"] = good["c/m.md"]
        before["partials/signature.id.md"] = "Salam\n"
        #expect(try shown(load(before, applied: before), locale: "id") == "Wallets\n\nSalam\n")
        var disk = before
        disk["partials/signature.id.md"] = nil
        let update = try load(disk, applied: before)
        #expect(update.report.diagnostics.isEmpty)
        #expect(try shown(update, locale: "id") == "Wallets\n\nRegards\n")
    }

    /// It would be taken in place of the one that ran, and there is no version of it to go back to.
    @Test func aBrokenTranslationThatNeverRanIsAsIfItWereNotThere() throws {
        var before = good
        before["c/m.id.md"] = good["c/m.md"]
        var disk = before
        disk["partials/signature.id.md"] = "{{ x }}"
        let update = try load(disk, applied: before)
        #expect(update.report.kept.isEmpty && update.report.broken.isEmpty)
        #expect(try shown(update, locale: "id") == "Wallets\n\nRegards\n")
        #expect(update.files["partials/signature.id.md"] == nil)
    }

    @Test func aSoundOneThatWouldStopACampaignIsHeldBack() throws {
        var disk = good
        disk["catalogues/studies.yaml"] = "default: { heading: Coffee }\n"
        let update = try load(disk, applied: good)
        #expect(update.report.broken.isEmpty)
        #expect(
            update.report.diagnostics.map(\.description).contains(
                "catalogues/studies.yaml: error: it is held back, and the one before runs on: the campaign c, which "
                    + "runs, does not load with it. Mend what does not fit in its files first, or put back what they name."
            ))
        #expect(try shown(update) == "Wallets\n\nRegards\n")
        #expect(update.files["catalogues/studies.yaml"] == Array(Self.rows.utf8))
        // With the message that it was edited for it goes live.
        disk["c/m.md"] = Folder.message("{{ catalogue.studies[lead.industry].heading }}")
        let both = try load(disk, applied: good)
        #expect(!both.report.diagnostics.contains { $0.severity == .error } && hash(uses, both) != hash(uses, update))
        #expect(try shown(both) == "Coffee\n")
    }

    @Test func whatGoesBackTakesBackTheCampaignsThatWereEditedForIt() throws {
        var before = good
        before["d/m.md"] = Folder.message("{{ catalogue.studies[lead.industry].url }}")
        var disk = before
        disk["catalogues/studies.yaml"] = "default: { heading: Coffee }\n"
        disk["d/m.md"] = Folder.message("{{ catalogue.studies[lead.industry].heading }}")
        let update = try load(disk, applied: before)
        #expect(update.report.broken.isEmpty && update.report.kept == [uses, other])
        #expect(try hash(other, update) == hash(other, load(before)))
        #expect(update.files == before.mapValues { Array($0.utf8) })
    }

    /// A policy and a catalogue that each stop another campaign are both held back.
    @Test func policyAndCatalogueAreHeldBackTogether() throws {
        var before = good
        before["d/campaign.yaml"]? += "goal: demo_booked\n"
        before["c/campaign.yaml"]? += "goal: demo_booked\n"
        var disk = before
        disk["policy.yaml"] = disk["policy.yaml"]?.replacing("  demo_booked: They booked a demo.\n", with: "")
        disk["catalogues/studies.yaml"] = "default: { heading: Coffee }\n"
        let update = try load(disk, applied: before)
        #expect(update.report.broken.isEmpty && update.files == before.mapValues { Array($0.utf8) })
        let held = update.report.diagnostics.filter { $0.message.hasPrefix("it is held back") }.map(\.file)
        #expect(Set(held) == ["policy.yaml", "catalogues/studies.yaml"])
    }

    @Test func datesAreShownInTheZoneThatJudgesTheLead() throws {
        let files = Folder.with(
            steps: ["id: one, after: 0s, email: m.md"], head: "time_zone: Europe/Berlin",
            body: "{{ lead.starts_at | date: \"time\" }}")
        let entry = try #require(load(files).programme?.campaigns[uses])
        let step = try #require(entry.campaign.steps.first)
        for (zone, time) in [(nil, "10:00"), ("Asia/Jakarta", "16:00"), ("Nowhere/At_All", "10:00")] {
            let lead = Lead(
                id: LeadID(rawValue: 1), key: "a", address: nil, zoneName: zone,
                attributes: ["starts_at": .text("2026-12-01T09:00:00Z")])
            let compiled = entry.compiled(step, for: lead)
            let context = compiled.context(lead: lead, campaign: entry.campaign, step: step.id)
            let text = try #require(compiled.message).render(context).text
            #expect(String(decoding: text, as: UTF8.self).hasPrefix(time + "\n"))
        }
    }

    @Test func aValueThatIsNoDateHoldsTheStep() throws {
        let files = Folder.with(
            steps: ["id: one, after: 0s, email: m.md"], body: "{{ lead.trial_ends_on | date }}")
        let entry = try #require(load(files).programme?.campaigns[uses])
        let step = try #require(entry.campaign.steps.first)
        for (value, missing) in [("2026-12-01", []), ("next week", ["lead.trial_ends_on | date"])] {
            let lead = Lead(
                id: LeadID(rawValue: 1), key: "a", address: nil, attributes: ["trial_ends_on": .text(value)])
            let found = entry.compiled(step, for: lead)
                .missingVariables(lead: lead, campaign: entry.campaign, step: step.id)
            #expect(found == missing)
        }
    }
}
