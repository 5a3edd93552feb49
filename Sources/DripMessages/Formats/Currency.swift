// An amount of money, as its reader writes it.
//
// The rule: the currency stands first, by a sign that can mean no other or else by its code, and a whole amount has no
// decimals; any other has all that its currency has (ISO 4217). An amount is rounded to them, half away from zero.
// Edge cases: `$` alone is the money of twenty countries, so it is `US$`, `A$` or `S$`; the rupiah is `Rp` for readers of
// Indonesian, without a blank, and `IDR` for all others; the yen has no decimals.
// Examples: 1250000 IDR is `Rp1.250.000` in Indonesian and `IDR 1,250,000` in English; -49.5 USD is `-US$49.50`.

/// A currency that amounts can be shown in, by its code of ISO 4217.
enum Currency: String, Hashable, Sendable, CaseIterable {
    case aed = "AED", aud = "AUD", bnd = "BND", brl = "BRL", cad = "CAD", chf = "CHF", cny = "CNY", czk = "CZK"
    case dkk = "DKK", eur = "EUR", gbp = "GBP", hkd = "HKD", huf = "HUF", idr = "IDR", inr = "INR", jpy = "JPY"
    case krw = "KRW", kwd = "KWD", mxn = "MXN", myr = "MYR", nok = "NOK", nzd = "NZD", php = "PHP", pkr = "PKR"
    case pln = "PLN", qar = "QAR", ron = "RON", sar = "SAR", sek = "SEK", sgd = "SGD", thb = "THB", `try` = "TRY"
    case twd = "TWD", usd = "USD", vnd = "VND", zar = "ZAR"

    private var decimals: Int {
        switch self {
        case .jpy, .krw, .vnd: 0
        case .kwd: 3
        default: 2
        }
    }

    private func sign(in language: Language) -> String {
        switch self {
        case .idr where language == .indonesian: "Rp"
        case .aud: "A$"
        case .eur: "€"
        case .gbp: "£"
        case .sgd: "S$"
        case .usd: "US$"
        default: "\(rawValue) "
        }
    }

    func text(of amount: DecimalNumber, in language: Language) -> String {
        let rounded = amount.rounded(to: decimals)
        return rounded.text(
            in: language, decimals: rounded.hasFraction ? decimals : 0, prefix: sign(in: language))
    }
}
