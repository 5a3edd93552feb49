import DripCore

/// How a value is written out: `date`, `number` or `money`.
///
/// A value that is none of that kind counts as missing: the next one takes its place, or the message waits.
enum ValueFormat: Hashable, Sendable {
    case date(DateForm)
    /// With exactly so many decimals; nil keeps those that it has.
    case number(decimals: Int?)
    case money(Currency)

    /// Where nobody says how many decimals a number has.
    static let mostDecimals = 6

    /// As it is written behind a `|`.
    var name: String {
        switch self {
        case .date: "date"
        case .number: "number"
        case .money: "money"
        }
    }

    /// What a value must be for it.
    var kind: String {
        switch self {
        case .date(.time): "an instant such as 2026-12-01T09:00:00Z"
        case .date: "a date such as 2026-12-01"
        case .number, .money: "a number such as 1250.5"
        }
    }

    func text(of value: AttributeValue, in language: Language, _ zone: Zone) -> String? {
        switch self {
        case .date(let form): form.text(of: value, in: language, zone)
        case .number(let decimals?):
            DecimalNumber(value)?.rounded(to: decimals).text(in: language, decimals: decimals)
        case .number(nil): DecimalNumber(value)?.rounded(to: Self.mostDecimals).text(in: language)
        case .money(let currency): DecimalNumber(value).map { currency.text(of: $0, in: language) }
        }
    }

    /// Whether it can write a value out, whoever reads it.
    func reads(_ value: AttributeValue) -> Bool { text(of: value, in: .english, .utc) != nil }
}
