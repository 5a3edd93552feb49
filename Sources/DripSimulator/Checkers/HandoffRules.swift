import DripCore

/// Where turns stand, in twentieths of a lead: weights of the simulator divide that.
struct HandoffTurns: Sendable {
    private static let lead = 20
    private var turns: [String: Int] = [:]
    private var last: [[String]: Int] = [:]

    /// Where a pool stands in which nobody has had a lead yet: at its lowest turn.
    func turn(of owner: String, in pool: [String]) -> Int {
        max(turns[owner] ?? 0, last[pool] ?? pool.compactMap { turns[$0] }.min() ?? 0)
    }

    mutating func give(to owner: HandoffPlan.Owner, of pool: [String]) {
        let turn = turn(of: owner.name, in: pool)
        last[pool] = turn
        turns[owner.name] = turn + Self.lead / owner.weight
    }
}

/// Who should take a lead, by the manual.
struct HandoffRules {
    let plan: HandoffPlan
    let policy: PolicyPlan
    let clocks: [String: WallClock]

    /// What may be known of a lead that is given to somebody.
    struct Asked: Hashable {
        var isAnother: Bool
        var tier: String?
        var owner: String?
        var at: Instant
    }

    struct Choice {
        /// Nil: nobody.
        var name: String?
        /// Among whom a turn was looked for; nil where it was nobody's.
        var pool: [String]?
        /// Those whom its territory leaves and who are there.
        var here: [String] = []
        var atWork: [String] = []
    }

    func hours(of owner: HandoffPlan.Owner) -> DeskHours? {
        clocks[owner.zone ?? policy.zone].map {
            DeskHours(clock: $0, window: owner.window, policy: policy, away: owner.away)
        }
    }

    func owner(called name: String?) -> HandoffPlan.Owner? {
        plan.owners.first { $0.name.lowercased() == name?.lowercased() }
    }

    /// When a promise ends: nil in the answer where none is made; nil where nobody can tell.
    func promise(_ span: TimeSpan?, by name: String, from at: Instant) -> Instant?? {
        guard let span, let owner = plan.owners.first(where: { $0.name == name }) else { return .some(nil) }
        guard let hours = hours(of: owner), let end = hours.end(of: span, from: at) else { return nil }
        return .some(end)
    }

    /// When a wait ends, by whoever may have the lead, and has it since that instant.
    func ends(
        of span: TimeSpan, from start: Instant, since: Instant?, for owners: Set<String?>, _ about: String,
        _ campaigns: [String: Set<CampaignPlan>]
    ) -> [Instant]? {
        var ends: [Instant] = []
        for name in owners {
            var (desks, start) = ([DeskHours?](), start)
            if let owner = owner(called: name) {
                desks = [hours(of: owner)]
                if let since, since > start { start = since }
            } else {
                let id = String(about.prefix { $0 != "/" })
                desks = (campaigns[id] ?? []).map { campaign in
                    clocks[campaign.zone ?? policy.zone].map {
                        DeskHours(clock: $0, window: campaign.window, policy: policy)
                    }
                }
            }
            for desk in desks {
                guard let end = desk?.end(of: span, from: start) else { return nil }
                ends.append(end)
            }
        }
        return ends
    }

    /// Nil where nobody outside can tell.
    func choice(_ asked: Asked, _ turns: HandoffTurns) -> Choice? {
        var away: Set<String> = []
        var works: Set<String> = []
        for owner in plan.owners {
            guard let hours = hours(of: owner), let isAway = hours.isAway(at: asked.at),
                let isAtWork = hours.isAtWork(at: asked.at)
            else { return nil }
            if isAway { away.insert(owner.name) }
            if isAtWork { works.insert(owner.name) }
        }
        let current = owner(called: asked.owner)?.name
        if !asked.isAnother, let current, !away.contains(current) { return Choice(name: current, here: [current]) }
        func isLeft(_ owner: HandoffPlan.Owner) -> Bool { owner.name != current && !away.contains(owner.name) }
        let territory = plan.owners.filter { owner in asked.tier.map { owner.tiers.contains($0) } ?? false }
        let anybody = plan.owners.filter(\.tiers.isEmpty)
        let pool = territory.contains(where: isLeft) ? territory : anybody
        let here = pool.filter(isLeft).map(\.name)
        let atWork = here.filter(works.contains)
        var choice = Choice(pool: pool.map(\.name), here: here, atWork: atWork)
        for name in atWork.isEmpty ? here : atWork {
            guard let best = choice.name else {
                choice.name = name
                continue
            }
            let names = pool.map(\.name)
            if turns.turn(of: name, in: names) < turns.turn(of: best, in: names) { choice.name = name }
        }
        return choice
    }

    /// What is wrong with giving it to that one.
    func objection(to name: String?, _ asked: Asked, _ choice: Choice) -> String {
        guard let name else { return "nobody took it, and \(choice.name ?? "nobody") was there" }
        guard let owner = plan.owners.first(where: { $0.name == name }) else { return "\(name) is not in the file" }
        if hours(of: owner)?.isAway(at: asked.at) == true { return "\(name) is away" }
        if asked.isAnother, self.owner(called: asked.owner)?.name == name {
            return "\(name) has it, and another was asked for"
        }
        if !choice.here.contains(name) {
            return choice.pool == nil
                ? "it was to stay with \(choice.name ?? "nobody"), and \(name) got it"
                : "\(name) got it, and it was for \(choice.here.isEmpty ? "nobody" : choice.here.joined(separator: ", "))"
        }
        if !choice.atWork.isEmpty, !choice.atWork.contains(name) { return "\(name) is not at work, and others are" }
        return "it was the turn of \(choice.name ?? "nobody"), and \(name) got it"
    }
}
