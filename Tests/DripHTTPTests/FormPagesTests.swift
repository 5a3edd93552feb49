import DripCore
import DripMessages
import Foundation
import HTTPTypes
import Testing

@testable import DripHTTP

/// The pages of sign-up forms, asked without a network.
@Suite struct FormPagesTests {
    private let pages = Pages()

    private static let sound = "email=budi%40example.com&first_name=Budi&industry=fintech&consent=yes&lang=en"

    init() { pages.control.form = Self.form() }

    static func form(confirm: Bool = true) -> SignUpForm {
        SignUpForm(
            id: FormID(rawValue: "ebook"), title: .init("Get it", byLocale: ["en": "Get it", "id": "Ambil"]),
            text: [.init("Twelve pages.", byLocale: ["id": "Dua belas halaman."])],
            fields: [
                .init(
                    attribute: "first_name", label: .init("First name", byLocale: ["id": "Nama depan"]),
                    isRequired: true),
                .init(
                    attribute: "industry", label: .init("Industry", byLocale: ["id": "Bidang usaha"]),
                    choices: [
                        .init(value: "fintech", label: .init("Banking", byLocale: ["id": "Perbankan"])),
                        .init(value: "other", label: .init("Something else", byLocale: ["id": "Lainnya"])),
                    ]),
                .init(attribute: "phone", label: .init("Phone", byLocale: ["id": "Telepon"])),
            ],
            consent: .init(
                "I agree that Rumpun writes to me.", byLocale: ["id": "Saya setuju Rumpun menulis kepada saya."]),
            magnet: "https://rumpun.example/e.pdf?a=1&b=2",
            thanks: .init("Here it is.", byLocale: ["id": "Ini dia."]),
            confirm: confirm ? CampaignID(rawValue: "confirm") : nil)
    }

    private func submission() throws -> FormSubmission {
        let asked = pages.control.forms.compactMap { if case .submit(let one) = $0 { one } else { nil } }
        return try #require(asked.last)
    }

    // MARK: Posts

    @Test(arguments: ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"])
    func aPlainPostIsHandedOn(_ type: String) async throws {
        let answer = try await pages.ask(.post, "/f/ebook", body: Self.sound, headers: [.contentType: type])
        #expect(answer.status == .ok && answer.body.contains("Please look into your mailbox"))
        #expect(answer.headers[.setCookie] == nil && answer.headers[.location] == nil)
        let asked = try submission()
        #expect(asked.form.rawValue == "ebook" && asked.email == "budi@example.com" && asked.agrees && !asked.isTrapped)
        #expect(asked.values["first_name"] == "Budi" && asked.values["industry"] == "fintech" && asked.language == "en")
        #expect(asked.page == "https://mail.example.com/f/ebook")
    }

    @Test func aPostFromAnotherSiteSaysWhereAndNotWho() async throws {
        let referer = try #require(HTTPField.Name("Referer"))
        _ = try await pages.ask(
            .post, "/f/ebook", body: Self.sound, headers: [referer: "https://acme.example/landing?email=budi%40x#top"])
        #expect(try submission().page == "https://acme.example/landing")
        _ = try await pages.ask(.post, "/f/ebook", body: Self.sound, headers: [referer: "javascript:alert(1)"])
        #expect(try submission().page == "https://mail.example.com/f/ebook")
    }

    @Test func whatIsNoFormIsRefused() async throws {
        let answer = try await pages.ask(
            .post, "/f/ebook", body: "{}", headers: [.contentType: "application/json"])
        #expect(answer.status == .unsupportedMediaType && answer.body.contains("Nothing was changed"))
        let huge = String(repeating: "x", count: 100_000)
        #expect(try await pages.ask(.post, "/f/ebook", body: huge).status == .contentTooLarge)
        #expect(pages.control.forms.isEmpty)
    }

    @Test func theTrapIsHandedOnAndAnsweredAlike() async throws {
        let honest = try await pages.ask(.post, "/f/ebook", body: Self.sound)
        let trapped = try await pages.ask(.post, "/f/ebook", body: Self.sound + "&leave_empty=x")
        #expect(try submission().isTrapped)
        #expect(trapped.body == honest.body && trapped.status == honest.status)
    }

    @Test func everyOutcomeLooksTheSame() async throws {
        var bodies: Set<String> = []
        for outcome in FormOutcome.allCases {
            pages.control.outcome = outcome
            bodies.insert(try await pages.ask(.post, "/f/ebook", body: Self.sound).body)
        }
        #expect(bodies.count == 1)
    }

    @Test func oneClientIsSlowedDown() async throws {
        let pages = Pages(forms: 2)
        pages.control.form = Self.form()
        var codes: [Int] = []
        for _ in 0..<4 { codes.append(try await pages.ask(.post, "/f/ebook", body: Self.sound).status.code) }
        #expect(codes == [200, 200, 429, 429] && pages.control.forms.count == 2)
        let answer = try await pages.ask(.post, "/f/ebook", body: Self.sound)
        #expect(answer.headers[.retryAfter] == "60" && answer.body.contains("Please try again in a minute"))
    }

    @Test func mistakesComeBackWithWhatWasEntered() async throws {
        pages.control.mistakes = [
            FormMistake("email", .badAddress), FormMistake("first_name", .missing), FormMistake("consent", .missing),
        ]
        let answer = try await pages.ask(
            .post, "/f/ebook",
            body: "email=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&industry=other&phone=%27%26&lang=en")
        #expect(answer.status == .unprocessableContent)
        #expect(
            answer.body.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\"")
                && !answer.body.contains("<script"))
        #expect(
            answer.body.contains("value=\"&#39;&amp;\"") && answer.body.contains("<option value=\"other\" selected>"))
        #expect(answer.body.contains("aria-invalid=\"true\" aria-describedby=\"ebook-email-mistake\""))
        #expect(
            answer.body.contains("<span class=\"mistake\" id=\"ebook-consent-mistake\" role=\"alert\">Tick this box"))
        #expect(!answer.body.contains("checked"))
    }

    @Test func whatTheFilesSayIsTextAndNothingElse() async throws {
        var form = Self.form()
        form.title = .init("<b>Get</b>")
        form.consent = .init("\"><script>alert(1)</script>")
        form.fields[0].label = .init("<img src=x onerror=y>")
        form.fields[1].choices[0].value = "\" onfocus=\""
        pages.control.form = form
        let body = try await pages.ask(.get, "/f/ebook").body
        #expect(
            !body.contains("<script") && !body.contains("<img") && !body.contains("<b>") && !body.contains("\" onfocus")
        )
    }

    @Test func anUnknownFormIsNotThereAndAFailedStoreIsHonest() async throws {
        pages.control.form = nil
        for method in [HTTPRequest.Method.get, .post] {
            #expect(try await pages.ask(method, "/f/nothing", body: Self.sound).status == .notFound)
        }
        pages.control.isAway = true
        let answer = try await pages.ask(.post, "/f/ebook", body: Self.sound)
        #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "60")
        #expect(answer.body.contains("Nothing was changed"))
    }

    @Test func theLanguageIsTheAddresssElseTheFormsElseTheBrowsers() async throws {
        func language(_ path: String, _ headers: HTTPFields = [:]) async throws -> String {
            let body = try await pages.ask(.get, path, headers: headers).body
            return body.contains("<html lang=\"id\">") ? "id" : "en"
        }
        #expect(try await language("/f/ebook") == "en")
        #expect(try await language("/f/ebook?lang=id") == "id")
        #expect(try await language("/f/ebook", [.acceptLanguage: "id,en;q=0.5"]) == "id")
        #expect(try await language("/f/ebook?lang=en", [.acceptLanguage: "id"]) == "en")
        let posted = Self.sound.replacing("lang=en", with: "lang=id")
        #expect(try await pages.ask(.post, "/f/ebook", body: posted).body.contains("<html lang=\"id\">"))
        #expect(try submission().language == "id")
    }

    // MARK: Confirming

    @Test func aGetNeverConfirms() async throws {
        for method in [HTTPRequest.Method.get, .head] {
            #expect(try await pages.ask(method, "/d/\(pages.token(.confirm))").status == .ok)
        }
        let run = EnrollmentID(rawValue: 7 << 10)
        #expect(pages.control.forms == [.question(run), .question(run)])
        let answer = try await pages.ask(.post, "/d/\(pages.token(.confirm))")
        #expect(answer.status == .ok && answer.body.contains("href=\"https://rumpun.example/e.pdf?a=1&amp;b=2\""))
        #expect(pages.control.forms.last == .confirm(run, from: ""))
    }

    @Test func whatIsConfirmedIsShownAsTextBeforeTheButton() async throws {
        let body = try await pages.ask(.get, "/d/\(pages.token(.confirm))?lang=id").body
        let list = try #require(body.firstRange(of: "<dl>"))
        let button = try #require(body.firstRange(of: "<button>"))
        #expect(list.lowerBound < button.lowerBound && !body.contains("<b>"))
        #expect(body.contains("<dd>Budi &lt;b&gt;&quot;B&quot;&lt;/b&gt;</dd>"))
        pages.control.form = nil
        let orphan = try await pages.ask(.get, "/d/\(pages.token(.confirm))").body
        #expect(orphan.contains("<dt>first_name</dt>") && orphan.contains("<dd>fintech</dd>"))
        pages.control.values = [:]
        #expect(try await !pages.ask(.get, "/d/\(pages.token(.confirm))").body.contains("<dl>"))
    }

    @Test func everyFlippedBitAndOtherPurposeIsRefused() async throws {
        let pages = Pages(most: 1_000)
        let token = Array(pages.token(.confirm).utf8)
        for index in token.indices {
            for bit in 0..<8 {
                var altered = token
                altered[index] ^= 1 << bit
                guard let text = String(validating: altered, as: UTF8.self),
                    text.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) })
                else { continue }
                #expect(try await pages.ask(.post, "/d/\(text)").status == .notFound)
            }
        }
        for purpose in LinkSigner.Purpose.allCases where purpose != .confirm {
            #expect(try await pages.ask(.post, "/d/\(pages.token(purpose))").status == .notFound)
        }
        #expect(pages.control.forms.isEmpty)
        #expect(try await pages.ask(.post, "/u/\(pages.token(.confirm))").status == .notFound)
    }

    @Test func aLinkOfWhatIsGoneDoesNotWork() async throws {
        pages.control.isGone = true
        let answer = try await pages.ask(.post, "/d/\(pages.token(.confirm))")
        #expect(answer.status == .notFound && answer.body.contains("This link does not work"))
    }

    // MARK: As people see them

    @Test(arguments: ["en", "id"]) func thePagesAreAsTheyWere(_ language: String) async throws {
        pages.control.view.locale = language
        func page(_ method: HTTPRequest.Method, _ path: String, body: String = "") async throws -> String {
            let html = try await pages.ask(method, path, body: body, headers: [.acceptLanguage: language]).body
            let main = try #require(html.firstRange(of: "<main>"))
            return String(html[main.lowerBound...])
        }
        try expectGolden(try await page(.get, "/f/ebook"), "form.\(language).html")
        try expectGolden(
            try await page(.post, "/f/ebook", body: "email=a%40b.example&lang=\(language)"), "asked.\(language).html")
        try expectGolden(try await page(.get, "/d/\(pages.token(.confirm))"), "question.\(language).html")
        try expectGolden(try await page(.post, "/d/\(pages.token(.confirm))"), "confirmed.\(language).html")
        pages.control.form = Self.form(confirm: false)
        try expectGolden(try await page(.post, "/f/ebook", body: "lang=\(language)"), "thanks.\(language).html")
        pages.control.mistakes = [
            FormMistake("email", .missing), FormMistake("first_name", .unusable),
            FormMistake("industry", .unknownChoice),
            FormMistake("consent", .missing),
        ]
        try expectGolden(
            try await page(.post, "/f/ebook", body: "first_name=Budi&consent=yes&lang=\(language)"),
            "mistaken.\(language).html")
        try expectGolden(
            FormHTML.embedded(
                Self.form(), action: "https://mail.example.com/f/ebook", language: Language(tag: language)) + "\n",
            "embedded.\(language).html")
    }

    @Test func onlyFormsThatAreThereHaveFigures() {
        let figures = FormFigures()
        figures.count(FormID(rawValue: "guess"), .limited)
        figures.saw(FormID(rawValue: "ebook"))
        figures.count(FormID(rawValue: "ebook"), .taken)
        #expect(figures.names == ["ebook"])
        #expect(FormOutcome.allCases.map(\.rawValue) == ["taken", "confirmed", "refused", "trapped", "limited"])
    }
}
