import Testing

@testable import DripCore

@Suite struct SpellingTests {
    @Test(
        arguments: [
            ("sendwindow", "send_window"), ("Steps", "steps"), ("setps", "steps"), ("stesp", "steps"),
            ("stps", "steps"),
            ("gaol", "goal"), ("time-zone", "time_zone"), ("timezone", "time_zone"), ("send_win", "send_window"),
            ("foo", nil), ("", nil), ("x", nil), ("st", nil), (String(repeating: "steps", count: 100), nil),
        ] as [(String, String?)])
    func findsWhatWasMeant(word: String, meant: String?) {
        #expect(Spelling.nearest(to: word, among: ["steps", "send_window", "goal", "time_zone"]) == meant)
    }

    @Test func takesTheFirstAmongEquals() {
        #expect(Spelling.nearest(to: "bat", among: ["rat", "cat", "hat"]) == "cat")
        #expect(Spelling.nearest(to: "tim", among: ["time_zone", "time_out"]) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("ca", "abc", 3), ("kitten", "sitting", 3),
    ])
    func countsSlips(a: String, b: String, slips: Int) {
        #expect(Spelling.distance(Array(a), Array(b)) == slips)
        #expect(Spelling.distance(Array(b), Array(a)) == slips)
    }
}
