import DripCore
import Testing

@Suite struct DubiousAddressTests {
    @Test(
        arguments: [
            ("info@example.com", "role"), ("Sales+x@example.com", "role"), ("no-reply@example.com", "role"),
            ("a@mailinator.com", "disposable"), ("a@x.YOPmail.com", "disposable"),
            ("info.budi@example.com", nil), ("budi@notmailinator.com", nil), ("budi@example.com", nil),
        ] as [(String, String?)])
    func isWarnedOf(address: String, what: String?) throws {
        let warning = DubiousAddress.warning(of: try EmailAddress(address))
        #expect((warning != nil) == (what != nil) && warning?.contains(what ?? "") ?? true)
    }
}
