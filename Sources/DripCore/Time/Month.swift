/// A month of the calendar, in no particular zone: what roll-ups count by.
package struct Month: Hashable, Comparable, Sendable {
    /// Year and month as one number, `202701`: the one stored form.
    ///
    /// 0 is a month that nobody knows.
    package let number: Int

    package static let unknown = Month(number: 0)

    /// Unchecked: of rows that were written by `number`.
    package init(number: Int) {
        self.number = number
    }

    package init(of date: LocalDate) {
        let civil = date.civil
        number = civil.year * 100 + civil.month
    }

    package var isKnown: Bool { number > 0 }
    package var first: LocalDate? { LocalDate(year: number / 100, month: number % 100, day: 1) }
    package var next: Month {
        number % 100 >= 12 ? Month(number: (number / 100 + 1) * 100 + 1) : Month(number: number + 1)
    }

    package static func < (a: Month, b: Month) -> Bool { a.number < b.number }
}

extension Month: CustomStringConvertible {
    /// `2027-01`.
    package var description: String {
        isKnown ? "\(padded(number / 100, to: 4))-\(padded(number % 100, to: 2))" : "unknown"
    }

    package init?(_ text: String) {
        guard text.utf8.count == 7, let date = LocalDate(text + "-01") else { return nil }
        self.init(of: date)
    }
}

extension Month: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let month = text == "unknown" ? .unknown : Month(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no month")
        }
        self = month
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
