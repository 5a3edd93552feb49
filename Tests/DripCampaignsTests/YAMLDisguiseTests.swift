import Testing

@testable import DripCampaigns

@Suite struct YAMLDisguiseTests {
    private static func disguised(_ text: String) throws -> YAMLDisguise { try #require(YAMLDisguise(text)) }

    @Test(arguments: [
        "", "name: x\n", "a: *b\n? c\n! d\n@e `f` 50%\n%YAML 1.2\n", "\u{E000}*\u{E001}", "é👩‍💻*\n*", "%\n%%\n",
    ])
    func hidesOneCharacterBehindOne(text: String) throws {
        let disguise = try Self.disguised(text)
        #expect(disguise.text.count == text.unicodeScalars.count)
        #expect(!disguise.text.contains { "*?!@`".unicodeScalars.contains($0) })
        #expect(
            disguise.text.indices.filter { disguise.text[$0] == "\n" }.count == text.unicodeScalars.count { $0 == "\n" }
        )
        #expect(disguise.reveal(String(disguise.text)) == text)
    }

    @Test func leavesADirectiveAlone() throws {
        #expect(String(try Self.disguised("%YAML 1.2\na: b\n").text) == "%YAML 1.2\na: b\n")
    }

    @Test(arguments: [("day: 1\nday: 2\n", 1, 1), ("x:\n  \"day\": 1\n  day: 2\n", 2, 3), ("- 'day': 1\n", 1, 3)])
    func givesAKeyAnotherNameAndKnowsItAgain(text: String, line: Int, column: Int) throws {
        var disguise = try Self.disguised(text)
        let isRenamed = disguise.renameKey("day", line: line, column: column)
        #expect(isRenamed)
        #expect(disguise.text.count == text.unicodeScalars.count)
        let parsed = String(disguise.text).split { " \n:'\"-".contains($0) }.first { $0.hasSuffix("ay") && $0 != "day" }
        #expect(disguise.revealKey(String(try #require(parsed))) == "day")
    }

    @Test func refusesWhatCannotBeRenamed() throws {
        var disguise = try Self.disguised("&a day: 1\n\"\": 2\n")
        for (key, line, column) in [("day", 1, 1), ("", 2, 1), ("day", 9, 1), ("day", 1, 99)] {
            let isRenamed = disguise.renameKey(key, line: line, column: column)
            #expect(!isRenamed, "\(line):\(column)")
        }
    }

    @Test func aTextOfAllPrivateCharactersIsRefused() {
        let all = String(String.UnicodeScalarView((0xE000...0xF8FF).compactMap { Unicode.Scalar(UInt32($0)) }))
        #expect(YAMLDisguise(all) == nil)
        #expect(Sample.text(Sample.load(["ebook/campaign.yaml": all]).diagnostics).contains("private-use"))
    }
}
