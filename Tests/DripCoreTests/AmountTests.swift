import DripCore
import Foundation
import Testing

@Suite struct AmountTests {
    private static let written: [(text: String, thousandths: Int64, plain: String, grouped: String)] = [
        ("12500000", 12_500_000_000, "12500000", "12,500,000"),
        ("12500000.5", 12_500_000_500, "12500000.50", "12,500,000.50"),
        ("0", 0, "0", "0"), ("0.125", 125, "0.125", "0.125"), ("999.99", 999_990, "999.99", "999.99"),
        ("1.500", 1_500, "1.50", "1.50"), ("1.5000000", 1_500, "1.50", "1.50"), ("1.0", 1_000, "1", "1"),
        ("1000000000000", 1_000_000_000_000_000, "1000000000000", "1,000,000,000,000"),
    ]

    @Test(arguments: written.indices) func isRead(index: Int) throws {
        let (text, thousandths, plain, grouped) = Self.written[index]
        let amount = try #require(Amount(text))
        #expect(amount.thousandths == thousandths && "\(amount)" == plain && amount.grouped == grouped)
        #expect(try JSONDecoder().decode([Amount].self, from: try JSONEncoder().encode([amount])) == [amount])
    }

    @Test(arguments: [
        "", "-1", "1,000", "1e6", "1.2345", "1000000000000.001", "99999999999999", "0x10", "1.", ".5", "١", "1 000",
        "NaN",
    ])
    func isNone(text: String) { #expect(Amount(text) == nil) }

    @Test func isReadFromWhatAnEventBrings() {
        #expect(Amount(.number(12_500_000.5))?.thousandths == 12_500_000_500)
        #expect(Amount(.number(0.1))?.thousandths == 100)
        #expect(Amount(.number(123_456_789_012.345))?.thousandths == 123_456_789_012_345)
        #expect(Amount(.text("7.25"))?.thousandths == 7_250)
        for value in [
            AttributeValue.number(-1), .number(1e15), .number(.nan), .number(.infinity), .number(0.1 + 0.2),
            .flag(true),
        ] {
            #expect(Amount(value) == nil, "\(value)")
        }
    }

    @Test(arguments: [(10, 3, "3.333"), (20, 3, "6.667"), (1, 2, "0.50"), (36_000_000, 31, "1161290.323"), (0, 5, "0")])
    func isDivided(whole: Int64, count: Int, each: String) {
        #expect(Amount(thousandths: whole * 1_000).divided(among: count).map { "\($0)" } == each)
        #expect(Amount(thousandths: 5).divided(among: 0) == nil)
    }
}
