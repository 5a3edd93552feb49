// The rule: a domain goes on the wire in ASCII. A label with letters of other scripts becomes an A-label: lower case,
// composed (NFC), then `xn--` and its Punycode.
//
// - At least two labels, but for `localhost`; each label has at most 63 octets as it goes on the wire, the whole 255.
// - An ASCII label holds letters, digits and hyphens, none at its ends, and stays as it is written; so does one that is an
//   A-label already.
// - Another label holds only what RFC 5892 §2.1 calls letters and digits (general categories Ll, Lo, Lm, Mn, Mc, Nd), begins
//   with no mark, and holds no compatibility form (`ﬁ`, `Ａ`): such a one is refused rather than guessed at, as are the
//   joiners that are only allowed by context.
// - ß and ς stay themselves, as in IDNA 2008 and in browsers.
//
// Worked example: `Bücher.example` → `xn--bcher-kva.example`.
// Source: RFC 5890 §2.3.2.1, RFC 5891 §4, RFC 3492 (Punycode), RFC 5321 §4.5.3.1.2.

import Foundation

/// Domain names as they go on the wire.
package enum DomainName {
    /// Why a text is no domain name, as what one says of it.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case tooLong, noDot, noName
        /// A letter that no domain name may hold, or not there.
        case letter(Unicode.Scalar)

        package var description: String {
            switch self {
            case .tooLong: "is longer than 255 characters"
            case .noDot: "has no dot"
            case .noName: "is not a domain name"
            case .letter(let scalar): "holds \(Self.name(of: scalar)), which no domain name may hold"
            }
        }

        private static func name(of scalar: Unicode.Scalar) -> String {
            let hex = String(scalar.value, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        }
    }

    /// The name as it goes on the wire; letters of ASCII keep their case.
    package static func wire(_ text: String) throws(Refusal) -> String {
        // Much longer than this it cannot become shorter than 255.
        guard text.utf8.count <= 1_024 else { throw .tooLong }
        var labels: [String] = []
        for label in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            let label = String(Substring(label))
            labels.append(label.utf8.allSatisfy { $0 < 0x80 } ? label : try encoded(label))
        }
        let wire = labels.joined(separator: ".")
        guard wire.utf8.count <= 255 else { throw .tooLong }
        guard labels.count >= 2 || wire.lowercased() == "localhost" else { throw .noDot }
        guard labels.allSatisfy(isLabel) else { throw .noName }
        return wire
    }

    private static func isLabel(_ label: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return !label.isEmpty && label.utf8.count <= 63 && label.utf8.first != hyphen && label.utf8.last != hyphen
            && label.utf8.allSatisfy { $0 == hyphen || isAlphanumeric($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A label with letters beyond ASCII as an A-label.
    private static func encoded(_ label: String) throws(Refusal) -> String {
        let composed = label.lowercased().precomposedStringWithCanonicalMapping
        let scalars = Array(composed.unicodeScalars)
        if let bad = scalars.first(where: { !isAllowed($0) }) { throw .letter(bad) }
        // Two hyphens in the third and fourth place are kept for prefixes such as `xn--`.
        let hyphen: Unicode.Scalar = "-"
        let isReserved = scalars.count >= 4 && scalars[2] == hyphen && scalars[3] == hyphen
        guard let first = scalars.first, !isMark(first), first != hyphen, scalars.last != hyphen, !isReserved,
            let code = Punycode.encode(scalars.map(\.value))
        else { throw .noName }
        return "xn--" + code
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar == "-" || isAlphanumeric(UInt8(scalar.value)) }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber:
            // A compatibility form is another spelling of other letters.
            let text = String(scalar)
            return text.precomposedStringWithCompatibilityMapping.unicodeScalars.elementsEqual(text.unicodeScalars)
        default: return false
        }
    }
}

/// RFC 3492, with the parameters of its §5.
enum Punycode {
    private static let base: UInt32 = 36
    private static let (least, most): (UInt32, UInt32) = (1, 26)

    /// The code of a label without its prefix; nil where a number overflows, as it does for no label that fits.
    static func encode(_ scalars: [UInt32]) -> String? {
        var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
        let basic = UInt32(output.count)
        if basic > 0 { output.append(UInt8(ascii: "-")) }
        var (current, delta, bias, handled): (UInt32, UInt32, UInt32, UInt32) = (0x80, 0, 72, basic)
        while handled < UInt32(scalars.count) {
            guard let next = scalars.filter({ $0 >= current }).min() else { return nil }
            let (skipped, overflows) = (next - current).multipliedReportingOverflow(by: handled + 1)
            let (sum, carries) = delta.addingReportingOverflow(skipped)
            guard !overflows, !carries else { return nil }
            (delta, current) = (sum, next)
            for scalar in scalars {
                if scalar < current { delta += 1 }
                guard scalar == current else { continue }
                appendNumber(delta, bias: bias, to: &output)
                bias = adapted(delta, handled: handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            current += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A number in digits of a changing base, the least first.
    private static func appendNumber(_ number: UInt32, bias: UInt32, to output: inout [UInt8]) {
        var rest = number
        var position = base
        while true {
            let threshold = position <= bias ? least : min(most, position - bias)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(digit(rest))
    }

    private static func adapted(_ delta: UInt32, handled: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / handled
        var steps: UInt32 = 0
        while delta > (base - least) * most / 2 {
            delta /= base - least
            steps += base
        }
        return steps + (base - least + 1) * delta / (delta + 38)
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }
}
