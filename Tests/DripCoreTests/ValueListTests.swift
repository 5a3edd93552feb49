import DripCore
import Foundation
import Testing

@Suite struct ValueListTests {
    private static func list(_ words: String...) throws -> ValueList { try ValueList(words.map(AttributeValue.text)) }

    @Test(
        arguments: [
            ([], []), ([.text("vip")], ["vip"]), ([.text("vip"), .text("gold")], ["vip", "gold"]),
            // The first spelling stays, and a blank is none.
            ([.text("vip"), .text("Gold"), .text(" "), .text("VIP"), .text("")], ["vip", "Gold"]),
            // A CSV knows only text.
            ([.number(50), .text("50"), .text("50.0"), .flag(true), .text("TRUE")], ["50", "true"]),
            // A name, and no number: equal to itself.
            ([.text("Nan"), .text("nan"), .text("nan")], ["Nan"]),
        ] as [([AttributeValue], [String])])
    func keepsTheirOrderAndNoneTwice(given: [AttributeValue], expected: [String]) throws {
        #expect(try ValueList(given).values.map(\.text) == expected)
    }

    @Test(
        arguments: [
            (Array(repeating: .text("a"), count: 101), .tooMany(101)),
            ([.text(String(repeating: "é", count: 129))], .tooLong(String(repeating: "é", count: 32))),
            ([.text("a\nb")], .controlCharacter("LF")), ([.text("a\u{2028}b")], .controlCharacter("U+2028")),
            ([.text("a"), .list(.empty)], .nested),
        ] as [([AttributeValue], ValueList.Refusal)])
    func refusesWhatNoListHolds(given: [AttributeValue], refusal: ValueList.Refusal) {
        #expect(throws: refusal) { try ValueList(given) }
    }

    @Test func holdsAsMuchAsItSays() throws {
        let longest = AttributeValue.text(String(repeating: "é", count: 128))
        #expect(try ValueList([longest]).values == [longest])
        let full = try ValueList((0..<100).map { .number(Double($0)) })
        let (list, refused) = full.adding(try Self.list("7", "vip", "gold"))
        #expect(list == full && refused == [.text("vip"), .text("gold")])
    }

    /// The worked example.
    @Test func gainsAndLoses() throws {
        let list = try Self.list("vip", "Gold")
        let more = list.adding(try Self.list("gold", "new"))
        #expect(more.list.text == "vip, Gold, new" && more.refused.isEmpty)
        #expect(list.removing(try Self.list("GOLD", "none")).text == "vip")
        #expect(list.removing(list) == .empty && ValueList.empty.isEmpty)
    }

    @Test(arguments: [#"["vip",7,true]"#, "[]"]) func isAnArrayInJSON(json: String) throws {
        let value = try JSONDecoder().decode(AttributeValue.self, from: Data(json.utf8))
        let written = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        #expect(value.list != nil && written == json)
    }

    /// What a stranger posts is refused with the reason, and a million of it is not looked at.
    @Test(arguments: [
        (#"["a", ["b"]]"#, "neither lists nor groups"), (#"["a", {"b": 1}]"#, "neither lists nor groups"),
        (#"["a", null]"#, "neither lists nor groups"), ("[[[[]]]]", "neither lists nor groups"),
        (
            "[\(Array(repeating: "1", count: 10_000).joined(separator: ","))]",
            "at most 100 values, and this one has 10000"
        ),
        (#"["\#(String(repeating: "a", count: 257))"]"#, "at most 256 bytes"),
        (#"["a\u0000b"]"#, "a control character (NUL)"),
        (#"{"a": 1}"#, "a fact is a text, a number, a flag, or a list"),
        ("null", "a fact is a text, a number, a flag, or a list"),
    ])
    func aHostileListIsRefusedWithTheReason(json: String, reason: String) throws {
        do {
            _ = try JSONDecoder().decode([String: AttributeValue].self, from: Data(#"{"x": \#(json)}"#.utf8))
            Issue.record("it was taken")
        } catch DecodingError.dataCorrupted(let context) {
            #expect(context.debugDescription.contains(reason) && context.codingPath.first?.stringValue == "x")
        }
    }
}
