import DripCampaigns
import DripCore
import Testing

@Suite struct MessageReaderTests {
    private func message(_ text: String) throws -> MessageSource {
        let result = Sample.load(["ebook/welcome.md": text])
        let loaded = try #require(result.campaigns.values.first, "\(Sample.text(result.diagnostics))")
        return try #require(loaded.messages["ebook/welcome.md"])
    }

    @Test func readsEveryKeyWithItsPlace() throws {
        let read = try message(
            """
            ---
            subject: 'Hi {{ lead.first_name | default: "there" }}'
            preheader:   Three ideas
            from: { name: Rina, address: rina@acme.example }
            reply_to: sales@acme.example
            layout: "default"
            ---

            # Hello
            """)
        #expect(read.subject == Located("Hi {{ lead.first_name | default: \"there\" }}", line: 2, column: 11))
        #expect(read.preheader == Located("Three ideas", line: 3, column: 14))
        #expect(read.from == Policy.Sender(name: "Rina", address: try EmailAddress("rina@acme.example")))
        #expect(read.replyTo == (try EmailAddress("sales@acme.example")))
        #expect(read.layout == Located("default", line: 6, column: 10))
        #expect(read.body == Located("\n# Hello", line: 8, column: 1))
    }

    @Test(arguments: [
        ("plain", "---\nsubject: Hi\n---\nA\nB\n"), ("CRLF", "---\r\nsubject: Hi\r\n---\r\nA\r\nB\r\n"),
        ("a lone CR", "---\rsubject: Hi\r---\rA\rB\r"), ("a byte order mark", "\u{FEFF}---\nsubject: Hi\n---\nA\nB\n"),
        ("blanks behind the fences", "---  \nsubject: Hi\n---\t\nA\nB\n"),
    ])
    func takesLineEndsAndMarksOfAllSystems(name: String, text: String) throws {
        let read = try message(text)
        #expect(read.subject == Located("Hi", line: 2, column: 10))
        #expect(read.body == Located("A\nB\n", line: 4, column: 1))
        #expect(read.layout == Located("default", line: 1, column: 1))
    }

    @Test func aFoldedSubjectPointsAtItsText() throws {
        let read = try message("---\nsubject: >-\n\n   Hi\n   there\n---\n---\nA\n")
        #expect(read.subject == Located("Hi there", line: 4, column: 4))
        #expect(read.body.value == "---\nA\n")
    }

    @Test(
        arguments: [
            ([0x2D, 0x2D, 0x2D, 0x0A, 0xC3, 0xA9, 0xC3, 0x28], "2:2: error: the file is not UTF-8 here"),
            ([0x61, 0x0A, 0xED, 0xA0, 0x80], "2:1: error: the file is not UTF-8 here"),
            ([0x61, 0x0D, 0x0A, 0x62, 0x00], "2:2: error: the file holds a NUL byte"),
            ([0xFF, 0xFE, 0x2D, 0x00], "1:1: error: the file is UTF-16, not UTF-8"),
        ] as [([UInt8], String)])
    func refusesBytesThatAreNoText(bytes: [UInt8], says: String) {
        var tree = Sample.tree()
        tree.files["ebook/welcome.md"] = bytes
        let text = Sample.text(CampaignLoader.load(tree, zones: Sample.zones).diagnostics)
        #expect(text.hasPrefix("ebook/welcome.md:\(says)."), "\(text)")
    }

    @Test func findsTranslationsBesideTheMessage() throws {
        let result = Sample.load([
            "ebook/welcome.id.md": Sample.message, "ebook/welcome.zh-Hant-TW.md": Sample.message,
            "ebook/welcome.fintech.md": Sample.message, "ebook/welcome.x.md": Sample.message,
        ])
        let loaded = try #require(result.campaigns.values.first)
        #expect(
            loaded.campaign.steps.first?.action
                == .email(
                    MessageChoice(
                        path: "ebook/welcome.md",
                        byLocale: ["id": "ebook/welcome.id.md", "zh-hant-tw": "ebook/welcome.zh-Hant-TW.md"])))
        #expect(loaded.files.count == 5)
        #expect(result.diagnostics.map(\.file) == ["ebook/welcome.fintech.md", "ebook/welcome.x.md"])
    }
}
