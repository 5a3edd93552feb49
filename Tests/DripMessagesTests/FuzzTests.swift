import DripCore
import Foundation
import Testing

@testable import DripMessages

/// Random files and values: nothing traps, hangs, or makes a mail that another parser finds fault with.
///
/// `DRIPD_FUZZ_ROUNDS` makes it longer; the seed of a failure is in its message.
@Suite struct FuzzTests {
    private static let rounds = Int(ProcessInfo.processInfo.environment["DRIPD_FUZZ_ROUNDS"] ?? "") ?? 400

    private static let fragments = [
        "{{", "}}", "{%", "%}", "{{ lead.x }}", "{{ lead.y | default: \"d\" }}", "{% if lead.x %}", "{% else %}",
        "{% elsif lead.y == 1 %}", "{% endif %}", "{% unless lead.x %}", "{% endunless %}", "{% raw %}", "{% endraw %}",
        "{% comment %}", "{% endcomment %}", "{%-", "-%}", "| upcase", "\"", "'", "\n", "\n\n", "\r\n", "- ", "1. ",
        "> ",
        "# ", "```\n", "    ", "*", "**", "_", "~~", "`", "[a](", "https://x.example/", "http://", "mailto:", ")", "![",
        "| a | b |\n|---|---|\n", "| c | d |\n", "<b>", "</b>", "<!--", "-->", "<https://a.example>", "www.a.example ",
        "a@b.example ", "&amp;", "\\", "\0", "é", "😀", "\u{202E}", "\u{F0000}", "\u{100000}", "=", "=?UTF-8?Q?x?=", "{",
        "}",
        "%", "content", "{{ content }}", "<style>", "</style>", "<a href=\"", "\">", "<p class='", "'", " ", "word ",
        "\t",
        "{% include \"p\" %}", "{% include \"q\" %}", "{{ catalogue.c[lead.x].t }}", "{{ catalogue.c[", "lead.x", "].t",
        "[", "]",
        ".t", "| date", "| number: 2", "| money: \"IDR\"", "| default: 5",
        "{{ sender.postal_address }}", "<a href=\"{{ links.unsubscribe }}\">x</a>", "[r]: https://x.example\n", "[r]",
    ]

    /// Whole on their own, so that most files made of them compile.
    private static let wholes = [
        "{{ lead.x | default: \"d\" }}", "{% if lead.x %}a{% else %}{{ lead.y | default: 'z' }}{% endif %}", "word ",
        " ",
        "**b {{ lead.y | default: \"e\" }}** ", "*i* ", "`c {{ lead.x | default: \"f\" }}` ", "\n", "\n\n", "  \n",
        "\n- i\n",
        "\n  - j\n", "\n1. k\n", "\n> q ", "\n# h {{ lead.x | default: \"g\" }}\n",
        "[l {{ lead.x | default: \"h\" }}](https://x.example/{{ lead.y | default: \"i\" }}?a=1&b=2) ", "www.x.example ",
        "[m](mailto:a@b.example?subject={{ lead.y | default: \"j\" }}) ", "![p](https://x.example/p.png) ",
        "\n```\ncode\n",
        "[w]({{ lead.y | default: \"https://x.example\" }}) ",
        "\n| a | b |\n|---|---|\n| {{ lead.x | default: \"k\" }} | c |\n",
        "{% raw %}{{ }}{% endraw %}", "{% comment %}x{% endcomment %}", "é😀漢 ", "= ", "&amp; &lt; < > ", "\\\n", ".\n",
        "---\n",
        "\n\n{% include \"p\" %}\n\n", "{% include \"q\" %} ", "{{ catalogue.c[lead.x].t }} ",
        "[u]({{ catalogue.c[lead.y].u }}) ", "{{ lead.x | date: \"full\" | default: \"d\" }} ",
        "{{ lead.y | default: 5 | money: \"IDR\" }} ",
        "{% unless lead.y %}n{% endunless %}", "~~s~~ ", "\u{AD}\u{200B}\u{202E}",
        "\t",
        String(repeating: "long", count: 40),
    ]

    private static let block = "- {{ lead.x | default: \"s\" }}\n- t\n\n{% if lead.y %}\nu\n{% endif %}\n"

    private static let catalogue = CatalogueSource(
        name: "c", path: "catalogues/c.yaml",
        table: CatalogueSource.Table(
            columns: ["t", "u"],
            rows: ["1": ["t": CatalogueSource.Text("<b>*"), "u": CatalogueSource.Text("https://x.example/1")]],
            standard: ["t": CatalogueSource.Text("t"), "u": CatalogueSource.Text("https://x.example/")]))

    private func splice(
        _ random: inout SplitMix64, upTo length: UInt64, of fragments: [String] = fragments
    ) -> String {
        (0..<random.below(length)).map { _ in random.element(of: fragments) }.joined()
    }

    private func whole(_ random: inout SplitMix64, depth: Int = 0) -> String {
        var text = splice(&random, upTo: 15, of: Self.wholes)
        if depth < 3, random.below(3) == 0 {
            let condition = random.element(of: ["if lead.x", "if lead.none", "if lead.y == \"1\" or lead.x"])
            text += "\n{% \(condition) %}\n" + whole(&random, depth: depth + 1)
            if random.below(2) == 0 { text += "\n{% else %}\n" + whole(&random, depth: depth + 1) }
            text += "\n{% endif %}\n" + splice(&random, upTo: 8, of: Self.wholes)
        }
        return text
    }

    private func noise(_ random: inout SplitMix64, upTo length: UInt64) -> String {
        String(decoding: (0..<random.below(length)).map { _ in UInt8(random.below(256)) }, as: UTF8.self)
    }

    @Test func filesNeverTrap() throws {
        var mails: [[UInt8]] = []
        var rendered: [(UInt64, RenderedMessage)] = []
        for seed in 0..<UInt64(Self.rounds) {
            var random = SplitMix64(seed: seed)
            let body =
                switch seed % 7 {
                case 0: noise(&random, upTo: 400)
                case 1, 2: splice(&random, upTo: 25)
                default: whole(&random)
                }
            let subject = seed % 5 == 0 ? splice(&random, upTo: 6) : "Hi {{ lead.y | default: \"you\" }}"
            let html = seed % 11 == 0 ? splice(&random, upTo: 30) : plainLayout.html
            let layout = LayoutSource(name: "default", path: "layouts/default.html", html: html)
            var shared = Shared(partials: [
                "p": seed % 13 == 0 ? splice(&random, upTo: 8) : Self.block, "q": "q {{ lead.y | default: \"r\" }}",
            ])
            shared.catalogues = [Self.catalogue]
            let compiler = shared.compiler(layout)
            var source = messageSource(subject: subject, body: body)
            source.preheader = Located(splice(&random, upTo: seed % 6 == 0 ? 4 : 1), line: 3, column: 1)
            let compilation = compiler.compile(source)
            #expect(
                (compilation.message == nil) == compilation.diagnostics.contains { $0.severity == .error }, "\(seed)")
            var values = [splice(&random, upTo: 5), noise(&random, upTo: 30)]
            // Mostly what the door lets in; control characters are refused, and make no mail.
            if seed % 5 != 0 { values = values.map { $0.filter { LineText.judge(String($0)) == .clean } } }
            let context = try context(["x": .text(values[0]), "y": .text(values[1])])
            guard let message = compilation.message else { continue }
            do {
                let mail = try MailComposer().compose(message, for: context, details(seed))
                expectCanonical(mail.bytes)
                mails.append(mail.bytes)
                rendered.append((seed, try message.render(context)))
            } catch ComposeFailure.render {
                continue
            }
        }
        #expect(mails.count > Self.rounds / 4, "too few of the random files compile: \(mails.count)")
        for (index, parsed) in try ParsedMail.parse(mails).enumerated() {
            let (seed, message) = rendered[index]
            #expect(parsed.defects == [], "seed \(seed)")
            #expect(parsed.headers.count == 14, "seed \(seed)")
            #expect(parsed.parts.map(\.text) == [message.plainText, message.htmlText], "seed \(seed)")
        }
    }

    @Test func headersNeverBreak() throws {
        for seed in 0..<UInt64(Self.rounds * 5) {
            var random = SplitMix64(seed: seed)
            let value = seed % 2 == 0 ? noise(&random, upTo: 300) : splice(&random, upTo: 60)
            var writer = HeaderWriter()
            do {
                try writer.text("Subject", value)
                try writer.named("From", phrase: value, "a@b.example")
                try writer.tokens("X", value.split(separator: " ").map(String.init), separator: ",")
            } catch {
                writer = HeaderWriter()
                continue
            }
            let text = String(decoding: writer.bytes, as: UTF8.self)
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            let names = ["Subject: ", "From: ", "X: ", " ", ""]
            #expect(
                lines.allSatisfy { line in line.utf8.count <= 998 && names.contains { line.hasPrefix($0) } }, "\(seed)")
            #expect(lines.last == "" && lines.count { $0.hasPrefix("Subject: ") } == 1, "seed \(seed)")
            #expect(
                !lines.dropLast().contains { $0.allSatisfy { $0 == " " } }, "an empty line ends the head, seed \(seed)")
            #expect(!lines.contains { $0.utf8.contains { $0 < 0x20 || $0 >= 0x7F } }, "seed \(seed)")
        }
    }

    @Test func tokensNeverVerifyByChance() throws {
        let signer = try LinkSigner(
            publicURL: "https://x.example", keys: [LinkSigner.Key(id: 65, secret: Array(repeating: 7, count: 40))])
        for seed in 0..<UInt64(Self.rounds) {
            var random = SplitMix64(seed: seed)
            #expect(signer.verify(noise(&random, upTo: 80), purpose: .unsubscribe) == nil)
            let letters = (0..<34).map { _ in Character(Unicode.Scalar(UInt8(97 + random.below(26)))) }
            #expect(signer.verify("Q" + String(letters.dropFirst()), purpose: .unsubscribe) == nil)
        }
    }

    private func details(_ seed: UInt64) throws -> MailDetails {
        MailDetails(
            recipient: try EmailAddress("budi@example.com"),
            identity: MessageIdentity(
                instanceID: "fuzz", enrollment: EnrollmentID(rawValue: Int64(seed)), step: StepID(rawValue: "s"),
                domain: "acme.example"),
            composedAt: .epoch, plannedAt: .epoch)
    }
}
