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

    static let to = Key(
        "to", .list(.address, atMost: ReportPolicy.Digest.mostAddresses), required: true,
        example: "to: [marketing@rumpun.example, sales@rumpun.example]", "Who gets it: addresses of colleagues.")
    static let day = Key(
        "day",
        .choice(
            meaning: Dictionary(
                uniqueKeysWithValues: Day.allCases.map { (String($0.rawValue.prefix(3)), $0.rawValue) }
                    + [
                        ("senin", "monday"), ("selasa", "tuesday"), ("rabu", "wednesday"), ("kamis", "thursday"),
                        ("jumat", "friday"), ("sabtu", "saturday"), ("minggu", "sunday"),
                    ])) as ValueKind<Day>,
        standard: "monday", example: "day: monday", "On which day; it tells of the seven days before.")
    static let at = Key(
        "at", .time, standard: "08:00", example: "at: \"08:00\"", "When, by the clock of the policy's zone.")
    static let locale = Key(
        "locale",
        .choice(meaning: ["english": "en", "indonesian": "id", "indonesia": "id"]) as ValueKind<Locale>,
        standard: "en", example: "locale: id", "In which language.")

    static let spec = MappingSpec(
        "`digest`", keys: [to.spec, day.spec, at.spec, locale.spec],
        foreign: [
            "email": "Write `to`.", "recipients": "Write `to`.", "time": "Write `at`.", "language": "Write `locale`.",
        ])

    static func build(_ group: MappingReader) -> ReportPolicy.Digest? {
        let (to, day) = (group.value(to), group.value(day))
        let (at, locale) = (group.value(at), group.value(locale))
        guard let to, day != nil || !group.has(Self.day), at != nil || !group.has(Self.at),
            locale != nil || !group.has(Self.locale)
        else { return nil }
        guard !to.isEmpty else {
            group.reading.error(
                at: group.place(of: Self.to), "`to` names nobody", hint: "Write it as in `\(Self.to.spec.example)`.")
            return nil
        }
        if let twice = to.indices.first(where: { index in
            to[..<index].contains { $0.normalised == to[index].normalised }
        }) {
            group.reading.error(
                at: group.place(of: Self.to), "`to` names \(to[twice].text) twice", hint: "Take one of them out.")
            return nil
        }
        return ReportPolicy.Digest(
            to: to, day: day?.weekday ?? ReportPolicy.Digest.standardDay,
            at: at ?? ReportPolicy.Digest.standardTime, locale: locale?.rawValue)
    }
}
