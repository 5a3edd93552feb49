import DripCore
import DripMessages
import Testing

@Suite struct RenderTests {
    private static let missing: [(String, [String: AttributeValue], [String])] = [
        ("{{ lead.a }}", [:], ["lead.a"]), ("{{ lead.a }}", ["a": .text(" ")], ["lead.a"]),
        ("{{ lead.a }}", ["a": .text("x")], []), ("{{ lead.a }}", ["a": .flag(false)], []),
        ("{{ lead.a }}", ["a": .number(0)], []), ("{{ lead.a }}", ["a": .text("\u{3000}")], ["lead.a"]),
        ("{{ lead.a | upcase }} {{ lead.b }} {{ lead.a }}", [:], ["lead.a", "lead.b"]),
        ("{{ lead.a | default: \"x\" }}", [:], []), ("{{ lead.a | default: lead.b }}", [:], ["lead.a"]),
        ("{{ lead.a | default: lead.b }}", ["b": .text("x")], []),
        ("{% if lead.a %}{{ lead.a }}{% endif %}", [:], []),
        ("{% if lead.a %}{{ lead.b }}{% else %}{{ lead.c }}{% endif %}", [:], ["lead.c"]),
        ("{% if lead.a %}{{ lead.b }}{% else %}{{ lead.c }}{% endif %}", ["a": .text("1")], ["lead.b"]),
        ("{% unless lead.a %}{{ lead.b }}{% endunless %}", [:], ["lead.b"]),
        ("{% if lead.z %}{{ lead.a }}{% endif %} {{ lead.a }}", [:], ["lead.a"]),
        ("{{ lead.a }} {% if lead.z %}{{ lead.b }}{% endif %} {{ lead.c }}", ["a": .text("1")], ["lead.c"]),
        (
            "{% if lead.p %}{% if lead.q %}{{ lead.a }}{% endif %}{{ lead.b }}{% elsif lead.r %}{{ lead.c }}{% endif %}",
            ["p": .text("1")], ["lead.b"]
        ),
        (
            "{% if lead.p %}{% if lead.q %}{{ lead.a }}{% endif %}{{ lead.b }}{% elsif lead.r %}{{ lead.c }}{% endif %}",
            ["r": .text("1")], ["lead.c"]
        ),
        ("[x](https://x.example/{{ lead.a }})", [:], ["lead.a"]), ("{{ lead.locale }}", [:], ["lead.locale"]),
        ("{{ campaign.name }} {{ lead.email }} {{ message.locale }}", [:], []),
    ]

    @Test(arguments: missing)
    func missingVariablesFollowTheBranches(
        body: String, attributes: [String: AttributeValue], expected: [String]
    ) throws {
        let message = try compiled(body: "x " + body)
        let context = try context(attributes)
        #expect(message.missingVariables(in: context) == expected)
        if expected.isEmpty {
            _ = try message.render(context)
        } else {
            #expect(throws: RenderFailure.missing(expected)) { try message.render(context) }
        }
    }

    @Test func subjectAndPreheaderAreAskedFirst() throws {
        let message = try compiled(
            subject: "{{ lead.s }}", preheader: "{{ lead.p }}",
            body: "{{ lead.b }} {% if lead.c %}{{ lead.d }}{% endif %} {{ lead.e | default: \"\" }}")
        #expect(try message.missingVariables(in: context()) == ["lead.s", "lead.p", "lead.b"])
        #expect(message.requiredVariables == ["lead.b", "lead.d", "lead.p", "lead.s"])
    }

    @Test func aLeadWithoutAddressLacksIt() throws {
        var context = try context()
        context.lead.address = nil
        #expect(try compiled(body: "{{ lead.email }}").missingVariables(in: context) == ["lead.email"])
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b", "a\u{1B}b", "a\u{7F}", "a\u{85}b", "a\u{2028}b"])
    func controlCharactersAreRefused(value: String) throws {
        let context = try context(["x": .text(value)])
        let failure = RenderFailure.controlCharacter(variable: "lead.x")
        #expect(throws: failure) { try compiled(subject: "{{ lead.x }}", body: "a").render(context) }
        #expect(throws: failure) { try compiled(body: "a {{ lead.x }}").render(context) }
        #expect(throws: failure) { try compiled(body: "[a](https://x.example/{{ lead.x }})").render(context) }
    }

    @Test func tabsBecomeBlanks() throws {
        let rendered = try compiled(subject: "{{ lead.x }}", body: "{{ lead.x }}")
            .render(context(["x": .text("a\tb")]))
        #expect(rendered.subject == "a b")
        #expect(rendered.bodyText == "a b\n\n")
    }

    @Test func anEmptySubjectIsRefused() throws {
        let message = try compiled(subject: "{% if lead.x %}Hi{% endif %}", body: "a")
        #expect(throws: RenderFailure.emptySubject) { try message.render(context()) }
    }

    @Test func aLongSubjectIsCut() throws {
        let long = try compiled(subject: "Hi {{ lead.x }}", body: "a")
            .render(context(["x": .text(String(repeating: "é", count: 3_000))])).subject
        #expect(long.count == 250 && long.hasSuffix("é…"))
        let accents = "e" + String(repeating: "\u{301}", count: 5_000)
        let one = try compiled(subject: "{{ lead.x }}", body: "a").render(context(["x": .text(accents)])).subject
        #expect(one.utf8.count <= 1_000)
    }

    @Test func theMessagesOwnSenderIsTheOneItNames() throws {
        var source = messageSource(body: "{{ sender.name }} {{ sender.address }}")
        source.from = Policy.Sender(name: "Sari", address: try EmailAddress("sari@acme.example"))
        let message = try #require(MessageCompiler(layouts: ["default": plainLayout]).compile(source).message)
        #expect(try message.render(context()).bodyText == "Sari sari@acme.example\n\n")
    }
}

/// Values that try to be more than data, in every place where a value may stand.
@Suite struct HostileValueTests {
    private static let values = [
        "{{ lead.secret }}", "{% if true %}x{% endif %}", "<script>alert(1)</script>", "<!-- x",
        "](javascript:alert(1))",
        "**bold** _em_ `code` # h", "[x](https://evil.example)", "\" onmouseover=\"alert(1)", "' onclick='x",
        "&lt;b&gt;",
        "| a | b |", "\\", "%0d%0aBcc: x", "=?UTF-8?Q?x?=", "https://evil.example", "javascript:alert(1)",
        "//evil.example", "user@evil.example", "\u{202E}evil", "😀👩‍👩‍👧‍👦", "مرحبا", "\u{F0001}\u{100000}", "🇮🇩", "=\u{20}",
        ".",
        String(repeating: "x", count: 3_000), String(repeating: "漢", count: 1_000), "a&b=c#d?e/f+g%h",
    ]

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func percentEncoded(_ value: String) -> String {
        value.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isUnreserved = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            let hex = String(byte, radix: 16, uppercase: true)
            return isUnreserved ? String(character) : "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
    }

    @Test(arguments: values)
    func valuesStayData(value: String) throws {
        let message = try compiled(
            subject: "S {{ lead.x }}", preheader: "P {{ lead.x }}",
            body: """
                A {{ lead.x }} *B {{ lead.x }}*

                [C {{ lead.x }}](https://x.example/{{ lead.x }} "T {{ lead.x }}") `D {{ lead.x }}`

                [E]({{ lead.x }})
                """)
        let rendered = try message.render(context(["x": .text(value), "secret": .text("SECRET")]))
        let (html, url) = (Self.escaped(value), Self.percentEncoded(value))
        let whole = value.hasPrefix("https://") ? html : "#"
        #expect(
            rendered.content == """
                <p>A \(html) <em>B \(html)</em></p>
                <p><a href="https://x.example/\(url)" title="T \(html)">C \(html)</a> <code>D \(html)</code></p>
                <p><a href="\(whole)">E</a></p>

                """)
        #expect(
            rendered.htmlText.contains("<div hidden>P \(Self.escaped(rendered.preheader.dropFirst(2).description))"))
        #expect(
            rendered.plainText.hasPrefix("A \(value) B \(value)\n\nC \(value) (https://x.example/\(url)) D \(value)"))
        #expect(rendered.subject.hasPrefix("S \(value.split(separator: " ").joined(separator: " ").prefix(200))"))
        #expect(!rendered.htmlText.contains("SECRET") && !rendered.plainText.contains("SECRET"))
    }
}
