import DripCampaigns
import DripCore
import Testing

@Suite struct SharedFilesTests {
    private typealias Text = CatalogueSource.Text

    @Test(arguments: try Broken.cases(of: "broken-catalogues"))
    func saysExactly(broken: Broken) {
        let result = Sample.load(broken.changes)
        #expect(Sample.text(result.diagnostics) == broken.says)
        #expect(result.brokenCampaigns.isEmpty && !result.policyIsBroken)
        let errors = Set(result.diagnostics.filter { $0.severity == .error }.map(\.file))
        #expect(errors == Set(result.catalogues.filter { $0.table == nil }.map(\.path)))
    }

    @Test func readsRowsByNameAndTextsByLanguage() throws {
        let result = Sample.load([
            "catalogues/case-studies.yaml": """
            FinTech:
              title: { id: Dompet, en: Wallets }
              price: 1250000
              since: 2026-12-01
              quote: ""
            Real  Estate: { title: "no", price: 5.50, since: ~, quote: { id: Bagus, pt-BR: Bom } }
            default:
              title: Coffee
              price: 0
              since: 2026-01-31
              quote: >
                So
                good
            """
        ])
        #expect(result.diagnostics.isEmpty, "\(Sample.text(result.diagnostics))")
        let catalogue = try #require(result.catalogues.first)
        #expect(catalogue.name == "case-studies" && result.catalogues.count == 1)
        let table = try #require(catalogue.table)
        #expect(table.columns == ["price", "quote", "since", "title"])
        #expect(table.rows.keys.sorted() == ["fintech", "real-estate"])
        #expect(
            table.rows["fintech"] == [
                "title": Text("Wallets", byLocale: ["id": "Dompet", "en": "Wallets"]), "price": Text("1250000"),
                "since": Text("2026-12-01"), "quote": Text(""),
            ])
        // Without English the first language is everybody's.
        #expect(table.rows["real-estate"]?["quote"] == Text("Bagus", byLocale: ["id": "Bagus", "pt-br": "Bom"]))
        #expect(table.rows["real-estate"]?["title"] == Text("no"))
        #expect(table.standard?["quote"] == Text("So good"))
    }

    @Test func readsPartialsAndTheirTranslations() {
        let result = Sample.load([
            "partials/signature.md": "Regards\r\nAcme", "partials/signature.id.md": "Salam",
            "partials/signature.pt-BR.md": "Olá", "partials/README.md": "# About",
        ])
        #expect(result.diagnostics.isEmpty, "\(Sample.text(result.diagnostics))")
        #expect(
            result.partials == [
                PartialSource(name: "signature", locale: "id", path: "partials/signature.id.md", text: "Salam"),
                PartialSource(name: "signature", path: "partials/signature.md", text: "Regards\nAcme"),
                PartialSource(name: "signature", locale: "pt-br", path: "partials/signature.pt-BR.md", text: "Olá"),
            ])
    }

    @Test func whatIsNoneIsToldAndNotRead() {
        let result = Sample.load([
            "partials/Signature.md": "a", "partials/a.b.c.md": "a", "partials/x.html": "a", "partials/in/y.md": "a",
            "catalogues/Plans.yaml": "a: { b: c }", "catalogues/plans.md": "a", "partials/campaign.yaml": "name: P",
            "partials/sig.id.md": "a", "partials/sig.ID.md": "b",
        ])
        #expect(result.partials.map(\.path) == ["partials/sig.ID.md"] && result.catalogues.isEmpty)
        #expect(result.campaigns.keys.map(\.rawValue) == ["ebook"] && !result.hasErrors)
        #expect(
            result.diagnostics.map { "\($0.file): \($0.message)" } == [
                "catalogues/Plans.yaml: this is no catalogue, and is not read",
                "catalogues/plans.md: this is no catalogue, and is not read",
                "partials/Signature.md: this is no partial, and is not read",
                "partials/a.b.c.md: this is no partial, and is not read",
                "partials/campaign.yaml: this is no partial, and is not read",
                "partials/in/y.md: this is no partial, and is not read",
                "partials/sig.id.md: `partials/sig.ID.md` is for the locale `id` already, so this file is not used",
                "partials/x.html: this is no partial, and is not read",
            ])
    }

    @Test func aFileThatCannotBeReadIsThereAllTheSame() {
        var tree = Sample.tree()
        for path in ["partials/p.md", "catalogues/c.yaml"] {
            tree.diagnostics.append(
                Diagnostic(.error, file: path, line: 0, column: 0, message: "it cannot be read", hint: "Look."))
        }
        let result = CampaignLoader.load(tree, zones: Sample.zones)
        #expect(result.partials == [PartialSource(name: "p", path: "partials/p.md", text: nil)])
        #expect(result.catalogues == [CatalogueSource(name: "c", path: "catalogues/c.yaml", table: nil)])
        #expect(Sample.load(["partials/p.md": "a\u{0}b"]).partials.first?.text == nil)
    }

    @Test(arguments: [11, 12] as [UInt64])
    func neverCrashesOnSpoiledCatalogues(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let whole =
            "fintech: { title: { en: Wallets, id: Dompet }, url: \"https://x.example\" }\n"
            + "default: { title: Coffee, url: \"\" }\n"
        for round in 0..<400 {
            var tree = Sample.tree()
            tree.files["catalogues/c.yaml"] = FuzzTests.spoil(Array(whole.utf8), with: &random)
            let result = CampaignLoader.load(tree, zones: Sample.zones)
            #expect((result.catalogues.first?.table == nil) == result.hasErrors, "seed \(seed), round \(round)")
            guard let table = result.catalogues.first?.table else { continue }
            for row in Array(table.rows.values) + [table.standard].compactMap({ $0 }) {
                #expect(row.keys.sorted() == table.columns, "seed \(seed), round \(round)")
                #expect(row.values.flatMap(\.all).allSatisfy { !$0.contains { $0.isNewline } })
            }
        }
    }
}
