import Foundation
import Testing

@testable import DripDelivery

@Suite struct JSONReaderTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", .flag(true)), ("false", .flag(false)), ("0", .number(0)),
            ("-0.5e+2", .number(-50)),
            ("1E2", .number(100)), ("\"\"", .text("")), ("[]", .list([])), ("{}", .group([:])),
            ("999999999999999", .number(999_999_999_999_999)),
            ("4323372036854775807", .large(4_323_372_036_854_775_807)),
            ("-9223372036854775808", .large(.min)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("[1, [2]\n,\t{\"a\" : \"b\"}]", .list([.number(1), .list([.number(2)]), .group(["a": .text("b")])])),
            ("{\"a\":1,\"a\":2}", .group(["a": .number(2)])),
            (#""\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00é😀""#, .text("\"\\/\u{8}\u{C}\n\r\té😀é😀")),
            (#""\u0000""#, .text("\0")),
        ] as [(String, JSONValue)])
    func readsJSON(text: String, value: JSONValue) {
        #expect(JSONValue(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "1e999",
        "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"",
        "\"\n\"",
        "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{a:1}", "{1:1}",
        "{\"a\" 1}",
        "1 1", "[]]", "'a'", "// a\n1", "\u{FEFF}1",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(JSONValue(Array(text.utf8)) == nil)
    }

    @Test func refusesBytesThatAreNoText() {
        #expect(JSONValue([0x22, 0xFF, 0x22]) == nil && JSONValue([0x22, 0xED, 0xA0, 0x80, 0x22]) == nil)
    }

    /// What it reads is what Foundation reads, for any value, however it is written.
    @Test(arguments: 1...40) func agreesWithFoundation(seed: UInt64) throws {
        var numbers = SplitMix64(seed: seed)
        let value = Self.value(&numbers, depth: 0)
        for formatting in [[], .prettyPrinted, .withoutEscapingSlashes] as [JSONEncoder.OutputFormatting] {
            let encoder = JSONEncoder()
            encoder.outputFormatting = formatting
            let bytes = Array(try encoder.encode(value))
            #expect(JSONValue(bytes) == value, "seed \(seed)")
            // Broken anywhere, both say so.
            let cut = Array(bytes.dropLast(Int(numbers.next() % UInt64(bytes.count)) + 1))
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(cut), options: .fragmentsAllowed)) != nil
            #expect((JSONValue(cut) != nil) == isJSON, "seed \(seed)")
        }
    }

    private static func value(_ numbers: inout SplitMix64, depth: Int) -> JSONValue {
        switch numbers.next() % (depth > 4 ? 4 : 6) {
        case 0: return .null
        case 1: return .flag(numbers.next() & 1 == 0)
        case 2: return .number(Double(Int64(truncatingIfNeeded: numbers.next() >> 20)) / 8)
        case 3: return .text(text(&numbers))
        case 4: return .list((0..<numbers.next() % 5).map { _ in value(&numbers, depth: depth + 1) })
        default:
            var group: [String: JSONValue] = [:]
            for _ in 0..<numbers.next() % 5 { group[text(&numbers)] = value(&numbers, depth: depth + 1) }
            return .group(group)
        }
    }

    private static func text(_ numbers: inout SplitMix64) -> String {
        let signs = Array("ab\"\\/\n\t\u{1}\u{7F}é😀 {}[],:")
        return String((0..<numbers.next() % 8).map { _ in signs[Int(numbers.next() % UInt64(signs.count))] })
    }

    /// A webhook's whole body of the worst there is, in a moment.
    @Test(arguments: ["[", "[]", "1", "\"\"", "{\"a\":0}"]) func theTimeIsThatOfTheBytes(piece: String) {
        let body = "[" + Array(repeating: piece, count: (1 << 20) / (piece.utf8.count + 1)).joined(separator: ",") + "]"
        let began = ContinuousClock.now
        _ = JSONValue(Array(body.utf8))
        // Unoptimised and beside other tests: what is quadratic takes hours.
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    /// A dictionary compares such names in a time that grows with the square of their length.
    @Test func aNameIsShort() {
        let name = "a" + String(repeating: "\u{301}\u{316}", count: 60_000)
        let began = ContinuousClock.now
        #expect(JSONValue(Array("{\"\(name)\":1,\"\(name)b\":2}".utf8)) == nil)
        #expect(FormField.read(Array("\(name)=1&\(name)b=2".utf8)) == nil)
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(JSONValue(Array("{\"\(String(repeating: "a", count: 256))\":1}".utf8)) != nil)
    }
}
