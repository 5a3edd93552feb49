import DripCore
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("Budi@Example.com", "budi@example.com"), ("  a.b+c@x-y.co.id ", "a.b+c@x-y.co.id"),
        ("o'neil@example.org", "o'neil@example.org"), ("root@localhost", "root@localhost"),
    ])
    func takesAndNormalises(raw: String, normalised: String) throws {
        #expect(try EmailAddress(raw).normalised == normalised)
    }

    @Test(arguments: [
        ("\"a\r\nRCPT TO:<x@y>\"@example.com", "control character (CR)"), ("a@b.c\n", "control character (LF)"),
        ("a\u{0}@b.c", "control character (NUL)"), ("a b@c.de", "a blank"), ("\"a\"@c.de", "\"\"\""),
        ("", "empty"), ("a.b.c", "no @"), ("a@b@c.de", "more than one @"), ("@c.de", "nothing stands before"),
        (".a@c.de", "a dot"), ("a..b@c.de", "a dot"), ("a@c", "no dot"), ("a@-c.de", "not a domain name"),
        ("a@c..de", "not a domain name"), ("a>@c.de", "\">\""), ("büdi@example.com", "beyond ASCII"),
        (String(repeating: "a", count: 65) + "@c.de", "more than 64"),
    ])
    func refusesWithTheReason(raw: String, reason: String) {
        let refusal = #expect(throws: EmailAddress.Refusal.self) { try EmailAddress(raw) }
        #expect(refusal?.description.contains(reason) == true, "\(refusal?.description ?? "no error")")
    }

    @Test func hidesAllButTheFirstLetterInLogs() throws {
        #expect(try EmailAddress("Budi.Santoso@Example.com").masked == "b•••@example.com")
    }
}
