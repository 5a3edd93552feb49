import DripCore

// The keys of a transport that say how much goes through it, beside what it is.

enum TrafficKeys {
    static let weight = Key(
        "weight", .integer(0...1_000), standard: "1", example: "weight: 3",
        "Its share of the channel's messages beside other transports; 0 for a stand-in that others name as fallback.")
    static let fallback = Key(
        "fallback", .text, example: "fallback: backup", "The transport that takes its messages while it is paused.")
    static let rate = Key(
        "rate", .group(RateKeys.spec("`rate`"), build: RateKeys.build), standard: "no limit but in_flight",
        example: "rate: { at_most: 300, per: 1m }", "How fast it sends at most.")
    static let ratePerDomain = Key(
        "rate_per_domain", .domainRates, standard: "no limit",
        example: "rate_per_domain: { gmail.com: { at_most: 20, per: 1m }, others: { at_most: 100, per: 1m } }",
        "How fast it writes to each recipient domain at most.")
    static let warmUp = Key(
        "warm_up", .group(WarmUpKeys.spec, build: WarmUpKeys.build), standard: "none",
        example: "warm_up: { from: 2026-12-01, days: [ 50, 100, 500 ] }",
        "How much it sends on each of its first days.")

    static let specs = [weight.spec, fallback.spec, rate.spec, ratePerDomain.spec, warmUp.spec]

    static func build(_ group: MappingReader) -> TransportTraffic {
        TransportTraffic(
            weight: group.value(weight) ?? 1, fallback: group.value(fallback), rate: group.value(rate),
            ratePerDomain: group.value(ratePerDomain), warmUp: group.value(warmUp))
    }
}

enum RateKeys {
    static let atMost = Key(
        "at_most", .integer(1...1_000_000), required: true, example: "at_most: 300", "How many messages.")
    static let per = Key(
        "per", .span(.seconds(1) ... .days(1)), required: true, example: "per: 1m", "In which time, evenly spread.")

    static func spec(_ title: String) -> MappingSpec { MappingSpec(title, keys: [atMost.spec, per.spec]) }

    static func build(_ group: MappingReader) -> SendRate? {
        let count = group.value(atMost)
        let period = group.value(per)
        guard let count, let period else { return nil }
        return SendRate(count: count, period: period)
    }
}

enum WarmUpKeys {
    static let from = Key(
        "from", .calendarDay, required: true, example: "from: 2026-12-01", "The first day, in the policy's zone.")
    static let days = Key(
        "days", .list(.integer(1...1_000_000_000), atMost: 400), required: true, example: "days: [ 50, 100, 500 ]",
        "How many messages on the first day, the second, and so on; behind the last there is no limit.")

    static let spec = MappingSpec("`warm_up`", keys: [from.spec, days.spec])

    static func build(_ group: MappingReader) -> WarmUp? {
        let from = group.value(from)
        let volumes = group.value(days)
        guard let from, let volumes else { return nil }
        return WarmUp(from: from, volumes: volumes)
    }
}

extension ValueKind where Value == LocalDate {
    static let calendarDay = scalar(
        .form("date", pattern: Pattern.date), "a date", parse: { LocalDate($0) })
}

extension ValueKind where Value == DomainPace.Rates {
    private static let domainPattern = "^(\(Pattern.anyCase("others"))|[A-Za-z0-9:_-]+\\.[A-Za-z0-9.:_-]+)$"

    /// Rates by domain; `others` stands for every domain that is not named.
    static let domainRates = ValueKind(shape: .map(.group(RateKeys.spec("a domain's rate")), names: domainPattern)) {
        node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of rates, each under its domain")
            return nil
        }
        var rates = DomainPace.Rates()
        for entry in entries {
            let domain = entry.key.lowercased()
            guard domain == "others" || WebAddress.isHost(domain) && domain.contains(".") else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) is no domain of e-mail addresses",
                    hint: "Write a domain such as `gmail.com`, or `others` for all that are not named.")
                continue
            }
            let spec = RateKeys.spec("the rate of `\(entry.key)`")
            guard let group = MappingReader(entry.value, as: spec, reading: reading), let rate = RateKeys.build(group)
            else { continue }
            if domain == "others" { rates.others = rate } else { rates.byDomain[domain] = rate }
        }
        return rates
    }
}
