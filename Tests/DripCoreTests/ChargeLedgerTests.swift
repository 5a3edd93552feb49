import DripCore
import Testing

@Suite struct ChargeLedgerTests {
    private func id(_ number: Int64) -> DeliveryID { DeliveryID(rawValue: number) }
    private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func anAttemptMovesItsCharge() {
        var ledger = ChargeLedger()
        ledger.charge(id(1), at: at(10))
        ledger.charge(id(2), at: at(20))
        ledger.charge(id(1), at: at(30))
        #expect(ledger.open.map(\.delivery) == [id(1), id(2)])
        #expect(ledger.open.map(\.charge.at) == [at(30), at(20)])
        #expect(ledger.holds(id(1)) && !ledger.holds(id(3)))
    }

    @Test func settlingKeepsOrFreesIt() {
        var ledger = ChargeLedger(settled: [at(40), at(10), at(25)])
        #expect(ledger.settled.map(\.at) == [at(10), at(25), at(40)])
        for (number, instant) in [(Int64(1), Int64(25)), (2, 5), (3, 50), (4, 30)] {
            ledger.charge(id(number), at: at(instant))
        }
        for number in [Int64(1), 2, 3] { ledger.settle(id(number), keeping: true) }
        ledger.settle(id(4), keeping: false)
        ledger.settle(id(9), keeping: true)
        #expect(ledger.settled.map(\.at) == [5, 10, 25, 25, 40, 50].map(at))
        #expect(ledger.open.isEmpty)
    }

    /// Whatever the order in which deliveries end, the same charges make the same ledger.
    @Test func chargesOfOneInstantHaveAnOrder() {
        let touches = [
            nil, touch("a"), touch("a", topic: "t"), touch("b"), touch("a", .http), touch("a", .http, topic: "s"),
        ]
        let charges = touches.map { Charge(at: at(1), touch: $0) }
        #expect(ChargeLedger(settled: charges.reversed()).settled == charges)
        var ledger = ChargeLedger()
        for charge in charges.reversed() { ledger.keep(charge) }
        #expect(ledger.settled == charges)
    }

    @Test func pruningForgetsWhatNoCapReaches() {
        var ledger = ChargeLedger(settled: [at(10), at(20), at(30)])
        ledger.charge(id(1), at: at(5))
        ledger.prune(before: at(20))
        #expect(ledger.settled.map(\.at) == [at(30)])
        #expect(ledger.holds(id(1)))
    }

    /// A charge at the horizon is in no `(now − period, now]`, so pruning there changes no answer.
    @Test(arguments: [UInt64](1...10))
    func pruningChangesNoAnswer(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let period = TimeSpan.milliseconds(random.number(1...40))
            let cap = FrequencyCap(count: Int(random.number(1...3)), period: period)
            let whole = ChargeLedger(settled: (0..<random.number(0...6)).map { _ in at(random.number(0...100)) })
            let now = at(random.number(0...140))
            var pruned = whole
            pruned.prune(before: now - period)
            #expect(
                cap.earliest(atOrAfter: now, ledger: pruned) == cap.earliest(atOrAfter: now, ledger: whole),
                "seed \(seed)")
        }
    }
}
