import DripCore
import Testing

@Suite struct FormCheckTests {
    private static let form = SignUpForm(
        id: FormID(rawValue: "ebook"), title: .init("Get it"),
        fields: [
            .init(attribute: "first_name", label: .init("First name"), isRequired: true),
            .init(
                attribute: "industry", label: .init("Industry"),
                choices: [
                    .init(value: "fintech", label: .init("Fintech")), .init(value: "retail", label: .init("Retail")),
                ]),
        ], consent: .init("I agree"))

    private func judge(
        _ email: String = "budi@example.com", _ values: [String: String] = ["first_name": "Budi"], agrees: Bool = true
    ) -> Result<FilledForm, SignUpForm.Mistakes> {
        Self.form.judge(FormSubmission(form: Self.form.id, email: email, values: values, agrees: agrees))
    }

    private func mistakes(
        _ email: String = "budi@example.com", _ values: [String: String] = ["first_name": "Budi"], agrees: Bool = true
    ) -> [FormMistake] {
        if case .failure(let mistakes) = judge(email, values, agrees: agrees) { mistakes.all } else { [] }
    }

    @Test func takesWhatItAsksForAndNothingElse() throws {
        let filled = try judge(
            " Budi@Example.com ",
            ["first_name": "\u{00A0} Budi \t", "industry": "retail", "stage": "customer", "key": "crm-1"]
        ).get()
        #expect(filled.address.normalised == "budi@example.com")
        #expect(filled.values == ["first_name": .text("Budi"), "industry": .text("retail")])
        #expect(try judge("budi@example.com", ["first_name": "B", "industry": " "]).get().values.count == 1)
    }

    @Test func tellsEveryMistakeInTheOrderOfThePage() {
        #expect(
            mistakes("", ["industry": "mining"], agrees: false) == [
                FormMistake("email", .missing), FormMistake("first_name", .missing),
                FormMistake("industry", .unknownChoice), FormMistake("consent", .missing),
            ])
    }

    @Test(arguments: ["budi", "budi@", "a@b@c.example", "budi@example.com\r\nBcc: x@example.com", "bu di@example.com"])
    func anAddressMustBeOne(_ address: String) {
        #expect(mistakes(address) == [FormMistake("email", .badAddress)])
    }

    @Test(arguments: ["Budi\r\nX", "Budi\u{0}", "Bu\u{2028}di", String(repeating: "x", count: 1_001)])
    func aTextIsOneShortLine(_ text: String) {
        #expect(mistakes(values: text) == [FormMistake("first_name", .unusable)])
    }

    private func mistakes(values text: String) -> [FormMistake] { mistakes("a@example.com", ["first_name": text]) }

    @Test func aThousandBytesAreTaken() {
        #expect(mistakes(values: String(repeating: "x", count: 1_000)).isEmpty)
        #expect(!mistakes(values: String(repeating: "é", count: 501)).isEmpty)
    }
}
