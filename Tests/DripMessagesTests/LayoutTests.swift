import DripCore
import DripMessages
import Testing

@Suite struct LayoutTests {
    private static let foot = "{{ sender.postal_address }}<a href=\"{{ links.unsubscribe }}\">x</a>"

    private func layout(_ html: String) -> LayoutSource {
        LayoutSource(name: "default", path: "layouts/default.html", html: html)
    }

    private static let mistakes: [(String, String)] = [
        ("x" + foot, "1:1: error: the layout has no {{ content }}"),
        ("{{ content }}{{ content }}" + foot, "1:14: error: a second {{ content }}"),
        ("{% if lead.x %}{{ content }}{% endif %}" + foot, "1:16: error: content must stand in the text, outside"),
        ("<p title=\"{{ content }}\">" + foot, "content must stand in the text"),
        ("{{ content | upcase }}" + foot, "content takes no filters"),
        ("{{ content }}<a href=\"{{ links.unsubscribe }}\">x</a>", "does not always show the sender's postal address"),
        ("{{ content }}{{ sender.postal_address }}", "does not always show the unsubscribe link"),
        (
            "{{ content }}{% if lead.x %}\(foot)<p>{% endif %}{{ sender.postal_address }}",
            "does not always show the unsubscribe link"
        ),
        ("{{ content }}\n <a href={{ lead.x }}>\(foot)", "2:10: error: this attribute has no quotes"),
        ("{{ content }}<p style=\"color:{{ lead.x }}\">\(foot)", "no value may stand in style="),
        ("{{ content }}<p onclick='{{ lead.x }}'>\(foot)", "no value may stand in onclick="),
        ("{{ content }}<{{ lead.x }}>\(foot)", "no value may stand inside a tag"),
        ("{{ content }}<p {{ lead.x }}>\(foot)", "no value may stand inside a tag"),
        ("{{ content }}<p class{{ lead.x }}=\"a\">\(foot)", "no value may stand inside a tag"),
        ("{{ content }}<style>a { {{ lead.x }} }</style>\(foot)", "no value may stand in <style>"),
        ("{{ content }}<STYLE>a{}</p>{{ lead.x }}</STYLE>\(foot)", "no value may stand in <style>"),
        ("{{ content }}<!-- {{ lead.x }} -->\(foot)", "this value stands in an HTML comment"),
        ("{{ content }}\(foot)\n<script>alert(1)</script>", "2:8: error: mail programs drop scripts"),
        ("{{ content }}\(foot)<a href=\"http://x.example\">", "this link is not https. Write https://x.example."),
        ("{{ content }}\(foot)\n<img src='x.png'>", "2:11: error: \"x.png\" is not a whole link"),
        ("{{ content }}\(foot)<img src=http://x.example/a.png>", "this link is not https"),
        ("{{ content }}\(foot)<a href=\"javascript:{{ lead.x }}\">", "links with javascript: are not taken"),
        ("{{ content }}\(foot)<a href=\"java&#115;cript:{{ lead.x }}\">", "is not a whole link"),
        ("{{ content }}\(foot)<a href=\"{{ lead.x | default: \"x\" }}\">", "\"x\" is no https or mailto link"),
        ("{{ content }}\(foot)<a href=\"{% if lead.x %}https://a{% endif %}\">", "inside a link's address"),
        ("{{ content }}\(foot)<p {% if lead.x %}class=\"{% endif %}a\">", "begins and ends in different places"),
        ("{{ content }}\(foot){% if lead.x %}<p title=\"{% else %}\">{% endif %}", "begins and ends in different"),
        ("{{ content }}\(foot){{ lead.x", "this tag does not end"),
        ("{{ content }}\(foot){{ x }}", "unknown name \"x\""),
    ]

    @Test(arguments: mistakes)
    func mistakesAreFound(html: String, expected: String) {
        let compiler = MessageCompiler(layouts: ["default": layout(html)])
        let found = compiler.diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("layouts/default.html:1:") || $0.hasPrefix("layouts/default.html:2:") })
        let compilation = compiler.compile(messageSource(body: "x"))
        #expect(compilation.message == nil)
        #expect(compilation.diagnostics.map(\.message) == ["the layout \"default\" has mistakes of its own"])
    }

    /// A layout's beginning, and what it becomes for a hostile value.
    private static let places: [(String, String)] = [
        ("<p>{{ lead.x }}</p>", "<p>&quot;&gt;&lt;b&gt;&#39;&amp;</p>"),
        ("<p title=\"{{ lead.x }}\">", "<p title=\"&quot;&gt;&lt;b&gt;&#39;&amp;\">"),
        ("<p title='{{ lead.x }}'>", "<p title='&quot;&gt;&lt;b&gt;&#39;&amp;'>"),
        ("<a href=\"https://x.example/?a={{ lead.x }}\">", "<a href=\"https://x.example/?a=%22%3E%3Cb%3E%27%26\">"),
        ("<a href = '{{ lead.x }}'>", "<a href = '#'>"),
        ("<title>{{ lead.x }}</title>", "<title>&quot;&gt;&lt;b&gt;&#39;&amp;</title>"),
        ("a < b > c {{ lead.y }}", "a < b > c Y"), ("<br/>{{ lead.y }}", "<br/>Y"),
        ("<!DOCTYPE html>{{ lead.y }}", "<!DOCTYPE html>Y"), ("<!-- a > b -->{{ lead.y }}", "<!-- a > b -->Y"),
        ("<style>p > a { b: c }</style>{{ lead.y }}", "<style>p > a { b: c }</style>Y"),
        ("<style>@media x{a{b:c}}</style>", "<style>@media x{a{b:c}}</style>"),
        ("<input disabled value=\"{{ lead.y }}\">", "<input disabled value=\"Y\">"),
        ("<p {% if lead.y %}class=\"a\"{% endif %}>", "<p class=\"a\">"),
        ("<p class=\"a{% if lead.no %} b{% else %} c{% endif %}\">", "<p class=\"a c\">"),
        ("<td width=600>{{ lead.y }}</td>", "<td width=600>Y</td>"),
        ("{% if message.preheader %}<i>{{ message.preheader }}</i>{% endif %}", "<i>Pre Y</i>"),
        ("{{ message.subject }}\r\n", "Hello Y\n"),
    ]

    @Test(arguments: places)
    func valuesAreEscapedForTheirPlace(start: String, expected: String) throws {
        let message = try compiled(
            subject: "Hello {{ lead.y }}", preheader: "Pre {{ lead.y }}", body: "x",
            layout: layout(start + "|{{ content }}" + Self.foot))
        let html = try message.render(context(["x": .text("\"><b>'&"), "y": .text("Y")])).htmlText
        #expect(html.hasPrefix(expected + "|<p>x</p>\n"), "\(html)")
    }

    @Test func aMailtoStandsInForTheMissingPublicURL() throws {
        var context = try context()
        context.unsubscribe.oneClickURL = nil
        let html = try compiled(body: "x").render(context).htmlText
        #expect(html.contains("<a href=\"mailto:stop@acme.example?subject=unsubscribe\">"))
    }
}
