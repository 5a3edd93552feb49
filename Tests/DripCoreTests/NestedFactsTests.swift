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

    @Test func anEventBodyKeepsTheNamesAsTheyAreWritten() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let json = #"{"lead": "budi", "name": "bought", "data": {"last_order": {"order_id": "7"}}}"#
        let body = try decoder.decode(EventBody.self, from: Data(json.utf8))
        #expect(body.data == ["last_order.order_id": .text("7")])
    }
}
