import DripCore
import Testing

@testable import DripMessages

@Suite struct HeaderWriterTests {
    private func text(_ value: String) throws -> String {
        var writer = HeaderWriter()
        try writer.text("Subject", value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func named(_ phrase: String) throws -> String {
        var writer = HeaderWriter()
        try writer.named("From", phrase: phrase, "a@b.example")
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("Hello", "Subject: Hello\r\n"), ("Grüße", "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"),
        ("a =?x", "Subject: =?UTF-8?B?YSA9P3g=?=\r\n"), ("日本", "Subject: =?UTF-8?B?5pel5pys?=\r\n"),
        (
            "This subject is written in plain letters only and is longer than one line may be",
            "Subject: This subject is written in plain letters only and is longer than one\r\n line may be\r\n"
        ),
        (
            "Ein langer Betreff mit nur einem Umlaut, nämlich hier, und noch viel mehr Text dahinter",
            "Subject: =?UTF-8?Q?Ein_langer_Betreff_mit_nur_einem_Umlaut=2C_n=C3=A4mlich?=\r\n"
                + " =?UTF-8?Q?_hier=2C_und_noch_viel_mehr_Text_dahinter?=\r\n"
        ),
    ])
    func writesTexts(value: String, line: String) throws {
        #expect(try text(value) == line)
    }

    @Test(arguments: [
        ("Budi Santoso", "From: Budi Santoso <a@b.example>\r\n"), ("", "From: <a@b.example>\r\n"),
        ("Doe, Jane", "From: \"Doe, Jane\" <a@b.example>\r\n"),
        ("Dr. \"B\" \\ <x@y>", "From: \"Dr. \\\"B\\\" \\\\ <x@y>\" <a@b.example>\r\n"),
        ("Ädward", "From: =?UTF-8?B?w4Rkd2FyZA==?= <a@b.example>\r\n"),
        ("=?UTF-8?Q?x?=", "From: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?= <a@b.example>\r\n"),
        ("Ünicode, \"Q\" (c)", "From: =?UTF-8?B?w5xuaWNvZGUsICJRIiAoYyk=?= <a@b.example>\r\n"),
    ])
    func writesNames(phrase: String, line: String) throws {
        #expect(try named(phrase) == line)
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\0", "a\u{85}b", "a\u{2029}b", "a\tb"])
    func refusesControlCharacters(value: String) {
        #expect(throws: ComposeFailure.controlCharacter(header: "Subject")) { try text(value) }
        #expect(throws: ComposeFailure.controlCharacter(header: "From")) { try named(value) }
        #expect(throws: ComposeFailure.controlCharacter(header: "X")) {
            var writer = HeaderWriter()
            try writer.tokens("X", [value])
        }
    }

    @Test func foldsTokensAndKnowsTheHardLimit() throws {
        var writer = HeaderWriter()
        try writer.tokens("X", [String(repeating: "a", count: 70), "bbbb", "cc"], separator: ",")
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "X: \(String(repeating: "a", count: 70)),\r\n bbbb, cc\r\n")
        #expect(throws: ComposeFailure.headerTooLong("X")) {
            var writer = HeaderWriter()
            try writer.tokens("X", [String(repeating: "a", count: 996)])
        }
        try writer.tokens("X", [String(repeating: "a", count: 995)])
    }

    /// Wherever the border of an encoded word falls, no character is cut, no word and no line is too long.
    @Test(arguments: [
        "é", "漢", "😀", "👩‍👩‍👧‍👦", "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}", "x", "=?", "a ü",
        "e" + String(repeating: "\u{301}", count: 60),
    ])
    func encodedWordsHoldWholeCharacters(unit: String) throws {
        for padding in stride(from: 0, to: 70, by: 3) {
            let value = String(repeating: "b", count: padding) + String(repeating: unit, count: 40)
            let line = try text(value)
            guard EncodedWords.isNeeded(for: value) else { continue }
            for word in EncodedWords.of(value, firstLimit: 67) {
                #expect(word.utf8.count <= 75)
                #expect(isWhole(word), "\(word)")
            }
            #expect(line.utf8.split(separator: UInt8(ascii: "\n")).allSatisfy { $0.count <= 77 })
        }
    }

    /// Whether an encoded word's bytes are valid UTF-8 by themselves.
    private func isWhole(_ word: String) -> Bool {
        let parts = word.split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == "UTF-8" else { return false }
        var bytes: [UInt8] = []
        if parts[2] == "B" {
            bytes =
                Base64.bytes(
                    fromURLText: String(parts[3]).replacing("+", with: "-").replacing("/", with: "_").replacing(
                        "=", with: ""))
                ?? [0xFF]
        } else {
            var rest = parts[3].utf8[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "=") {
                    bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0xFF)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            }
        }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
