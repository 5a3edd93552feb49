import DripCampaigns
import DripCore
import Testing

@Suite struct FormFilesTests {
    @Test(arguments: try Broken.cases(of: "broken-forms"))
    func saysExactly(broken: Broken) {
        let result = Sample.load(broken.changes)
        #expect(Sample.text(result.diagnostics) == broken.says)
        // No campaign is to blame for a form.
        #expect(result.brokenCampaigns.isEmpty && !result.policyIsBroken && result.forms.isEmpty)
    }

    @Test func readsAllOfIt() throws {
        let result = Sample.load([
            "forms/get-it.yaml": """
            title: { en: Get it, id: Ambil }
            text: [ One, { id: Dua } ]
            fields:
              - { attribute: first_name, label: First name, required: true }
              - attribute: industry
                label: Industry
                choices: [ fintech, { value: "5", label: { en: Five, id: Lima } } ]
            consent: { text: I agree }
            event: ebook_downloaded
            enroll: ebook
            magnet: https://acme.example/e.pdf?a=1
            thanks: Thanks
            button: >
              Send
              it
            """
        ])
        #expect(result.diagnostics.isEmpty, "\(Sample.text(result.diagnostics))")
        typealias Text = SignUpForm.Text
        #expect(
            result.forms.map(\.form) == [
                SignUpForm(
                    id: FormID(rawValue: "get-it"), title: Text("Get it", byLocale: ["en": "Get it", "id": "Ambil"]),
                    text: [Text("One"), Text("Dua", byLocale: ["id": "Dua"])],
                    fields: [
                        .init(attribute: "first_name", label: Text("First name"), isRequired: true),
                        .init(
                            attribute: "industry", label: Text("Industry"),
                            choices: [
                                .init(value: "fintech", label: Text("fintech")),
                                .init(value: "5", label: Text("Five", byLocale: ["en": "Five", "id": "Lima"])),
                            ]),
                    ], consent: Text("I agree"), event: EventName(rawValue: "ebook_downloaded"),
                    enroll: CampaignID(rawValue: "ebook"), magnet: "https://acme.example/e.pdf?a=1",
                    thanks: Text("Thanks"), button: Text("Send it"))
            ])
    }

    @Test func theCeilingIsReadAndNeedsSomebodyToAsk() {
        func read(_ line: String) -> LoadResult {
            Sample.load(["forms/f.yaml": "title: T\nconsent: { text: C }\n" + line])
        }
        #expect(read("").forms.map(\.form.perHour) == [500])
        let alone = Sample.text(read("per_hour: 20\n").diagnostics)
        #expect(alone.contains("`per_hour` limits the mails that ask, and this form asks nobody"), "\(alone)")
        #expect(Sample.text(read("confirm: none\nper_hour: 0\n").diagnostics).contains("a whole number from 1"))
    }

    @Test func limitsHold() {
        func errors(fields: Int, choices: Int) -> Int {
            let choice = (0..<choices).map { "c\($0)" }.joined(separator: ", ")
            let lines = (0..<fields).map { "  - { attribute: a\($0), label: A, choices: [\(choice)] }\n" }.joined()
            let form = "title: T\nconsent: { text: C }\nfields:\n" + lines
            return Sample.load(["forms/f.yaml": form]).diagnostics.count
        }
        #expect(errors(fields: 20, choices: 200) == 0)
        #expect(errors(fields: 21, choices: 1) == 1)
        #expect(errors(fields: 1, choices: 201) == 1)
    }

    @Test(arguments: [31, 32] as [UInt64])
    func neverCrashesOnSpoiledForms(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let whole = """
            title: { en: Get it, id: Ambil }
            fields: [ { attribute: a, label: A, choices: [ x, { value: y, label: Y } ] } ]
            consent: { text: I agree }
            magnet: https://acme.example/e.pdf
            """
        for round in 0..<400 {
            var tree = Sample.tree()
            tree.files["forms/f.yaml"] = FuzzTests.spoil(Array(whole.utf8), with: &random)
            let result = CampaignLoader.load(tree, zones: Sample.zones)
            #expect(result.forms.isEmpty == result.hasErrors, "seed \(seed), round \(round)")
        }
    }
}
