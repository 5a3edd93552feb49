import Testing

@testable import DripCore

@Suite struct DomainNameTests {
    @Test(arguments: [
        ("Example.COM", "Example.COM"), ("localhost", "localhost"), ("LOCALHOST", "LOCALHOST"),
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("straße.de", "xn--strae-oqa.de"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("मराठी.भारत", "xn--d2b1ag0dl.xn--h2brj9c"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ])
    func goesOnTheWireInASCII(name: String, wire: String) throws {
        #expect(try DomainName.wire(name) == wire)
    }

    private static let fiveLongLabels = Array(repeating: String(repeating: "a", count: 63), count: 5)
        .joined(separator: ".")

    static let refused: [(String, DomainName.Refusal)] = [
        ("c", .noDot), ("bücher", .noDot), ("a..de", .noName), ("", .noDot), ("-a.de", .noName),
        ("a-.de", .noName), ("a_b.de", .noName), ("ü-.de", .noName), ("-ü.de", .noName), ("ab--ü.de", .noName),
        ("\u{301}a.de", .noName), ("a\u{200D}b.de", .letter("\u{200D}")), ("Ａ.de", .letter("ａ")),
        ("a。de.x", .letter("。")), ("ü_.de", .letter("_")), ("ü\r\n.de", .letter("\r")), ("💩.la", .letter("💩")),
        (String(repeating: "a", count: 64) + ".de", .noName),
        (String(repeating: "ü", count: 60) + ".de", .noName),
        (fiveLongLabels, .tooLong),
        (String(repeating: "ü.", count: 40) + "de", .tooLong), (String(repeating: "ü", count: 600) + ".de", .tooLong),
    ]

    @Test(arguments: refused)
    func refusesWithTheReason(name: String, refusal: DomainName.Refusal) {
        #expect(throws: refusal) { try DomainName.wire(name) }
    }

    /// The samples of RFC 3492 §7.1 that are one script each, (A) to (I), (L) and (S).
    @Test(arguments: [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"), ("Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"),
        ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
        ("यहलोगहिन्दीक्योंनहींबोलसकतेहैं", "i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd"),
        ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"), ("-> $1.00 <-", "-> $1.00 <--"),
    ])
    func encodesTheSamplesOfItsStandard(text: String, code: String) {
        #expect(Punycode.encode(text.unicodeScalars.map(\.value)) == code)
    }
}
