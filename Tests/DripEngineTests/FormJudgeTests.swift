import DripCore
import DripEngine
import Testing

/// Whether the forms and the campaigns that confirm them fit together, and what a misfit does to what runs.
@Suite struct FormJudgeTests {
    private func report(_ changes: [String: String?]) throws -> [String] {
        var files = Forms.files
        for (path, text) in changes { files[path] = text }
        let world = try World(files: files)
        return try world.reload().diagnostics.filter { $0.severity == .error }.map(\.description)
    }

    @Test func theSampleFits() throws { #expect(try report([:]) == []) }

    @Test(arguments: [
        ("again: { key: consent }", "again: after_exit", "every submission needs a run of its own in confirm"),
        ("name: Confirm", "name: Confirm\nholdout: 5%", "confirm has a control share, whom nobody would ask"),
        (
            "{ id: ask, after: 0s, class: transactional, counts: false,", "{ id: ask, after: 0s,",
            "the step `ask` of confirm asks for the confirmation and is marketing, which nobody gets before it"
        ),
        (
            "  - { id: ask,", "  - { id: tell, after: 0s, http: { transport: hook, message: m.md } }\n  - { id: ask,",
            "the first message of confirm is no e-mail"
        ),
    ])
    func aCampaignThatCannotAskIsTheFormsMistake(_ good: String, _ bad: String, _ message: String) throws {
        let errors = try report(["confirm/campaign.yaml": Forms.confirming.replacing(good, with: bad)])
        #expect(errors.count == 1 && errors[0].hasPrefix("forms/ebook.yaml:5:10: error: \(message). "), "\(errors)")
    }

    @Test func everyLanguageOfTheQuestionHasTheLink() throws {
        let errors = try report(["confirm/m.id.md": Folder.message("Halo")])
        #expect(errors.count == 1)
        #expect(errors.first?.contains("has no link to confirm by: `confirm/m.id.md`. Write `[Yes") == true)
    }

    @Test func aLinkThatConfirmsNothingIsItsMessagesMistake() throws {
        let errors = try report(["c/m.md": Folder.message("Hi.\n\n[Yes]({{ links.confirm }})")])
        #expect(
            errors == [
                "c/m.md:6:10: error: no form asks for a confirmation with this campaign, and `links.confirm` leads "
                    + "nowhere. Write `confirm: c` in a file in `forms/`, or take the link out."
            ])
    }

    // MARK: What ran last runs on

    @Test func aBrokenFormKeepsItsLastGoodVersion() throws {
        let forms = try FormWorld()
        forms.world.files["forms/ebook.yaml"] = Forms.ebook.replacing("title:", with: "titel:")
        #expect(try forms.world.reload().diagnostics.contains { $0.file == "forms/ebook.yaml" })
        #expect(try forms.submit("budi@example.com") == .taken)
        try forms.world.crash()
        #expect(try forms.submit("siti@example.com") == .taken)
        #expect(try forms.world.status().problems.contains { $0.what.contains("forms/ebook.yaml") })
    }

    @Test func anEditedFormRunsAtOnce() throws {
        let forms = try FormWorld()
        forms.world.files["forms/news.yaml"] = Forms.news.replacing("title: News", with: "title: Newer")
        try forms.world.reload()
        guard case .form(let form, _) = try forms.answer(.look(FormID(rawValue: "news"))) else {
            throw FormWorld.Unexpected()
        }
        #expect(form.title.standard == "Newer")
    }

    @Test func theOnlyFormOfACampaignThatAsksIsHeldBack() throws {
        let forms = try FormWorld()
        forms.world.files["forms/ebook.yaml"] = nil
        let report = try forms.world.reload()
        #expect(report.diagnostics.contains { $0.file == "forms/ebook.yaml" && $0.message.contains("held back") })
        #expect(try forms.submit("budi@example.com") == .taken)
    }

    @Test func anEditAfterWhichNobodyWouldBeAskedGoesBack() throws {
        let forms = try FormWorld()
        forms.world.files["confirm/m.md"] = Folder.message("Hello")
        let report = try forms.world.reload()
        #expect(report.kept.map(\.rawValue) == ["confirm"])
        #expect(report.diagnostics.contains { $0.severity == .error && $0.file == "forms/ebook.yaml" })
        #expect(try forms.submit("budi@example.com") == .taken)
        #expect(try forms.world.status().problems.contains { $0.what.contains("a form could not ask by it") })
    }

    @Test func aFormWhoseCampaignNeverRanAsksNobody() throws {
        let forms = try FormWorld(["confirm/campaign.yaml": "name: Confirm\nsteps: []\n"])
        #expect(throws: ControlError.self) { try forms.submit("budi@example.com") }
        #expect(try forms.world.status().leads == 0)
    }
}
