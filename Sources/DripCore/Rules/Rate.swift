// How many of how many.
//
// The rule: a rate is two whole numbers, what happened and of how many it could have. Its percentage is rounded to a tenth, a half
// upwards, and is only for reading: nothing is computed from it. Of none there is no rate, which is not the same as 0 %.
//
// Edge cases: 1 of 3,000 is 0.03 % and reads 0.0%; so the two numbers always stand beside it.
//
// Worked example: 31 of 250 is 12.4%.

package struct Rate: Hashable, Sendable {
    package var count: Int
    package var of: Int

    package init(_ count: Int, of: Int) {
        self.count = count
        self.of = of
    }

    /// Tenths of a percent; nil of none.
    package var perMille: Int? { of > 0 ? (2_000 * count + of) / (2 * of) : nil }

    /// `12.4%`, or `–` of none.
    package var percent: String {
        guard let perMille else { return "–" }
        return "\(perMille / 10).\(perMille % 10)%"
    }

    /// For formulas; 0 of none.
    package var share: Double { of > 0 ? Double(count) / Double(of) : 0 }
}

extension Rate: Codable {
    private enum CodingKeys: String, CodingKey { case count, of, percent }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        count = try container.decode(Int.self, forKey: .count)
        of = try container.decode(Int.self, forKey: .of)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        try container.encode(of, forKey: .of)
        try container.encodeIfPresent(perMille.map { Double($0) / 10 }, forKey: .percent)
    }
}
