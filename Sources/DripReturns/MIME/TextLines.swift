/// Text as lines, whatever ends them.
enum TextLines {
    static func split(_ text: some StringProtocol) -> [Substring] {
        // By scalars: CR LF is one Character, which equals neither half of it.
        var lines: [Substring] = []
        let whole = Substring(text)
        let scalars = whole.unicodeScalars
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            if scalars[index] == "\n" || scalars[index] == "\r" {
                lines.append(whole[start..<index])
                let endsInPair = scalars[index] == "\r" && next < scalars.endIndex && scalars[next] == "\n"
                start = endsInPair ? scalars.index(after: next) : next
                index = start
            } else {
                index = next
            }
        }
        lines.append(whole[start...])
        return lines
    }
}

/// A stranger's text, made fit for one line of a row or a log.
enum OneLine {
    /// At most so many characters; controls, breaks and marks that turn the writing become blanks, and blanks become one.
    static func clean(_ text: some StringProtocol, longest: Int) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        var owesBlank = false
        for scalar in text.unicodeScalars {
            guard !isBlank(scalar) else {
                owesBlank = count > 0
                continue
            }
            guard count + (owesBlank ? 2 : 1) <= longest else { break }
            if owesBlank {
                result.append(" ")
                count += 1
            }
            result.append(scalar)
            count += 1
            owesBlank = false
        }
        return String(result)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value <= 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator, .format, .privateUse, .unassigned:
            return true
        default: return false
        }
    }
}
