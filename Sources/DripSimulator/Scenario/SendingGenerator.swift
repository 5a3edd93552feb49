import DripCore

/// What the sending adds to a scenario: several transports with limits and moods, doubts that go again or are resolved, and
/// letters that come back.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown.
struct SendingGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x5EED_0F5E_4D1A_6000)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm else { return }
        if dice.chance(35) { addTransports(to: &scenario) }
        if dice.chance(30) { addDoubts(to: &scenario) }
        if dice.chance(30) { addLetters(to: &scenario) }
    }

    // MARK: Transports

    private mutating func addTransports(to scenario: inout Scenario) {
        let hasSpare = dice.chance(60)
        let hasSecond = !hasSpare || dice.chance(40)
        var names = ["relay"]
        if hasSecond { names.append("second") }
        if hasSpare { names.append("spare") }
        let inFlight = scenario.transports.first { $0.channel == .email }?.inFlight ?? 1
        var transports = names.map { name in
            var traffic = traffic(scenario)
            traffic.weight = name == "spare" ? 0 : dice.pick(1, 3)
            if name != "spare", hasSpare, name == "relay" || dice.chance(50) { traffic.fallback = "spare" }
            if name == "relay", !hasSpare, dice.chance(50) { traffic.fallback = "second" }
            return TransportPlan(name: name, channel: .email, inFlight: inFlight, traffic: traffic)
        }
        for var hook in scenario.transports where hook.channel == .http {
            if dice.chance(25) { hook.traffic.rate = rate() }
            if dice.chance(30) {
                hook.traffic.fallback = "spare-hook"
                let traffic = TransportTraffic(weight: 0)
                transports.append(TransportPlan(name: "spare-hook", channel: .http, inFlight: 2, traffic: traffic))
            }
            transports.append(hook)
        }
        scenario.transports = transports
        scenario.temper.unwell = dice.pick(0, 100, 300)
        rename("relay", to: dice.pick(from: names) ?? "relay", inPausesOf: &scenario)
    }

    private mutating func traffic(_ scenario: Scenario) -> TransportTraffic {
        var traffic = TransportTraffic()
        if dice.chance(25) { traffic.rate = rate() }
        if dice.chance(25) {
            let rates = DomainPace.Rates(byDomain: ["example.com": rate()])
            traffic.ratePerDomain = dice.chance(50) ? rates : .init(others: rate())
        }
        if dice.chance(25) {
            let today = Int(scenario.startsAt.seconds / 86_400)
            traffic.warmUp = WarmUp(
                from: LocalDate(daysSinceEpoch: today + dice.number(-1, 2)),
                volumes: dice.pick([1, 2, 5], [3, 10], [2, 2, 2, 4, 8]))
        }
        return traffic
    }

    private mutating func rate() -> SendRate {
        SendRate(count: dice.pick(1, 3, 10), period: dice.pick(.seconds(1), .minutes(1), .minutes(7), .hours(1)))
    }

    /// What people pause by name is one of several.
    private func rename(_ name: String, to other: String, inPausesOf scenario: inout Scenario) {
        for index in scenario.actions.indices {
            switch scenario.actions[index].kind {
            case .pause(.transport(name)): scenario.actions[index].kind = .pause(.transport(other))
            case .resume(.transport(name)): scenario.actions[index].kind = .resume(.transport(other))
            default: break
            }
        }
    }

    // MARK: Doubts

    private mutating func addDoubts(to scenario: inout Scenario) {
        scenario.temper.unknown = max(scenario.temper.unknown, dice.pick(30, 150))
        for index in scenario.folders.indices {
            for (id, campaign) in scenario.folders[index].campaigns {
                for (place, step) in campaign.steps.enumerated() {
                    // By name, so that every version of the folder says the same of a step.
                    let fate = Fate(seed: scenario.seed, "\(id)/\(step.name)")
                    scenario.folders[index].campaigns[id]?.steps[place].resends = fate.chance(
                        perMille: 350, "resends")
                }
            }
        }
        for _ in 0..<dice.number(1, 6) {
            add(.resolveSome(dice.chance(60) ? .resend : .sent, pick: dice.below(1_000)), to: &scenario)
        }
    }

    // MARK: Letters

    private mutating func addLetters(to scenario: inout Scenario) {
        // The fifth soft bounce of a mailbox shuts it; these are never so many.
        var softBounces = 4
        for _ in 0..<dice.number(1, 8) {
            var meaning: LetterPlan.Meaning = dice.pick(
                .hardBounce, .softBounce, .complaint, .unsubscribe, .reply, .arrival, .arrival, .failure)
            let isOfProvider = meaning != .reply && dice.chance(50)
            if meaning == .softBounce {
                softBounces -= 1
                if softBounces <= 0 { meaning = .arrival }
            }
            let seal: LetterPlan.Seal =
                dice.chance(70) ? .own : dice.pick(.ofNoStep, .ofOtherPurpose, .garbage)
            let letter = LetterPlan(
                meaning: meaning, seal: seal, isOfProvider: isOfProvider, comesTwice: dice.chance(30),
                pick: dice.below(1_000))
            add(.letterOfSome(letter), to: &scenario)
        }
    }

    private mutating func add(_ kind: Action.Kind, to scenario: inout Scenario) {
        let at = scenario.startsAt + dice.span(.zero, scenario.faultsEndAt - scenario.startsAt)
        let place = scenario.actions.firstIndex { $0.at > at } ?? scenario.actions.endIndex
        scenario.actions.insert(Action(at: at, kind: kind), at: place)
    }
}
