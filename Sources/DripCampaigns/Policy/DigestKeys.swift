import DripCore

// `digest` under `report` of `policy.yaml`.

enum DigestKeys {
    /// The days of the week, as somebody writes one of them.
    enum Day: String, CaseIterable, Sendable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday

        /// The word that lists of days use.
        var weekday: Weekday? { Weekday(rawValue: String(rawValue.prefix(3))) }
    }

    enum Locale: String, CaseIterable, Sendable {
        case english = "en"
        case indonesian = "id"
    }

    static let day = Key(
        "day",
        .choice(
            meaning: Dictionary(
                uniqueKeysWithValues: Day.allCases.map { (String($0.rawValue.prefix(3)), $0.rawValue) }
                    + [
                        ("senin", "monday"), ("selasa", "tuesday"), ("rabu", "wednesday"), ("kamis", "thursday"),
                        ("jumat", "friday"), ("sabtu", "saturday"), ("minggu", "sunday"),
                    ])) as ValueKind<Day>,
        standard: "monday", example: "day: monday", "Of the seven days before which day it tells.")
    static let locale = Key(
        "locale",
        .choice(meaning: ["english": "en", "indonesian": "id", "indonesia": "id"]) as ValueKind<Locale>,
        standard: "en", example: "locale: id", "In which language.")

    static let spec = MappingSpec(
        "`digest`", keys: [day.spec, locale.spec],
        later: [
            LaterKey("to", unsent), LaterKey("at", unsent),
        ],
        foreign: ["language": "Write `locale`."])

    private static let unsent =
        "dripd does not send it by itself yet: let cron run `dripd report --digest` and mail what it prints."

    static func build(_ group: MappingReader) -> ReportPolicy.Digest? {
        let (day, locale) = (group.value(day), group.value(locale))
        guard day != nil || !group.has(Self.day), locale != nil || !group.has(Self.locale) else { return nil }
        return ReportPolicy.Digest(day: day?.weekday ?? ReportPolicy.Digest.standardDay, locale: locale?.rawValue)
    }
}
