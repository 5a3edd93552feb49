import DripCore
import Testing

@Suite struct FactChangeTests {
    private static func list(_ words: [String]) throws -> ValueList { try ValueList(words.map(AttributeValue.text)) }
    private static func tags(_ words: String...) throws -> AttributeValue { .list(try list(words)) }

    /// What was there, what is added and removed, what is there then, and what of it came and went.
    private static let lists: [(AttributeValue?, [String], [String], AttributeValue, [String], [String])] = {
        do {
            return [
                // The worked example.
                (.text("cold"), ["vip", "Gold"], ["cold"], try tags("vip", "Gold"), ["vip", "Gold"], ["cold"]),
                (try tags("gold", "VIP"), ["vip", "Gold"], ["cold"], try tags("gold", "VIP"), [], []),
                (nil, ["vip"], [], try tags("vip"), ["vip"], []), (nil, [], ["cold"], .list(.empty), [], []),
                (try tags("cold"), [], ["Cold"], .list(.empty), [], ["cold"]),
                (try tags("a", "cold", "b"), ["c"], ["cold"], try tags("a", "b", "c"), ["c"], ["cold"]),
                // A single value counts as a list of it, and stays as it is where nothing changes.
                (.text("vip"), ["gold"], [], try tags("vip", "gold"), ["gold"], []),
                (.text("VIP"), ["vip"], ["cold"], .text("VIP"), [], []),
                (.number(7), ["7"], [], .number(7), [], []), (.text(" "), ["vip"], [], try tags("vip"), ["vip"], []),
                (.text("vip"), [], ["vip"], .list(.empty), [], ["vip"]),
            ]
        } catch { return [] }
    }()

    @Test(arguments: 0..<11) func aListGainsAndLoses(row: Int) throws {
        let (old, add, remove, expected, added, removed) = try #require(
            Self.lists.indices.contains(row) ? Self.lists[row] : nil)
        let change = FactChange.list(add: try Self.list(add), remove: try Self.list(remove))
        let outcome = change.applied(to: old)
        #expect(outcome.value == expected && outcome.isChange == !(added.isEmpty && removed.isEmpty))
        #expect(try outcome.added == Self.list(added))
        #expect(try outcome.removed == Self.list(removed))
        #expect(outcome.refused.isEmpty)
        // Done twice is done once.
        let again = change.applied(to: outcome.value)
        #expect(again.value == outcome.value && !again.isChange)
    }

    @Test func whatHasNoRoomIsToldAndTheRestStays() throws {
        let full = AttributeValue.list(try ValueList((0..<100).map { .number(Double($0)) }))
        let outcome = FactChange.list(add: try Self.list(["vip", "gold"]), remove: try Self.list(["7"])).applied(
            to: full)
        #expect(outcome.added.text == "vip" && outcome.removed.text == "7" && outcome.refused == [.text("gold")])
        // A text that is too long for a list cannot stand in one.
        let long = AttributeValue.text(String(repeating: "a", count: 257))
        let kept = FactChange.list(add: try Self.list(["vip"]), remove: .empty).applied(to: long)
        #expect(kept.value == long && !kept.isChange && kept.refused == [.text("vip")])
        let all = ["tags": FactChange.list(add: try Self.list(["vip"]), remove: .empty)].applied(to: ["tags": long])
        #expect(all.values == ["tags": long] && all.refused == ["tags": [.text("vip")]])
    }

    @Test(
        arguments: [
            (.text("pro"), .text("pro"), false), (.text("free"), .text("pro"), true), (nil, .text("pro"), true),
            (nil, .text(" "), false), (.text("pro"), .text(""), true), (.list(.empty), .text(""), false),
        ] as [(AttributeValue?, AttributeValue, Bool)])
    func aValueTakesThePlaceOfTheOther(old: AttributeValue?, new: AttributeValue, isChange: Bool) {
        let outcome = FactChange.value(new).applied(to: old)
        #expect(outcome.value == new && outcome.isChange == isChange)
    }

    @Test func isToldInWords() throws {
        let (add, remove) = (try Self.list(["vip", "gold"]), try Self.list(["cold"]))
        #expect(FactChange.list(add: add, remove: remove).words("tags") == "tags: vip, gold added, cold removed")
        #expect(FactChange.list(add: .empty, remove: remove).words("tags") == "tags: cold removed")
        #expect(FactChange.value(.list(add)).words("tags") == "tags is set to vip, gold")
        #expect(FactChange.value(.text("")).words("plan") == "plan is removed")
    }
}
