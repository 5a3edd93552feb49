import DripCore
import DripMessages
import Testing

@Suite struct TemplateTests {
    /// What a subject shows: the plainest place.
    private func subject(_ template: String, _ attributes: [String: AttributeValue] = [:]) throws -> String {
        try compiled(subject: template, body: "Text").render(context(attributes)).subject
    }

    @Test(arguments: [
        ("Hi {{ lead.first_name }}", "Hi Budi"), ("{{lead.first_name}}!", "Budi!"),
        ("{{ lead.none | default: \"there\" }}", "there"), ("{{ lead.blank | default: 'there' }}", "there"),
        ("{{ lead.none | default: lead.first_name }}", "Budi"),
        ("{{ lead.none | default: lead.blank | default: 5 }}", "5"),
        ("a{{ lead.none | default: \"\" }}b", "ab"),
        ("{{ lead.none | upcase | default: \"x\" }}", "x"), ("{{ lead.none | default: \"x\" | upcase }}", "X"),
        ("{{ lead.first_name | upcase }}", "BUDI"), ("{{ lead.first_name | downcase }}", "budi"),
        ("{{ lead.shout | capitalize }}", "Sänger"), ("{{ lead.long | truncate: 8 }}", "One t..."),
        ("{{ lead.long | truncate: 8, \"…\" }}", "One two…"), ("{{ lead.long | truncate: 99 }}", "One two three"),
        ("{{ lead.seats }} {{ lead.share }} {{ lead.trial }}", "50 0.5 true"),
        ("{{ lead.email }} {{ lead.key }} {{ lead.time_zone }}", "Budi@Example.com crm-7 Asia/Jakarta"),
        ("{{ lead.company.size }} {{ lead.company.hq.city | upcase }}", "50 SOLO"),
        ("{{ lead.company.hq | default: \"-\" }}", "-"),
        ("{{ campaign.name }} {{ campaign.id }} {{ step.id }}", "E-book nurture ebook-nurture welcome"),
        ("{{ sender.name }} {{ sender.address }}", "Dewi from Acme dewi@acme.example"),
        ("{{ \"{{\" }} literal", "{{ literal"), ("{{ 'a}}b' }}", "a}}b"),
        ("{% raw %}{{ lead.x }}{% endraw %}", "{{ lead.x }}"),
        ("a{% comment %} {{ nothing.at.all }} {% endcomment %}b", "ab"),
        ("a {{- lead.first_name -}} b", "aBudib"), ("a {%- if true %} b{% endif %}", "a b"),
        ("  two   blanks  ", "two blanks"),
    ])
    func shows(template: String, result: String) throws {
        let attributes: [String: AttributeValue] = [
            "first_name": .text("Budi"), "blank": .text("  "), "shout": .text("sÄNGER"), "seats": .number(50),
            "share": .number(0.5), "trial": .flag(true), "long": .text("One two three"),
            "company.size": .text("50"), "company.hq.city": .text("Solo"),
        ]
        #expect(try subject(template, attributes) == result)
    }

    @Test(arguments: [
        ("lead.industry == \"fintech\"", true), ("lead.industry == \"FinTech\"", true),
        ("lead.industry != \"fintech\"", false), ("lead.industry <> 'x'", true), ("lead.none == \"x\"", false),
        ("lead.none != \"x\"", true), ("lead.none == blank", true), ("lead.blank == empty", true),
        ("lead.industry == nil", false), ("lead.industry != blank", true), ("lead.none", false),
        ("lead.blank", false), ("lead.industry", true), ("lead.no", false), ("lead.csv_no", false),
        ("lead.zero", true), ("lead.no == false", true), ("lead.csv_no == false", true), ("true", true),
        ("lead.csv_seats == 50", true), ("lead.csv_seats > 49", true), ("lead.csv_seats >= 50", true),
        ("lead.csv_seats < 50", false), ("lead.csv_seats <= 50", true), ("lead.industry > 3", false),
        ("lead.none < 3", false), ("lead.industry contains \"TECH\"", true),
        ("lead.industry contains \"bank\"", false), ("lead.none contains \"x\"", false),
        ("lead.industry and lead.csv_seats", true), ("lead.industry and lead.none", false),
        ("lead.none or lead.industry", true), ("lead.none or lead.blank or lead.no", false),
    ])
    func decides(condition: String, holds: Bool) throws {
        let attributes: [String: AttributeValue] = [
            "industry": .text("fintech"), "blank": .text(""), "no": .flag(false), "csv_no": .text("False"),
            "zero": .number(0), "csv_seats": .text("50"),
        ]
        #expect(try subject("{% if \(condition) %}yes{% else %}no{% endif %}", attributes) == (holds ? "yes" : "no"))
        #expect(
            try subject("{% unless \(condition) %}no{% else %}yes{% endunless %}", attributes)
                == (holds ? "yes" : "no"))
    }

    /// A list is shown with commas, is what one of its values is, and contains them, but no part of them.
    @Test(arguments: [
        ("{{ lead.tags }}", "vip, Gold, 7"), ("{{ lead.tags | upcase | truncate: 9 }}", "VIP, G..."),
        ("{{ lead.empty | default: \"none\" }}", "none"), ("{{ lead.tags | number | default: \"-\" }}", "-"),
        ("{{ lead.none | default: lead.tags }}", "vip, Gold, 7"),
        ("{% if lead.tags contains \"GOLD\" %}y{% else %}n{% endif %}", "y"),
        ("{% if lead.tags contains \"gol\" %}y{% else %}n{% endif %}", "n"),
        ("{% if lead.tags contains lead.one %}y{% else %}n{% endif %}", "y"),
        ("{% if lead.tags == \"vip\" %}y{% else %}n{% endif %}", "y"),
        ("{% if lead.tags != \"vip\" %}y{% else %}n{% endif %}", "n"),
        ("{% if lead.tags == 7 %}y{% else %}n{% endif %}", "y"), ("{% if lead.tags %}y{% else %}n{% endif %}", "y"),
        ("{% if lead.tags > 6 %}y{% else %}n{% endif %}", "n"), ("{% if lead.empty %}y{% else %}n{% endif %}", "n"),
        ("{% if lead.empty == blank %}y{% else %}n{% endif %}", "y"),
    ])
    func showsAndAsksForLists(template: String, result: String) throws {
        let attributes: [String: AttributeValue] = [
            "tags": .list(try ValueList([.text("vip"), .text("Gold"), .number(7)])), "empty": .list(.empty),
            "one": .text("VIP"),
        ]
        #expect(try subject(template, attributes) == result)
    }

    @Test func aListIsEscapedForItsPlace() throws {
        let tags = AttributeValue.list(try ValueList([.text("<b>"), .text("a&b")]))
        let message = try compiled(body: "{{ lead.tags }} [x](https://x.example/?t={{ lead.tags }})")
        let html = try message.render(context(["tags": tags])).htmlText
        #expect(html.contains("&lt;b&gt;, a&amp;b") && html.contains("https://x.example/?t=%3Cb%3E%2C%20a%26b"))
    }

    @Test(arguments: [("a", "A"), ("b", "B"), ("c", "C"), ("d", "none")])
    func takesTheFirstBranchThatHolds(value: String, result: String) throws {
        let template = """
            {% if lead.x == "a" %}A{% elsif lead.x == "b" %}B{% elsif lead.x == "c" or lead.x == "a" %}C\
            {% else %}none{% endif %}
            """
        #expect(try subject(template, ["x": .text(value)]) == result)
    }

    @Test(arguments: [("1", "1", "ab"), ("1", "", "ac"), ("", "1", "d"), ("", "", "d")])
    func branchesNest(x: String, y: String, result: String) throws {
        let template = """
            {% if lead.x %}a{% if lead.y %}b{% else %}c{% endif %}{% else %}d{% endif %}
            """
        #expect(try subject(template, ["x": .text(x), "y": .text(y)]) == result)
    }

    @Test func fileNamesTellTheLanguage() throws {
        let body = "{{ message.locale | default: \"none\" }}"
        for (path, locale) in [
            ("a/welcome.md", "none"), ("a/welcome.id.md", "id"), ("a/welcome.pt-BR.md", "pt-br"),
            ("a/case.fintech.md", "none"), ("a.id.b/welcome.md", "none"),
        ] {
            #expect(try compiled(body: body, path: path).render(context()).bodyText == "\(locale)\n\n", "\(path)")
        }
        let text = try compiled(body: "Halo", path: "a/welcome.id.md").render(context()).plainText
        #expect(text.hasSuffix("\nBerhenti berlangganan: https://mail.acme.example/u/abc\n"))
    }
}
