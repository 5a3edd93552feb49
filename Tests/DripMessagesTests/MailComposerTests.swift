import DripCore
import DripMessages
import Testing

@Suite struct MailComposerTests {
    private func details(_ step: String = "welcome") throws -> MailDetails {
        MailDetails(
            recipient: try EmailAddress("Budi@Example.com"),
            identity: MessageIdentity(
                instanceID: "test", enrollment: EnrollmentID(rawValue: 42), step: StepID(rawValue: step),
                domain: "acme.example"),
            composedAt: try #require(Instant("2026-11-23T02:00:01.250Z")),
            plannedAt: try #require(Instant("2026-11-23T02:00:00Z")))
    }

    private func compose(_ message: CompiledMessage, _ context: MessageContext) throws -> [UInt8] {
        try MailComposer().compose(message, for: context, details()).bytes
    }

    private static let body = """
        # Halo {{ lead.first_name | default: "there" }} 👋

        Thank you for reading **our e-book**. It costs 0 €, and 5 = 5.

        {% if lead.industry == "fintech" %}
        - What *banks* do
        {% else %}
        - What others do
        {% endif %}
        - [Your copy](https://acme.example/ebook?lead={{ lead.key }}&from=mail)

        See you at {{ lead.company }},
        {{ sender.name }}
        """

    @Test func aWholeMailIsAsItsGoldenSays() throws {
        let message = try compiled(
            subject: "{{ lead.first_name }}, Ihr Exemplar ist da – schön!", preheader: "Ten minutes & a coffee",
            body: Self.body)
        let full = try context([
            "first_name": .text("Bùdi"), "industry": .text("fintech"), "company": .text("Smith & Sons <Ltd>"),
        ])
        let mail = try compose(message, full)
        try expectGolden(mail, "welcome.eml")
        try expectGolden(message.render(full).html, "welcome.html")
        try expectGolden(message.render(full).text, "welcome.txt")
        #expect(try compose(message, full) == mail)
    }

    @Test func everyHeaderIsThereOnce() throws {
        let parsed = try #require(
            ParsedMail.parse([compose(compiled(subject: "Grüße", body: "x"), context())]).first)
        #expect(parsed.defects == [])
        #expect(
            parsed.headers.map { $0[0] } == [
                "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
                "Feedback-ID", "X-Dripd-Campaign", "X-Dripd-Step", "X-Dripd-Due", "MIME-Version", "Content-Type",
            ])
        #expect(parsed.sender == ["Dewi from Acme", "dewi@acme.example"])
        #expect(parsed.header("To") == ["Budi@Example.com"])
        #expect(parsed.header("Subject") == ["Grüße"])
        #expect(parsed.header("Date") == ["Mon, 23 Nov 2026 02:00:01 +0000"])
        #expect(parsed.header("List-Id") == ["E-book nurture <ebook-nurture.acme.example>"])
        #expect(
            parsed.header("List-Unsubscribe")
                == ["<https://mail.acme.example/u/abc>, <mailto:stop@acme.example?subject=unsubscribe>"])
        #expect(parsed.header("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"])
        #expect(parsed.header("Feedback-ID") == ["ebook-nurture:welcome:dripd"])
        #expect(parsed.header("X-Dripd-Due") == ["2026-11-23T02:00:00.000Z"])
        #expect(parsed.parts.map(\.type) == ["text/plain", "text/html"])
    }

    @Test func withoutAPublicURLThereIsNoOneClick() throws {
        var context = try context()
        context.unsubscribe.oneClickURL = nil
        let parsed = try #require(ParsedMail.parse([compose(compiled(body: "x"), context)]).first)
        #expect(parsed.header("List-Unsubscribe") == ["<mailto:stop@acme.example?subject=unsubscribe>"])
        #expect(parsed.header("List-Unsubscribe-Post") == [])
    }

    @Test func theMessagesOwnSenderAndReplyToCount() throws {
        var source = messageSource(body: "x")
        source.from = Policy.Sender(name: "Sari, Acme", address: try EmailAddress("sari@other.example"))
        source.replyTo = try EmailAddress("answers@acme.example")
        let message = try #require(MessageCompiler(layouts: ["default": plainLayout]).compile(source).message)
        let mail = try MailComposer().compose(message, for: context(), details())
        #expect(mail.sender.text == "sari@other.example" && mail.recipient.text == "Budi@Example.com")
        let parsed = try #require(ParsedMail.parse([mail.bytes]).first)
        #expect(parsed.defects == [] && parsed.sender == ["Sari, Acme", "sari@other.example"])
        #expect(parsed.header("Reply-To") == ["answers@acme.example"])
    }

    /// The envelope's sender and the unsubscribing mailbox can carry tokens; the From header stays.
    @Test func bouncesAndUnsubscribesCanHaveAddressesOfTheirOwn() throws {
        var details = try details()
        details.bounceAddress = try EmailAddress("bounce+abc@acme.example")
        details.unsubscribeMailto = try EmailAddress("u+a%b&c@acme.example")
        let mail = try MailComposer().compose(compiled(body: "x"), for: context(), details)
        #expect(mail.sender.text == "bounce+abc@acme.example")
        let parsed = try #require(ParsedMail.parse([mail.bytes]).first)
        #expect(parsed.sender == ["Dewi from Acme", "dewi@acme.example"])
        #expect(
            parsed.header("List-Unsubscribe")
                == ["<https://mail.acme.example/u/abc>, <mailto:u+a%25b%26c@acme.example?subject=unsubscribe>"])
    }

    /// An address beyond ASCII stands in `To` as it is, and nothing else of the mail does.
    @Test func anInternationalRecipientIsNamedInUTF8() throws {
        var details = try details()
        details.recipient = try EmailAddress("Büdi@bücher.example")
        let mail = try MailComposer().compose(compiled(subject: "Grüße", body: "é"), for: context(), details)
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(text.contains("\r\nTo: Büdi@xn--bcher-kva.example\r\n"))
        #expect(text.replacing("Büdi", with: "").utf8.allSatisfy { $0 < 0x80 })
        details.recipient = try EmailAddress("budi@bücher.example")
        expectCanonical(try MailComposer().compose(compiled(body: "é"), for: context(), details).bytes)
    }

    /// One mail for each value, in every place, read back by another parser.
    @Test func hostileValuesArriveAsTheyAre() throws {
        let values =
            [
                "{{x}}", "<script>alert(1)</script>", "](javascript:alert(1))", "\"quoted\"", "O'Neil, \\ Jr.",
                "=?UTF-8?B?eA==?=",
                ".", "From x", "--=_x", "مرحبا بالعالم", "\u{202E}abc", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "漢字かな交じり文", "a=b= =C3", "x  y",
                String(repeating: "W", count: 3_000), String(repeating: "é", count: 200), "Subject: x",
                "a:b;c,d<e>(f)[g]@h",
            ] + (30..<60).map { String(repeating: "a", count: $0) + "😀é漢" }
        let message = try compiled(
            subject: "S {{ lead.x }} e", body: "B {{ lead.x }}\n\n[l {{ lead.x }}](https://x.example/{{ lead.x }})")
        var mails: [[UInt8]] = []
        var rendered: [RenderedMessage] = []
        for value in values {
            var context = try context(["x": .text(value)])
            context.campaignName = value
            context.sender.name = value
            mails.append(try compose(message, context))
            rendered.append(try message.render(context))
        }
        for (index, parsed) in try ParsedMail.parse(mails).enumerated() {
            let value = values[index]
            #expect(parsed.defects == [], "\(value)")
            #expect(parsed.headers.count == 14, "\(value)")
            #expect(parsed.header("Subject") == [rendered[index].subject], "\(value)")
            let name = value.split(separator: " ").joined(separator: " ")
            #expect(parsed.sender.first == name || parsed.sender.first == value, "\(value)")
            #expect(parsed.parts.map(\.text) == [rendered[index].plainText, rendered[index].htmlText], "\(value)")
            expectCanonical(mails[index])
        }
    }

    @Test func loneLineEndsBecomeCanonical() throws {
        let layout = LayoutSource(
            name: "default", path: "layouts/default.html",
            html:
                "a\n.\nb\r\n.\r\nc\n\n{{ content }}\n.\n{{ sender.postal_address }}<a href=\"{{ links.unsubscribe }}\">x</a>"
        )
        let message = try compiled(body: "a\\\n.\\\nMAIL FROM:<x@y.example>\n\n```\n.\nQUIT\n```", layout: layout)
        let mail = try compose(message, context())
        expectCanonical(mail)
        let parsed = try #require(ParsedMail.parse([mail]).first)
        #expect(parsed.parts.first?.text.hasPrefix("a\n.\nMAIL FROM:x@y.example\n\n    .\n    QUIT\n") == true)
    }

    @Test func valuesThatWouldMakeAHeaderAreRefused() throws {
        let message = try compiled(body: "x")
        for bad in ["a\r\nBcc: x@y.example", "a\nb", "a\0b"] {
            var named = try context()
            named.campaignName = bad
            #expect(throws: ComposeFailure.controlCharacter(header: "List-Id")) { try compose(message, named) }
            var linked = try context()
            linked.unsubscribe.oneClickURL = "https://x.example/\(bad)"
            #expect(throws: ComposeFailure.render(.controlCharacter(variable: "links.unsubscribe"))) {
                try compose(message, linked)
            }
        }
        var odd = try context()
        odd.campaign = CampaignID(rawValue: "ä b\r\nX: y..z")
        odd.step = StepID(rawValue: "")
        let parsed = try #require(ParsedMail.parse([compose(message, odd)]).first)
        #expect(parsed.defects == [] && parsed.header("Feedback-ID") == ["--b--X--y..z:-:dripd"])
        #expect(parsed.header("List-Id") == ["E-book nurture <--b--X--y.z.acme.example>"])
    }

    @Test func datesAreThoseOfTheMailStandard() throws {
        for (instant, date) in [
            ("1970-01-01T00:00:00Z", "Thu, 1 Jan 1970 00:00:00 +0000"),
            ("2024-02-29T23:59:59.999Z", "Thu, 29 Feb 2024 23:59:59 +0000"),
            ("2026-12-31T07:05:09Z", "Thu, 31 Dec 2026 07:05:09 +0000"),
        ] {
            var details = try details()
            details.composedAt = try #require(Instant(instant))
            let mail = try MailComposer().compose(compiled(body: "x"), for: context(), details).bytes
            #expect(String(decoding: mail, as: UTF8.self).contains("\r\nDate: \(date)\r\n"))
        }
    }
}

/// CRLF only, at most 998 octets a line, 7-bit.
func expectCanonical(_ mail: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    var previous: UInt8 = 0
    var length = 0
    var longest = 0
    var isCanonical = mail.suffix(2) == [0x0D, 0x0A]
    for byte in mail {
        if (byte == 0x0A) != (previous == 0x0D) || byte >= 0x80 || byte == 0 { isCanonical = false }
        length = byte == 0x0A ? 0 : length + 1
        longest = max(longest, byte == 0x0D ? length - 1 : length)
        previous = byte
    }
    #expect(isCanonical, sourceLocation: sourceLocation)
    #expect(longest <= 998, sourceLocation: sourceLocation)
}
