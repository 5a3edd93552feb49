import DripCore
import Testing

@Suite struct HexadecimalTests {
    @Test(arguments: [([], ""), ([0], "00"), ([15, 16, 255], "0f10ff")] as [([UInt8], String)])
    func table(bytes: [UInt8], text: String) { #expect(bytes.hexadecimal == text) }
}
