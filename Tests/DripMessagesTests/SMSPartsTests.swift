import DripMessages
import Testing

@Suite struct SMSPartsTests {
    @Test(arguments: [
        ("", 1, 0, false), ("Halo, Budi!", 1, 11, false), (String(repeating: "a", count: 160), 1, 160, false),
        (String(repeating: "a", count: 161), 2, 161, false), (String(repeating: "a", count: 306), 2, 306, false),
        (String(repeating: "a", count: 307), 3, 307, false),
        // Of the extension table, two places each: the 77th would stand in two messages.
        (String(repeating: "€", count: 80), 1, 160, false), (String(repeating: "€", count: 153), 3, 306, false),
        ("ä€é", 1, 4, false), ("ê", 1, 1, true), (String(repeating: "ж", count: 70), 1, 70, true),
        (String(repeating: "ж", count: 71), 2, 71, true), (String(repeating: "ж", count: 135), 3, 135, true),
        (String(repeating: "🙂", count: 35), 1, 70, true), (String(repeating: "🙂", count: 67), 3, 134, true),
        (String(repeating: "a", count: 160) + "🙂", 3, 162, true),
        // CRLF is one character to Swift, and two to a phone.
        ("a\r\nb", 1, 4, false),
    ])
    func counts(text: String, count: Int, length: Int, isUnicode: Bool) {
        let parts = SMSParts(text)
        #expect(parts.count == count && parts.length == length && parts.isUnicode == isUnicode, "\(parts)")
    }
}
