// An amount of money, as its reader writes it.
//
// The rule: the currency stands first, by a sign that can mean no other or else by its code, and a whole amount has no
// decimals; any other has all that its currency has (ISO 4217). An amount is rounded to them, half away from zero.
// Edge cases: `$` alone is the money of twenty countries, so it is `US$`, `A$` or `S$`; the rupiah is `Rp` for readers of
// Indonesian, without a blank, and `IDR` for all others; the yen has no decimals.
// Examples: 1250000 IDR is `Rp1.250.000` in Indonesian and `IDR 1,250,000` in English; -49.5 USD is `-US$49.50`.

/// A currency that amounts can be shown in.
struct Currency: Hashable, Sendable {
    /// ISO 4217: `IDR`.
    let code: String

    private static let decimalsOfCodes: [String: Int] = [
        "AED": 2, "AUD": 2, "BND": 2, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2,
        "HKD": 2, "HUF": 2, "IDR": 2, "INR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2, "MYR": 2, "NOK": 2, "NZD": 2,
        "PHP": 2, "PKR": 2, "PLN": 2, "QAR": 2, "RON": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2, "TRY": 2, "TWD": 2,
        "USD": 2, "VND": 0, "ZAR": 2,
    ]
    private static let signs = ["AUD": "A$", "EUR": "€", "GBP": "£", "SGD": "S$", "USD": "US$"]

    static var codes: [String] { decimalsOfCodes.keys.sorted() }

    /// Nil for a code that is not known.
    init?(code: String) {
        guard Self.decimalsOfCodes[code] != nil else { return nil }
        self.code = code
    }

    private func sign(in language: Language) -> String {
        if language == .indonesian, code == "IDR" { return "Rp" }
        return Self.signs[code] ?? "\(code) "
    }

    func text(of amount: DecimalNumber, in language: Language) -> String {
        let decimals = Self.decimalsOfCodes[code] ?? 2
        let rounded = amount.rounded(to: decimals)
        return rounded.text(
            in: language, decimals: rounded.hasFraction ? decimals : 0, prefix: sign(in: language))
    }
}
