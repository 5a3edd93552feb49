import DripCore
import Testing

@Suite struct ForgottenTests {
    @Test(arguments: Suppression.Cause.allCases) func onlyAnErasureRefusesAPerson(cause: Suppression.Cause) {
        let suppression = Suppression(cause: cause, note: "by mail", since: .epoch)
        let refusal = Forgotten.refusal(suppression)
        #expect((refusal != nil) == (cause == .erased))
        if let refusal {
            #expect(refusal.hasPrefix("this person asked to be forgotten: "))
            #expect(refusal.hasSuffix("(erased since 1970-01-01T00:00:00.000Z)"))
        }
    }

    @Test func whoIsNotOnTheListIsWelcome() { #expect(Forgotten.refusal(nil) == nil) }

    @Test(
        arguments: [
            ("budi@example.com", "Budi@Example.com", ["budi@example.com"]),
            ("crm-1", "budi@example.com", ["budi@example.com"]),
            ("crm-1", nil, []),
            ("Budi@Example.com", nil, ["budi@example.com"]),
            ("old@example.com", "new@example.com", ["new@example.com", "old@example.com"]),
            ("a@b@c", nil, []),
        ] as [(String, String?, [String])])
    func everyAddressThatIsNamedIsAskedFor(key: String, address: String?, asked: [String]) throws {
        let address = try address.map { try EmailAddress($0) }
        #expect(Forgotten.addresses(key: key, address: address).map(\.normalised) == asked)
    }
}
