import DripCore
import Foundation
import Testing

@Suite struct RateTests {
    @Test(arguments: [
        (31, 250, "12.4%"), (1, 3, "33.3%"), (2, 3, "66.7%"), (1, 3_000, "0.0%"), (1, 2_000, "0.1%"), (0, 7, "0.0%"),
        (7, 7, "100.0%"), (0, 0, "–"), (1, 16, "6.3%"), (1, 8, "12.5%"),
    ])
    func reads(count: Int, of: Int, percent: String) { #expect(Rate(count, of: of).percent == percent) }

    @Test func isWrittenWithBothNumbers() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode([Rate(31, of: 250), Rate(0, of: 0)]), as: UTF8.self)
        #expect(text == #"[{"count":31,"of":250,"percent":12.4},{"count":0,"of":0}]"#)
        #expect(try JSONDecoder().decode([Rate].self, from: Data(text.utf8)) == [Rate(31, of: 250), Rate(0, of: 0)])
    }
}
