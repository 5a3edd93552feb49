import DripCampaigns
import DripCore
import Foundation
import Testing

@Suite struct LimitsTests {
    /// What is said of a campaign file, and that saying so takes no time to speak of.
    private func says(_ text: String, within seconds: Double = 30) -> String {
        let began = ContinuousClock.now
        let said = Sample.text(Sample.load(["ebook/campaign.yaml": text]).diagnostics)
        #expect(ContinuousClock.now - began < .seconds(seconds), "took \(ContinuousClock.now - began)")
        return said
    }

    private static let laughs =
        "a0: &a0 lol\n"
        + (1...9).map { "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]\n" }
        .joined()

    @Test func aBillionLaughsEndQuickly() {
        #expect(
            says(Self.laughs)
                == "ebook/campaign.yaml:4:10: error: the file expands more than 100 aliases. "
                + "Write some of the values out in place of `*a2`.")
    }

    /// The parser hashes its keys: without a disguise this would take for ever.
    @Test(arguments: ["? *a9\n: x\n", "*a9 : x\n", "{ ? *a9 : x }\n", "b: { *a9 : x }\n", "[*a9]: x\n"])
    func aBillionLaughsAsAKeyEndQuickly(key: String) {
        #expect(!says(Self.laughs + key).isEmpty)
    }

    @Test func countsAliasesInsideOfAliases() {
        func file(_ count: Int) -> String {
            Sample.campaign + "    if: { a: &a x, b: [" + Array(repeating: "*a", count: count).joined(separator: ",")
                + "] }\n"
        }
        #expect(says(file(100)) == "")
        #expect(says(file(101)).contains("the file expands more than 100 aliases"))
    }

    @Test func sixteenLevelsAndNoMore() {
        func condition(_ levels: Int) -> String {
            // The file, the list of steps and the step are three levels.
            Sample.campaign + "    if: " + String(repeating: "{ not: ", count: levels - 4) + "{ a: b }"
                + String(repeating: " }", count: levels - 4) + "\n"
        }
        #expect(says(condition(16)) == "")
        #expect(says(condition(17)).contains("more than 16 levels of nesting"))
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "a:\n ", "[{"])
    func boundlessNestingEndsQuickly(opening: String) {
        let text = "name: " + String(repeating: opening, count: 200_000 / opening.utf8.count)
        #expect(says(text).contains("error:"))
        #expect(says("- " + String(repeating: opening, count: 900)).contains("error:"))
    }

    /// A queue's thread has less of a stack than the main one.
    @Test func nestingNeedsLittleStack() async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                for opening in ["[", "{a: ", "- "] {
                    let text = "name: " + String(repeating: opening, count: 1_000)
                    _ = Sample.load(["ebook/campaign.yaml": text])
                    _ = Sample.load(["ebook/campaign.yaml": String(text.dropFirst(6))])
                }
                continuation.resume()
            }
            thread.stackSize = 2 << 20
            thread.start()
        }
    }

    @Test(arguments: [",", "a,", "a: b,\n", "x: 1\n", "- &a *a\n", "'", "\"\\", "#", "\t", "%", "|\n", "- - \n"])
    func muchOfAnythingEndsQuickly(piece: String) {
        for opening in ["", "[", "{", "a: "] {
            let text = opening + String(repeating: piece, count: 20_000 / piece.utf8.count)
            #expect(says(text).contains("error:"))
        }
    }

    /// The largest file that is taken at all, with as many values as it can hold.
    @Test func aMebibyteOfValuesEndsQuickly() {
        let text = "name: [" + String(repeating: "a,", count: (1 << 19) - 8) + "]"
        #expect(says(text).contains("the file holds more than 100000 values"))
    }

    @Test func aFileOfMoreThanAMebibyteIsRefused() {
        let filler = String(repeating: "# a comment to fill the file with\n", count: 1 << 15)
        let fits = Sample.campaign + filler.prefix((1 << 20) - Sample.campaign.utf8.count)
        #expect(says(fits) == "")
        #expect(
            says(fits + "\n")
                == "ebook/campaign.yaml: error: the file is larger than 1 MiB. "
                + "Split it, or take large data such as images out of it.")
    }

    @Test func athousandStepsAndNoMore() {
        func file(_ count: Int) -> String {
            "name: x\nsteps:\n" + (1...count).map { "- { id: s\($0), day: \($0), email: welcome.md }\n" }.joined()
        }
        #expect(!says(file(1_000)).contains("error"))
        #expect(says(file(1_001)).contains("`steps` has 1001 items, and 1000 is the limit"))
    }

    @Test func aFileThatIsWrongFromEndToEndSaysSoOnce() {
        let text = (1...5_000).map { "key\($0): x\n" }.joined()
        let diagnostics = Sample.load(["ebook/campaign.yaml": text]).diagnostics
        #expect(diagnostics.count == 201)
        #expect(diagnostics.first?.message == "the file has more than 200 mistakes")
    }
}
