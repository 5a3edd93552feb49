import DripCore

// `quiet_hours` and `holidays` of `policy.yaml`.

enum QuietHoursKeys {
    static let hours = Key(
        "hours", .hours, required: true, example: "hours: \"21:00-07:00\"",
        "From the first time until just before the second; may go past midnight.")
    static let days = Key(
        "days", .days, standard: "every day", example: "days: mon-sun", "The weekdays on which they begin.")

    static let spec = MappingSpec("the quiet hours", keys: [hours.spec, days.spec])

    static func build(_ group: MappingReader) -> QuietHours? {
        let hours = group.value(Self.hours)
        let days = group.value(Self.days)
        guard let hours, days != nil || !group.has(Self.days) else { return nil }
        return QuietHours(days: days ?? Set(Weekday.allCases), begins: hours.opens, ends: hours.closes)
    }
}

extension ValueKind where Value == QuietHours {
    /// `"21:00-07:00"`, or `{ hours: "21:00-07:00", days: mon-fri }`.
    static let quietHours = ValueKind(shape: .either(ValueKind<Hours>.hours.shape, .group(QuietHoursKeys.spec))) {
        node, key, reading in
        let quiet: QuietHours?
        if case .mapping = node.content {
            quiet = MappingReader(node, as: QuietHoursKeys.spec, for: key, reading: reading).flatMap(
                QuietHoursKeys.build)
        } else {
            quiet = ValueKind<Hours>.hours.read(node, key, reading).map {
                QuietHours(begins: $0.opens, ends: $0.closes)
            }
        }
        guard let quiet else { return nil }
        guard SendTimes(window: .always, quietHours: quiet).openWall(atOrAfter: 0) != nil else {
            reading.error(
                at: node.place, "`\(key.name)` leave no moment of any day to send in",
                hint: "Write it as in `\(key.example)`.")
            return nil
        }
        return quiet
    }
}

enum HolidayKeys {
    static let on = Key(
        "on", .text, example: "on: 2026-12-25", "A date, or a month and a day such as \"12-25\" for every year.")
    static let from = Key("from", .text, example: "from: 2027-03-20", "The first day of several.")
    static let to = Key("to", .text, example: "to: 2027-03-24", "The last day of several.")
    static let name = Key("name", .text, example: "name: Natal", "What people call it.")

    static let spec = MappingSpec(
        "a holiday", keys: [on.spec, from.spec, to.spec, name.spec],
        rules: [.exactlyOne(["on", "from"]), .needs("from", "to"), .needs("to", "from")])

    static func build(_ group: MappingReader) -> Holidays.Entry? {
        let name = group.value(Self.name)
        let (on, from, to) = (group.value(Self.on), group.value(Self.from), group.value(Self.to))
        let reading = group.reading
        switch (group.has(Self.on), group.has(Self.from), group.has(Self.to)) {
        case (true, false, false):
            return on.flatMap { HolidayWords.read($0, at: group.place(of: Self.on), reading) }
                .map { Holidays.Entry($0, name: name) }
        case (false, true, true):
            guard let first = from.flatMap({ HolidayWords.date($0, at: group.place(of: Self.from), reading) }),
                let last = to.flatMap({ HolidayWords.date($0, at: group.place(of: Self.to), reading) })
            else { return nil }
            guard first <= last else {
                reading.error(
                    at: group.place(of: Self.to), "the holiday ends on \(last), before it begins on \(first)",
                    hint: "Swap the two, or check the year.")
                return nil
            }
            guard last.daysSinceEpoch - first.daysSinceEpoch < 366 else {
                reading.error(
                    at: group.place(of: Self.to), "the holiday lasts for more than a year",
                    hint: "Check the years of `from` and `to`.")
                return nil
            }
            return Holidays.Entry(.dates(first, last), name: name)
        default:
            reading.error(
                at: group.node.place, "a holiday has either `on`, or `from` and `to`",
                hint: "Write it as in `{ on: 2026-12-25, name: Natal }` or `{ from: 2027-03-20, to: 2027-03-24 }`.")
            return nil
        }
    }
}

enum HolidayWords {
    /// A date, or a month and a day of every year.
    static func read(_ text: String, at place: Place, _ reading: Reading) -> Holidays.Entry.Days? {
        // 2028 is a leap year: "02-29" is a day of the calendar.
        if text.count == 5, let date = LocalDate("2028-\(text)") { return .yearly(month: date.month, day: date.day) }
        return date(text, at: place, reading).map { .dates($0, $0) }
    }

    static func date(_ text: String, at place: Place, _ reading: Reading) -> LocalDate? {
        guard let date = LocalDate(text), (2_000...2_100).contains(date.year) else {
            reading.error(
                at: place, "\(quoted(text)) is no date",
                hint: suggestion(for: text).map { "Write `\($0)`." }
                    ?? "Write year, month and day, such as `2026-12-25`, or \"12-25\" for every year.")
            return nil
        }
        return date
    }

    /// `25.12.2026`, `25/12/2026`, `2026/12/25`, `2026-1-5` → `2026-12-25`, `2026-01-05`.
    private static func suggestion(for text: String) -> String? {
        let parts = text.split { "./-".contains($0) }.compactMap { Naming.integer(String($0)) }
        guard parts.count == 3 else { return nil }
        let isYearFirst = parts[0] > 31
        let date = LocalDate(year: parts[isYearFirst ? 0 : 2], month: parts[1], day: parts[isYearFirst ? 2 : 0])
        return date.flatMap { (2_000...2_100).contains($0.year) ? $0.description : nil }
    }
}

extension ValueKind where Value == Holidays.Entry {
    /// `2026-12-25`, `"12-25"`, `{ on: …, name: … }` or `{ from: …, to: … }`.
    static let holiday = ValueKind(
        shape: .either(.form("date", pattern: Pattern.holiday), .group(HolidayKeys.spec))
    ) { node, key, reading in
        if case .mapping = node.content {
            return MappingReader(node, as: HolidayKeys.spec, reading: reading).flatMap(HolidayKeys.build)
        }
        guard let text = reading.scalar(node, key, "a date or a group of keys") else { return nil }
        return HolidayWords.read(text, at: node.place, reading).map { Holidays.Entry($0) }
    }
}

/// The calendars of a policy.
struct Calendars {
    /// Every calendar that is there, also where some of its days are wrong: campaigns that name it are not to blame.
    var byName: [String: Holidays] = [:]
    var places: [String: Place] = [:]
}

extension ValueKind where Value == Calendars {
    static let calendars = ValueKind(
        shape: .map(ValueKind<[Holidays.Entry]>.list(.holiday, atMost: 1_000).shape, names: Pattern.name)
    ) {
        node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of calendars", hint: "Write it as in `\(key.example)`.")
            return nil
        }
        var calendars = Calendars()
        for entry in entries {
            guard Naming.isName(entry.key) else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a calendar",
                    hint: Naming.suggestion(for: entry.key).map { "Write `\($0)`." }
                        ?? "Use lower-case letters, digits and hyphens, such as `indonesia`.")
                continue
            }
            let list = Key(
                entry.key, ValueKind<[Holidays.Entry]>.list(.holiday, atMost: 1_000),
                example: "\(entry.key): [ 2026-12-25, \"12-25\" ]", "")
            var days: [Holidays.Entry]?
            if entry.value.isEmpty {
                reading.error(
                    at: entry.keyPlace, "`\(entry.key)` has no value", hint: "Write it as in `\(list.spec.example)`.")
            } else {
                days = list.kind.read(entry.value, list.spec, reading)
            }
            calendars.byName[entry.key] = Holidays(days ?? [])
            calendars.places[entry.key] = entry.keyPlace
        }
        return calendars
    }
}

extension ValueKind where Value == Holidays {
    /// The name of a calendar of the policy.
    static let calendar = ValueKind(shape: .form("calendar", pattern: Pattern.name)) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a calendar") else { return nil }
        guard let calendars = reading.calendars else { return Holidays.none }
        if let calendar = calendars[text] { return calendar }
        reading.error(
            at: node.place, "unknown calendar \(quoted(text))",
            hint: Spelling.hint(
                for: text, among: calendars.keys,
                otherwise: "Add it under `holidays:` in policy.yaml, with its days."))
        return nil
    }
}
