import DripCore
import DripMessages
import Testing

@Suite struct MarkdownTests {
    /// Markdown, the HTML and the text that it becomes.
    private static let table: [(String, String, String)] = [
        ("Hello *you* and **you**", "<p>Hello <em>you</em> and <strong>you</strong></p>", "Hello you and you\n"),
        ("a\nb  \nc\\\nd", "<p>a\nb<br />\nc<br />\nd</p>", "a b\nc\nd\n"),
        (
            "# One\n\n## Two\n\n### Three", "<h1>One</h1>\n<h2>Two</h2>\n<h3>Three</h3>",
            "One\n===\n\nTwo\n---\n\nThree\n"
        ),
        ("- a\n- b\n", "<ul>\n<li>a\n</li>\n<li>b\n</li>\n</ul>", "- a\n- b\n"),
        ("3. a\n4. b\n", "<ol start=\"3\">\n<li>a\n</li>\n<li>b\n</li>\n</ol>", "3. a\n4. b\n"),
        (
            "- a\n\n- b\n", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>", "- a\n\n- b\n"
        ),
        (
            "- a\n  - b\n- c", "<ul>\n<li>a\n<ul>\n<li>b\n</li>\n</ul>\n</li>\n<li>c\n</li>\n</ul>", "- a\n  - b\n- c\n"
        ),
        (
            "> a\n>\n> b", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>", "> a\n>\n> b\n"
        ),
        ("`a < b`", "<p><code>a &lt; b</code></p>", "a < b\n"),
        ("```sh\na <b>\n\n  c\n```", "<pre><code>a &lt;b&gt;\n\n  c\n</code></pre>", "    a <b>\n\n      c\n"),
        ("a\n\n---\n\nb", "<p>a</p>\n<hr />\n<p>b</p>", "a\n\n--------------------\n\nb\n"),
        ("~~$99~~ $49", "<p><del>$99</del> $49</p>", "~$99~ $49\n"),
        (
            "[Book now](https://x.example/a?b=1&c='2')",
            "<p><a href=\"https://x.example/a?b=1&amp;c=&#39;2&#39;\">Book now</a></p>",
            "Book now (https://x.example/a?b=1&c='2')\n"
        ),
        (
            "[b](https://x.example \"t & u\")", "<p><a href=\"https://x.example\" title=\"t &amp; u\">b</a></p>",
            "b (https://x.example)\n"
        ),
        (
            "<https://x.example/a>", "<p><a href=\"https://x.example/a\">https://x.example/a</a></p>",
            "https://x.example/a\n"
        ),
        (
            "www.x.example and a@b.example",
            "<p><a href=\"https://www.x.example\">www.x.example</a> and "
                + "<a href=\"mailto:a@b.example\">a@b.example</a></p>",
            "www.x.example and a@b.example\n"
        ),
        (
            "![A *chart*](https://x.example/c.png)", "<p><img src=\"https://x.example/c.png\" alt=\"A chart\" /></p>",
            "A chart\n"
        ),
        (
            "| a | b |\n|---|--:|\n| 1 | {{ lead.x }} |",
            "<table>\n<tr>\n<th>a</th>\n<th style=\"text-align: right\">b</th>\n</tr>\n<tr>\n<td>1</td>\n"
                + "<td style=\"text-align: right\">X</td>\n</tr>\n</table>",
            "a | b\n-----\n1 | X\n"
        ),
        ("&lt;b&gt; &copy; 5 < 6", "<p>&lt;b&gt; © 5 &lt; 6</p>", "<b> © 5 < 6\n"),
        // Tags
        ("**{{ lead.x }}**!", "<p><strong>X</strong>!</p>", "X!\n"),
        ("*{{ lead.x }}*{{ lead.x }}", "<p><em>X</em>X</p>", "XX\n"),
        ("`{{ lead.x }}`", "<p><code>X</code></p>", "X\n"),
        ("```\n{{ lead.x }}\n```", "<pre><code>X\n</code></pre>", "    X\n"),
        ("# Hi {{ lead.x }}", "<h1>Hi X</h1>", "Hi X\n=============\n"),
        ("{{ lead.x }}\n===", "<h1>X</h1>", "X\n==========\n"),
        ("- {{ lead.x }}\n- b", "<ul>\n<li>X\n</li>\n<li>b\n</li>\n</ul>", "- X\n- b\n"),
        (
            "[{{ lead.x }}](https://x.example/{{ lead.x }} \"{{ lead.x }}\")",
            "<p><a href=\"https://x.example/X\" title=\"X\">X</a></p>", "X (https://x.example/X)\n"
        ),
        (
            "[go]({{ lead.url }})", "<p><a href=\"https://u.example/?a=1&amp;b=2\">go</a></p>",
            "go (https://u.example/?a=1&b=2)\n"
        ),
        (
            "<https://x.example/{{ lead.x }}>", "<p><a href=\"https://x.example/X\">https://x.example/X</a></p>",
            "https://x.example/X\n"
        ),
        (
            "[mail](mailto:{{ sender.address }}?subject={{ lead.two }})",
            "<p><a href=\"mailto:dewi@acme.example?subject=a%20b\">mail</a></p>",
            "mail (mailto:dewi@acme.example?subject=a%20b)\n"
        ),
        (
            "![{{ lead.x }}](https://x.example/{{ lead.x }}.png)",
            "<p><img src=\"https://x.example/X.png\" alt=\"X\" /></p>", "X\n"
        ),
        // Branches
        ("a {% if lead.x %}b{% else %}c{% endif %} d", "<p>a b d</p>", "a b d\n"),
        ("a {% if lead.no %}b{% else %}c{% endif %} d", "<p>a c d</p>", "a c d\n"),
        ("{% if lead.x %}\nA\n{% else %}\nB\n{% endif %}\nC", "<p>A</p>\n<p>C</p>", "A\n\nC\n"),
        ("{% if lead.no %}\nA\n{% else %}\nB\n{% endif %}\nC", "<p>B</p>\n<p>C</p>", "B\n\nC\n"),
        ("{% if lead.no %}\nA\n{% endif %}\n\nC", "<p>C</p>", "C\n"),
        ("a\n{% if lead.x %}{% if lead.no %}\nA\n{% endif %}{% endif %}\nb", "<p>a</p>\n<p>b</p>", "a\n\nb\n"),
        (
            "- a\n{% if lead.x %}\n- b\n{% endif %}\n- c", "<ul>\n<li>a\n</li>\n<li>b\n</li>\n<li>c\n</li>\n</ul>",
            "- a\n- b\n- c\n"
        ),
        (
            "1. a\n{% if lead.no %}\n2. b\n{% endif %}\n3. c", "<ol>\n<li>a\n</li>\n<li>c\n</li>\n</ol>", "1. a\n3. c\n"
        ),
        (
            "{% if lead.x %}\n- a\n{% else %}\n- b\n{% endif %}\n- c",
            "<ul>\n<li>a\n</li>\n<li>c\n</li>\n</ul>", "- a\n- c\n"
        ),
        ("{% if lead.no %}\n- a\n{% endif %}\n\nC", "<p>C</p>", "C\n"),
        ("{% if lead.x %}\n- a\n{% else %}\n- b\n{% endif %}", "<ul>\n<li>a\n</li>\n</ul>", "- a\n"),
        (
            "- a\n{% if lead.x %}\n- b\n\ntext\n{% endif %}\n- c",
            "<ul>\n<li>a\n</li>\n</ul>\n<ul>\n<li>b\n</li>\n</ul>\n<p>text</p>\n<ul>\n<li>c\n</li>\n</ul>",
            "- a\n\n- b\n\ntext\n\n- c\n"
        ),
        (
            "- a\n  {% if lead.no %}\n  b\n  {% endif %}\n- c", "<ul>\n<li>a\n</li>\n<li>c\n</li>\n</ul>", "- a\n- c\n"
        ),
        (
            "> a\n> {% if lead.x %}\n> b\n> {% else %}\n> c\n> {% endif %}",
            "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>", "> a\n>\n> b\n"
        ),
        (
            "```\n{% if lead.x %}\nyes\n{% endif %}\nend\n```", "<pre><code>yes\nend\n</code></pre>",
            "    yes\n    end\n"
        ),
        (
            "| a |\n|---|\n| {% if lead.x %}b{% endif %} |",
            "<table>\n<tr>\n<th>a</th>\n</tr>\n<tr>\n<td>b</td>\n</tr>\n</table>", "a\n-\nb\n"
        ),
        ("a\n{% comment %}\nb\n{% endcomment %}\nc", "<p>a\nc</p>", "a c\n"),
        ("{% raw %}{{ a }}{% endraw %} {% raw %}**b**{% endraw %}", "<p>{{ a }} <strong>b</strong></p>", "{{ a }} b\n"),
        ("a\r\n\r\n{% if lead.x %}\r\nb\r\n{% endif %}\r\n", "<p>a</p>\n<p>b</p>", "a\n\nb\n"),
    ]

    @Test(arguments: table)
    func becomesHTMLAndText(markdown: String, html: String, text: String) throws {
        let rendered = try compiled(body: markdown).render(
            context(["x": .text("X"), "two": .text("a b"), "url": .text("https://u.example/?a=1&b=2")]))
        #expect(rendered.content == html + "\n")
        #expect(rendered.bodyText == text + "\n")
    }

    @Test func textIsBrokenAtSeventySixColumns() throws {
        let words = Array(repeating: "lorem {{ lead.x }} dolor", count: 30).joined(separator: " ")
        let link = "[the whole guide](https://x.example/a/very/long/path/that/cannot/be/broken/anywhere/at/all.html)"
        let text = try compiled(body: "> \(words) \(link)").render(context(["x": .text("0123456789")])).bodyText
        let lines = text.split(separator: "\n")
        #expect(lines.count > 8)
        #expect(lines.allSatisfy { $0.hasPrefix("> ") && ($0.count <= 76 || $0.hasPrefix("> (https://")) })
        #expect(lines.contains { $0.count > 70 })
        #expect(!text.contains(" \n"))
    }

    @Test func theFooterIsAlwaysThere() throws {
        let text = try compiled(body: "Hi").render(context()).plainText
        #expect(
            text == """
                Hi

                --
                Dewi from Acme
                Acme, Jl. Sudirman 1, Jakarta
                Unsubscribe: https://mail.acme.example/u/abc

                """)
    }

    @Test func aWebhookGetsNoFooter() throws {
        let message = try compiled(body: "Hi {{ lead.x }}")
        #expect(try message.renderBody(context(["x": .text("you")])) == Array("Hi you".utf8))
    }
}
