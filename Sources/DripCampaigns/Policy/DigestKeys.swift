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

    static let to = Key(
        "to", .list(.address, atMost: ReportPolicy.Digest.mostRecipients), standard: "nobody",
        example: "to: [rini@acme.example, sales@acme.example]", "Who gets it by e-mail.")
    static let at = Key(
        "at", .time, standard: "08:00", example: "at: \"08:00\"",
        "When on that day they get it, in the policy's `time_zone`.")

    static let spec = MappingSpec(
        "`digest`", keys: [to.spec, day.spec, at.spec, locale.spec], foreign: ["language": "Write `locale`."])

    static func build(_ group: MappingReader) -> ReportPolicy.Digest? {
        let (day, locale) = (group.value(day), group.value(locale))
        let (to, at) = (group.value(to), group.value(at))
        guard day != nil || !group.has(Self.day), locale != nil || !group.has(Self.locale),
            to != nil || !group.has(Self.to),
            at != nil || !group.has(Self.at)
        else { return nil }
        if let to, let twice = to.first(where: { one in to.count { $0.normalised == one.normalised } > 1 }) {
            group.reading.error(
                at: group.keyPlace(of: Self.to), "\(twice) gets it twice", hint: "Name everybody once.")
            return nil
        }
        if at != nil, to == nil {
            group.reading.error(
                at: group.keyPlace(of: Self.at), "`at` says when the digest is mailed, and nobody gets it",
                hint: "Write who does, as in `\(Self.to.spec.example)`.")
            return nil
        }
        let mailing = to.map { ReportPolicy.Digest.Mailing(to: $0, at: at ?? ReportPolicy.Digest.standardTime) }
        return ReportPolicy.Digest(
            day: day?.weekday ?? ReportPolicy.Digest.standardDay, locale: locale?.rawValue, mailing: mailing)
    }
}
