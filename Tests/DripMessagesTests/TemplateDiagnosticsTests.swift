import DripCore
import DripMessages
import Testing

@Suite struct TemplateDiagnosticsTests {
    private static let bodies: [(String, String)] = [
        ("Hi {{ first_name }}", "6:7: error: unknown name \"first_name\". Did you mean lead.first_name?"),
        ("Hi\n\n  {{ lead }}", "8:6: error: lead alone is not a value. Name one of its fields: lead.email"),
        ("{{ campain.name }}", "6:4: error: unknown name \"campain.name\". Did you mean campaign.name?"),
        ("{{ campaign.nam }}", "6:4: error: campaign has no field \"nam\". Did you mean campaign.name?"),
        ("{{ sender.zzzzzzzz }}", "It has sender.address, sender.name, sender.postal_address."),
        ("{{ campaign.a.b }}", "6:4: error: \"campaign.a.b\" has more than one dot"),
        ("{{ lead.a.b.c.d.e }}", "6:4: error: \"lead.a.b.c.d.e\" is too deep"),
        ("{{ lead. }}", "6:4: error: \"lead.\" is not a name"),
        ("{{ message.subject }}", "6:4: error: message.subject exists only in layouts"),
        ("{{ content }}", "6:4: error: content exists only in layouts"),
        ("{{ }}", "6:4: error: this tag is empty"),
        ("{{ lead.x | defualt: \"a\" }}", "6:13: error: there is no filter \"defualt\". Did you mean default?"),
        ("{{ lead.x | url_encode }}", "Values in links are encoded already"),
        ("{{ lead.x | default }}", "6:13: error: default needs a colon and a value. Write default: \"there\"."),
        ("{{ lead.x | default: }}", "a value is missing here"),
        ("{{ lead.x | default: “there” }}", "6:22: error: “ is a typographic quote. Write text in straight quotes"),
        ("{{ lead.x | default: \"there }}", "6:22: error: this text in quotes does not end"),
        ("{{ lead.x | upcase: 3 }}", "6:19: error: upcase takes nothing after it"),
        ("{{ lead.x | truncate: \"a\" }}", "truncate needs a whole number"),
        ("{{ lead.x lead.y }}", "6:11: error: something follows the value"),
        ("{{ lead.x", "6:1: error: this tag does not end. Close it with }}"),
        ("lead.x }}", "6:8: error: }} without {{ before it"),
        ("a\n{% if lead.x %}b", "7:1: error: this {% if %} does not end. Close it with {% endif %}."),
        ("{% endif %}", "6:1: error: {% endif %} ends nothing"),
        ("{% if a %}{% else %}{% else %}{% endif %}", "{% else %} after {% else %}"),
        ("{% if true %}x{% endunless %}", "6:15: error: {% endunless %} cannot end {% if %}. Write {% endif %}."),
        ("{% if lead.x = 1 %}x{% endif %}", "6:14: error: = does not compare. Write =="),
        ("{% if lead.x && lead.y %}x{% endif %}", "6:14: error: && is not known here. Write and."),
        ("{% if lead.x || lead.y %}x{% endif %}", "|| is not known here. Write or."),
        ("{% if not lead.x %}x{% endif %}", "6:7: error: there is no \"not\". Use {% unless"),
        ("{% if lead.x and lead.y or lead.z %}x{% endif %}", "6:25: error: and and or stand side by side"),
        ("{% if lead.x contain 'a' %}x{% endif %}", "Did you mean contains?"),
        ("{% if %}x{% endif %}", "this tag has no condition"),
        ("{% elseif lead.x %}", "unknown tag \"elseif\". Write elsif."),
        ("{% fi lead.x %}", "6:1: error: unknown tag \"fi\". Did you mean if?"),
        ("{% for x in lead.list %}a{% endfor %}", "6:1: error: {% for %} is not supported yet"),
        ("{% assign x = lead.y %}", "{% assign %} is not supported yet"),
        ("{% raw %}x", "6:1: error: this {% raw %} does not end. Close it with {% endraw %}."),
        ("x {% comment %}y", "6:3: error: this {% comment %} does not end"),
        ("{% else if lead.x %}", "{% else %} without {% if %}"),
        ("a \u{F0001} b", "6:3: error: a private-use character"), ("a \u{10FFFD} b", "a private-use character"),
        ("", "the message is empty"), ("{% comment %}{{x}}{% endcomment %}{{ y }}", "6:38: error: unknown name \"y\""),
        // Markdown
        ("a <b>c</b>", "6:3: error: HTML is not taken in a message. Write Markdown"),
        ("text\n\n<div>\nx\n</div>\n", "8:1: error: HTML is not taken in a message"),
        ("a\n\n<!-- note -->", "8:1: error: HTML comments are not taken in a message. Write {% comment %}"),
        ("a [b](http://c.example/x) d", "6:7: error: this link is not https. Write https://c.example/x."),
        ("[a](https://x.example)\n\nsee [b](javascript:alert)", "8:9: error: links with javascript: are not taken"),
        ("{{ lead.n | default: \"there\" }} [b](ftp://c)", "6:37: error: links with ftp: are not taken"),
        ("[a]()", "this link goes nowhere"), ("[a](/pricing)", "\"/pricing\" is not a whole link"),
        ("[a](//evil.example)", "is not a whole link"), ("[a](#top)", "a link inside the message does not work"),
        ("[a](www.example.com/{{ lead.key }})", "is not a whole link"),
        ("[a](javascript:{{ lead.key }})", "links with javascript: are not taken"),
        ("[a]({{ lead.url | default: \"http://x.example\" }})", "6:5: error: \"http://x.example\" is no https"),
        ("![a](mailto:a@b.example)", "a picture comes from an https address"),
        ("see http://c.example/x now", "6:5: error: this link is not https"),
        ("[a](https://x.example/{% if lead.x %}b{% endif %})", "a {% tag stands inside a link's address"),
        ("**a {% if lead.x %}b** c{% endif %}", "6:25: error: this tag stands in another paragraph"),
        ("{% if lead.x %}\nHello{% endif %}", "7:6: error: this tag stands in another paragraph"),
        ("{% if lead.x %}a\n\nb{% endif %}", "8:2: error: this tag stands in another paragraph"),
        ("|a|b|\n|-|-|\n|1|2|\n{% if lead.x %}\n|3|4|\n{% endif %}", "10:1: error: a table ends at a tag"),
        ("[r]: https://x.example/{% if lead.x %}{% endif %}\n\ntext", "6:24: error: a {% tag stands where Markdown"),
    ]

    @Test(arguments: bodies)
    func bodyMistakesAreFound(body: String, expected: String) {
        let compilation = compile(body: body)
        #expect(compilation.message == nil)
        let found = compilation.diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("nurture/welcome.md:") })
    }

    @Test(arguments: [
        ("Hi {{ nam }}", "2:16: error: unknown name \"nam\""), ("", "2:10: error: the subject is empty"),
        ("  ", "the subject is empty"), ("a\u{7}b", "2:11: error: a control character stands here"),
        ("{{ message.preheader }}", "exists only in layouts"),
    ])
    func subjectMistakesAreFound(subject: String, expected: String) {
        let compilation = compile(subject: subject, body: "Text")
        #expect(compilation.message == nil)
        let found = compilation.diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test func allMistakesComeAtOnceAndInOrder() {
        let compilation = compile(
            subject: "{{ a }}", preheader: "{{ b }}", body: "{{ c }}\n\n{{ d }} [e](http://f.example)\n\n<b>")
        #expect(
            compilation.diagnostics.map { "\($0.line):\($0.column)" } == ["2:13", "3:15", "6:4", "8:4", "8:13", "10:1"])
    }

    @Test func namesTheNearestLayout() {
        let compilation = MessageCompiler(layouts: ["default": plainLayout])
            .compile(messageSource(body: "x", layout: "defualt"))
        #expect(
            compilation.diagnostics.map(\.description)
                == ["nurture/welcome.md:4:9: error: there is no layout \"defualt\". Did you mean default?"])
    }

    @Test func aFileFullOfMistakesEndsSoon() {
        for tag in ["{{ \"", "{% if", "{% raw %}", "}}", "{{ x }}", "[a](http://b) ", "<i>"] {
            let compilation = compile(body: String(repeating: tag, count: 5_000))
            #expect(compilation.message == nil)
            #expect((1...101).contains(compilation.diagnostics.count))
        }
    }

    @Test func deepNestingIsRefused() {
        let nested = compile(body: String(repeating: "> ", count: 200) + "x")
        #expect(nested.diagnostics.first?.message == "lists or quotes are nested too deep")
        let branches = compile(body: String(repeating: "{% if true %}", count: 20))
        #expect(branches.diagnostics.contains { $0.message.contains("more than 16 tags inside one another") })
    }
}
