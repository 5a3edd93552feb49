import Foundation
import Testing

@testable import DripDelivery

@Suite struct CanonicalMailTests {
    @Test(arguments: [
        ("", ".\r\n"), ("a\r\n", "a\r\n.\r\n"), ("a", "a\r\n.\r\n"), (".", "..\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"),
        ("a\r\n.b\r\n", "a\r\n..b\r\n.\r\n"), ("..\r\n.\r\n", "...\r\n..\r\n.\r\n"),
        ("a.\r\nb.c\r\n", "a.\r\nb.c\r\n.\r\n"),
        ("\r\n\r\n.x", "\r\n\r\n..x\r\n.\r\n"),
    ])
    func isStuffedAndEnded(raw: String, wire: String) throws {
        let bytes = Array(raw.utf8)
        var output: [UInt8] = []
        try CanonicalMail(checking: bytes).append(bytes, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == wire)
    }

    @Test(arguments: [
        ("a\nb\r\n", "line feed"), ("\n", "line feed"), ("a\r\n\n.\nMAIL FROM:<x@y.z>\r\n", "line feed"),
        ("a\rb\r\n", "carriage return"), ("a\r", "carriage return"), ("a\r\r\n", "carriage return"),
        ("a\r\n.\r", "carriage return"),
    ])
    func aBareLineEndIsRefused(raw: String, word: String) {
        let refusal = #expect(throws: CanonicalMail.Refusal.self) { try CanonicalMail(checking: Array(raw.utf8)) }
        #expect(refusal?.text.contains(word) == true)
    }

    @Test(arguments: 0..<20) func findsTheOneOctetBeyondASCII(place: Int) throws {
        var bytes = Array(repeating: UInt8(ascii: "x"), count: 20)
        let before = try CanonicalMail(checking: bytes)
        bytes[place] = 0x80
        let after = try CanonicalMail(checking: bytes)
        #expect(!before.isEightBit && after.isEightBit)
    }

    /// What a server reads back, by RFC 5321 §4.5.2, is what was sent, and the end comes nowhere earlier.
    @Test(arguments: 0..<200 as Range<UInt64>) func aServerReadsBackWhatWasSent(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var text = ""
        for _ in 0..<Int.random(in: 0..<40, using: &random) {
            text += ["a", ".", "..", "\r\n", " "].randomElement(using: &random) ?? ""
        }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        try CanonicalMail(checking: bytes).append(bytes, to: &output)
        var lines = String(decoding: output, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.removeLast().isEmpty)
        #expect(lines.firstIndex(of: ".") == lines.count - 1, "seed \(seed)")
        let read = lines.dropLast().map { ($0.hasPrefix(".") ? String($0.dropFirst()) : $0) + "\r\n" }.joined()
        #expect(read == text || read == text + "\r\n", "seed \(seed)")
    }
}
