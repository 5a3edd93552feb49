import DripCore
import Foundation
import Testing

@Suite struct LeadDoorOfProgramsTests {
    private func admit(_ json: String) throws -> LeadDoor.Verdict {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let body = try decoder.decode(LeadsRequest.Body.self, from: Data(json.utf8))
        return LeadDoor.admit(body) { $0 == "Asia/Jakarta" }
    }

    @Test func factsKeepTheirTypes() throws {
        let verdict = try admit(
            """
            {"key": "crm-7", "email": "Budi@Example.com", "time_zone": "Asia/Jakarta", "locale": "id_ID",
             "attributes": {"first_name": "Budi", "is_vip": true, "company": {"size": 120}, "tags": ["a", "b"]}}
            """)
        let draft = LeadDraft(
            key: "crm-7", address: try EmailAddress("Budi@Example.com"), zoneName: "Asia/Jakarta", locale: "id-id",
            attributes: [
                "first_name": .text("Budi"), "is_vip": .flag(true), "company.size": .number(120),
                "tags": .list(try ValueList([.text("a"), .text("b")])),
            ])
        #expect(verdict == .admitted(draft, warnings: []))
    }

    @Test func tagsInOneTextAreAList() throws {
        guard case .admitted(let draft, _) = try admit(#"{"key": "k", "attributes": {"tags": "a; b"}}"#) else {
            Issue.record("refused")
            return
        }
        #expect(draft.attributes["tags"] == .list(try ValueList([.text("a"), .text("b")])))
    }

    @Test(arguments: [
        (#"{}"#, "email"), (#"{"email": "nobody"}"#, "email"),
        (#"{"key": "k", "attributes": {"First Name": "x"}}"#, "attributes"),
        (#"{"key": "k", "attributes": {"email": "x@example.com"}}"#, "email"),
        (#"{"key": "k", "attributes": {"a": "one\r\nBcc: x"}}"#, "a"),
        (#"{"key": "k\u0000"}"#, "key"),
    ])
    func whatIsWrongIsRefusedByName(json: String, column: String) throws {
        guard case .refused(let complaints) = try admit(json) else {
            Issue.record("\(json) was taken")
            return
        }
        #expect(complaints.map(\.column) == [column])
    }

    @Test func tooMuchIsRefused() throws {
        let long = String(repeating: "x", count: 1_001)
        let many = (0...200).map { "\"f\($0)\": 1" }.joined(separator: ",")
        for facts in ["\"a\": \"\(long)\"", many] {
            guard case .refused = try admit("{\"key\": \"k\", \"attributes\": {\(facts)}}") else {
                Issue.record("taken")
                return
            }
        }
    }
}
