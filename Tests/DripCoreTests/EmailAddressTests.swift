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

    static let refused: [(String, String)] = [
        ("\"a\r\nRCPT TO:<x@y>\"@example.com", "control character (CR)"), ("a@b.c\n", "control character (LF)"),
        ("a\u{0}@b.c", "control character (NUL)"), ("a b@c.de", "a blank"), ("\"a\"@c.de", "\"\"\""),
        ("", "empty"), ("a.b.c", "no @"), ("a@b@c.de", "more than one @"), ("@c.de", "nothing stands before"),
        (".a@c.de", "a dot"), ("a..b@c.de", "a dot"), ("a@c", "no dot"), ("a@-c.de", "not a domain name"),
        ("a@c..de", "not a domain name"), ("a>@c.de", "\">\""), ("a..\u{301}b@c.de", "a dot"),
        ("a\u{202E}b@c.de", "U+202E"), ("a\u{A0}b@c.de", "U+00A0"), ("a\u{85}b@c.de", "U+0085"),
        ("a\u{FFFD}b@c.de", "U+FFFD"), ("a@ﬁrma.example", "U+FB01"), ("a@bücher", "no dot"),
        (String(repeating: "ü", count: 33) + "@c.de", "more than 64"),
        ("a@" + String(repeating: "ü", count: 60) + ".de", "not a domain name"),
        (String(repeating: "a", count: 65) + "@c.de", "more than 64"),
    ]

    @Test(arguments: refused)
    func refusesWithTheReason(raw: String, reason: String) {
        let refusal = #expect(throws: EmailAddress.Refusal.self) { try EmailAddress(raw) }
        #expect(refusal?.description.contains(reason) == true, "\(refusal?.description ?? "no error")")
    }

    /// Other scripts: the domain goes on the wire in ASCII, the local part stays and needs SMTPUTF8.
    @Test(arguments: [
        ("Info@Bücher.example", "Info@xn--bcher-kva.example", "info@xn--bcher-kva.example", false),
        ("Büdi@Example.com", "Büdi@Example.com", "büdi@example.com", true),
        ("Bu\u{308}di@example.com", "B\u{FC}di@example.com", "b\u{FC}di@example.com", true),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v", "用户@xn--fsqu00a.xn--4rr70v", true),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example", false),
    ])
    func takesOtherScripts(raw: String, text: String, normalised: String, needsSMTPUTF8: Bool) throws {
        let address = try EmailAddress(raw)
        // By scalars: two spellings of one letter are equal to Swift, and two mailboxes to a server.
        #expect(Array(address.text.unicodeScalars) == Array(text.unicodeScalars))
        #expect(Array(address.normalised.unicodeScalars) == Array(normalised.unicodeScalars))
        #expect(address.needsSMTPUTF8 == needsSMTPUTF8)
        #expect(EmailAddress(stored: address.text, normalised: address.normalised) == address)
        #expect(try EmailAddress(address.text) == address)
    }

    @Test func theStoreGivesBackNoBlankAndNoControl() {
        #expect(EmailAddress(stored: "ü b@c.de", normalised: "x@c.de") == nil)
        #expect(EmailAddress(stored: nil, normalised: "ü\r\n@c.de") == nil)
    }

    @Test func hidesAllButTheFirstLetterInLogs() throws {
        #expect(try EmailAddress("Budi.Santoso@Example.com").masked == "b•••@example.com")
    }
}
