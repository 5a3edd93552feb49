import DripCore

// The keys of `policy.yaml`.

enum PolicyKeys {
    static let sender = Key(
        "sender", .group(SenderKeys.spec, build: SenderKeys.build), required: true,
        example: "sender: { name: Acme, address: hello@acme.example }", "Who messages come from.")
    static let postalAddress = Key(
        "postal_address", .text, required: true, example: "postal_address: \"Acme, Jl. Sudirman 1, Jakarta 10220\"",
        "The sender's postal address, which the law asks for in every message.")
    static let unsubscribeAddress = Key(
        "unsubscribe_address", .address, required: true, example: "unsubscribe_address: unsubscribe@acme.example",
        "The mailbox that takes unsubscribe requests.")
    static let timeZone = Key(
        "time_zone", .zone, standard: "UTC", example: "time_zone: Asia/Jakarta",
        "The zone of leads and campaigns that name none.")
    static let caps = Key(
        "caps", .list(.item(CapKeys.spec, build: CapKeys.build), atMost: 20), standard: "none",
        example: "caps: [ { at_most: 1, per: 24h } ]", "How many messages a lead may get in any such period.")
    static let lookAhead = Key(
        "look_ahead", .span(.zero ... .days(366)), standard: "24h", example: "look_ahead: 24h",
        "How far ahead a step gives way to one of higher priority that it would cap.")
    static let minGap = Key(
        "min_gap", .span(.zero ... .days(366)), standard: "20h", example: "min_gap: 20h",
        "The least time between two messages of one enrollment.")
    static let lateMax = Key(
        "late_max", .span(), standard: "24h", example: "late_max: 24h",
        "How much lateness by an outage, a pause or retries a step survives.")
    static let catchUp = Key(
        "catch_up", .group(CatchUpKeys.spec, build: CatchUpKeys.build), standard: "300 messages per 1m, after 15m",
        example: "catch_up: { at_most: 300, per: 1m, after: 15m }",
        "How fast goes out what a pause, an outage or a stop made late.")
    static let quietHours = Key(
        "quiet_hours", .quietHours, standard: "none", example: "quiet_hours: \"21:00-07:00\"",
        "When nobody may send, in the lead's own zone.")
    static let holidays = Key(
        "holidays", .calendars, example: "holidays: { indonesia: [ 2026-12-25, \"08-17\" ] }",
        "Calendars that campaigns may name, each with its days.")
    static let events = Key(
        "events", .events, example: "events: { ebook_downloaded: Someone fetched the e-book }",
        "The events that campaigns may name, each with a line on what it means.")
    static let topics = Key(
        "topics", .topics, standard: "none", example: "topics: { education: Guides and case studies }",
        "What a lead can opt out of, each with a line on what it is.")
    static let track = Key(
        "track", .group(TrackKeys.spec, build: TrackKeys.build), standard: "nothing",
        example: "track: { clicks: true }",
        "What messages tell of how they are read; needs `public_url` in dripd.yaml.")

    static let report = Key(
        "report", .group(ReportKeys.spec, build: ReportKeys.build), standard: "nothing",
        example: "report: { source: source, currency: IDR }", "What reports need to know beside what happened.")

    static let spec = MappingSpec(
        "the policy",
        keys: [
            sender.spec, postalAddress.spec, unsubscribeAddress.spec, timeZone.spec, caps.spec, lookAhead.spec,
            minGap.spec, lateMax.spec, catchUp.spec, quietHours.spec, holidays.spec, events.spec, topics.spec,
            track.spec, report.spec,
        ])
}

enum TrackKeys {
    static let clicks = Key(
        "clicks", .flag, standard: "false", example: "clicks: true", "Whether links tell that somebody followed them.")
    static let opens = Key(
        "opens", .flag, standard: "false", example: "opens: true", "Whether a picture tells that a message was shown.")

    static let spec = MappingSpec("`track`", keys: [clicks.spec, opens.spec])

    static func build(_ group: MappingReader) -> Policy.Tracking? {
        Policy.Tracking(clicks: group.value(clicks) ?? false, opens: group.value(opens) ?? false)
    }

    static func buildOwn(_ group: MappingReader) -> Policy.OwnTracking? {
        Policy.OwnTracking(clicks: group.value(clicks), opens: group.value(opens))
    }
}

enum CatchUpKeys {
    static let atMost = Key(
        "at_most", .integer(1...1_000_000), required: true, example: "at_most: 300", "How many late messages.")
    static let per = Key(
        "per", .span(.seconds(1) ... .days(1)), required: true, example: "per: 1m", "In which time, evenly spread.")
    static let after = Key(
        "after", .span(.zero ... .days(1)), standard: "15m", example: "after: 15m", "So much lateness is not limited.")

    static let spec = MappingSpec("`catch_up`", keys: [atMost.spec, per.spec, after.spec])

    static func build(_ group: MappingReader) -> CatchUp? {
        let count = group.value(atMost)
        let period = group.value(per)
        let after = group.value(after)
        guard let count, let period, after != nil || !group.has(Self.after) else { return nil }
        return CatchUp(count: count, period: period, after: after ?? CatchUp.standard.after)
    }
}

/// Reads `policy.yaml`.
enum PolicyReader {
    static let fileName = "policy.yaml"

    struct Result {
        /// Nil where there is any error.
        var policy: Policy?
        var names = Names()
    }

    /// What campaigns may name of a policy, also of a broken one: they are not to blame for its mistakes.
    struct Names {
        /// Nil where they cannot be known.
        var events: Set<String>?
        /// Nil where they cannot be known.
        var topics: Set<String>?
        /// Nil where they cannot be known.
        var calendars: [String: Holidays]?
        /// Whether there is a `scoring.yaml`.
        var hasScoring = false
        /// Whether it names who in sales takes leads over; true also where that cannot be known.
        var hasOwners = false
    }

    /// `campaigns` are the folders that hold one, sound or not; `today` is the day on which a calendar may be out of date;
    /// nil judges none.
    static func read(
        _ source: SourceText, zones: Set<String>, campaigns: Set<String>, today: LocalDate?, findings: Findings
    ) -> Result {
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(
                    at: .wholeFile, "the file is empty",
                    hint: "Begin it with a line such as `\(PolicyKeys.sender.spec.example)`.")
            }
            return Result()
        }
        let reading = Reading(
            findings: findings, source: source, root: PolicyKeys.spec, zones: zones, campaigns: campaigns)
        guard var group = MappingReader(root, as: PolicyKeys.spec, reading: reading) else { return Result() }
        let events = group.value(PolicyKeys.events)
        var result = Result()
        if events != nil || !group.has(PolicyKeys.events) {
            result.names.events = Set((events?.meanings ?? [:]).keys.map(\.rawValue)).union(BuiltInEvents.names)
        }
        let topics = group.value(PolicyKeys.topics)
        if topics != nil || !group.has(PolicyKeys.topics) {
            result.names.topics = Set((topics ?? [:]).keys.map(\.rawValue))
            group.reading.topics = result.names.topics
        }
        let calendars = group.value(PolicyKeys.holidays)
        if calendars != nil || !group.has(PolicyKeys.holidays) { result.names.calendars = calendars?.byName ?? [:] }
        warnOfPast(calendars, today: today, findings: findings)
        let quietHours = group.value(PolicyKeys.quietHours)
        let track = group.value(PolicyKeys.track)
        let report = group.value(PolicyKeys.report)
        let sender = group.value(PolicyKeys.sender)
        let postalAddress = group.value(PolicyKeys.postalAddress)
        let unsubscribeAddress = group.value(PolicyKeys.unsubscribeAddress)
        let zoneName = group.value(PolicyKeys.timeZone)
        let caps = group.value(PolicyKeys.caps)
        let lookAhead = group.value(PolicyKeys.lookAhead)
        let minGap = group.value(PolicyKeys.minGap)
        let lateMax = group.value(PolicyKeys.lateMax)
        let catchUp = group.value(PolicyKeys.catchUp)
        guard let sender, let postalAddress, let unsubscribeAddress, !findings.isBroken else { return result }
        var policy = Policy(
            sender: sender, postalAddress: postalAddress, unsubscribeAddress: unsubscribeAddress, caps: caps ?? [],
            events: events?.meanings ?? [:], topics: topics ?? [:])
        policy.eventValues = events?.values ?? [:]
        policy.report = report ?? policy.report
        policy.lookAhead = lookAhead ?? policy.lookAhead
        policy.zoneName = zoneName ?? policy.zoneName
        policy.minGap = minGap ?? policy.minGap
        policy.lateMax = lateMax ?? policy.lateMax
        policy.catchUp = catchUp ?? policy.catchUp
        policy.quietHours = quietHours
        policy.track = track ?? policy.track
        policy.holidays = calendars?.byName ?? [:]
        result.policy = policy
        return result
    }

    /// A calendar all of whose dates are over was forgotten at the year's end: its campaigns send on holidays.
    private static func warnOfPast(_ calendars: Calendars?, today: LocalDate?, findings: Findings) {
        guard let calendars, let today else { return }
        for (name, calendar) in calendars.byName.sorted(by: { $0.key < $1.key }) {
            guard let last = calendar.lastDate, last < today, let place = calendars.places[name] else { continue }
            findings.warning(
                at: place, "the last date of the calendar `\(name)`, \(last), is over",
                hint: "Add the dates of \(today.year) and the year after.")
        }
    }
}
