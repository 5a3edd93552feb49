import DripCore

/// One transport as the engine knows it: whether it works, and how much more may go through it.
struct Outlet: Sendable {
    let transport: Engine.TransportDescription
    var breaker = Breaker()
    /// Marked and not recorded.
    var sending = 0
    /// Since the start.
    var accepted = 0
    private(set) var bucket: TokenBucket?
    private(set) var domains: DomainPace?
    private var oddIsForPushes = false
    /// Counted only while it warms up.
    private(set) var day: TransportDay?

    init(transport: Engine.TransportDescription, day: TransportDay? = nil, now: Instant) {
        self.transport = transport
        self.day = day
        bucket = transport.traffic.rate.map { TokenBucket($0, at: now) }
        domains = transport.traffic.ratePerDomain.map { DomainPace($0) }
    }

    /// How many more may be marked now: at most twice `in_flight`, so that a connection never waits for a commit and a
    /// crash never leaves more than that in doubt (design §6); no more than the rate and the day's volume allow.
    func credit(at now: Instant, today: LocalDate) -> Int {
        var credit = breaker.credit(limit: 2 * transport.inFlight, sending: sending, at: now)
        if let bucket { credit = min(credit, bucket.tokens(at: now)) }
        if let left = leftToday(today) { credit = min(credit, left) }
        return max(0, credit)
    }

    /// What is left of the day's volume while it warms up.
    func leftToday(_ today: LocalDate) -> Int? {
        transport.traffic.warmUp?.volume(on: today).map { max(0, $0 - sent(on: today)) }
    }

    /// A clock that stepped back over midnight does not give the day's volume again.
    func sent(on today: LocalDate) -> Int { day.map { $0.day >= today ? $0.count : 0 } ?? 0 }

    mutating func clockStepped(from before: Instant, to now: Instant) {
        bucket?.clockStepped(to: now)
        domains?.clockStepped(from: before, to: now)
    }

    /// When there may be credit again without any outcome; nil where only an outcome or a person brings it.
    func creditAt(_ now: Instant, today: LocalDate, tomorrow: Instant) -> Instant? {
        if let until = breaker.pausedUntil(at: now) { return until }
        guard breaker.credit(limit: 2 * transport.inFlight, sending: sending, at: now) > 0 else { return nil }
        if leftToday(today) == 0 { return tomorrow }
        return bucket?.nextTokenAt(now) ?? now
    }

    /// When a message to that domain may go through it.
    func slot(for domain: String?, hasSlot: Bool, at now: Instant) -> Instant {
        guard let domain, let domains else { return now }
        return domains.slot(for: domain, hasSlot: hasSlot, at: now)
    }

    mutating func reserve(_ slot: Instant, for domain: String, at now: Instant) {
        domains?.reserve(slot, for: domain, at: now)
    }

    /// What of its room pushes may take while steps are due as well: half, and what is odd goes to either in turn.
    mutating func share(of room: Int) -> Int {
        guard room % 2 == 1 else { return room / 2 }
        oddIsForPushes.toggle()
        return room / 2 + (oddIsForPushes ? 1 : 0)
    }

    /// A message goes.
    mutating func take(_ domain: String?, at now: Instant, today: LocalDate) {
        sending += 1
        bucket?.take(at: now)
        if let domain { domains?.take(domain, at: now) }
        guard transport.traffic.warmUp?.volume(on: today) != nil else { return }
        let latest = day.map { max($0.day, today) } ?? today
        day = TransportDay(transport: transport.name, day: latest, count: sent(on: today) + 1)
    }
}

/// All work of one route, and the transports that it may go by.
struct Lane: Sendable {
    /// A transport of the lane, by its number among the outlets, and the one that stands in for it.
    struct Member: Hashable, Sendable {
        var outlet: Int
        var weight: Int
        var fallback: Int?
    }

    let route: Route
    /// Empty for what waits for no transport at all, and is only moved on to its own route.
    let members: [Member]
    var turns = Turns()

    init(route: Route, members: [Member]) {
        self.route = route
        self.members = members
    }

    /// The lanes of these transports: e-mail and SMS share all of their own, and each HTTP transport is one.
    ///
    /// What sends SMS is also one by its name, for `http` steps that name it.
    static func all(of transports: [Engine.TransportDescription]) -> [Lane] {
        func number(_ name: String?) -> Int? { transports.firstIndex { $0.name == name } }
        func member(_ index: Int) -> Member {
            let traffic = transports[index].traffic
            return Member(outlet: index, weight: traffic.weight, fallback: number(traffic.fallback))
        }
        // First of all: what it decides may be due at once.
        var lanes = [Lane(route: .inner, members: [])]
        for route in [Route.email, .sms] {
            let shared = transports.indices.filter { transports[$0].channel == route.channel }
            if !shared.isEmpty {
                lanes.append(Lane(route: route, members: shared.map(member).filter { $0.weight > 0 }))
            }
        }
        let posts = transports.indices.filter { transports[$0].channel != .email }
        for index in posts {
            let own = Member(outlet: index, weight: 1, fallback: member(index).fallback)
            lanes.append(Lane(route: Route(.http, transport: transports[index].name), members: [own]))
        }
        if !posts.isEmpty { lanes.append(Lane(route: .http, members: [])) }
        return lanes
    }

    /// Every transport that it may ever go by.
    var outlets: [Int] { members.flatMap { [$0.outlet] + [$0.fallback].compactMap(\.self) } }
}
