import DripCore
import Foundation
import Testing

@testable import DripDelivery

@Suite struct ProviderBodyTests {
    private static func text(_ text: String) throws -> ProviderTree { .text(try ProviderText(text)) }

    private static func body(_ content: MessageContent, recipient: String? = "lead@example.org") -> ProviderBody {
        ProviderBody(
            setting: { ["room": "#sales"][$0] },
            fields: { _ in
                [
                    HTTPSettings.Field(name: "first", value: ProviderText(pieces: [.value(.attribute("first_name"))])),
                    HTTPSettings.Field(name: "gone", value: ProviderText(pieces: [.value(.attribute("nothing"))])),
                ]
            }, recipient: recipient, content: content)
    }

    private static func json(_ tree: ProviderTree, _ content: MessageContent) throws -> String? {
        try body(content).json(tree).map { String(decoding: try $0.bytes(), as: UTF8.self) }
    }

    /// What a lead writes into its own fields, to get out of them.
    @Test(arguments: [
        "\"}],\"to\":[{\"email\":\"evil@example.net\"}", "{\"a\":1}", "$subject", "{room}", "{$subject}", "a\\",
        "</script>",
        "a\u{2028}b", "null", "a&To=evil@example.net", "a=b&c", "%26", "<!channel>", "é👩‍💻",
    ])
    func aHostileValueStaysItself(value: String) throws {
        var content = try Samples.content()
        content.attributes["first_name"] = .text(value)
        content.subject = value
        let tree = ProviderTree.group([
            .key("name", try Self.text("$lead.first_name")), .key("in", try Self.text("<{$subject}> {room}")),
            .key("deep", .list([.group([.key("x", try Self.text("$lead.first_name"))])])),
        ])
        let bytes = try #require(Self.body(content).json(tree)).bytes()
        #expect(
            JSONValue(bytes)
                == .group([
                    "name": .text(value), "in": .text("<\(value)> #sales"),
                    "deep": .list([.group(["x": .text(value)])]),
                ]))
        let form = ProviderTree.group([
            .key("To", try Self.text("$recipient")), .key("Body", try Self.text("$subject")),
        ])
        let pairs = String(decoding: Self.body(content).form(form), as: UTF8.self).split(separator: "&")
        #expect(pairs.first == "To=lead%40example.org" && pairs.count == 2)
        #expect(pairs.last?.dropFirst(5).removingPercentEncoding == value)
    }

    @Test func valuesKeepTheirTypes() throws {
        let tree = ProviderTree.group([
            .key("n", try Self.text("$lead.seats")), .key("f", try Self.text("$lead.vip")), .key("t", .flag(true)),
            .key("i", .number(5)), .key("mixed", try Self.text("{$lead.seats} seats")),
            .key("all", try Self.text("$lead.attributes")), .key("empty", try Self.text("")),
        ])
        #expect(
            try Self.json(tree, Samples.content())
                == #"{"all":{"first_name":"Budi","seats":12,"vip":false},"empty":"","f":false,"i":5,"#
                + #""mixed":"12 seats","n":12,"t":true}"#)
    }

    @Test func aListIsAList() throws {
        var content = try Samples.content()
        content.attributes = [
            "tags": .list(try ValueList([.text("vip\"]"), .number(7), .flag(true)])), "none": .list(.empty),
        ]
        let tree = ProviderTree.group([
            .key("tags", try Self.text("$lead.tags")), .key("none", try Self.text("$lead.none")),
            .key("mixed", try Self.text("<{$lead.tags}>")), .key("all", try Self.text("$lead.attributes")),
        ])
        #expect(
            try Self.json(tree, content)
                == #"{"all":{"none":[],"tags":["vip\"]",7,true]},"mixed":"<vip\"], 7, true>","tags":["vip\"]",7,true]}"#
        )
        // A form repeats the name.
        let form = Self.body(content).form(.group([.key("tag", try Self.text("$lead.tags"))]))
        #expect(String(decoding: form, as: UTF8.self) == "tag=vip%22%5D&tag=7&tag=true")
    }

    @Test func whatIsNotThereTakesItsKeyWithIt() throws {
        let tree = ProviderTree.group([
            .key("reply_to", .group([.key("email", try Self.text("$reply_to"))])),
            .key("missing", try Self.text("$lead.nothing")), .key("optional", try Self.text("{stream}")),
            .key("half", try Self.text("Hi {$lead.nothing}")),
            .key(
                "headers",
                .list([
                    .group([.key("Name", try Self.text("List-Id")), .key("Value", try Self.text("$header.list-id"))]),
                    .group([.key("Name", try Self.text("X-No")), .key("Value", try Self.text("$header.X-No"))]),
                ])),
            .key("fields", .group([.fields("fields")])),
        ])
        #expect(
            try Self.json(tree, Samples.content())
                == #"{"fields":{"first":"Budi"},"headers":[{"Name":"List-Id","Value":"<ebook.example.com>"}]}"#)
        #expect(try Self.json(.group([.key("a", try Self.text("$reply_to"))]), Samples.content()) == nil)
    }

    @Test(arguments: [
        ("Acme", "Acme <sender@example.com>"), ("", "sender@example.com"),
        ("Acme & Söhne", "Acme & Söhne <sender@example.com>"),
        ("Acme, Inc.", "\"Acme, Inc.\" <sender@example.com>"),
        ("A \"B\" <x@y>", "\"A \\\"B\\\" <x@y>\" <sender@example.com>"),
    ])
    func theSenderIsOneMailbox(name: String, mailbox: String) throws {
        var content = try Samples.content()
        content.fromName = name
        #expect(Self.body(content).value(.from) == .text(mailbox))
    }

    @Test func theTextGoesOnOneLine() throws {
        var content = try Samples.content()
        content.text = "Hi Budi,\n\n  two\tlines.\n"
        #expect(Self.body(content).value(.textLine) == .text("Hi Budi, two lines."))
    }

    @Test(arguments: [
        ("a.b", #""x""#), ("l.1.c", "2"), ("l.2", nil), ("l.-1", nil), ("a", #"{"b":"x"}"#), ("a.b.c", nil),
        ("n", "null"),
    ])
    func aPathLeadsIn(path: String, expected: String?) throws {
        let value = try #require(JSONValue(Array(#"{"a":{"b":"x"},"l":[1,{"c":2}],"n":null}"#.utf8)))
        let parts = try #require(ProviderPath(path)).parts
        #expect(try value.at(parts).map { String(decoding: try $0.bytes(), as: UTF8.self) } == expected)
    }
}
