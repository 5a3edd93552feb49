import DripCore

// The keys of a cap, in `policy.yaml` and in a campaign. A cap of a campaign is about that campaign alone, so that it
// cannot name one.

enum CapKeys {
    static let atMost = Key(
        "at_most", .integer(1...1_000), required: true, example: "at_most: 1", "How many messages.")
    static let per = Key(
        "per", .capPeriod, required: true, example: "per: 24h",
        "In which time: rolling, or `day`, `week`, `month` with `calendar: true`.")
    static let calendar = Key(
        "calendar", .flag, standard: "false", example: "calendar: true",
        "Counts by the lead's own calendar: days from midnight, weeks from Monday.")
    static let channel = Key(
        "channel", .channel, standard: "all channels", example: "channel: email", "Only messages of this channel.")
    static let topic = Key("topic", .topic, standard: "all topics", example: "topic: education", "Only this topic.")
    static let campaign = Key(
        "campaign", .campaign, standard: "all campaigns", example: "campaign: ebook-nurture",
        "Only messages of this campaign.")
    static let each: Key<FrequencyCap.Dimension> = Key(
        "each", .choice, example: "each: campaign", "Counts each campaign, topic or channel for itself.")

    static let spec = MappingSpec(
        "a cap",
        keys: [atMost.spec, per.spec, calendar.spec, channel.spec, topic.spec, campaign.spec, each.spec])
    static let specInCampaign = MappingSpec(
        "a cap", keys: [atMost.spec, per.spec, calendar.spec, channel.spec, topic.spec, each.spec])

    static func build(_ group: MappingReader) -> FrequencyCap? {
        let count = group.value(atMost)
        let period = period(group)
        let isSound = checkEach(group)
        let scope = FrequencyCap.Scope(
            channel: group.value(channel), topic: group.value(topic), campaign: group.value(campaign),
            each: group.value(each))
        guard let count, let period, isSound else { return nil }
        return FrequencyCap(count: count, period: period, scope: scope)
    }

    /// Within a campaign: its id is added by whoever knows it.
    static func buildInCampaign(_ group: MappingReader) -> FrequencyCap? {
        guard group.value(each) != .campaign else {
            group.reading.error(
                at: group.place(of: each), "`each: campaign` in a campaign: its caps count this campaign alone anyway",
                hint: "Leave `each` out, or write the cap into policy.yaml.")
            return nil
        }
        return build(group)
    }

    private static func period(_ group: MappingReader) -> FrequencyCap.Period? {
        let period = group.value(per)
        let isCalendar = group.value(calendar)
        guard let period, isCalendar != nil || !group.has(calendar) else { return nil }
        switch (period, isCalendar ?? false) {
        case (.rolling(let span), true):
            let unit: [TimeSpan: String] = [.days(1): "day", .days(7): "week", .days(30): "month", .days(31): "month"]
            group.reading.error(
                at: group.place(of: per), "a cap with `calendar: true` is per `day`, `week` or `month`",
                hint: unit[span].map { "Write `per: \($0)`." }
                    ?? "Write one of them, or take `calendar: true` out for a rolling cap.")
            return nil
        case (.calendar(let unit), false):
            let span = ["day": "24h", "week": "7d", "month": "30d"][unit.rawValue] ?? "24h"
            group.reading.error(
                at: group.place(of: per), "`per: \(unit.rawValue)` is a calendar \(unit.rawValue)",
                hint: "Add `calendar: true`, or write `per: \(span)` for a rolling cap.")
            return nil
        default: return period
        }
    }

    /// Where a cap names one value, there is nothing for `each` to tell apart.
    private static func checkEach(_ group: MappingReader) -> Bool {
        guard let dimension = group.value(each) else { return true }
        let isNamed =
            switch dimension {
            case .campaign: group.has(campaign)
            case .topic: group.has(topic)
            case .channel: group.has(channel)
            }
        guard isNamed else { return true }
        let name = dimension.rawValue
        group.reading.error(
            at: group.place(of: each), "`each: \(name)` and `\(name)` in one cap contradict each other",
            hint: "Keep `\(name)` for one of them, or `each: \(name)` for every one by itself.")
        return false
    }
}

extension ValueKind where Value == FrequencyCap.Period {
    /// A length of time, or the name of a calendar period.
    static let capPeriod = ValueKind(
        shape: .form("period of a cap", pattern: "^([0-9]+[smhdw]|day|week|month)$")
    ) { node, key, reading in
        if let unit = node.scalar.flatMap({ CalendarPeriod(rawValue: $0.text) }) { return .calendar(unit) }
        return ValueKind<TimeSpan>.span(.seconds(1)...FrequencyCap.longestPeriod).read(node, key, reading)
            .map { .rolling($0) }
    }
}

extension ValueKind where Value == Channel {
    static let channel: ValueKind = {
        let channels = Channel.allCases.filter { $0 != .inner }
        let names = channels.map(\.name)
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        return scalar(
            .choice(names), "one of \(list)", parse: { text in channels.first { $0.name == text } },
            hint: { Spelling.hint(for: $0, among: names, otherwise: "Write one of \(list).") })
    }()
}

extension ValueKind where Value == CampaignID {
    /// A campaign of this folder.
    static let campaign = ValueKind(shape: .form("campaign", pattern: Pattern.name)) {
        node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a campaign") else { return nil }
        guard let campaigns = reading.campaigns, !campaigns.contains(text) else { return CampaignID(rawValue: text) }
        reading.error(
            at: node.place, "no campaign is called \(quoted(text))",
            hint: Spelling.hint(
                for: text, among: campaigns, otherwise: "A campaign is called like the folder that it is in."))
        return nil
    }
}
