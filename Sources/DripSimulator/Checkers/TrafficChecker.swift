import DripCore

/// Sending keeps to what `dripd.yaml` allows each transport: its rate, its rate for one domain, its volume of a day while it
/// warms up; and a stand-in gets nothing while the one that it stands in for works.
///
/// Judged at the marks, by the engine's clock. After a start, or a step of the clock back, a rate begins anew.
package struct TrafficChecker: Checker, Sendable {
    package static let guarantee = "traffic"
    package private(set) var judged = 0
    package private(set) var judgedByRule = ["rate": 0, "domain": 0, "warm-up": 0, "stand-in": 0]

    private let clocks: [String: WallClock]
    private let transports: [String: TransportPlan]
    private var zone: String?
    private var names: [Int: String] = [:]
    /// Marks since the rates began, by transport, and by transport and domain.
    private var times: [String: [Instant]] = [:]
    private var volumes: [String: Int] = [:]
    private var lastShown = Instant.epoch
    /// Transports that failed, with the last mark that was made before it; those that somebody holds, and may hold.
    private var faulty: [String: Int] = [:]
    private var lastMark = -1
    private var held: Set<String> = []
    private var perhapsHeld: Set<String> = []

    package init(clocks: [String: WallClock], transports: [TransportPlan]) {
        self.clocks = clocks
        self.transports = Dictionary(transports.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        if fact.shown < lastShown { times = [:] }
        lastShown = fact.shown
        switch fact.what {
        case .live(let folder): zone = folder.policy.zone
        case .booted:
            times = [:]
            faulty = [:]
        case .answered(let number, _, true):
            if let name = names[number] { faulty[name] = lastMark }
        case .answered(let number, .accepted, false):
            // What was under way when it failed says nothing of whether it works again.
            if let name = names[number], let before = faulty[name], number > before { faulty[name] = nil }
        case .digestAnswered(_, _, let outcome, _) where outcome != .accepted:
            // By which of them it went, nobody sees.
            for (name, transport) in transports where transport.channel == .email { faulty[name] = lastMark }
        case .paused(.transport(let name)): held.insert(name)
        case .unsettled(.transport(let name)): perhapsHeld.insert(name)
        case .resumed(.transport(let name)): held.remove(name)
        case .marked(let mark): return judge(mark, at: fact.shown)
        default: break
        }
        return []
    }

    private mutating func judge(_ mark: Mark, at now: Instant) -> [String] {
        names[mark.number] = mark.transport
        lastMark = mark.number
        guard let transport = transports[mark.transport] else {
            return ["\(mark.name) goes by \(mark.transport), which no dripd.yaml knows"]
        }
        judged += 1
        var complaints: [String] = []
        if let rate = transport.traffic.rate {
            complaints += judge(mark, transport.name, "rate", rate, at: now)
        }
        if let domain = mark.recipient?.split(separator: "@").last.map(String.init), mark.channel == .email,
            let rates = transport.traffic.ratePerDomain, let rate = rates.byDomain[domain] ?? rates.others
        {
            complaints += judge(mark, "\(transport.name) to \(domain)", "domain", rate, at: now)
        }
        if let warmUp = transport.traffic.warmUp { complaints += judge(mark, warmUp, at: now) }
        if transport.traffic.weight == 0 { complaints += judgeStandIn(mark) }
        return complaints
    }

    /// In any time no more than what was left of a second's worth at its begin, and what came since.
    private mutating func judge(
        _ mark: Mark, _ name: String, _ rule: String, _ rate: SendRate, at now: Instant
    ) -> [String] {
        let known = Array((times[name] ?? []).suffix(60)) + [now]
        times[name] = known
        judgedByRule[rule, default: 0] += 1
        let (count, period) = (Int64(rate.count), rate.period.milliseconds)
        for (index, first) in known.enumerated() {
            let allowed = (max(period, count * 1_000) + (now - first).milliseconds * count) / period
            let together = Int64(known.count - index)
            guard together > allowed else { continue }
            return ["\(mark.name) is the \(together)th over \(name) since \(first), at \(now): \(rate) are allowed"]
        }
        return []
    }

    private mutating func judge(_ mark: Mark, _ warmUp: WarmUp, at now: Instant) -> [String] {
        guard let day = zone.flatMap({ clocks[$0] })?.day(at: now) else { return [] }
        let number = max(0, Int(day) - warmUp.from.daysSinceEpoch)
        guard number < warmUp.volumes.count else { return [] }
        judgedByRule["warm-up", default: 0] += 1
        let key = "\(mark.transport) \(day)"
        volumes[key, default: 0] += 1
        guard let count = volumes[key], count > warmUp.volumes[number] else { return [] }
        return ["\(mark.name) is the \(count)th of day \(number + 1) over \(mark.transport): \(warmUp.volumes)"]
    }

    private mutating func judgeStandIn(_ mark: Mark) -> [String] {
        judgedByRule["stand-in", default: 0] += 1
        let principals = transports.values.filter { $0.traffic.fallback == mark.transport }.map(\.name)
        guard Set(faulty.keys).union(held).union(perhapsHeld).isDisjoint(with: principals) else { return [] }
        return ["\(mark.name) goes by \(mark.transport), and none of \(principals.sorted()) has failed"]
    }
}
