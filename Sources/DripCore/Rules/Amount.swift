// Money, in whole numbers.
//
// The rule: an amount is a whole number of thousandths of its currency's unit, whatever the currency, so that sums are exact and a
// changed currency changes no sum. It is written as a plain decimal number with at most three digits behind the point.
//
// Edge cases: an amount is never below zero: what was given back is no value of a deal. More than a trillion is a mistake. A number
// of JSON has come through binary; its shortest decimal form is what was written (15 digits are always kept), and is what is read.
// `1e6` and `1,000` are none.
//
// Worked example: `12500000.5` is 12500000500 thousandths; three of them are 37500001.50 in IDR.

package struct Amount: Hashable, Comparable, Sendable {
    package static let zero = Amount(thousandths: 0)
    /// A trillion.
    package static let most = Amount(thousandths: 1_000_000_000_000_000)
    /// Fifty trillion: what all events of a kind may bring in a month, so that no sum of fifteen years leaves 64 bits.
    package static let mostInAMonth = Amount(thousandths: 50_000_000_000_000_000)

    package var thousandths: Int64

    package init(thousandths: Int64) {
        self.thousandths = thousandths
    }

    /// Nil where the text is no amount.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...13).contains(whole.utf8.count), whole.utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        var digits = String(whole)
        if parts.count == 2 {
            // `12.500` of a number that was written so is the same as `12.5`.
            var rest = parts[1]
            while rest.last == "0", rest.utf8.count > 1 { rest.removeLast() }
            guard (1...3).contains(rest.utf8.count), rest.utf8.allSatisfy(Self.isDigit) else { return nil }
            digits += rest + String(repeating: "0", count: 3 - rest.utf8.count)
        } else {
            digits += "000"
        }
        guard let thousandths = Int64(digits), thousandths <= Self.most.thousandths else { return nil }
        self.init(thousandths: thousandths)
    }

    /// What an event brought along: a number, or a text that is one.
    package init?(_ value: AttributeValue) {
        switch value {
        case .text(let text): self.init(text)
        case .number(let number):
            guard number >= 0, number < 1e15 else { return nil }
            self.init(number == number.rounded() ? String(Int64(number)) : "\(number)")
        case .flag, .list: return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    package static func < (a: Amount, b: Amount) -> Bool { a.thousandths < b.thousandths }

    /// The amount divided among so many, to the nearest thousandth (a half upwards); nil among none.
    package func divided(among count: Int) -> Amount? {
        guard count > 0 else { return nil }
        let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: Int64(count))
        return Amount(thousandths: whole + (2 * rest >= Int64(count) ? 1 : 0))
    }
}

extension Amount: CustomStringConvertible {
    /// `12500000`, `12.50`, `0.125`: the plain number, with two digits behind the point where it is not whole and they will do.
    package var description: String {
        let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1_000)
        guard rest != 0 else { return String(whole) }
        return rest % 10 == 0 ? "\(whole).\(padded(Int(rest / 10), to: 2))" : "\(whole).\(padded(Int(rest), to: 3))"
    }

    /// The same for people: `12,500,000.50`.
    package var grouped: String {
        let parts = description.split(separator: ".", maxSplits: 1)
        var digits = ""
        for (index, digit) in (parts.first ?? "").reversed().enumerated() {
            if index > 0, index % 3 == 0 { digits.append(",") }
            digits.append(digit)
        }
        return String(digits.reversed()) + (parts.count == 2 ? "." + parts[1] : "")
    }
}

extension Int {
    /// A count for people: `1,240`.
    package var grouped: String { Amount(thousandths: Int64(self) * 1_000).grouped }
}

extension Amount: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let amount = Amount(sum: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no amount")
        }
        self = amount
    }

    /// A text, so that no reader makes it binary.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// A sum of amounts may be more than any amount.
    private init?(sum text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(parts[0]), whole >= 0 else { return nil }
        guard parts.count == 2 else {
            self.init(thousandths: whole * 1_000)
            return
        }
        guard (1...3).contains(parts[1].utf8.count), let rest = Int64(parts[1]) else { return nil }
        let scale: Int64 = parts[1].utf8.count == 1 ? 100 : parts[1].utf8.count == 2 ? 10 : 1
        self.init(thousandths: whole * 1_000 + rest * scale)
    }
}
