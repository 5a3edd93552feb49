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
        let open = (0..<unresolved).map { ChargeLedger.Open(delivery: DeliveryID(rawValue: Int64($0)), at: .epoch) }
        let ledger = ChargeLedger(settled: settled.map { Instant(milliseconds: $0 * hour) }, open: open)
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
    private func allows(_ cap: FrequencyCap, _ ledger: ChargeLedger, at now: Instant) -> Bool {
        ledger.settled.count { $0 > now - cap.period } + ledger.open.count < cap.count
    }

    @Test(arguments: [UInt64](1...20))
    func isTheFirstMillisecondThatASearchFinds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let cap = FrequencyCap(count: Int(random.number(0...4)), period: .milliseconds(random.number(1...40)))
            let settled = (0..<random.number(0...6)).map { _ in Instant(milliseconds: random.number(0...100)) }
            let open = (0..<random.number(0...2)).map {
                ChargeLedger.Open(delivery: DeliveryID(rawValue: $0), at: .epoch)
            }
            let ledger = ChargeLedger(settled: settled, open: open)
            let now = Instant(milliseconds: random.number(0...140))
            let searched = (now.milliseconds...now.milliseconds + 200).lazy.map { Instant(milliseconds: $0) }
                .first { allows(cap, ledger, at: $0) }
            #expect(cap.earliest(atOrAfter: now, ledger: ledger) == searched, "\(cap) \(ledger) \(now) seed \(seed)")
        }
    }

    /// Reservations, retries, failures, backward clocks: no period ever holds more charges than the cap.
    @Test(arguments: [UInt64](1...40))
    func noPeriodEverHoldsMoreThanTheCap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let cap = FrequencyCap(count: Int(random.number(1...3)), period: .milliseconds(100))
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
            let charges = (ledger.settled + ledger.open.map(\.at)).sorted()
            for (first, last) in zip(charges, charges.dropFirst(cap.count)) {
                #expect(last - first >= cap.period, "seed \(seed) step \(id)")
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
    }
}
