import DripCore
import Testing

@Suite struct FrequencyCapTests {
    private let hour = Int64(3_600_000)

    @Test(
        arguments: [
            // count, settled hours, unresolved, now, expected hour; nil where nobody can tell. The period is 24 h.
            (1, [], 0, 0, 0), (1, [9], 0, 10, 33), (1, [9], 0, 33, 33), (1, [9], 0, 40, 40),
            (2, [9], 0, 10, 10), (2, [9, 10], 0, 11, 33), (2, [9, 10], 0, 33, 33), (2, [1, 9, 10], 0, 11, 33),
            // More charges than it allows, after it was lowered.
            (1, [9, 10, 11], 0, 12, 35), (2, [9, 10, 11], 0, 12, 34),
            // Two at one instant.
            (2, [9, 9], 0, 10, 33), (1, [9, 9], 0, 10, 33),
            // Unresolved ones.
            (1, [], 1, 0, nil), (2, [], 1, 0, 0), (2, [9], 1, 10, 33), (2, [], 2, 0, nil), (3, [8, 9], 1, 10, 32),
            // The clock stepped back: charges lie ahead.
            (1, [20], 0, 10, 44), (2, [20, 21], 0, 10, 44), (2, [20, 21], 0, 44, 44),
            (0, [], 0, 0, nil),
        ] as [(Int, [Int64], Int, Int64, Int64?)])
    func earliest(count: Int, settled: [Int64], unresolved: Int, now: Int64, expected: Int64?) {
        let cap = FrequencyCap(count: count, period: .hours(24))
        var ledger = ChargeLedger(settled: settled.map { Instant(milliseconds: $0 * hour) })
        for number in 0..<unresolved { ledger.charge(DeliveryID(rawValue: Int64(number)), at: .epoch) }
        let earliest = cap.earliest(atOrAfter: Instant(milliseconds: now * hour), ledger: ledger, ignoring: nil)
        #expect(earliest == expected.map { Instant(milliseconds: $0 * hour) })
    }

    @Test func isExactToTheMillisecond() throws {
        let cap = FrequencyCap(count: 1, period: .hours(24))
        let ledger = ChargeLedger(settled: [try utc("2026-11-23T09:00:00.000Z")])
        let tuesday = try utc("2026-11-24T09:00:00.000Z")
        #expect(cap.earliest(atOrAfter: tuesday - .milliseconds(1), ledger: ledger) == tuesday)
        #expect(cap.earliest(atOrAfter: tuesday, ledger: ledger) == tuesday)
    }

    @Test func ignoresADeliverysOwnCharge() {
        let cap = FrequencyCap(count: 1, period: .hours(24))
        var ledger = ChargeLedger()
        ledger.charge(DeliveryID(rawValue: 7), at: .epoch)
        #expect(cap.earliest(atOrAfter: .epoch, ledger: ledger, ignoring: DeliveryID(rawValue: 7)) == .epoch)
        #expect(cap.earliest(atOrAfter: .epoch, ledger: ledger, ignoring: DeliveryID(rawValue: 8)) == nil)
    }

    /// The rule as it is written, over every millisecond of a small world.
    private func allows(_ cap: FrequencyCap, _ period: TimeSpan, _ ledger: ChargeLedger, at now: Instant) -> Bool {
        ledger.settled.count { $0.at > now - period } + ledger.open.count < cap.count
    }

    @Test(arguments: [UInt64](1...20))
    func isTheFirstMillisecondThatASearchFinds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let period = TimeSpan.milliseconds(random.number(1...40))
            let cap = FrequencyCap(count: Int(random.number(0...4)), period: period)
            var ledger = ChargeLedger(
                settled: (0..<random.number(0...6)).map { _ in Instant(milliseconds: random.number(0...100)) })
            for number in 0..<random.number(0...2) { ledger.charge(DeliveryID(rawValue: number), at: .epoch) }
            let now = Instant(milliseconds: random.number(0...140))
            let searched = (now.milliseconds...now.milliseconds + 200).lazy.map { Instant(milliseconds: $0) }
                .first { allows(cap, period, ledger, at: $0) }
            #expect(cap.earliest(atOrAfter: now, ledger: ledger) == searched, "\(cap) \(ledger) \(now) seed \(seed)")
        }
    }

    /// Reservations, retries, failures, backward clocks: no period ever holds more charges than the cap.
    @Test(arguments: [UInt64](1...40))
    func noPeriodEverHoldsMoreThanTheCap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let period = TimeSpan.milliseconds(100)
        let cap = FrequencyCap(count: Int(random.number(1...3)), period: period)
        var ledger = ChargeLedger()
        var clock = Int64(1_000)
        for id in 0..<300 {
            clock += random.chance(5) ? -random.number(0...60) : random.number(0...40)
            let now = Instant(milliseconds: clock)
            let delivery = DeliveryID(rawValue: Int64(id))
            if cap.earliest(atOrAfter: now, ledger: ledger) == now { ledger.charge(delivery, at: now) }
            for held in ledger.open {
                switch random.number(0...5) {
                case 0: ledger.settle(held.delivery, keeping: true)
                case 1: ledger.settle(held.delivery, keeping: false)
                case 2 where cap.earliest(atOrAfter: now, ledger: ledger, ignoring: held.delivery) == now:
                    ledger.charge(held.delivery, at: now)
                default: break
                }
            }
            let charges = (ledger.settled.map(\.at) + ledger.open.map(\.charge.at)).sorted()
            for (first, last) in zip(charges, charges.dropFirst(cap.count)) {
                #expect(last - first >= period, "seed \(seed) step \(id)")
            }
        }
    }

    /// While the clock only goes forward, a held slot is never lost to anyone.
    @Test(arguments: [UInt64](1...20))
    func anotherAttemptAlwaysPasses(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let cap = FrequencyCap(count: Int(random.number(1...3)), period: .milliseconds(100))
        var ledger = ChargeLedger()
        var now = Instant.epoch
        for id in 0..<300 {
            now = now + .milliseconds(random.number(0...40))
            for held in ledger.open where random.chance(30) {
                #expect(cap.earliest(atOrAfter: now, ledger: ledger, ignoring: held.delivery) == now, "seed \(seed)")
                ledger.charge(held.delivery, at: now)
                if random.chance(40) { ledger.settle(held.delivery, keeping: random.chance(70)) }
            }
            if cap.earliest(atOrAfter: now, ledger: ledger) == now {
                ledger.charge(DeliveryID(rawValue: Int64(id)), at: now)
            }
        }
    }

    @Test func readsAsASentence() {
        #expect(FrequencyCap(count: 1, period: .hours(24)).description == "at most 1 message per 1d")
        #expect(FrequencyCap(count: 3, period: .days(7)).description == "at most 3 messages per 7d")
        let scope = FrequencyCap.Scope(channel: .http, topic: TopicID(rawValue: "t"), each: .campaign)
        #expect(
            FrequencyCap(count: 1, period: .calendar(.week), scope: scope).description
                == "at most 1 message per calendar week of channel http and topic t and each campaign")
    }
}

/// What a scope matches, and what it counts.
@Suite struct CapScopeTests {
    private typealias Scope = FrequencyCap.Scope
    private let nine = Instant(seconds: 1_795_424_400)  // Mon 2026-11-23 09:00 UTC

    /// Whether a charge of an hour ago holds a message under a cap of one per day.
    private func holds(_ scope: Scope, _ charged: Touch?, _ wanted: Touch) -> Bool {
        let cap = FrequencyCap(count: 1, period: .hours(24), scope: scope)
        let ledger = ChargeLedger(settled: [Charge(at: nine - .hours(1), touch: charged)])
        return cap.earliest(atOrAfter: nine, for: wanted, ledger: ledger, in: .utc) != nine
    }

    @Test(
        arguments: [
            (Scope.all, touch("a"), touch("b", .http, topic: "t"), true),
            (Scope(channel: .email), touch("a"), touch("b"), true),
            (Scope(channel: .email), touch("a", .http), touch("b"), false),
            (Scope(channel: .email), touch("a"), touch("b", .http), false),
            (Scope(topic: TopicID(rawValue: "t")), touch("a", topic: "t"), touch("b", topic: "t"), true),
            (Scope(topic: TopicID(rawValue: "t")), touch("a", topic: "s"), touch("b", topic: "t"), false),
            (Scope(topic: TopicID(rawValue: "t")), touch("a"), touch("b", topic: "t"), false),
            (Scope(topic: TopicID(rawValue: "t")), touch("a", topic: "t"), touch("b"), false),
            (Scope(campaign: CampaignID(rawValue: "a")), touch("a"), touch("a", .http, topic: "t"), true),
            (Scope(campaign: CampaignID(rawValue: "a")), touch("b"), touch("a"), false),
            (Scope(campaign: CampaignID(rawValue: "a")), touch("a"), touch("b"), false),
            (Scope(each: .campaign), touch("a"), touch("a"), true),
            (Scope(each: .campaign), touch("a"), touch("b"), false),
            (Scope(each: .topic), touch("a", topic: "t"), touch("b", topic: "t"), true),
            (Scope(each: .topic), touch("a", topic: "t"), touch("b", topic: "s"), false),
            // Without a topic there is nothing to count by.
            (Scope(each: .topic), touch("a"), touch("b"), false),
            (Scope(each: .channel), touch("a"), touch("b"), true),
            (Scope(each: .channel), touch("a", .http), touch("b"), false),
            // Both halves of a scope must fit.
            (Scope(channel: .email, each: .campaign), touch("a"), touch("a"), true),
            (Scope(channel: .email, each: .campaign), touch("a", .http), touch("a"), false),
            (Scope(channel: .email, each: .campaign), touch("b"), touch("a"), false),
        ] as [(FrequencyCap.Scope, Touch, Touch, Bool)])
    func counts(scope: FrequencyCap.Scope, charged: Touch, wanted: Touch, held: Bool) {
        #expect(holds(scope, charged, wanted) == held, "\(scope)")
    }

    /// Nobody kept what it was: where it might count it does, or a period might hold too many.
    @Test func aChargeOfUnknownKindCountsInEveryScope() {
        for scope in [Scope.all, Scope(channel: .http), Scope(each: .campaign), Scope(each: .channel)] {
            #expect(holds(scope, nil, touch("a", .http, topic: "t")), "\(scope)")
        }
        #expect(!holds(Scope(channel: .http), nil, touch("a")), "a message that the cap is not about")
    }

    @Test func unresolvedOnesCountByScopeToo() {
        let cap = FrequencyCap(count: 1, period: .hours(24), scope: Scope(each: .campaign))
        var ledger = ChargeLedger()
        ledger.charge(DeliveryID(rawValue: 1), Charge(at: nine, touch: touch("a")))
        #expect(cap.earliest(atOrAfter: nine, for: touch("a"), ledger: ledger, in: .utc) == nil)
        #expect(cap.earliest(atOrAfter: nine, for: touch("b"), ledger: ledger, in: .utc) == nine)
    }

    @Test func everyMatchingCapMustPass() {
        let caps = [
            FrequencyCap(count: 2, period: .hours(24)), FrequencyCap(count: 1, period: .hours(48)),
            FrequencyCap(count: 1, period: .days(7), scope: Scope(channel: .http)),
        ]
        let ledger = ChargeLedger(settled: [Charge(at: nine, touch: touch("a"))])
        #expect(caps.earliest(atOrAfter: nine, for: touch("b"), ledger: ledger, in: .utc) == nine + .hours(48))
        #expect([FrequencyCap]().earliest(atOrAfter: nine, for: touch("b"), ledger: ledger, in: .utc) == nine)
        var open = ledger
        open.charge(DeliveryID(rawValue: 1), Charge(at: nine, touch: touch("a")))
        #expect(caps.earliest(atOrAfter: nine, for: touch("b"), ledger: open, in: .utc) == nil)
    }
}

/// Caps of the lead's own day, week and month.
@Suite struct CalendarCapTests {
    private func zone(_ name: String) throws -> Zone { try #require(try SystemZones.table.get()[name]) }

    @Test(
        arguments: [
            // per, zone, the charge, asked at, permitted at
            (.day, "Asia/Jakarta", "2026-11-23T02:00:00Z", "2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z"),
            (.day, "Asia/Jakarta", "2026-11-23T16:59:59.999Z", "2026-11-23T17:00:00Z", "2026-11-23T17:00:00Z"),
            // The night of 25 h, and the one of 23 h.
            (.day, "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00:00Z"),
            (.day, "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T22:00:00Z"),
            // A Sunday evening and a Monday morning are two weeks; 2027 begins in week 53 of 2026.
            (.week, "UTC", "2026-11-22T20:00:00Z", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"),
            (.week, "UTC", "2026-12-31T20:00:00Z", "2027-01-02T00:00:00Z", "2027-01-04T00:00:00Z"),
            (.month, "UTC", "2028-02-01T00:00:00Z", "2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z"),
            (.month, "Asia/Jakarta", "2026-12-31T16:59:00Z", "2026-12-31T16:59:30Z", "2026-12-31T17:00:00Z"),
            // The clock stepped back: the charge lies ahead, in a later period even.
            (.day, "UTC", "2026-11-25T12:00:00Z", "2026-11-23T09:00:00Z", "2026-11-26T00:00:00Z"),
        ] as [(CalendarPeriod, String, String, String, String)])
    func earliest(per: CalendarPeriod, zoneName: String, charge: String, now: String, permitted: String) throws {
        let cap = FrequencyCap(count: 1, period: .calendar(per))
        let ledger = ChargeLedger(settled: [try utc(charge)])
        let earliest = cap.earliest(
            atOrAfter: try utc(now), for: plainTouch, ledger: ledger, in: try zone(zoneName))
        #expect(earliest == (try utc(permitted)), "\(per) \(zoneName) \(charge)")
    }

    @Test func countsSinceThePeriodBegan() throws {
        let cap = FrequencyCap(count: 2, period: .calendar(.day))
        let ledger = ChargeLedger(
            settled: try ["2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-23T08:00:00Z"].map(utc))
        let tuesday = try utc("2026-11-24T00:00:00Z")
        #expect(cap.earliest(atOrAfter: try utc("2026-11-23T09:00:00Z"), ledger: ledger) == tuesday)
        #expect(cap.earliest(atOrAfter: try utc("2026-11-22T23:59:59.500Z"), ledger: ledger) == tuesday)
    }

    /// Random charges and clocks around every transition of every zone: a search finds the same first second.
    @Test(arguments: [UInt64](1...3))
    func isTheFirstSecondThatASearchFinds(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let table = try SystemZones.table.get()
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            guard let transition = group.transitions.last else { continue }
            let cap = FrequencyCap(count: Int(random.number(1...2)), period: .calendar(.day))
            let settled = (0..<random.number(0...4)).map { _ in
                Instant(seconds: transition.at + random.number(-100_000...100_000))
            }
            let ledger = ChargeLedger(settled: settled)
            let now = Instant(seconds: transition.at + random.number(-100_000...100_000))
            // The days that the zone counts, by their beginnings.
            let date = zone.local(at: now).date
            let begins = (-4...4).map { day in
                zone.instant(of: LocalDateTime(date: date.adding(days: day), time: .midnight))
            }
            let found = ([now] + begins.filter { $0 > now }).first { instant in
                let begin = begins.last { $0 <= instant } ?? .epoch
                return settled.count { $0 >= begin } < cap.count
            }
            #expect(
                cap.earliest(atOrAfter: now, for: plainTouch, ledger: ledger, in: zone) == found,
                "\(zone.name) \(now) \(settled) seed \(seed)")
        }
    }
}
