import DripCore

// How files write times: spans with a unit, wall-clock times, opening hours and weekdays.

extension ValueKind where Value == TimeSpan {
    static func span(_ range: ClosedRange<TimeSpan> = .zero ... .days(36_525)) -> ValueKind {
        let what =
            range.lowerBound == .zero
            ? "a length of time" : "a length of time from \(range.lowerBound) to \(range.upperBound)"
        return scalar(
            .form("length of time", pattern: Pattern.span), what,
            parse: { TimeSpan($0).flatMap { range.contains($0) ? $0 : nil } },
            hint: { text in
                if TimeSpan(text) != nil { return nil }
                return TimeWords.spanSuggestion(for: text).map { "Write `\($0)`." }
                    ?? "Write a number and a unit, such as `90s`, `30m`, `72h` or `3d`."
            })
    }

    /// A span that may lie before what it counts from: `72h`, `-72h`.
    static let signedSpan = scalar(
        .form("length of time", pattern: "^-?[0-9]+[smhdw]$"), "a length of time",
        parse: { text in
            text.hasPrefix("-") ? TimeSpan(String(text.dropFirst())).map { .zero - $0 } : TimeSpan(text)
        },
        hint: { text in
            let sign = text.hasPrefix("-") ? "-" : ""
            return TimeWords.spanSuggestion(for: TimeWords.trimmed(text.dropFirst(sign.count))).map {
                "Write `\(sign)\($0)`."
            }
                ?? "Write a number and a unit, such as `90s`, `30m`, `72h` or `3d`."
        })
}

extension ValueKind where Value == LocalTime {
    /// A time of day at which something can happen: `24:00` is none.
    static let time = scalar(
        .form("time of day", pattern: "^\(Pattern.time)$"), "a time of day",
        parse: { text in LocalTime(text).flatMap { $0 < .endOfDay ? $0 : nil } },
        hint: { text in
            if LocalTime(text) == .endOfDay { return "Write \"00:00\", on the day after." }
            return TimeWords.timeSuggestion(for: text).map { "Write \"\($0)\"." }
                ?? "Write hours and minutes on the 24-hour clock, such as \"09:00\"."
        })
}

/// `08:00-17:00`: half-open, and `22:00-02:00` goes past midnight.
struct Hours: Hashable, Sendable {
    var opens: LocalTime
    var closes: LocalTime
}

extension ValueKind where Value == Hours {
    static let hours = ValueKind(shape: .form("hours", pattern: Pattern.hours)) { node, key, reading in
        guard let text = reading.scalar(node, key, "opening hours") else { return nil }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { TimeWords.trimmed($0) }
        guard ends.count == 2, let opens = LocalTime(ends[0]), let closes = LocalTime(ends[1]) else {
            let mended = ends.map { LocalTime($0) == nil ? TimeWords.timeSuggestion(for: $0) : $0 }
            let suggestion = mended.count == 2 ? mended.compactMap { $0 }.joined(separator: "-") : ""
            let isWhole = mended.count == 2 && !mended.contains(nil)
            reading.refuse(
                node, key, "opening hours",
                hint: "Write \"\(isWhole ? suggestion : "08:00-17:00")\".")
            return nil
        }
        guard opens < .endOfDay else {
            reading.refuse(node, key, "opening hours", hint: "Write \"00:00-\(closes)\".")
            return nil
        }
        guard opens != closes else {
            reading.error(
                at: node.place, "`\(key.name)` opens and closes at \(opens), so it is never open",
                hint: "Write \"00:00-24:00\" for the whole day, or leave `\(key.name)` out.")
            return nil
        }
        return Hours(opens: opens, closes: closes)
    }
}

extension ValueKind where Value == Set<Weekday> {
    /// `mon-fri`, `mon,wed,fri`, `[sat, sun]`, and any mixture.
    static let days = ValueKind(shape: .oneOrMany(.form("weekdays", pattern: Pattern.days))) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        var items = [node]
        if case .sequence(let nodes) = node.content { items = nodes }
        guard !items.isEmpty else {
            reading.error(
                at: node.place, "`\(key.name)` names no day, so it is never open",
                hint: "Write it as in `\(key.example)`, or leave `\(key.name)` out for every day.")
            return nil
        }
        var days: Set<Weekday> = []
        for item in items {
            guard let text = reading.scalar(item, key, "weekdays") else { return nil }
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                switch TimeWords.days(TimeWords.trimmed(part)) {
                case .success(let more): days.formUnion(more)
                case .failure(let unknown):
                    reading.error(
                        at: item.place, "unknown weekday \(quoted(unknown.word))",
                        hint: TimeWords.weekdaySuggestion(for: unknown.word).map { "Did you mean `\($0)`?" }
                            ?? "Write `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, or a range such as `mon-fri`.")
                    return nil
                }
            }
        }
        return days
    }
}

/// The small grammar of the kinds above.
enum TimeWords {
    struct UnknownDay: Error {
        var word: String
    }

    static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// One weekday or a range; a range may go over the week's end: `fri-mon`.
    static func days(_ text: String) -> Result<[Weekday], UnknownDay> {
        var ends: [Weekday] = []
        for word in text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false) {
            guard let day = Weekday(rawValue: trimmed(word).lowercased()) else {
                return .failure(UnknownDay(word: trimmed(word)))
            }
            ends.append(day)
        }
        guard ends.count == 2 else { return .success(ends) }
        let length = (ends[1].index - ends[0].index + 7) % 7
        return .success((0...length).map { Weekday.allCases[(ends[0].index + $0) % 7] })
    }

    /// `monday` → `mon`; nearest spelling otherwise.
    static func weekdaySuggestion(for word: String) -> String? {
        let names = Weekday.allCases.map(\.rawValue)
        return names.first { word.lowercased().hasPrefix($0) } ?? Spelling.nearest(to: word, among: names)
    }

    /// `9`, `9:00`, `9.30`, `9am`, `9:00 PM` → `09:00`, `09:30`, `21:00`.
    static func timeSuggestion(for text: String) -> String? {
        var word = text.lowercased().filter { $0 != " " }
        var shift: Int?
        for (suffix, hours) in [("am", 0), ("pm", 12)] where word.hasSuffix(suffix) {
            word.removeLast(2)
            shift = hours
        }
        let parts = word.split(whereSeparator: { $0 == ":" || $0 == "." }).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy({ $0.count <= 2 }), var hour = Naming.integer(parts[0]),
            let minute = parts.count == 2 ? Naming.integer(parts[1]) : 0, minute >= 0, minute < 60, hour >= 0
        else { return nil }
        if let shift {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + shift
        }
        guard hour < 24 else { return nil }
        return LocalTime(secondOfDay: hour * 3_600 + minute * 60).description
    }

    /// `3 days` → `3d`, `90 min` → `90m`.
    static func spanSuggestion(for text: String) -> String? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = trimmed(text.dropFirst(digits.count)).lowercased()
        let words = [
            "s": ["s", "sec", "secs", "second", "seconds"], "m": ["m", "min", "mins", "minute", "minutes"],
            "h": ["h", "hr", "hrs", "hour", "hours"], "d": ["d", "day", "days"], "w": ["w", "wk", "week", "weeks"],
        ]
        guard !digits.isEmpty, let letter = words.first(where: { $0.value.contains(unit) })?.key,
            TimeSpan(digits + letter) != nil
        else { return nil }
        return digits + letter
    }
}
