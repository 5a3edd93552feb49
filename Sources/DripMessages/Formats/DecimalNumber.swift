// A number as people write it, digit by digit.
//
// The rule: what is shown has exactly the digits of what the lead's value says. A text is a number when it is digits,
// with at most one minus before and one point inside (`1250000`, `-3.5`); thousands are never guessed at, since
// `1.250` is a thousand for one reader and little more than one for another. Rounding is half away from zero.
// Edge cases: more than 15 digits before the point is no number that anybody reads, and a floating-point number of that
// size has lost its last digits; `-0.4` without decimals is `0`, never `-0`; zeros at the end of a fraction are dropped.
// Examples: -1250000.5 is `-1,250,000.5` in English and `-1.250.000,5` in Indonesian; 999.995 to two decimals is `1,000`
// and, where two are demanded, `1,000.00`.

import DripCore

struct DecimalNumber: Hashable {
    private var isNegative = false
    /// From the highest on, 0…9; the last `scale` of them are the fraction.
    private var digits: [UInt8]
    private var scale: Int

    private static let mostWholeDigits = 15
    private static let longestText = 64

    /// Nil for a text that is no number, a flag, a list, and a number too large to be one of these.
    init?(_ value: AttributeValue) {
        switch value {
        case .text(let text): self.init(text.trimmed)
        case .number(let number):
            guard number.isFinite, abs(number) < 1e15 else { return nil }
            self.init(number)
        case .flag, .list: return nil
        }
    }

    private init?(_ text: String) {
        guard text.utf8.count <= Self.longestText else { return nil }
        self.init(written: Array(text.utf8)[...], exponent: 0)
    }

    /// The shortest digits that mean this very number, such as `1e-07`.
    private init?(_ number: Double) {
        let parts = "\(number)".split(separator: "e")
        guard let mantissa = parts.first, let exponent = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
        self.init(written: Array(mantissa.utf8)[...], exponent: exponent)
    }

    private init?(written: ArraySlice<UInt8>, exponent: Int) {
        var rest = written
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest = rest.dropFirst()
        }
        let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isDigit) }) else {
            return nil
        }
        digits = parts.joined().map { $0 - UInt8(ascii: "0") }
        scale = (parts.count == 2 ? parts[1].count : 0) - exponent
        while scale < 0 {
            digits.append(0)
            scale += 1
        }
        while digits.count <= scale { digits.insert(0, at: 0) }
        tidy()
        if digits.count - scale > Self.mostWholeDigits { return nil }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// One digit at least before the point, and none that says nothing.
    private mutating func tidy() {
        while scale > 0, digits.last == 0 {
            digits.removeLast()
            scale -= 1
        }
        let whole = digits.count - scale
        digits.removeFirst(min(digits.prefix { $0 == 0 }.count, whole - 1))
        if digits.allSatisfy({ $0 == 0 }) { isNegative = false }
    }

    /// The nearest number of at most so many decimals.
    func rounded(to decimals: Int) -> DecimalNumber {
        guard scale > decimals else { return self }
        var result = self
        let up = digits[digits.count - (scale - decimals)] >= 5
        result.digits.removeLast(scale - decimals)
        result.scale = decimals
        if up { result.addOneAtTheEnd() }
        result.tidy()
        return result
    }

    private mutating func addOneAtTheEnd() {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }

    var hasFraction: Bool { scale > 0 }

    /// With a sign for its thousands; `decimals` fills the fraction up with zeros.
    func text(in language: Language, decimals: Int = 0, prefix: String = "") -> String {
        let signs = language.signs
        let whole = digits.count - scale
        var text = isNegative ? "-" + prefix : prefix
        for (index, digit) in digits.prefix(whole).enumerated() {
            if index > 0, (whole - index) % 3 == 0 { text += signs.group }
            text += String(digit)
        }
        guard max(scale, decimals) > 0 else { return text }
        text += signs.point
        for digit in digits.suffix(scale) { text += String(digit) }
        return text + String(repeating: "0", count: max(0, decimals - scale))
    }
}
