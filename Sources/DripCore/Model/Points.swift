/// Points of a score, exact to a thousandth.
package struct Points: Hashable, Comparable, Sendable {
    package var thousandths: Int

    package init(thousandths: Int) { self.thousandths = thousandths }
    package init(_ whole: Int) { thousandths = whole * 1_000 }

    package static let zero = Points(0)

    package static func < (a: Points, b: Points) -> Bool { a.thousandths < b.thousandths }
    package static func + (a: Points, b: Points) -> Points { Points(thousandths: a.thousandths + b.thousandths) }
    package static func += (a: inout Points, b: Points) { a = a + b }

    /// The nearest number, which compares as the same decimal written in a file does.
    package var number: Double { Double(thousandths) / 1_000 }

    /// No more than that many on either side of zero; nil bounds nothing.
    func capped(at most: Int?) -> Points {
        guard let most else { return self }
        return min(max(self, Points(-most)), Points(most))
    }
}

extension Points: CustomStringConvertible {
    /// `12.5`, `-0.125`, `40`.
    package var description: String {
        let (whole, part) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1_000)
        var text = "\(thousandths < 0 ? "-" : "")\(whole)"
        guard part != 0 else { return text }
        var digits = "\(1_000 + part)".dropFirst()
        while digits.last == "0" { digits.removeLast() }
        text += "." + digits
        return text
    }
}
