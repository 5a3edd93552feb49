import DripCore
import DripMessages
import Testing

@Suite struct CatalogueTests {
    private typealias Text = CatalogueSource.Text

    private static let studies = CatalogueSource(
        name: "case-studies", path: "catalogues/case-studies.yaml",
        table: CatalogueSource.Table(
            columns: ["quote", "since", "title", "url"],
            rows: [
                "fintech": [
                    "title": Text("A wallet", byLocale: ["en": "A wallet", "id": "Sebuah dompet"]),
                    "url": Text("https://x.example/wallet"), "quote": Text(""), "since": Text("2026-12-01"),
                ],
                "real-estate": [
                    "title": Text("Houses"), "url": Text("https://x.example/houses"), "quote": Text("So good"),
                    "since": Text("2027-01-31"),
                ],
            ],
            standard: [
                "title": Text("Coffee"), "url": Text("https://x.example/coffee"), "quote": Text("Nice"),
                "since": Text("2026-02-28"),
            ]))

    private static let plans = CatalogueSource(
        name: "plans", path: "catalogues/plans.yaml",
        table: CatalogueSource.Table(
            columns: ["price", "page"],
            rows: [
                "pro": ["price": Text("1250000"), "page": Text("http://x.example/pro")],
                "free": ["price": Text("free of charge"), "page": Text("https://x.example/free")],
            ]))

    private static let shared = Shared(
        catalogues: [
            studies, plans, CatalogueSource(name: "broken", path: "catalogues/broken.yaml", table: nil),
        ])

    private func subject(
        _ template: String, _ industry: String?, locale: String? = nil, path: String = "a/m.md"
    ) throws -> String {
        try compiled(subject: template, body: "x", path: path, shared: Self.shared)
            .render(context(industry.map { ["industry": .text($0)] } ?? [:], locale: locale)).subject
    }

    @Test(arguments: [
        ("fintech", "A wallet"), ("FinTech", "A wallet"), (" fintech ", "A wallet"), ("Real  Estate", "Houses"),
        ("real-estate", "Houses"), ("mining", "Coffee"), ("default", "Coffee"), ("", "Coffee"), (nil, "Coffee"),
    ])
    func theLeadsValuePicksTheRow(industry: String?, title: String) throws {
        #expect(try subject("{{ catalogue.case-studies[lead.industry].title }}", industry) == title)
        #expect(
            try subject("{% if catalogue.case-studies[lead.industry].title == \"\(title)\" %}y{% endif %}", industry)
                == "y")
    }

    @Test(arguments: [
        ("id", "a/m.md", "Sebuah dompet"), ("id-id", "a/m.md", "Sebuah dompet"), ("fr", "a/m.md", "A wallet"),
        (nil, "a/m.md", "A wallet"), ("en", "a/m.id.md", "Sebuah dompet"), ("id", "a/m.en.md", "A wallet"),
    ])
    func theLanguagePicksTheText(locale: String?, path: String, title: String) throws {
        let template = "{{ catalogue.case-studies[lead.industry].title }}"
        #expect(try subject(template, "fintech", locale: locale, path: path) == title)
    }

    @Test(arguments: [
        ("{{ catalogue.plans[\"pro\"].price | money: \"IDR\" }}", "IDR 1,250,000"),
        ("{{ catalogue.plans['Pro'].price }}", "1250000"),
        ("{{ catalogue.case-studies[\"default\"].title }}", "Coffee"),
        ("{{ catalogue.case-studies[ lead.industry ].since | date: \"day\" }}", "28 February"),
        ("{{ lead.none | default: catalogue.case-studies[lead.industry].title | upcase }}", "COFFEE"),
    ])
    func aCellIsAValueLikeAnyOther(template: String, expected: String) throws {
        #expect(try subject(template, nil) == expected)
    }

    @Test func whatIsNotThereIsMissing() throws {
        let noRow = try compiled(
            subject: "{{ catalogue.plans[lead.plan].price }}", body: "x", shared: Self.shared)
        #expect(noRow.requiredVariables == ["catalogue.plans[lead.plan].price"])
        for (plan, missing) in [("pro", false), ("gold", true)] {
            let found = try noRow.missingVariables(in: context(["plan": .text(plan)]))
            #expect(found == (missing ? ["catalogue.plans[lead.plan].price"] : []))
        }
        #expect(try noRow.missingVariables(in: context()) == noRow.requiredVariables)
        // An empty text is missing, and the row `default` is not asked in its place.
        let empty = "{{ catalogue.case-studies[lead.industry].quote }}"
        #expect(try subject(empty.replacing("quote", with: "quote | default: \"-\""), "fintech") == "-")
        #expect(throws: RenderFailure.missing(["catalogue.case-studies[lead.industry].quote"])) {
            try subject(empty, "fintech")
        }
        #expect(
            try compiled(
                subject: "{{ catalogue.case-studies[lead.industry].title }}", body: "x", shared: Self.shared
            ).requiredVariables.isEmpty)
    }

    @Test func aTextBecomesALinkLikeAnyOther() throws {
        let message = try compiled(
            body: "[Read]({{ catalogue.case-studies[lead.industry].url }}) [More](https://y.example/?q={{ "
                + "catalogue.case-studies[lead.industry].title }})", shared: Self.shared)
        let rendered = try message.render(context(["industry": .text("fintech")]))
        #expect(
            rendered.content == "<p><a href=\"https://x.example/wallet\">Read</a> "
                + "<a href=\"https://y.example/?q=A%20wallet\">More</a></p>\n")
    }

    @Test func aMessageTellsWhatItIsMadeOf() {
        let used = compile(
            subject: "{{ catalogue.plans[\"pro\"].price }}",
            body: "{% if catalogue.case-studies[lead.x].quote %}a{% endif %}", shared: Self.shared)
        #expect(used.shared == ["catalogues/plans.yaml", "catalogues/case-studies.yaml"] && used.absent.isEmpty)
        let absent = compile(body: "{{ catalogue.plan[lead.x].price }}", shared: Self.shared)
        #expect(absent.absent == ["catalogues/plan.yaml"])
    }

    @Test(arguments: [
        (
            "{{ catalogue.case-studie[lead.x].title }}",
            "6:4: error: there is no catalogue \"case-studie\". Did you mean catalogue.case-studies?"
        ),
        ("{{ catalogue.prices[lead.x].title }}", "there is no catalogue \"prices\". Make catalogues/prices.yaml."),
        (
            "{{ catalogue.broken[lead.x].title }}",
            "the catalogue \"broken\" has mistakes of its own. Mend catalogues/broken.yaml."
        ),
        (
            "{{ catalogue.case-studies[lead.industry].titel }}",
            "6:42: error: the catalogue case-studies has no column \"titel\". Did you mean title?"
        ),
        ("{{ catalogue.plans[lead.x].colour }}", "has no column \"colour\". It has page, price."),
        (
            "{{ catalogue.plans[\"por\"].price }}",
            "6:20: error: the catalogue plans has no row \"por\". Did you mean \"pro\"?"
        ),
        ("{{ catalogue.plans[\"platinum\"].price }}", "has no row \"platinum\". Add it to catalogues/plans.yaml."),
        (
            "{{ catalogue.plans }}",
            "6:4: error: which row of the catalogue is not said. Write catalogue.plans[lead.industry].page"
        ),
        ("{{ catalogue.plans.price }}", "\"catalogue.plans.price\" does not name a catalogue and a row"),
        ("{{ catalogue }}", "\"catalogue\" does not name a catalogue and a row"),
        ("{{ catalogue.plans[lead.x] }}", "this does not name a row and a column"),
        ("{{ catalogue.plans[lead.x] .price }}", "\".\" has no meaning in a tag"),
        ("{{ catalogue.plans[lead.x.price }}", "6:20: error: this does not name a row and a column"),
        ("{{ catalogue.plans[].price }}", "this does not name a row and a column"),
        ("{{ catalogue.plans[5].price }}", "6:20: error: this picks no row"),
        ("{{ catalogue.plans[lead.email].price }}", "6:20: error: lead.email picks no row"),
        ("{{ catalogue.plans[industry].price }}", "unknown name \"industry\". Did you mean lead.industry?"),
        ("{{ catalog.plans[lead.x].price }}", "unknown name \"catalog.plans\". Did you mean catalogue.plans?"),
        ("{{ lead[\"x\"] }}", "lead alone is not a value"),
        (
            "[a]({{ catalogue.plans[lead.x].page }})",
            "6:5: error: \"http://x.example/pro\" is no https or mailto link. Mend `page` of the row `pro` in catalogues/plans.yaml."
        ),
        ("[a]({{ lead.u | default: catalogue.plans[\"pro\"].page }})", "\"http://x.example/pro\" is no https"),
        (
            "{{ catalogue.plans[lead.x].price | money: \"IDR\" }}",
            "\"free of charge\" is not a number such as 1250.5, which money needs. Mend `price` of the row `free`"
        ),
        ("{{ catalogue.case-studies[\"fintech\"].quote }}", "the row \"fintech\" has nothing for quote. Fill it in"),
    ])
    func mistakesAreFound(body: String, expected: String) {
        let compilation = compile(body: body, shared: Self.shared)
        #expect(compilation.message == nil)
        let found = compilation.diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("nurture/welcome.md:6:") })
    }

    @Test func layoutsReadNoCatalogue() {
        let layout = LayoutSource(
            name: "default", path: "layouts/default.html",
            html: plainLayout.html.replacing("{{ content }}", with: "{{ content }}{{ catalogue.plans[lead.x].price }}"))
        let found = Self.shared.compiler(layout).diagnostics.map(\.message)
        #expect(found == ["catalogues exist only in messages"])
    }

    /// As many rows and tags as files can hold.
    @Test func aLargeCatalogueEndsSoon() {
        let rows = Dictionary(
            uniqueKeysWithValues: (0..<20_000).map {
                ("row-\($0)", ["n": Text("\($0)"), "u": Text("https://x.example/\($0)")])
            })
        let shared = Shared(catalogues: [
            CatalogueSource(
                name: "c", path: "catalogues/c.yaml", table: CatalogueSource.Table(columns: ["n", "u"], rows: rows))
        ])
        let body = String(
            repeating: "{{ catalogue.c[lead.x].n | number }} [a]({{ catalogue.c[lead.x].u }})\n", count: 2_000)
        let began = ContinuousClock.now
        #expect(compile(body: body, shared: shared).message != nil)
        #expect(ContinuousClock.now - began < .seconds(30))
    }
}
