import DripCore
import DripMessages
import Testing

@Suite struct PartialTests {
    private static let shared = Shared(partials: [
        "signature": "Warm regards,\\\n{{ sender.name }}\n\n", "signature.id": "Salam hangat,\\\n{{ sender.name }}\n",
        "greeting": "Hi {{ lead.first_name }}\n",
        "offer": "{% if lead.plan %}\n\n- {{ lead.plan }}\n- {{ lead.seats }}\n\n{% endif %}\n",
        "link": "[our site](https://x.example/?k={{ lead.key }})", "only-id.id": "Halo", "broken": "a <b>b</b>",
        "unreadable": "x",
    ])

    private func content(
        _ body: String, _ attributes: [String: AttributeValue] = [:], path: String = "a/m.md"
    ) throws -> String {
        try compiled(body: body, path: path, shared: Self.shared).render(context(attributes)).content
    }

    @Test(arguments: [
        ("Text\n\n{% include \"signature\" %}\n", "<p>Text</p>\n<p>Warm regards,<br />\nDewi from Acme</p>\n"),
        ("Text\n\n{% render 'signature.md' %}", "<p>Text</p>\n<p>Warm regards,<br />\nDewi from Acme</p>\n"),
        (
            "{% include \"signature\" %}\n\n{% include \"signature\" %}\n\nEnd",
            "<p>Warm regards,<br />\nDewi from Acme</p>\n<p>Warm regards,<br />\nDewi from Acme</p>\n<p>End</p>\n"
        ),
        (
            "*{% include \"greeting\" %}*, see {% include \"link\" %}!",
            "<p><em>Hi Budi</em>, see <a href=\"https://x.example/?k=crm-7\">our site</a>!</p>\n"
        ),
        ("- {% include \"greeting\" %}\n- b", "<ul>\n<li>Hi Budi\n</li>\n<li>b\n</li>\n</ul>\n"),
        ("{% include \"offer\" %}\nEnd", "<ul>\n<li>Pro\n</li>\n<li>5\n</li>\n</ul>\n<p>End</p>\n"),
        ("{% if lead.none %}\n\n{% include \"offer\" %}\n\n{% else %}\n\nNo\n\n{% endif %}", "<p>No</p>\n"),
    ])
    func takesIn(body: String, expected: String) throws {
        #expect(
            try content(body, ["first_name": .text("Budi"), "plan": .text("Pro"), "seats": .number(5)]) == expected)
    }

    @Test(arguments: [
        ("a/m.md", "Warm"), ("a/m.id.md", "Salam"), ("a/m.id-ID.md", "Salam"), ("a/m.fr.md", "Warm"),
    ])
    func theFilesLanguagePicksTheTranslation(path: String, expected: String) throws {
        #expect(try content("{% include \"signature\" %}", path: path).contains(expected))
    }

    @Test func bothPartsHaveIt() throws {
        let rendered = try compiled(body: "A\n\n{% include \"signature\" %}\n\nB", shared: Self.shared).render(
            context())
        #expect(rendered.bodyText == "A\n\nWarm regards,\nDewi from Acme\n\nB\n\n")
    }

    @Test func whatItNeedsTheMessageNeeds() throws {
        let message = try compiled(
            body: "{% include \"greeting\" %}\n\n{% include \"offer\" %}", shared: Self.shared)
        #expect(message.requiredVariables == ["lead.first_name", "lead.plan", "lead.seats"])
        #expect(
            try message.missingVariables(in: context(["plan": .text("Pro")])) == ["lead.first_name", "lead.seats"])
        #expect(try message.missingVariables(in: context()) == ["lead.first_name"])
    }

    @Test func aMessageTellsWhatItIsMadeOf() {
        let id = compile(body: "{% include \"signature\" %}", path: "a/m.id.md", shared: Self.shared)
        #expect(id.shared == ["partials/signature.id.md"] && id.absent.isEmpty)
        let absent = compile(body: "{% include \"nothing\" %}", shared: Self.shared)
        #expect(absent.shared.isEmpty && absent.absent == ["partials/nothing.md"])
        var catalogued = Shared(partials: ["p": "{{ catalogue.c[lead.x].y }}"])
        catalogued.catalogues = [
            CatalogueSource(
                name: "c", path: "catalogues/c.yaml",
                table: CatalogueSource.Table(columns: ["y"], rows: [:], standard: ["y": CatalogueSource.Text("z")]))
        ]
        let both = compile(body: "{% include \"p\" %}", shared: catalogued)
        #expect(both.message != nil && both.shared == ["partials/p.md", "catalogues/c.yaml"])
    }

    @Test(arguments: [
        ("{% include \"signatur\" %}", "6:12: error: there is no partial \"signatur\". Did you mean \"signature\"?"),
        ("{% include \"../secret\" %}", "there is no partial \"../secret\". Make partials/../secret.md."),
        (
            "{% include \"only-id\" %}",
            "6:12: error: the partial \"only-id\" is there only for id. Make partials/only-id.md."
        ),
        ("{% include signature %}", "6:1: error: {% include %} takes the name of one partial in quotes"),
        ("{% render %}", "{% render %} takes the name of one partial in quotes"),
        ("{% include \"signature\", a: 1 %}", "takes the name of one partial in quotes"),
        ("{% include \"broken\" %}", "6:1: error: the partial partials/broken.md has mistakes of its own"),
        ("a {% include \"signature\" %}", "6:3: error: the partial partials/signature.md has several lines"),
        ("  {% include \"signature\" %}", "has several lines, and here it stands in a line of others"),
        ("- {% include \"signature\" %}", "has several lines"),
        ("{% include \"signature\" %} b", "has several lines"),
        ("{% if lead.x %}{% include \"signature\" %}{% endif %}", "has several lines"),
        ("{% inculde \"signature\" %}", "unknown tag \"inculde\". Did you mean include?"),
    ])
    func mistakesAreFound(body: String, expected: String) {
        let compilation = compile(body: body, shared: Self.shared)
        #expect(compilation.message == nil)
        let found = compilation.diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("nurture/welcome.md:6:") })
    }

    @Test func partialsExistOnlyInTheText() {
        let subject = compile(subject: "{% include \"greeting\" %}", body: "x", shared: Self.shared)
        #expect(
            subject.diagnostics.map(\.description)
                == ["nurture/welcome.md:2:10: error: partials exist only in a message's text. Write the text itself."])
    }

    @Test(arguments: [
        ("{{ x }}", "1:4: error: unknown name \"x\""),
        ("a\n\nb {{ lead.x | defualt: \"a\" }}", "3:15: error: there is no"),
        ("a\n<b>", "2:1: error: HTML is not taken in a message"),
        ("[a](http://x.example)", "1:5: error: this link is not https"),
        ("{% if lead.x %}", "1:1: error: this {% if %} does not end"), ("{% endif %}", "{% endif %} ends nothing"),
        ("a\n{% include \"p\" %}", "2:1: error: a partial takes in no other partial"),
        (" \n ", "1:1: error: the partial is empty"),
        ("---\nsubject: x\n---\na", "1:1: error: a partial has no front matter"),
        ("{{ content }}", "content exists only in layouts"),
        ("a \u{F0001}", "1:3: error: a private-use character"),
        (String(repeating: "> ", count: 200) + "x", "nested too deep"),
    ])
    func mistakesInAPartialAreFoundWhereTheyStand(text: String, expected: String) {
        let shared = Shared(partials: ["p": text])
        let found = shared.compiler().diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("partials/p.md:1:") || $0.hasPrefix("partials/p.md:") })
        #expect(compile(body: "{% include \"p\" %}", shared: shared).message == nil)
    }

    /// Sound by itself, and not where it stands: both places are told.
    @Test func aPartialThatDoesNotFitIsToldWhereItIsTakenIn() {
        let shared = Shared(partials: ["half": "x) <b>y", "row": "| 3 | 4 |"])
        let compilation = compile(
            body: "a\n\n|a|b|\n|-|-|\n|1|2|\n{% if lead.x %}\n{% include \"row\" %}\n{% endif %}", shared: shared)
        #expect(
            compilation.diagnostics.map { "\($0.file):\($0.line): \($0.message)" } == [
                "nurture/welcome.md:12: a partial does not fit here",
                "partials/row.md:1: a table ends at a tag on a line of its own",
            ])
    }

    @Test func manyPartialsEndSoon() {
        let shared = Shared(partials: ["p": String(repeating: "long words ", count: 9_000)])
        let tooLarge = compile(body: String(repeating: "{% include \"p\" %}\n\n", count: 20), shared: shared)
        #expect(tooLarge.message == nil)
        #expect(tooLarge.diagnostics.first?.message == "with its partials the message is larger than 1 MiB")
        #expect(compile(body: String(repeating: "{% include \"p\" %}\n\n", count: 9), shared: shared).message != nil)
    }
}

/// Values stay data in a partial, in a cell and in what a format writes.
@Suite struct HostilePartsTests {
    private static let hostile = [
        "<script>alert(1)</script>", "{{ lead.secret }}", "{% include \"other\" %}", "**b** [x](https://evil.example)",
        "](javascript:alert(1))", "\" onclick=\"x", "| a |", "\\", "https://evil.example/\"><b>", "\u{F0001}\u{100000}",
        "# h", "- i", "> q", "`c`", "&lt;", "1. one",
    ]

    private static func escaped(_ value: String) -> String {
        value.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }

    @Test(arguments: hostile)
    func noValueCanInject(value: String) throws {
        var shared = Shared(partials: ["p": "A {{ lead.x }} *B {{ catalogue.c[lead.row].t }}*", "other": "OTHER"])
        shared.catalogues = [
            CatalogueSource(
                name: "c", path: "catalogues/c.yaml",
                table: CatalogueSource.Table(
                    columns: ["t"], rows: ["r": ["t": CatalogueSource.Text(value)]],
                    standard: ["t": CatalogueSource.Text("z")]))
        ]
        let message = try compiled(
            subject: "{{ catalogue.c[lead.row].t }}",
            body:
                "{% include \"p\" %}\n\n{{ lead.x | date | default: lead.x }} {{ lead.x | money: \"IDR\" | default: \"-\" }}",
            shared: shared)
        let rendered = try message.render(
            context(["x": .text(value), "row": .text("r"), "secret": .text("SECRET")]))
        let html = Self.escaped(value)
        #expect(rendered.content == "<p>A \(html) <em>B \(html)</em></p>\n<p>\(html) -</p>\n")
        #expect(rendered.bodyText == "A \(value) B \(value)\n\n\(value) -\n\n")
        #expect(rendered.subject == value)
        // A value that picks a row picks it by its name, whatever it holds.
        let picked = try message.render(context(["x": .text("y"), "row": .text(value)]))
        #expect(picked.content == "<p>A y <em>B z</em></p>\n<p>y -</p>\n")
    }
}
