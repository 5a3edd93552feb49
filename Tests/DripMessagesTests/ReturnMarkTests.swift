import DripCore
import Testing

@testable import DripMessages

@Suite struct ReturnMarkTests {
    private static let old = LinkSigner.Key(id: 1, secret: Array(repeating: 1, count: 32))
    private static let new = LinkSigner.Key(id: 2, secret: Array(repeating: 2, count: 32))
    private static let steps = ["welcome", "case-study", "webinar"].map { StepID(rawValue: $0) }

    private func mark(_ keys: [LinkSigner.Key] = [old]) throws -> ReturnMark { try ReturnMark(keys: keys) }

    @Test(arguments: [0, 1, 7, 255, 256, 1 << 40, Int64.max, -1, Int64.min])
    func tokensComeBack(number: Int64) throws {
        let mark = try mark()
        let enrollment = EnrollmentID(rawValue: number)
        for purpose in ReturnMark.Purpose.allCases {
            for step in Self.steps {
                let token = mark.token(for: enrollment, step: step, purpose: purpose)
                #expect(token.utf8.count == 31)
                #expect(token.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) })
                #expect(token == mark.token(for: enrollment, step: step, purpose: purpose))
                #expect(mark.enrollment(in: token) == enrollment)
                for other in ReturnMark.Purpose.allCases {
                    let found = mark.verify(token, purpose: other, steps: Self.steps)
                    #expect(found == (other == purpose ? step : nil))
                }
                #expect(mark.verify(token, purpose: purpose, steps: Self.steps.filter { $0 != step }) == nil)
            }
        }
    }

    @Test func addressesAreShortEnoughAndLoseTheirCase() throws {
        let mark = try mark()
        let enrollment = EnrollmentID(rawValue: .max)
        for purpose in ReturnMark.Purpose.allCases {
            let text = mark.address(for: enrollment, step: Self.steps[0], purpose: purpose, domain: "acme.example")
            let address = try EmailAddress(text)
            #expect(address.localPart.utf8.count <= 64 && address.normalised == text)
            let token = String(address.localPart.uppercased().drop { $0 != "+" }.dropFirst())
            #expect(mark.verify(token, purpose: purpose, steps: Self.steps) == Self.steps[0])
        }
    }

    @Test func everyChangedCharacterIsRefused() throws {
        let mark = try mark()
        let token = Array(mark.token(for: EnrollmentID(rawValue: 123_456), step: Self.steps[1], purpose: .bounce))
        for index in token.indices {
            for other in "abcdefghijklmnopqrstuvwxyz234567" where other != token[index] {
                var changed = token
                changed[index] = other
                #expect(mark.verify(String(changed), purpose: .bounce, steps: Self.steps) == nil)
            }
        }
        for changed in [token + ["a"], Array(token.dropLast()), Array(token.dropFirst()), ["a"] + token] {
            #expect(mark.verify(String(changed), purpose: .bounce, steps: Self.steps) == nil)
        }
    }

    @Test(arguments: [
        "", "a", "=", "a b", String(repeating: "a", count: 31), String(repeating: "a", count: 10_000), "é",
    ])
    func nonsenseIsRefused(token: String) throws {
        #expect(try mark().verify(token, purpose: .bounce, steps: Self.steps) == nil)
    }

    @Test func aLinkIsNoMarkAndAMarkIsNoLink() throws {
        let links = try LinkSigner(publicURL: "https://a.example", keys: [Self.old])
        let link = links.token(for: 7, purpose: .unsubscribe)
        #expect(try mark().verify(link, purpose: .unsubscribe, steps: Self.steps) == nil)
        let token = try mark().token(for: EnrollmentID(rawValue: 7), step: Self.steps[0], purpose: .unsubscribe)
        #expect(links.verify(token, purpose: .unsubscribe) == nil)
    }

    @Test func tokensSayNothing() throws {
        let mark = try mark()
        let tokens = (0..<200).map {
            mark.token(for: EnrollmentID(rawValue: $0), step: Self.steps[0], purpose: .bounce)
        }
        // The first character and three bits tell the key; nothing else repeats from number to number.
        for position in 2..<31 { #expect(Set(tokens.map { Array($0)[position] }).count > 1) }
        #expect(Set(tokens.map { $0.suffix(12) }).count == 200)
    }

    @Test func keysRotate() throws {
        let enrollment = EnrollmentID(rawValue: 7)
        let token = try mark([Self.old]).token(for: enrollment, step: Self.steps[0], purpose: .bounce)
        let both = try mark([Self.new, Self.old])
        #expect(both.verify(token, purpose: .bounce, steps: Self.steps) == Self.steps[0])
        #expect(both.token(for: enrollment, step: Self.steps[0], purpose: .bounce) != token)
        #expect(try mark([Self.new]).verify(token, purpose: .bounce, steps: Self.steps) == nil)
        #expect(try mark([Self.new]).enrollment(in: token) == nil)
        let impostor = LinkSigner.Key(id: 1, secret: Array(repeating: 9, count: 32))
        #expect(try mark([impostor]).verify(token, purpose: .bounce, steps: Self.steps) == nil)
    }

    @Test func badKeysAreRefused() {
        #expect(throws: LinkSigner.Refusal.noKey) { try mark([]) }
        #expect(throws: LinkSigner.Refusal.shortKey(id: 3)) {
            try mark([LinkSigner.Key(id: 3, secret: Array(repeating: 1, count: 31))])
        }
        #expect(throws: LinkSigner.Refusal.doubledKey(id: 1)) { try mark([Self.old, Self.old]) }
    }

    @Test func base32IsRFC4648() {
        // §10, in lower case and without padding.
        let table = ["": "", "f": "my", "fo": "mzxq", "foo": "mzxw6", "foob": "mzxw6yq", "fooba": "mzxw6ytb"]
        for (plain, text) in table {
            #expect(Base32.text(plain.utf8) == text && Base32.bytes(text) == Array(plain.utf8))
        }
        for text in ["a", "mz", "mzx", "m1", "my======", "mzxw6y", "my "] { #expect(Base32.bytes(text) == nil) }
    }
}
