import DripCore
import DripMessages
import Testing

@Suite struct LinkSignerTests {
    private static let old = LinkSigner.Key(id: 1, secret: Array(repeating: 1, count: 32))
    private static let new = LinkSigner.Key(id: 2, secret: Array(repeating: 2, count: 32))

    private func signer(_ keys: [LinkSigner.Key] = [old], url: String = "https://mail.example.com") throws -> LinkSigner
    {
        try LinkSigner(publicURL: url, keys: keys)
    }

    @Test(arguments: [0, 1, 7, 255, 256, 1 << 40, Int64.max, -1, Int64.min])
    func tokensComeBack(number: Int64) throws {
        let signer = try signer()
        for purpose in LinkSigner.Purpose.allCases {
            let token = signer.token(for: number, purpose: purpose)
            #expect(token.count == 34 && token == signer.token(for: number, purpose: purpose))
            for other in LinkSigner.Purpose.allCases {
                #expect(signer.verify(token, purpose: other) == (other == purpose ? number : nil))
            }
        }
    }

    @Test func theURLIsThePublicOneWithTheToken() throws {
        for url in ["https://mail.example.com", "https://mail.example.com/"] {
            let signer = try signer(url: url)
            let link = signer.unsubscribeURL(for: EnrollmentID(rawValue: 7))
            #expect(link == "https://mail.example.com/u/" + signer.token(for: 7, purpose: .unsubscribe))
        }
    }

    @Test func everyChangedCharacterIsRefused() throws {
        let signer = try signer()
        let token = Array(signer.token(for: 123_456, purpose: .unsubscribe))
        for index in token.indices {
            for other in "AZaz09-_" where other != token[index] {
                var changed = token
                changed[index] = other
                #expect(signer.verify(String(changed), purpose: .unsubscribe) == nil)
            }
        }
    }

    @Test(arguments: [
        "", "A", "=", "a b", String(repeating: "A", count: 34), String(repeating: "A", count: 10_000), "é",
    ])
    func nonsenseIsRefused(token: String) throws {
        #expect(try signer().verify(token, purpose: .unsubscribe) == nil)
    }

    @Test func tokensSayNothing() throws {
        let signer = try signer()
        let tokens = (0..<200).map { signer.token(for: $0, purpose: .unsubscribe) }
        // The first character and a bit tell the key; nothing else repeats from number to number.
        for position in 2..<34 {
            #expect(Set(tokens.map { Array($0)[position] }).count > 1)
        }
        #expect(Set(tokens.map { $0.dropFirst(2).prefix(8) }).count == 200)
        #expect(Set(tokens.map { $0.suffix(8) }).count == 200)
    }

    @Test func keysRotate() throws {
        let token = try signer([Self.old]).token(for: 7, purpose: .unsubscribe)
        let both = try signer([Self.new, Self.old])
        #expect(both.verify(token, purpose: .unsubscribe) == 7)
        #expect(both.token(for: 7, purpose: .unsubscribe) != token)
        #expect(try signer([Self.new]).verify(token, purpose: .unsubscribe) == nil)
        let impostor = LinkSigner.Key(id: 1, secret: Array(repeating: 9, count: 32))
        #expect(try signer([impostor]).verify(token, purpose: .unsubscribe) == nil)
    }

    @Test func badSettingsAreRefused() {
        #expect(throws: LinkSigner.Refusal.noKey) { try signer([]) }
        #expect(throws: LinkSigner.Refusal.shortKey(id: 3)) {
            try signer([LinkSigner.Key(id: 3, secret: Array(repeating: 1, count: 31))])
        }
        #expect(throws: LinkSigner.Refusal.doubledKey(id: 1)) { try signer([Self.old, Self.old]) }
        for url in [
            "http://a.example", "https://", "https:///x", "a.example", "https://a.example/?x", "https://a b",
            "https://ä.example",
            "https://a.example\r\nX: y", "https://a.example>", "https://a.example,b",
        ] {
            #expect(throws: LinkSigner.Refusal.badURL(url)) { try signer(url: url) }
        }
    }
}
