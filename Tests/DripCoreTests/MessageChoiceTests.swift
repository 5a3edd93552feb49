import DripCore
import Testing

@Suite struct MessageChoiceTests {
    private let choice = MessageChoice(
        path: "c/m.md", byLocale: ["id": "c/m.id.md", "pt-br": "c/m.pt-br.md"], varyBy: "industry",
        variants: [
            "fintech": .init(path: "c/m.fintech.md", byLocale: ["id": "c/m.fintech.id.md"]),
            "real-estate": .init(byLocale: ["pt": "c/m.real-estate.pt.md"]),
        ])

    @Test(
        arguments: [
            // value, locale, file
            (nil, nil, "c/m.md"), (nil, "id", "c/m.id.md"), (nil, "id-id", "c/m.id.md"), (nil, "pt-br", "c/m.pt-br.md"),
            (nil, "pt", "c/m.md"), ("fintech", nil, "c/m.fintech.md"), ("fintech", "en", "c/m.fintech.md"),
            ("fintech", "id", "c/m.fintech.id.md"), ("fintech", "id-id", "c/m.fintech.id.md"),
            // The variant wins over the lead's language.
            ("fintech", "pt-br", "c/m.fintech.md"), ("FinTech ", "id", "c/m.fintech.id.md"),
            // Only a translation of the variant is there: everybody else gets the plain file in their own language.
            ("Real  Estate", "pt-br", "c/m.real-estate.pt.md"), ("real-estate", "id", "c/m.id.md"),
            ("real estate", nil, "c/m.md"),
            // No such variant; a blank.
            ("retail", "id", "c/m.id.md"), (" ", nil, "c/m.md"),
        ] as [(String?, String?, String)])
    func choosesByAttributeAndThenByLanguage(value: String?, locale: String?, expected: String) {
        let attributes = value.map { ["industry": AttributeValue.text($0)] } ?? [:]
        #expect(choice.path(locale: locale, attributes: attributes) == expected)
    }

    @Test func anotherAttributeDoesNotCountAndNumbersDo() {
        #expect(choice.path(locale: nil, attributes: ["sector": .text("fintech")]) == "c/m.md")
        let bySeats = MessageChoice(path: "m.md", varyBy: "seats", variants: ["5": .init(path: "m.5.md")])
        #expect(bySeats.path(locale: nil, attributes: ["seats": .number(5)]) == "m.5.md")
    }

    @Test func ofAListTheFirstThatHasAVariantPicksIt() throws {
        func path(_ words: String..., locale: String? = nil) throws -> String {
            let list = AttributeValue.list(try ValueList(words.map(AttributeValue.text)))
            return choice.path(locale: locale, attributes: ["industry": list])
        }
        #expect(try path("retail", "Fintech", "real estate") == "c/m.fintech.md")
        #expect(try path("real estate", "fintech") == "c/m.fintech.md")
        #expect(try path("real estate", "fintech", locale: "pt-br") == "c/m.real-estate.pt.md")
        #expect(try path("retail", locale: "id") == "c/m.id.md")
    }

    @Test func namesEveryFileOnce() {
        #expect(
            choice.allPaths == [
                "c/m.md", "c/m.id.md", "c/m.pt-br.md", "c/m.fintech.md", "c/m.fintech.id.md", "c/m.real-estate.pt.md",
            ])
    }
}
