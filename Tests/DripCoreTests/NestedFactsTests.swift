import DripCore
import Foundation
import Testing

@Suite struct NestedFactsTests {
    @Test(
        arguments: [
            ("{}", [:]),
            (
                #"{"order_id": "7", "total": 50, "gift": true}"#,
                ["order_id": .text("7"), "total": .number(50), "gift": .flag(true)]
            ),
            (#"{"company": {}}"#, [:]),
            (
                #"{"cart": {"total": 50, "first": {"sku": "A"}}, "plan": "pro"}"#,
                ["cart.total": .number(50), "cart.first.sku": .text("A"), "plan": .text("pro")]
            ),
            (#"{"a": {"b": {"c": {"d": {"e": 1}}}}}"#, ["a.b.c.d.e": .number(1)]),
            (#"{"cart": {"items": []}}"#, ["cart.items": .list(.empty)]),
        ] as [(String, [String: AttributeValue])])
    func groupsBecomeDottedNames(json: String, facts: [String: AttributeValue]) throws {
        #expect(try JSONDecoder().decode(NestedFacts.self, from: Data(json.utf8)).facts == facts)
    }

    @Test(arguments: [
        "[]", "7", #"{"a": null}"#, #"{"a": [[1]]}"#, #"{"company.size": 1, "company": {"size": 2}}"#,
    ])
    func whatIsNoGroupOfFactsIsRefused(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(NestedFacts.self, from: Data(json.utf8))
        }
    }

    @Test func aListOfSingleValuesIsAFact() throws {
        let json = #"{"tags": ["vip", "VIP", "gold"], "cart": {"sizes": [38, 40], "first": {"sku": "A"}}}"#
        let facts = try JSONDecoder().decode(NestedFacts.self, from: Data(json.utf8)).facts
        #expect(
            facts == [
                "tags": .list(try ValueList([.text("vip"), .text("gold")])),
                "cart.sizes": .list(try ValueList([.number(38), .number(40)])), "cart.first.sku": .text("A"),
            ])
    }

    /// The reason of what is wrong deep inside names its place.
    @Test func aGroupInsideOfAListSaysWhere() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let json = #"{"lead": "budi", "name": "bought", "data": {"last_cart": {"items": [{"sku": "A"}]}}}"#
        do {
            _ = try decoder.decode(EventBody.self, from: Data(json.utf8))
            Issue.record("it was taken")
        } catch DecodingError.dataCorrupted(let context) {
            #expect(context.codingPath.map(\.stringValue) == ["data", "last_cart", "items"])
            #expect(context.debugDescription.contains("neither lists nor groups"))
        }
    }

    @Test func aTagRequestTakesListsAndMayLeaveOneOut() throws {
        func request(_ json: String) throws -> TagRequest {
            try JSONDecoder().decode(TagRequest.self, from: Data(json.utf8))
        }
        let both = TagRequest(lead: "budi", add: try ValueList([.text("vip"), .text("gold")]))
        #expect(try request(#"{"lead": "budi", "add": ["vip", "gold"]}"#) == both)
        let one = TagRequest(lead: "budi", remove: try ValueList([.text("vip")]))
        #expect(try request(#"{"lead": "budi", "remove": "vip"}"#) == one)
        #expect(throws: DecodingError.self) { try request(#"{"lead": "budi", "add": {"vip": true}}"#) }
        #expect(throws: DecodingError.self) { try request(#"{"add": ["vip"]}"#) }
    }

    @Test func anEventBodyKeepsTheNamesAsTheyAreWritten() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let json = #"{"lead": "budi", "name": "bought", "data": {"last_order": {"order_id": "7"}}}"#
        let body = try decoder.decode(EventBody.self, from: Data(json.utf8))
        #expect(body.data == ["last_order.order_id": .text("7")])
    }
}
