import Testing

@testable import DripDelivery

@Suite struct LogTextTests {
    @Test(arguments: [
        ("250 ok", "250 ok"), ("550-no\r\n550 such\tuser", "550-no 550 such user"), ("", ""), ("  a   b  ", "a b"),
        ("a\u{1B}[2Jb", "a [2Jb"), ("a\u{0}b\u{7F}c\u{85}d\u{2028}e\u{202E}f", "a b c d e f"), ("büdi", "büdi"),
    ])
    func becomesOneLine(raw: String, expected: String) {
        #expect(LogText.clean(raw) == expected)
        #expect(LogText.clean(Array(raw.utf8)) == expected)
    }

    @Test func isBounded() {
        #expect(LogText.clean(Array(repeating: UInt8(ascii: "x"), count: 100_000)).count == 300)
        #expect(LogText.clean(String(repeating: "é ", count: 1_000)).unicodeScalars.count <= 300)
    }

    @Test func invalidBytesAreMarked() {
        #expect(LogText.clean([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    }
}
